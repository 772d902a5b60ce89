const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;

/** Numbers by the enum's names, which ProtoJSON allows beside the integers that OTLP asks for. */
export const SEVERITY_NAMES: ReadonlyMap<string, number> = new Map([
  ["SEVERITY_NUMBER_UNSPECIFIED", 0],
  ...LEVELS.flatMap((level, i) =>
    [1, 2, 3, 4].map((step): [string, number] => [
      `SEVERITY_NUMBER_${level}${step === 1 ? "" : step}`,
      i * 4 + step,
    ]),
  ),
]);
