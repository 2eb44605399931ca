import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { changeOwnSignIn } from '../questions.ts';
import { listPasskeys } from '../store/passkeys.ts';
import { findTotp } from '../store/second-factors.ts';

/**
 * Asked before anything changes that opens somebody's account: they have signed in within ten minutes, and with two
 * factors if they have them. A passkey that is no longer accepted is none.
 * @throws access.sign-in-again (RFC 9470).
 */
export async function demandFreshProof(ctx: Context, accountId: AccountId): Promise<void> {
  await ctx.demand(changeOwnSignIn, { hasSecondFactor: await hasSecondFactor(ctx, accountId) }, 'change');
}

/** Whether somebody could show two factors: a passkey, or a code beside the password. */
export async function hasSecondFactor(ctx: Context, accountId: AccountId): Promise<boolean> {
  const passkeys = (await listPasskeys(ctx, accountId)).filter(({ clonedAt }) => clonedAt === null);
  return passkeys.length > 0 || Boolean((await findTotp(ctx, accountId))?.confirmedAt);
}
