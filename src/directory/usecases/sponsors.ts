import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { directoryFaults } from '../faults.ts';
import { isFromElsewhere } from '../model/account.ts';
import { SPONSORS_AT_MOST, type Sponsor } from '../model/guest.ts';
import { manageAccounts, readDirectory } from '../questions/people.ts';
import { findAccount } from '../store/accounts.ts';
import { findPossibleSponsors, readSponsors, writeSponsors } from '../store/guests.ts';
import { passOn } from './pass-on-guests.ts';
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
  const [leaving] = before.filter((one) => one.id === sponsorId);
  if (!leaving) throw kernelFaults.notFound();
  await write(ctx, account, after);
  // Nobody is a guest whom nobody answers for.
  const answering = await findPossibleSponsors(
    ctx,
    after.map((one) => one.id),
  );
  if (answering.length > 0 || !(isFromElsewhere(account) || account.userType === 'Guest')) return;
  const managerId = leaving.kind === 'account' ? (await findAccount(ctx, leaving.id as AccountId))?.managerId : null;
  await passOn(ctx, [id], leaving, managerId ?? null);
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
