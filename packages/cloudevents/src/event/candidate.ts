/** An object that may become an event. */
export type Candidate = Readonly<Record<string, unknown>>;

/** True for what can hold attributes: an object that is no array. */
export function isCandidate(value: unknown): value is Candidate {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
