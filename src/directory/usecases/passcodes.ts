/** One-time codes by mail: how somebody proves that an address is theirs when nothing better is known of them. */
import { createHash, randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Context } from '../../kernel/context.ts';
import { HOST, newId } from '../../kernel/ids.ts';
import type { Job } from '../../kernel/module.ts';
import { networkOf } from '../../platform/client-network.ts';
import { letterLanguage } from '../../platform/letter.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { parseAddress } from '../model/address.ts';
import { PASSCODE_ISSUER } from '../model/guest.ts';
import { passcodeLetter } from '../model/guest-letters.ts';
import { externalCollaboration } from '../settings.ts';
import { findAccount } from '../store/accounts.ts';
import { findGuestIdByInvitedAddress } from '../store/guests.ts';
import { listTenantsKnowingAddress } from '../store/invitation-blocks.ts';
import {
  countAttempt,
  deleteExpiredPasscodes,
  findProvenAddress,
  insertAddressProof,
  insertPasscode,
  markPasscodeUsed,
  spendAttempt,
} from '../store/passcodes.ts';
import { chooseIdentityProvider } from './redeem-invitation.ts';

/** Seconds that a code works. */
export const PASSCODE_LIFETIME_SECONDS = 30 * 60;
/** Seconds after which somebody signed in by a code needs a new one. */
export const PASSCODE_SESSION_SECONDS = 24 * 60 * 60;
const WRONG_TRIES_AT_MOST = 5;
const PROOF_LIFETIME_SECONDS = 60 * 60;

/** Within each window of ten minutes. Addresses are few to a person, clients may be many behind one address. */
const WINDOW_SECONDS = 600;
const LIMITS = {
  'request-address': 3,
  'request-client': 30,
  'verify-address': 15,
  'verify-client': 60,
} as const;

export type PasscodeOutcome =
  | { readonly status: 'sent' | 'verified' | 'wrong' }
  | { readonly status: 'throttled'; readonly retryAfterSeconds: number };

const derive = promisify(scrypt) as (code: string, salt: Buffer, length: number) => Promise<Buffer>;
const hashCode = (code: string, salt: Buffer) => derive(code, salt, 32);

/**
 * Asks for a code to an address. The answer and the work are the same whether anybody is known by it (IS-12): who it
 * is, and whether a letter leaves, is found out afterwards by a job. Refusals are values, so that counts are kept.
 */
export async function requestPasscode(ctx: Context, input: { address: string }): Promise<PasscodeOutcome> {
  const address = parseAddress(input.address).address.toLowerCase();
  const throttled = await throttle(ctx, 'request', address);
  if (throttled) return throttled;
  await ctx.defer('send-passcode', { address });
  return { status: 'sent' };
}

/**
 * Whether `code` is the one last sent to the address: once, within 30 minutes, five tries at most. Wrong, used, too
 * old and never sent look alike.
 */
export async function verifyPasscode(ctx: Context, input: { address: string; code: string }): Promise<PasscodeOutcome> {
  const address = parseAddress(input.address).address.toLowerCase();
  const throttled = await throttle(ctx, 'verify', address);
  if (throttled) return throttled;
  const kept = await spendAttempt(ctx, address, WRONG_TRIES_AT_MOST);
  const given = await hashCode(input.code.replace(/\s/g, ''), kept?.salt ?? NOBODYS_SALT);
  const isRight = timingSafeEqual(given, kept?.codeHash ?? NOBODYS_HASH);
  if (!kept || !isRight) return { status: 'wrong' };
  await markPasscodeUsed(ctx, kept.id);
  return { status: 'verified' };
}

/** An address nobody knows costs the same time as one with a code. */
const NOBODYS_SALT = randomBytes(16);
const NOBODYS_HASH = randomBytes(32);

async function throttle(
  ctx: Context,
  what: 'request' | 'verify',
  address: string,
): Promise<PasscodeOutcome | undefined> {
  const counts = [
    [`${what}-address`, address],
    [`${what}-client`, ctx.clientAddress === null ? 'unknown' : networkOf(ctx.clientAddress)],
  ] as const;
  let isOver = false;
  for (const [kind, whom] of counts) {
    const count = await countAttempt(ctx, `${kind}:${whom}`, WINDOW_SECONDS);
    if (count > LIMITS[kind]) isOver = true;
  }
  if (!isOver) return undefined;
  const windowMs = WINDOW_SECONDS * 1000;
  return { status: 'throttled', retryAfterSeconds: Math.ceil((windowMs - (ctx.now.getTime() % windowMs)) / 1000) };
}

/** Makes and mails the code, when the address is one that may sign in here this way. */
export const sendPasscodeJob: Job = {
  name: 'send-passcode',
  async run(ctx, payload) {
    const address = String(payload.address);
    // No sweep comes by where there is no organisation.
    if (ctx.tenantId === HOST) await deleteExpiredPasscodes(ctx);
    const reader = await findReader(ctx, address);
    if (!reader) return;
    const code = randomInt(100_000_000).toString().padStart(8, '0');
    const salt = randomBytes(16);
    await insertPasscode(ctx, {
      id: newId(),
      address,
      salt,
      codeHash: await hashCode(code, salt),
      expiresAt: new Date(ctx.now.getTime() + PASSCODE_LIFETIME_SECONDS * 1000),
    });
    await queueMail(ctx, {
      kind: 'passcode',
      to: { address },
      fromName: ctx.tenant.displayName,
      isSecret: true,
      ...passcodeLetter({ language: reader.language, tenantName: ctx.tenant.displayName, code }),
    });
  },
};

async function findReader(ctx: Context, address: string) {
  const { notificationLanguage } = ctx.settings.tenant(externalCollaboration);
  if (ctx.tenantId === HOST) {
    // The page of blocked organisations: for those whom some organisation here has written to.
    const known = await listTenantsKnowingAddress(ctx, address);
    return known.length > 0 ? { language: letterLanguage(notificationLanguage) } : undefined;
  }
  const guestId = await findGuestIdByInvitedAddress(ctx, address);
  const guest = guestId && (await findAccount(ctx, guestId));
  if (!guest?.accountEnabled || (guest.endsAt !== null && guest.endsAt <= ctx.now)) return undefined;
  if (!ctx.settings.tenant(externalCollaboration).emailPasscode) return undefined;
  const provider = await chooseIdentityProvider(ctx, address);
  const isBoundElsewhere =
    guest.externalUserState === 'Accepted' && !guest.identities.some(({ issuer }) => issuer === PASSCODE_ISSUER);
  if (provider.kind !== 'passcode' || isBoundElsewhere) return undefined;
  return { language: letterLanguage(guest.preferredLanguage, notificationLanguage) };
}

const hashToken = (token: string) => createHash('sha256').update(token).digest();

/** A token for an hour by which its holder stands as the owner of an address they have just proven. */
export async function issueAddressProof(ctx: Context, address: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(ctx.now.getTime() + PROOF_LIFETIME_SECONDS * 1000);
  await insertAddressProof(ctx, { tokenHash: hashToken(token), address: address.toLowerCase(), expiresAt });
  return token;
}

/** The address that a token stands for, while it does. */
export const readAddressProof = (ctx: Context, token: string): Promise<string | undefined> =>
  findProvenAddress(ctx, hashToken(token));
