/**
 * What `--check` and the tests ask for. Throughput is that of sentences; of values, nearly each character of which may
 * begin something, less is asked.
 */
export const TARGETS = { recall: 0.99, precision: 0.98, throughput: 8, valueThroughput: 5 } as const;
