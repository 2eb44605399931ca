import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { directoryFaults } from '../faults.ts';
import { SPONSORS_AT_MOST, type Sponsor } from '../model/guest.ts';
import { manageAccounts, readDirectory } from '../questions/people.ts';
import { findPossibleSponsors, readSponsors, writeSponsors } from '../store/guests.ts';
import { requireReadableAccount } from './read-accounts.ts';

/** Who answers for somebody. */
export async function readSponsorsOf(ctx: Context, id: AccountId): Promise<Sponsor[]> {
  await requireReadableAccount(ctx, id);
  const isSelf = ctx.actor.kind === 'account' && ctx.actor.accountId === id;
  await ctx.demand(readDirectory, 'accounts', isSelf ? 'known' : 'enumerate');
  return readSponsors(ctx, id);
}

/** @throws too-many-sponsors, not-found for one who cannot answer for a guest. */
export async function addSponsor(ctx: Context, id: AccountId, sponsorId: string): Promise<void> {
  const account = await requireReadableAccount(ctx, id);
  await ctx.demand(manageAccounts, undefined, 'write');
  const [sponsor] = await findPossibleSponsors(ctx, [sponsorId]);
  if (!sponsor) throw kernelFaults.notFound();
  const others = (await readSponsors(ctx, id)).filter((one) => one.id !== sponsorId);
  if (others.length >= SPONSORS_AT_MOST) throw directoryFaults.tooManySponsors();
  await write(ctx, account, [...others, sponsor]);
}

export async function removeSponsor(ctx: Context, id: AccountId, sponsorId: string): Promise<void> {
  const account = await requireReadableAccount(ctx, id);
  await ctx.demand(manageAccounts, undefined, 'write');
  const before = await readSponsors(ctx, id);
  const after = before.filter((one) => one.id !== sponsorId);
  if (after.length === before.length) throw kernelFaults.notFound();
  await write(ctx, account, after);
}

async function write(
  ctx: Context,
  account: { id: AccountId; displayName: string },
  sponsors: readonly Sponsor[],
): Promise<void> {
  await writeSponsors(ctx, account.id, sponsors);
  ctx.record({
    action: 'directory.sponsors-changed',
    category: 'UserManagement',
    targets: [{ kind: 'account', id: account.id, displayName: account.displayName }],
    facts: { sponsors: sponsors.map(({ kind, id }) => ({ kind, id })) },
  });
}
