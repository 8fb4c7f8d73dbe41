/** A ledger on a disk in memory, with dice that fall the same way each time. */
import assert from "node:assert/strict";
import { Dice } from "../sim/seeded.ts";
import { Ledger } from "../src/audit/ledger/ledger.ts";
import { FaultyFiles } from "./faulty-files.ts";

export const SOME_DIGEST = "5f".repeat(32);
export const TIME = "2026-11-24T16:30:02Z";

export interface LedgerOnDisk {
  readonly files: FaultyFiles;
  readonly bodies: FaultyFiles;
  open(): Ledger;
}

/** A disk, and the ledger on it, as often as it is opened. */
export function ledgerOnDisk(
  seed = 1,
  name: string | undefined = "dns.example/ledger",
): LedgerOnDisk {
  const files = new FaultyFiles(new Dice(seed));
  const bodies = new FaultyFiles(new Dice(seed + 1));
  return {
    files,
    bodies,
    open() {
      const ledger = Ledger.open({ files, bodies, name, random: new Dice(seed + 2) });
      assert.ok(ledger instanceof Ledger, JSON.stringify(ledger));
      return ledger;
    },
  };
}
