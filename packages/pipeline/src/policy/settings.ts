/** Where the egress policy is and what it may take (semantics, section 9). */
export interface PolicySettings {
  /** The folder of `.rego` files and `data.json`; it is watched. */
  readonly dir: string;
  /** The Rego package, its parts divided by slashes; an event leaves when its rule `allow` is `true`. */
  readonly package: string;
  /** How long a batch of decisions may take; what has no answer by then is denied. */
  readonly deadlineMs: number;
  /** True: what would be denied is reported, and leaves all the same. */
  readonly dryRun: boolean;
}
