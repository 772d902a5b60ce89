/**
 * The egress policy of a pipeline: the policy set in force, and the watch that puts another in its place. A batch is
 * decided by one set; before the first is loaded, and while there is none, every event is denied.
 */
import { packagePath, RegoError } from "@coresdk/rego";
import type { PolicyHealth } from "../contracts.ts";
import type { Decisions, Policy, PolicyInputs } from "../draft.ts";
import { facts } from "../facts.ts";
import type { PolicySettings } from "../settings.ts";
import { DirectoryWatch } from "./directory-watch.ts";
import { takeFingerprint } from "./fingerprint.ts";
import { PolicyLoadError } from "./load-error.ts";
import { type Loaded, type LoadRequest, loadPolicies, tryOut } from "./load-policies.ts";
import type { PolicyPorts } from "./loaded-policies.ts";

/** Trials at the start, at most, while they are late. */
const START_TRIALS = 3;
/** A trial that was late is repeated after so long, then after twice as long, and so on. */
const FIRST_RETRIAL_MS = 1_000;
const LAST_RETRIAL_MS = 60_000;

export class EgressPolicy implements Policy {
  readonly #settings: PolicySettings;
  readonly #request: LoadRequest;
  readonly #ports: PolicyPorts;
  #inForce: Loaded = {
    policies: undefined,
    denies: true,
    reason: "not loaded yet: every event is denied",
    wasLate: false,
  };
  #since: string | undefined;
  /** Why what is in the folder is not in force. */
  #refused = "";
  #watch: DirectoryWatch | undefined;
  #isClosed = false;
  #cancelTrial: () => void = () => {};
  /** Policies that were replaced, until their last batch is through. */
  readonly #retiring = new Set<Promise<void>>();

  /** @throws TypeError when the package's name cannot be one */
  constructor(settings: PolicySettings, ports: PolicyPorts) {
    const path = readPackage(settings.package);
    this.#settings = settings;
    this.#request = { dir: settings.dir, packagePath: path, deadlineMs: settings.deadlineMs };
    this.#ports = ports;
  }

  /**
   * Loads the policies and begins to watch them.
   *
   * @throws PolicyLoadError when they cannot be read or do not compile
   */
  async open(): Promise<void> {
    const { dir } = this.#settings;
    const fingerprint = await takeFingerprint(dir);
    let loaded = await loadPolicies(this.#request, this.#ports);
    // While everything starts at once even a good policy may be late; nobody waits for its decisions yet.
    for (let trial = 1; trial < START_TRIALS && loaded.wasLate && loaded.policies !== undefined; trial++) {
      loaded = await tryOut(loaded.policies, dir);
    }
    this.#adopt(loaded);
    this.#watch = new DirectoryWatch(dir, fingerprint, {
      clock: this.#ports.clock,
      fingerprint: () => takeFingerprint(dir),
      load: (state) => this.#reload(state),
    });
  }

  decide(inputs: PolicyInputs): Decisions | Promise<Decisions> {
    const { policies } = this.#inForce;
    return policies?.decide(inputs) ?? new Array<boolean>(inputs.count).fill(false);
  }

  health(): PolicyHealth {
    const { denies, reason } = this.#inForce;
    const { package: name, dir, dryRun } = this.#settings;
    return {
      package: name,
      dir,
      dryRun,
      state: denies ? "denying" : "ready",
      reason,
      refused: this.#refused,
      since: this.#since,
    };
  }

  /** Waits for the batches that are being decided, which the deadline bounds; not for policies that are being loaded. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch?.close();
    this.#cancelTrial();
    this.#retire(this.#inForce);
    await Promise.all(this.#retiring);
  }

  async #reload(state: string): Promise<"loaded" | "changed" | "failed"> {
    const { dir } = this.#settings;
    try {
      const fresh = await loadPolicies(this.#request, this.#ports);
      if ((await takeFingerprint(dir)) !== state || this.#isClosed) {
        // What was read may be half of the old and half of the new.
        await fresh.policies?.retire();
        return "changed";
      }
      const old = this.#inForce;
      this.#adopt(fresh);
      this.#retire(old);
      return "loaded";
    } catch (error) {
      if ((await takeFingerprint(dir)) !== state || this.#isClosed) return "changed";
      this.#refused = error instanceof Error ? error.message : String(error);
      const detail = `${this.#refused}; the policies before stay in force`;
      this.#ports.facts.record(facts.policyRefused, 1, {}, detail);
      return error instanceof PolicyLoadError && error.lasting ? "loaded" : "failed";
    }
  }

  #adopt(loaded: Loaded): void {
    const { clock, facts: recorder } = this.#ports;
    this.#inForce = loaded;
    this.#since = new Date(clock.now()).toISOString();
    this.#refused = "";
    const { package: name, dir } = this.#settings;
    recorder.record(facts.policyLoaded, 1, {}, `${name} from ${dir}`);
    if (loaded.reason !== "") recorder.record(facts.policyDoubtful, 1, {}, loaded.reason);
    this.#cancelTrial();
    if (loaded.wasLate) this.#tryAgainIn(FIRST_RETRIAL_MS);
  }

  /** Finds out what the policy in force says when there is more time. */
  #tryAgainIn(delayMs: number): void {
    this.#cancelTrial = this.#ports.clock.schedule(delayMs, () => void this.#tryAgain(delayMs));
  }

  async #tryAgain(delayMs: number): Promise<void> {
    const { policies } = this.#inForce;
    if (policies === undefined || this.#isClosed) return;
    const again = await tryOut(policies, this.#settings.dir).catch(() => undefined);
    if (again === undefined || this.#inForce.policies !== policies || this.#isClosed) return;
    if (again.wasLate) this.#tryAgainIn(Math.min(delayMs * 2, LAST_RETRIAL_MS));
    else this.#inForce = again;
  }

  #retire({ policies }: Loaded): void {
    const retiring = policies?.retire().catch(() => {});
    if (retiring === undefined) return;
    this.#retiring.add(retiring);
    void retiring.then(() => this.#retiring.delete(retiring));
  }
}

function readPackage(name: string): string {
  try {
    return packagePath(name);
  } catch (error) {
    if (error instanceof RegoError) throw new TypeError(`policy package: ${error.message}`, { cause: error });
    throw error;
  }
}
