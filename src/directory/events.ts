import type { Context } from '../kernel/context.ts';
import { atLeast, decide } from '../kernel/decision.ts';
import type { AccountId } from '../kernel/ids.ts';
import type { ChangeCollection, PublishedEvent, SharedAct, SharedConcern } from '../kernel/module.ts';
import { type ReadingArea, readDirectory } from './questions/people.ts';
import { findAccount } from './store/accounts.ts';
import { findGuest } from './store/guests.ts';

/** Live topics that others hear; the name is sign-in's, who forgets what it knows of the account. */
const ACCOUNT_CHANGED = 'signin.account-changed';

/** Tells every node that roles, state or sessions of an account changed, so that live sessions feel it at once. */
export async function announceAccounts(ctx: Context, accountIds: Iterable<string>): Promise<void> {
  for (const accountId of new Set(accountIds)) await ctx.announce(ACCOUNT_CHANGED, { accountId });
}

/** Whether the context's actor, who need not be the one at work, sees all of an area. */
async function enumerates(ctx: Context, area: ReadingArea): Promise<boolean> {
  return atLeast(decide(readDirectory, await readDirectory.facts(ctx, area)), 'enumerate');
}

/** What programs can be told about when it changes. */
export const directoryChanges: readonly ChangeCollection[] = [
  {
    name: 'users',
    odataType: '#microsoft.graph.user',
    targetKind: 'account',
    actions: {
      'directory.account-created': 'created',
      'directory.guest-invited': 'created',
      'directory.account-changed': 'updated',
      'directory.account-renamed': 'updated',
      'directory.account-restored': 'updated',
      'directory.guest-redeemed': 'updated',
      'directory.redemption-reset': 'updated',
      'directory.sponsors-changed': 'updated',
      'directory.account-deleted': 'deleted',
      'directory.account-purged': 'deleted',
    },
    mayRead: (ctx) => enumerates(ctx, 'accounts'),
  },
  {
    name: 'groups',
    odataType: '#microsoft.graph.group',
    targetKind: 'group',
    actions: {
      'directory.group-created': 'created',
      'directory.group-changed': 'updated',
      'directory.group-renamed': 'updated',
      'directory.group-restored': 'updated',
      'directory.group-member-added': 'updated',
      'directory.group-member-removed': 'updated',
      'directory.group-owner-added': 'updated',
      'directory.group-owner-removed': 'updated',
      'directory.group-deleted': 'deleted',
      'directory.group-purged': 'deleted',
    },
    mayRead: (ctx) => enumerates(ctx, 'groups'),
  },
];

/** What becomes of a guest here is their home's to know, too. */
const GUEST_ACTIONS = [
  'directory.guest-invited',
  'directory.guest-redeemed',
  'directory.guest-ended',
  'directory.guest-extended',
  'directory.guest-restored',
  'directory.guest-orphaned',
  'directory.guest-left',
  'directory.guest-erased',
  'directory.redemption-reset',
  'directory.account-deleted',
  'directory.account-restored',
] as const;

export const directoryActs: readonly SharedAct[] = GUEST_ACTIONS.map((action) => ({ action, concerns: guestIn }));

/** Whose guest an event is about: the organisation where they are at home, and their address there. */
export async function guestIn(ctx: Context, event: PublishedEvent): Promise<SharedConcern | undefined> {
  const target = event.targets.find(({ kind }) => kind === 'account' || kind === 'guest');
  if (!target) return undefined;
  const id = target.id as AccountId;
  const account = (await findAccount(ctx, id)) ?? (await findAccount(ctx, id, { deleted: true }));
  const guest = account && (await findGuest(ctx, id));
  const domain = account?.homeDomain;
  if (!guest || !domain) return undefined;
  const partner = account.homeTenantId ? { tenantId: account.homeTenantId } : { domain };
  return { partner, about: [guest.invitedAddress] };
}
