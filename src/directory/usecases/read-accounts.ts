export type { ListQuery, Page } from '../../platform/listing.ts';

import type { Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { type AccountId, parseId } from '../../kernel/ids.ts';
import type { ListQuery, Page } from '../../platform/listing.ts';
import type { Account } from '../model/account.ts';
import { readDirectory } from '../questions/people.ts';
import { findAccount, findAccountByPrincipalName, listAccounts } from '../store/accounts.ts';

/** How much of a person the reader is shown. */
export type AccountView = 'full' | 'limited';

export interface SeenAccount {
  readonly account: Account;
  readonly view: AccountView;
}

/** A page of all people. @throws access.refused to whom may not enumerate (ID-18, ID-19). */
export async function readAccounts(ctx: Context, asked: ListQuery): Promise<Page<Account>> {
  await ctx.demand(readDirectory, 'accounts', 'enumerate');
  return listAccounts(ctx, asked);
}

/**
 * One person by id or sign-in name, as far as the reader may see them: themselves in full, others in full or limited.
 * @throws not-found also where the reader may not know that the person exists.
 */
export async function readAccount(ctx: Context, idOrName: string): Promise<SeenAccount> {
  const answer = await ctx.ask(readDirectory, 'accounts', { quiet: true });
  const id = parseId<'account'>(idOrName);
  const account = id ? await findAccount(ctx, id) : await findAccountByPrincipalName(ctx, idOrName);
  if (!account) throw kernelFaults.notFound();
  const isSelf = ctx.actor.kind === 'account' && ctx.actor.accountId === account.id;
  if (atLeast(answer, 'enumerate') || (isSelf && atLeast(answer, 'own'))) return { account, view: 'full' };
  if (atLeast(answer, 'known')) return { account, view: 'limited' };
  throw kernelFaults.notFound();
}

/** Stops who may not even know that this person exists. */
export async function requireReadableAccount(ctx: Context, id: AccountId): Promise<Account> {
  return (await readAccount(ctx, id)).account;
}

/** The asking person's own account. @throws not-found for an application, which has none. */
export async function readOwnAccount(ctx: Context): Promise<Account> {
  if (ctx.actor.kind !== 'account') throw kernelFaults.invalid('An application has no account: there is no "me".');
  await ctx.demand(readDirectory, 'accounts', 'own');
  const account = await findAccount(ctx, ctx.actor.accountId);
  if (!account) throw kernelFaults.notFound();
  return account;
}

/** Those who report to a person. */
export async function readDirectReports(ctx: Context, id: AccountId, asked: ListQuery): Promise<Page<Account>> {
  await ctx.demand(readDirectory, 'accounts', 'known');
  return listAccounts(ctx, asked, { managerId: id });
}
