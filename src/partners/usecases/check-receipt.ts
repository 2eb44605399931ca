import type { JWK } from 'jose';
import { z } from 'zod';
import { SignedJsonError, verifyJson } from '../../protocols/signed-json.ts';
import { type Receipt, receiptShape } from '../model/ending.ts';
import { hearKeys, type KnownKey } from '../model/key-change.ts';
import { type OrganizationDocument, signedDocument } from '../model/organization-document.ts';

const signature = z.strictObject({ protected: z.string(), signature: z.string() });
const fileShape = z.strictObject({ receipt: receiptShape, signature, organization: z.unknown() });

/**
 * A receipt from a file, checked without any server: with the keys in it, or with those of an organisation document
 * that was kept from before, and those that these have answered for since.
 * @throws SignedJsonError when a line of it was altered, or another organisation signed it.
 */
export async function readReceipt(file: unknown, known?: unknown): Promise<Receipt> {
  const parsed = fileShape.safeParse(file);
  if (!parsed.success) throw new SignedJsonError('This is no receipt.');
  const { receipt, signature: signed, organization } = parsed.data;
  const published = signedDocument.safeParse(known ?? organization);
  if (!published.success) throw new SignedJsonError('This is no organisation document.');
  const { document, signature: own } = published.data;
  // What was signed is what was written, before anything was read into it.
  const written = (known ?? organization) as { readonly document: unknown };
  await verifyJson(written.document, own, document.keys, 'entente-organization');
  if (document.tenantId !== receipt.by.tenantId) throw new SignedJsonError('Another organisation signed it.');
  const keys = [...document.keys, ...(document.formerKeys ?? []), ...(await laterKeys(document, organization))];
  await verifyJson((file as { receipt: unknown }).receipt, signed, keys, 'entente-receipt');
  return receipt;
}

/** Keys that came after those of a document, as far as each was answered for by the one before it. */
async function laterKeys(before: OrganizationDocument, organization: unknown): Promise<JWK[]> {
  const since = signedDocument.safeParse(organization);
  if (!since.success) return [];
  const known = [...before.keys, ...(before.formerKeys ?? [])].map((publicJwk) => knownSince(publicJwk));
  const { succeeded } = await hearKeys(known, before.tenantId, since.data.document, '');
  return succeeded.map(({ publicJwk }) => publicJwk);
}

const knownSince = (publicJwk: JWK): KnownKey => ({
  kid: publicJwk.kid ?? '',
  publicJwk,
  succeeds: null,
  heardAt: new Date(0),
  confirmedAt: new Date(0),
  retiredAt: null,
  withdrawnAt: null,
});
