/** Keeps workers told of what stands behind HTTP: as settings, certificate and keys change. */
import { wallS } from "../system/clock.ts";
import { SystemRandom } from "../system/random.ts";
import { ObliviousKeeper } from "../worker/oblivious-keeper.ts";
import type { ListenRow } from "../worker/options.ts";
import type { QuicRow } from "../worker/quic-orders.ts";
import type { ServicesTold } from "../worker/services-told.ts";
import type { Wrong } from "./command.ts";
import { isWrong } from "./configuration.ts";
import { type PlannedServices, planServices } from "./service-settings.ts";
import type { Settings } from "./settings.ts";

/** Whom it tells. */
export interface ServiceListeners {
  readonly use: (services: ServicesTold) => void;
  readonly complain: (line: string) => void;
}

export class ServiceWatch {
  readonly #rows: readonly ListenRow[];
  readonly #quic: readonly QuicRow[];
  readonly #listeners: ServiceListeners;
  readonly #keeper: ObliviousKeeper;
  #settings: Settings;
  #certificate: string | undefined;
  #keys: readonly Uint8Array[] = [];
  #planned: PlannedServices;
  #complained = "";

  private constructor(
    settings: Settings,
    rows: readonly ListenRow[],
    quic: readonly QuicRow[],
    certificate: string | undefined,
    planned: PlannedServices,
    listeners: ServiceListeners,
  ) {
    this.#settings = settings;
    this.#rows = rows;
    this.#quic = quic;
    this.#certificate = certificate;
    this.#planned = planned;
    this.#listeners = listeners;
    this.#keeper = new ObliviousKeeper({
      secret: settings["oblivious.secret"],
      random: new SystemRandom(),
      wallS,
      after: (ms, done) => {
        const timer = setTimeout(done, ms).unref();
        return () => clearTimeout(timer);
      },
      onKeys: (keys) => {
        this.#keys = keys;
        this.#tell();
      },
    });
  }

  /** Begins to tell; the rows, those over QUIC apart, have the ports that are listened at. */
  static begin(
    settings: Settings,
    rows: readonly ListenRow[],
    quic: readonly QuicRow[],
    certificate: string | undefined,
    listeners: ServiceListeners,
  ): ServiceWatch | Wrong {
    const planned = planServices(settings, rows, quic, certificate);
    if (isWrong(planned)) return planned;
    const watch = new ServiceWatch(settings, rows, quic, certificate, planned, listeners);
    watch.#complain();
    watch.#keeper.start();
    return watch;
  }

  /** Goes by other settings; those that make no sense change nothing. */
  reload(settings: Settings): void {
    this.#plan(settings, this.#certificate);
  }

  /** Another certificate is shown from now on. */
  certified(certificate: string): void {
    if (certificate !== this.#certificate) this.#plan(this.#settings, certificate);
  }

  stop(): void {
    this.#keeper.close();
  }

  #plan(settings: Settings, certificate: string | undefined): void {
    const planned = planServices(settings, this.#rows, this.#quic, certificate);
    if (isWrong(planned)) {
      this.#listeners.complain(`reload: ${planned.line}; what was served stays`);
      return;
    }
    this.#settings = settings;
    this.#certificate = certificate;
    this.#planned = planned;
    this.#complain();
    this.#tell();
  }

  /** Each complaint once, until there are others. */
  #complain(): void {
    const { complaints } = this.#planned;
    const all = complaints.join("\n");
    if (all !== this.#complained) for (const line of complaints) this.#listeners.complain(line);
    this.#complained = all;
  }

  #tell(): void {
    const obliviousKeys = this.#settings["oblivious.target"] ? this.#keys : [];
    this.#listeners.use({ ...this.#planned.services, obliviousKeys });
  }
}
