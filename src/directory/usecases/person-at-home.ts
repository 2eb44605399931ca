import type { Context } from '../../kernel/context.ts';
import { type AccountId, parseId } from '../../kernel/ids.ts';
import type { PersonAtHome } from '../../partners/index.ts';
import { isFromElsewhere } from '../model/account.ts';
import { findAccount } from '../store/accounts.ts';
import { bareAddress, findAddressHolders } from '../store/addresses.ts';
import { loadActorFacts } from './load-actor-facts.ts';
import { subjectsOf } from './subjects.ts';

/** Somebody of ours whom another organisation asks about, and every group they are in; not who is a guest here too. */
export async function personAtHome(
  ctx: Context,
  person: PersonAtHome,
): Promise<
  { userId: string; isActive: boolean; groupIds: readonly string[]; addresses: readonly string[] } | undefined
> {
  const id = 'userId' in person ? parseId<'account'>(person.userId) : await holderOf(ctx, person.address);
  const account = id && (await findAccount(ctx, id));
  if (!account || isFromElsewhere(account)) return undefined;
  const facts = await loadActorFacts(ctx, account.id);
  const groupIds = (await subjectsOf(ctx, account.id)).flatMap(({ kind, id }) => (kind === 'group' ? [id] : []));
  const { userPrincipalName, mail, otherMails, proxyAddresses } = account;
  const addresses = [userPrincipalName, ...(mail === null ? [] : [mail]), ...otherMails, ...proxyAddresses];
  return {
    userId: account.id,
    isActive: facts?.isEnabled ?? false,
    groupIds,
    addresses: [...new Set(addresses.map((one) => bareAddress(one).toLowerCase()))],
  };
}

async function holderOf(ctx: Context, address: string): Promise<AccountId | undefined> {
  const [holder] = await findAddressHolders(ctx, [address]);
  return holder?.kind === 'account' ? (holder.id as AccountId) : undefined;
}

/** The ids that guests have at home, by theirs here; those without a home are left out. */
export async function homeIdsOf(ctx: Context, accountIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const id of accountIds) {
    const homeId = (await findAccount(ctx, id as AccountId))?.homeAccountId;
    if (homeId) found.set(id, homeId);
  }
  return found;
}
