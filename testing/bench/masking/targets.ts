/** What `--check` and the tests ask for. */
export const TARGETS = { recall: 0.99, precision: 0.98, throughput: 8 } as const;
