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
  const passkeys = (await listPasskeys(ctx, accountId)).filter(({ clonedAt }) => clonedAt === null);
  const totp = await findTotp(ctx, accountId);
  const hasSecondFactor = passkeys.length > 0 || Boolean(totp?.confirmedAt);
  await ctx.demand(changeOwnSignIn, { hasSecondFactor }, 'change');
}
