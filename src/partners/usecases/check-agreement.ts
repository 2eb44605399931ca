import type { JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import { canonicalBytes, SignedJsonError, verifyJson } from '../../protocols/signed-json.ts';
import { type Amendment, agreementText, amendmentText, digestOf, type Said, type Version } from '../model/agreement.ts';
import type { KeptAgreement, KeptSignature } from '../store/agreements.ts';

/** The public keys of a party; undefined: those that were kept with its signatures are all that can be asked. */
export type KeysOf = (tenantId: string) => readonly JWK[] | undefined;

/** What is stored of an agreement, read; and all in which it is not what was signed. */
export interface CheckedAgreement {
  readonly kept: KeptAgreement;
  readonly said: Said;
  /** Empty: every byte is as it was signed. For administrators. */
  readonly problems: readonly string[];
}

const checked = new LRUCache<string, Promise<CheckedAgreement>>({ max: 2_000 });

/**
 * Reads a stored agreement and holds every byte of it against its signatures: the texts, the chain of versions and of
 * each party's amendments, the keys. What does not hold is named, and is then no agreement.
 */
export function checkAgreement(kept: KeptAgreement, ours: string, keysOf: KeysOf): Promise<CheckedAgreement> {
  const parties = [ours, kept.partnerTenantId];
  const fingerprint = digestOf(JSON.parse(JSON.stringify([kept, parties, parties.map((one) => keysOf(one) ?? null)])));
  let found = checked.get(fingerprint);
  if (!found) {
    found = check(kept, ours, keysOf);
    checked.set(fingerprint, found);
  }
  return found;
}

async function check(kept: KeptAgreement, ours: string, keysOf: KeysOf): Promise<CheckedAgreement> {
  const problems: string[] = [];
  const parties = [ours, kept.partnerTenantId as string];
  const versions: Version[] = [];
  const amendments: Amendment[] = [];

  for (const one of kept.versions) {
    const say = (problem: string) => problems.push(`Version ${one.number}: ${problem}`);
    const text = read(agreementText, one.content, say);
    if (!text) continue;
    const named = text.parties.map(({ tenantId }) => tenantId);
    if (!parties.every((party) => named.includes(party))) say('It is between others.');
    if (text.agreementId !== kept.id) say('It is of another agreement.');
    if (text.version !== one.number || digestOf(text) !== one.digest) say('It is not the version that it is kept as.');
    if (text.parties.find(({ domain }) => domain === text.author)?.tenantId !== one.authorTenantId)
      say('Somebody else wrote it.');
    for (const signature of one.signatures) await verify(signature, text, say);
    const signers = one.signatures.map(({ signerTenantId }) => signerTenantId);
    if (!one.isDraft && !signers.includes(one.authorTenantId)) say('Its author has not signed it.');
    const { digest, authorTenantId, isDraft, isSuperseded } = one;
    versions.push({ text, digest, authorTenantId, signers, isDraft, isSuperseded });
  }
  const living = versions.filter(({ isSuperseded }) => !isSuperseded);
  for (const [index, { text }] of living.entries()) {
    if (text.version !== index + 1 || text.previous !== (living[index - 1]?.digest ?? null))
      problems.push(`Version ${text.version}: It does not follow from the version before.`);
  }

  for (const one of kept.amendments) {
    const say = (problem: string) => problems.push(`Amendment ${one.number}: ${problem}`);
    const text = read(amendmentText, one.content, say);
    if (!text) continue;
    const author = versions[0]?.text.parties.find(({ domain }) => domain === text.author)?.tenantId;
    if (text.agreementId !== kept.id) say('It is of another agreement.');
    if (author !== one.signerTenantId) say('Somebody else wrote it.');
    if (text.number !== one.number || digestOf(text) !== one.digest) say('It is not the amendment that it is kept as.');
    const before = amendments.findLast(({ authorTenantId }) => authorTenantId === one.signerTenantId);
    if (text.number !== (before?.text.number ?? 0) + 1 || text.previous !== (before?.digest ?? null))
      say('It does not follow from the amendment before.');
    await verify(one, text, say);
    amendments.push({ text, digest: one.digest, authorTenantId: one.signerTenantId });
  }
  return { kept, said: { versions, amendments }, problems };

  async function verify(signature: KeptSignature, text: unknown, say: (problem: string) => void): Promise<void> {
    const { signerTenantId, publicJwk } = signature;
    if (!parties.includes(signerTenantId)) return void say('A stranger has signed it.');
    try {
      const jwk = parseCanonical(publicJwk) as JWK;
      const known = keysOf(signerTenantId);
      if (known && !known.some(({ kid, x }) => kid === jwk.kid && x === jwk.x))
        return void say('It was signed with a key that is not the party’s.');
      requireExact(signature);
      await verifyJson(text, signature, [jwk], 'entente-agreement');
    } catch (error) {
      if (!(error instanceof SignedJsonError)) throw error;
      say(error.message);
    }
  }
}

function read<Shape extends z.ZodType>(
  shape: Shape,
  content: string,
  say: (problem: string) => void,
): z.output<Shape> | undefined {
  try {
    const parsed = shape.safeParse(parseCanonical(content));
    if (parsed.success) return parsed.data;
    say('It is no text of an agreement.');
  } catch (error) {
    if (!(error instanceof SignedJsonError)) throw error;
    say(error.message);
  }
  return undefined;
}

/** The value of a text that is what would be printed of it. @throws SignedJsonError. */
export function parseCanonical(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SignedJsonError('It cannot be read.');
  }
  if (!canonicalBytes(value).equals(Buffer.from(text)))
    throw new SignedJsonError('It is not written as it was signed.');
  return value;
}

/** Base64url has spare bits at its end: one signature is one text. @throws SignedJsonError. */
export function requireExact(signature: { readonly protected: string; readonly signature: string }): void {
  for (const text of [signature.protected, signature.signature]) {
    if (Buffer.from(text, 'base64url').toString('base64url') !== text)
      throw new SignedJsonError('The signature is not written as it was made.');
  }
}
