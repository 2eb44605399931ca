import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { announceAccounts } from '../events.ts';
import { isFromElsewhere } from '../model/account.ts';
import { updateAccount } from '../store/accounts.ts';
import { changeAccount } from './asked.ts';
import { type CreateAccount, createAccount } from './create-account.ts';
import { requireReadableAccount } from './read-accounts.ts';

/** What sign-in keeps of a person, and the directory does not. */
export interface PasswordPorts {
  /** Checks the strength and keeps the hash. @throws invalid for a weak one. */
  setPassword(ctx: Context, id: AccountId, password: NewPassword): Promise<void>;
}

export interface NewPassword {
  readonly text: string;
  readonly mustChange: boolean;
}

/** Creates a person with a first password, both or neither. */
export async function createAccountWithPassword(
  ctx: Context,
  ports: PasswordPorts,
  input: CreateAccount,
  password: NewPassword | undefined,
) {
  const account = await createAccount(ctx, input);
  if (password) await ports.setPassword(ctx, account.id, password);
  return account;
}

/** Gives a person another password, and ends every session that the old one opened. @throws invalid for a guest. */
export async function resetPassword(
  ctx: Context,
  ports: PasswordPorts,
  id: AccountId,
  password: NewPassword,
): Promise<void> {
  const account = await requireReadableAccount(ctx, id);
  await ctx.demand(changeAccount, id, 'sign-in');
  if (isFromElsewhere(account)) throw kernelFaults.invalid('Somebody from elsewhere has no password here.');
  await ports.setPassword(ctx, id, password);
  await updateAccount(ctx, id, { sessionsValidFrom: ctx.now });
  await announceAccounts(ctx, [id]);
  ctx.record({
    action: 'directory.password-reset',
    category: 'UserManagement',
    targets: [{ kind: 'account', id, displayName: account.displayName }],
  });
}
