/** What the store is given, and what a commit of it comes to. */
import type { AppendOutcome } from "./disk-protocol.ts";
import type { MeasureRoom } from "./disk-room.ts";

/** @param key the first sequence of a batch, the id of a dead letter */
export type SetRowAside = (kind: "batch" | "letter", key: number, bytes: Uint8Array) => void;

export interface DiskStoreOptions {
  readonly maxBytes: number;
  /** At `maxBytes` the oldest go; only without readers. */
  readonly ring: boolean;
  /** An append that has no room lets the oldest dead letters go, rather than be refused for them. */
  readonly lettersGiveWay?: boolean;
  readonly readers: readonly string[];
  /** Commits were lost: what they gave out must not be given out again. */
  readonly hasLostCommits?: boolean;
  /** Sequences begin here at the least; for a store that takes the place of another. */
  readonly beginAt?: number;
  /** Appends leave some of it; when left out, they take all there is. */
  readonly measureRoom?: MeasureRoom;
  /** Frees what was kept for deleting on a disk that others have filled. */
  readonly releaseReserve?: () => void;
  /** Keeps a damaged row's bytes elsewhere; called before the row is deleted. */
  readonly setRowAside: SetRowAside;
}

/** What one commit did. */
export interface CommitResult {
  readonly outcomes: readonly AppendOutcome[];
  /** Events that left the ring. */
  readonly evicted: number;
  /** Dead letters that gave way to appends, in their transaction. */
  readonly lettersEvicted: number;
}
