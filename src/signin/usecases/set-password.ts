import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { hashPassword } from '../model/password.ts';
import { putPassword } from '../store/passwords.ts';

/**
 * Gives an account its password, in the transaction of whoever decided that it may: creating the account, resetting,
 * changing one's own. Asks nothing and checks no strength; those callers do.
 */
export async function setPassword(
  ctx: Context,
  accountId: AccountId,
  password: { text: string; mustChange: boolean },
): Promise<void> {
  await putPassword(ctx, accountId, { hash: await hashPassword(password.text), mustChange: password.mustChange });
}
