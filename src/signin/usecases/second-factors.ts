import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import type { Vault } from '../../platform/vault.ts';
import { signinFaults } from '../faults.ts';
import {
  countRecoveryCodes,
  findTotp,
  putTotp,
  replaceRecoveryCodes,
  spendRecoveryCode,
  spendTotpStep,
} from '../store/second-factors.ts';

export type SecondFactors = readonly ('totp' | 'recovery-code')[];

const PERIOD_SECONDS = 30;
const CODES = 10;

/** What the account is asked for after its password. Empty when nothing is set up. */
export async function secondFactorsOf(ctx: Context, accountId: AccountId): Promise<SecondFactors> {
  const totp = await findTotp(ctx, accountId);
  if (!totp?.confirmedAt) return [];
  return (await countRecoveryCodes(ctx, accountId)) > 0 ? ['totp', 'recovery-code'] : ['totp'];
}

/**
 * A new secret for an authenticator app. Counts once a first code has confirmed it.
 * @throws totp-exists while another one counts: beginning anew would switch that one off.
 */
export async function startTotp(
  ctx: Context,
  vault: Vault,
  account: { id: AccountId; userPrincipalName: string },
): Promise<{ secret: string; address: string }> {
  if ((await findTotp(ctx, account.id))?.confirmedAt) throw signinFaults.totpExists();
  const totp = generator(new Secret({ size: 20 }), ctx.tenant.displayName, account.userPrincipalName);
  await putTotp(ctx, account.id, vault.seal(totp.secret.base32, purposeOf(ctx, account.id)));
  return { secret: totp.secret.base32, address: totp.toString() };
}

/** Whether the code is right now, or a step before or after; each step once (RFC 6238 §5.2). */
export async function takeTotp(ctx: Context, vault: Vault, accountId: AccountId, code: string): Promise<boolean> {
  const stored = await findTotp(ctx, accountId);
  if (!stored) return false;
  const secret = Secret.fromBase32(vault.open(stored.secretSealed, purposeOf(ctx, accountId)));
  const timestamp = ctx.now.getTime();
  const delta = generator(secret, '', '').validate({ token: code.replace(/\s/g, ''), timestamp, window: 1 });
  if (delta === null) return false;
  return spendTotpStep(ctx, accountId, Math.floor(timestamp / 1000 / PERIOD_SECONDS) + delta);
}

/** New recovery codes; the old ones count no more. Shown once. */
export async function newRecoveryCodes(ctx: Context, accountId: AccountId): Promise<string[]> {
  const codes = Array.from({ length: CODES }, () => {
    const text = new Secret({ buffer: Uint8Array.from(randomBytes(10)).buffer }).base32.toLowerCase();
    return (text.match(/.{4}/g) as string[]).join('-');
  });
  await replaceRecoveryCodes(ctx, accountId, codes);
  return codes;
}

export const takeRecoveryCode = (ctx: Context, accountId: AccountId, code: string): Promise<boolean> =>
  spendRecoveryCode(ctx, accountId, code);

const purposeOf = (ctx: Context, accountId: string) => `totp ${ctx.tenantId} ${accountId}`;

const generator = (secret: Secret, issuer: string, label: string) =>
  new TOTP({ secret, issuer, label, algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS });
