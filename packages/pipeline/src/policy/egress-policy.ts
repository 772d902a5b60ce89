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
import { type Fingerprint, isSameFingerprint, takeFingerprint } from "./fingerprint.ts";
import { PolicyLoadError } from "./load-error.ts";
import { type Loaded, type LoadRequest, loadPolicies, tryOut } from "./load-policies.ts";
import { loadWhileCurrent } from "./load-while-current.ts";
import type { LoadedPolicies, PolicyPorts } from "./loaded-policies.ts";
import { readFolder, readRestlessFolder } from "./policy-folder.ts";

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
  /** The folder's digest when the policies in force were read. */
  #digest = "";
  /** Why what is in the folder is not in force. */
  #refused = "";
  /** The digest of what was refused, when it would be again. */
  #refusedDigest: string | undefined;
  #watch: DirectoryWatch | undefined;
  #isClosed = false;
  #cancelTrial: () => void = () => {};
  /** Policies that were replaced, until their last batch is through. */
  readonly #retiring = new Map<LoadedPolicies, Promise<void>>();

  /** @throws TypeError when the package's name cannot be one, or a setting has the wrong type: as in JavaScript it can */
  constructor(settings: PolicySettings, ports: PolicyPorts) {
    checkTypes(settings);
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
    const folder = await readRestlessFolder(dir);
    let loaded = await loadPolicies(this.#request, folder, this.#ports);
    // While everything starts at once even a good policy may be late; nobody waits for its decisions yet.
    for (let trial = 1; trial < START_TRIALS && loaded.wasLate && loaded.policies !== undefined; trial++) {
      loaded = await tryOut(loaded.policies, dir);
    }
    this.#adopt(loaded, folder.digest);
    this.#watch = new DirectoryWatch(dir, fingerprint, {
      clock: this.#ports.clock,
      fingerprint: () => takeFingerprint(dir),
      load: (state, isRestless) => this.#reload(state, isRestless),
    });
  }

  decide(inputs: PolicyInputs): Decisions | Promise<Decisions> {
    const { policies } = this.#inForce;
    return policies?.decide(inputs) ?? new Array<boolean>(inputs.count).fill(false);
  }

  health(): PolicyHealth {
    const { policies, denies, reason } = this.#inForce;
    const { package: name, dir, dryRun } = this.#settings;
    return {
      package: name,
      dir,
      dryRun,
      state: denies ? "denying" : "ready",
      reason,
      refused: this.#refused,
      since: this.#since,
      failures: policies?.failures() ?? [],
    };
  }

  /**
   * Waits for the batches that are being decided, for a deadline: those that ask are closed by then, and a large batch has
   * many. Does not wait for policies that are being loaded.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch?.close();
    this.#cancelTrial();
    this.#retire(this.#inForce);
    const cancel = this.#ports.clock.schedule(this.#settings.deadlineMs, () => {
      for (const policies of this.#retiring.keys()) policies.abandon();
    });
    await Promise.all(this.#retiring.values());
    cancel();
  }

  async #reload(state: Fingerprint, isRestless: boolean): Promise<"loaded" | "changed" | "failed"> {
    const { dir } = this.#settings;
    let digest: string | undefined;
    try {
      const folder = await (isRestless ? readRestlessFolder(dir) : readFolder(dir));
      digest = folder.digest;
      if (this.#knows(digest)) return (await this.#isStale(state, isRestless)) ? "changed" : "loaded";
      const fresh = await loadWhileCurrent(
        (signal) => loadPolicies({ ...this.#request, signal }, folder, this.#ports),
        () => this.#isStale(state, isRestless),
        this.#ports.clock,
      );
      if (fresh === undefined) return "changed";
      if (await this.#isStale(state, isRestless)) {
        // What was read may be half of the old and half of the new.
        await fresh.policies?.retire();
        return "changed";
      }
      const old = this.#inForce;
      this.#adopt(fresh, digest);
      this.#retire(old);
      return "loaded";
    } catch (error) {
      if (await this.#isStale(state, isRestless)) return "changed";
      const isLasting = error instanceof PolicyLoadError && error.lasting;
      const before = this.#refused;
      this.#refused = error instanceof Error ? error.message : String(error);
      this.#refusedDigest = isLasting ? digest : undefined;
      // What may pass is tried again and again.
      if (isLasting || this.#refused !== before) {
        const detail = `${this.#refused}; the policies before stay in force`;
        this.#ports.facts.record(facts.policyRefused, 1, {}, detail);
      }
      return isLasting ? "loaded" : "failed";
    }
  }

  /** Whether files of that digest are in force, or were refused, and nothing else since. */
  #knows(digest: string): boolean {
    return this.#refused === "" ? digest === this.#digest : digest === this.#refusedDigest;
  }

  /** Whether what has been loaded is not to be taken: for a folder that never is still, there is no better. */
  async #isStale(state: Fingerprint, isRestless: boolean): Promise<boolean> {
    if (this.#isClosed) return true;
    return !isRestless && !isSameFingerprint(state, await takeFingerprint(this.#settings.dir));
  }

  #adopt(loaded: Loaded, digest: string): void {
    const { clock, facts: recorder } = this.#ports;
    this.#inForce = loaded;
    this.#since = new Date(clock.now()).toISOString();
    this.#digest = digest;
    this.#refused = "";
    const { package: name, dir } = this.#settings;
    const what = `${name} from ${dir}`;
    const { denies, reason } = loaded;
    recorder.record(facts.policyLoaded, 1, {}, denies || reason === "" ? what : `${what}; ${reason}`);
    if (denies) recorder.record(facts.policyDoubtful, 1, {}, reason);
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
    if (policies === undefined) return;
    const retiring = policies.retire().catch(() => {});
    this.#retiring.set(policies, retiring);
    void retiring.then(() => this.#retiring.delete(policies));
  }
}

/** Text in the place of `false` would let everything out. */
function checkTypes(settings: unknown): void {
  if (typeof settings !== "object" || settings === null)
    throw new TypeError("policy must be an object, or left out");
  const given = new Map<string, unknown>(Object.entries(settings));
  for (const name of ["dir", "package"]) {
    if (typeof given.get(name) !== "string" || given.get(name) === "") {
      throw new TypeError(`policy.${name} must be a text that is not empty`);
    }
  }
  if (typeof given.get("dryRun") !== "boolean") throw new TypeError("policy.dryRun must be a boolean");
}

function readPackage(name: string): string {
  try {
    return packagePath(name);
  } catch (error) {
    if (error instanceof RegoError) throw new TypeError(`policy package: ${error.message}`, { cause: error });
    throw error;
  }
}
