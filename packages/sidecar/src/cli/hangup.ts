/** Until there is something to reload. */
export interface HeldHangup {
  /** Hands SIGHUP over; one that came already asks at once. */
  release(reload: () => void): void;
}

/**
 * Takes SIGHUP, which would end the process, from the earliest moment on: what asks for a reload may ask while the
 * sidecar starts.
 */
export function holdHangup(): HeldHangup {
  let came = false;
  const hold = (): void => {
    came = true;
  };
  process.on("SIGHUP", hold);
  return {
    release(reload) {
      process.on("SIGHUP", reload);
      process.off("SIGHUP", hold);
      if (came) reload();
    },
  };
}
