/** A log's checkpoint with the word of the log and of the witnesses, checked in one go. */
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { parseCosignature } from "./cosignature.ts";
import { type CheckSignature, openNote } from "./note.ts";
import type { VerifierKey } from "./verifier-key.ts";

/** Whose word counts for one log. */
export interface CheckpointTrust {
  readonly origin: string;
  /** The log's own keys: one of them at least must have signed. */
  readonly logKeys: readonly VerifierKey[];
  readonly witnessKeys: readonly VerifierKey[];
}

/** A witness that cosigned, and when. */
export interface Witnessed {
  readonly key: VerifierKey;
  readonly timestampS: number;
}

export type OpenedCheckpoint =
  | {
      readonly kind: "opened";
      readonly checkpoint: Checkpoint;
      /** What was signed, for others to compare or cosign. */
      readonly text: string;
      /** One for each witness known to us, the newest of its cosignatures. */
      readonly witnessed: readonly Witnessed[];
    }
  | { readonly kind: "refused"; readonly why: string };

/** Opens a checkpoint; refused where it is malformed, another log's, unsigned or forged. */
export async function openCheckpoint(
  bytes: Uint8Array,
  trust: CheckpointTrust,
  check: CheckSignature,
): Promise<OpenedCheckpoint> {
  const note = await openNote(bytes, [...trust.logKeys, ...trust.witnessKeys], check);
  if (note.kind === "malformed") return refused(note.why);
  if (note.kind === "unsigned") return refused("no key that we know signed it");
  if (note.kind === "forged") return refused(`a signature is not that of ${note.key.name}`);
  const isOfLog = note.signed.some(({ key }) => trust.logKeys.includes(key));
  if (!isOfLog) return refused("the log did not sign it");
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.kind === "malformed") return refused(checkpoint.why);
  if (checkpoint.origin !== trust.origin) return refused("it is another log's");
  const newest = new Map<VerifierKey, Witnessed>();
  for (const { key, signature } of note.signed) {
    const cosignature = key.type === "cosignature" ? parseCosignature(signature.bytes) : undefined;
    if (cosignature === undefined || !trust.witnessKeys.includes(key)) continue;
    const { timestampS } = cosignature;
    if (timestampS > (newest.get(key)?.timestampS ?? -1)) newest.set(key, { key, timestampS });
  }
  const { origin, size, root, extensions } = checkpoint;
  return {
    kind: "opened",
    checkpoint: { origin, size, root, extensions },
    text: note.text,
    witnessed: [...newest.values()],
  };
}

function refused(why: string): { readonly kind: "refused"; readonly why: string } {
  return { kind: "refused", why };
}
