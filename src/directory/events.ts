import type { Context } from '../kernel/context.ts';

/** Live topics that others hear; the name is sign-in's, who forgets what it knows of the account. */
const ACCOUNT_CHANGED = 'signin.account-changed';

/** Tells every node that roles, state or sessions of an account changed, so that live sessions feel it at once. */
export async function announceAccounts(ctx: Context, accountIds: Iterable<string>): Promise<void> {
  for (const accountId of new Set(accountIds)) await ctx.announce(ACCOUNT_CHANGED, { accountId });
}
