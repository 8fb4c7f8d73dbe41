/**
 * The ledger of `lethe serve`: opened in the state directory, told of the start before anything is
 * answered, of changes before they take effect, and of the stop.
 */
import { join } from "node:path";
import { nameToText } from "@lethe/wire/name-text.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { rdataToText } from "@lethe/wire/rdata-text.ts";
import { type Discretion, type Given, toldConfiguration } from "../audit/ledger/configuration.ts";
import { diskFiles, isProblem } from "../audit/ledger/files.ts";
import { Ledger, type LedgerProblem } from "../audit/ledger/ledger.ts";
import { type Anchors, type Change, LedgerWatch } from "../audit/ledger/watch.ts";
import { type ProgramFacts, loaderVariable, programFacts } from "../audit/program-facts.ts";
import type { Json } from "../base/canonical-json.ts";
import type { TrustAnchor } from "../dnssec/anchor.ts";
import { wallS } from "../system/clock.ts";
import { lockForGood } from "../system/file-lock.ts";
import { libc } from "../system/libc.ts";
import { SystemRandom } from "../system/random.ts";
import { type Wrong, wrong } from "./command.ts";
import { type ConfigurationArgs, isWrong, readGiven } from "./configuration.ts";
import { complain } from "./print.ts";
import { type Toml, secret } from "./setting-kinds.ts";
import { type Key, type Settings, settingsTable } from "./settings.ts";
import type { TrustWatch } from "./trust-watch.ts";

/** Where this program lies: the root of its source. */
const ROOT = join(import.meta.dirname, "../../../..");

/** The directory of the ledger within that of the state. */
const DIRECTORY = "ledger";
const BODIES = "bodies";

const everyKey = Object.keys(settingsTable) as Key[];

const discretion: Discretion = {
  // By their kind, so that none that comes later is forgotten here.
  secret: new Set(everyKey.filter((key) => (settingsTable[key].kind as unknown) === secret)),
  personal: new Set<Key>([
    "access.allow",
    "access.refuse",
    "access.drop",
    "listen.proxy-from",
    "local",
    "relay.allow",
    "view",
  ]),
};

/** Opens the ledger of a state directory, to read it or to write it. */
export function openLedger(
  state: string,
  name: string | undefined,
  how: "read" | "write",
): Ledger | LedgerProblem | undefined {
  const directory = join(state, DIRECTORY);
  const files = diskFiles(directory, how === "write");
  if (isProblem(files)) return files;
  const bodies = diskFiles(join(directory, BODIES), how === "write");
  if (isProblem(bodies)) return bodies;
  const parts = { files, bodies, name, random: new SystemRandom() };
  if (how === "read") return Ledger.inspect(parts);
  const calls = libc();
  const taken = calls === undefined ? undefined : lockForGood(calls, join(directory, "lock"));
  return taken ?? Ledger.open(parts);
}

export class KeptLedger {
  readonly #args: ConfigurationArgs;
  readonly #ledger: Ledger;
  readonly #watch: LedgerWatch;
  #inForce: Change;

  private constructor(args: ConfigurationArgs, ledger: Ledger, watch: LedgerWatch, told: Change) {
    this.#args = args;
    this.#ledger = ledger;
    this.#watch = watch;
    this.#inForce = told;
  }

  /** Opens the ledger and writes the start; undefined where the settings keep no state. */
  static begin(
    settings: Settings,
    args: ConfigurationArgs,
    trust: TrustWatch,
  ): KeptLedger | Wrong | undefined {
    const state = settings["state.directory"];
    if (state === undefined) return undefined;
    const variable = loaderVariable(process.env);
    if (variable !== undefined) {
      return wrong(`${variable}: expected it not to be set: it loads what no digest tells of`);
    }
    const where = `state.directory = ${state}`;
    const ledger = openLedger(state, settings["ledger.name"], "write");
    if (ledger === undefined || "kind" in ledger) return wrong(whyNot(where, ledger));
    const facts = factsOf();
    if (isWrong(facts)) return facts;
    const told = toldOf(args, ledger, []);
    if (isWrong(told)) return told;
    const watch = new LedgerWatch({
      ledger,
      nowS: wallS,
      anchors: () => anchorsOf(trust.place.anchors),
      onProblem: complain,
    });
    const { changed: _, ...configuration } = told;
    const why = watch.begin({ ...facts, ...configuration });
    if (why !== undefined) return wrong(`${where}: expected a ledger that can be written (${why})`);
    watch.watch();
    // A change of the trust anchors need not wait for the next minute.
    trust.onNews = () => watch.look();
    return new KeptLedger(args, ledger, watch, told);
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  /** Writes what a reload changes; gives why that may not take effect. */
  change(changed: readonly Key[]): string | undefined {
    const told = toldOf(this.#args, this.#ledger, changed);
    if (isWrong(told)) return told.line;
    const why = this.#watch.change(told, this.#inForce);
    if (why !== undefined) return `the ledger cannot be written (${why})`;
    this.#inForce = told;
    return undefined;
  }

  /** Writes the stop. */
  end(reason: string): void {
    const why = this.#watch.end(reason);
    if (why !== undefined) complain(`the ledger does not tell of the stop (${why})`);
  }
}

function whyNot(where: string, problem: LedgerProblem | undefined): string {
  if (problem?.kind === "damage") {
    return `${where}: expected a ledger that is whole: ${problem.why}`;
  }
  return `${where}: expected a ledger that can be opened (${problem?.why ?? "there is none"})`;
}

function factsOf(): ProgramFacts | Wrong {
  try {
    return programFacts(ROOT, process.argv.slice(2));
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    return wrong(`${path}: expected a file of the program that can be read (${code})`);
  }
}

/** The settings as they stand now, with what is personal of them kept as a body. */
function toldOf(args: ConfigurationArgs, ledger: Ledger, changed: readonly Key[]): Change | Wrong {
  const given = readGiven(args);
  if (!(given instanceof Map)) return given;
  const json: Given = Object.fromEntries([...given].map(([key, value]) => [key, toJson(value)]));
  const { settings, withheld, personal } = toldConfiguration(json, discretion);
  if (personal === undefined) return { settings, withheld, personal: null, changed };
  const commitment = ledger.keep(personal);
  if (typeof commitment === "string") return { settings, withheld, personal: commitment, changed };
  const why = commitment === undefined ? "it is too long" : commitment.why;
  return wrong(`state.directory: expected a ledger that can keep who may ask (${why})`);
}

/** A value of a TOML file as JSON has it; dates become texts. */
function toJson(value: Toml): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function anchorsOf(anchors: readonly TrustAnchor[]): Anchors {
  return anchors.map(({ zone, ds, keys }) => ({
    zone: nameToText(zone),
    records: [
      ...ds.map((one) => {
        return `DS ${one.keyTag} ${one.algorithm} ${one.digestType} ${one.digest.toHex()}`;
      }),
      ...keys.map(({ rdata }) => `DNSKEY ${rdataToText(rrType.DNSKEY, rdata)}`),
    ].toSorted(),
  }));
}
