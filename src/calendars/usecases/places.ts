import { deleteGrants, listGrants, putGrant } from '../../access/index.ts';
import { createResource, findAccount, findGroup, removeAccount } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import { GRANTS } from '../grants.ts';
import type { BookingRules, Place } from '../model/place.ts';
import { administerCalendars } from '../questions/calendars.ts';
import { listCalendars } from '../store/calendars.ts';
import { deletePlace, listPlaces, putPlace } from '../store/places.ts';
import { ensureMailbox } from './mailboxes.ts';

/** A place with how it is called and reached. */
export interface NamedPlace extends Place {
  readonly displayName: string;
  readonly emailAddress: string;
}

export type NewPlace = Omit<NamedPlace, 'accountId'>;

/** Rooms and equipment with their rules, for administrators. */
export async function listNamedPlaces(ctx: Context): Promise<NamedPlace[]> {
  await ctx.demand(administerCalendars, undefined, 'read');
  const named = [];
  for (const place of await listPlaces(ctx)) {
    const one = await withName(ctx, place);
    if (one) named.push(one);
  }
  return named;
}

/** @throws not-found. */
export async function readPlace(ctx: Context, accountId: string): Promise<NamedPlace> {
  await ctx.demand(administerCalendars, undefined, 'read');
  return requirePlace(ctx, accountId);
}

/**
 * Makes a room or equipment: an account that nobody signs in to, with a calendar.
 * @throws directory.unverified-domain, .principal-name-taken, .address-taken.
 */
export async function createPlace(ctx: Context, place: NewPlace): Promise<NamedPlace> {
  await ctx.demand(administerCalendars, undefined, 'write');
  await demandKnown(ctx, place.booking);
  const { displayName, emailAddress } = place;
  const account = await createResource(ctx, { displayName, address: emailAddress });
  await putPlace(ctx, { ...place, accountId: account.id });
  await ensureMailbox(ctx, { kind: 'account', id: account.id });
  await giveDelegates(ctx, account.id, place.booking.resourceDelegates);
  recordPlace(ctx, 'calendars.place-created', account.id, displayName);
  return requirePlace(ctx, account.id);
}

/** Changes what a place is and how it is booked; bookings that stand stay. @throws not-found. */
export async function changePlace(
  ctx: Context,
  accountId: string,
  changes: Partial<Omit<Place, 'accountId' | 'kind'>>,
): Promise<NamedPlace> {
  await ctx.demand(administerCalendars, undefined, 'write');
  const before = await requirePlace(ctx, accountId);
  const after = { ...before, ...changes };
  if (changes.booking) await demandKnown(ctx, changes.booking);
  await putPlace(ctx, after);
  await giveDelegates(ctx, accountId, after.booking.resourceDelegates);
  recordPlace(ctx, 'calendars.place-changed', accountId, before.displayName);
  return requirePlace(ctx, accountId);
}

/** Removes a place with its account, which can be restored as any other. @throws not-found. */
export async function removePlace(ctx: Context, accountId: string): Promise<void> {
  await ctx.demand(administerCalendars, undefined, 'write');
  const place = await requirePlace(ctx, accountId);
  await deletePlace(ctx, accountId);
  await removeAccount(ctx, accountId as AccountId);
  recordPlace(ctx, 'calendars.place-deleted', accountId, place.displayName);
}

/** Rules name people and groups of this organisation. @throws request.invalid. */
async function demandKnown(ctx: Context, { bookInPolicy, requestInPolicy }: BookingRules): Promise<void> {
  for (const id of new Set([...bookInPolicy, ...requestInPolicy])) {
    const known = (await findAccount(ctx, id as AccountId)) ?? (await findGroup(ctx, id as GroupId));
    if (!known) throw kernelFaults.invalid('The rules name somebody who is not here.');
  }
}

/** Those who decide on requests write in its calendar and answer from it. */
async function giveDelegates(ctx: Context, accountId: string, delegates: readonly string[]): Promise<void> {
  const [calendar] = await listCalendars(ctx, { owners: [{ kind: 'account', id: accountId }], isDefault: true });
  if (!calendar) return;
  const object = { kind: GRANTS.calendar.objectKind, id: calendar.id };
  const level = 'delegateWithPrivateEventAccess';
  const held = await listGrants(ctx, { kind: GRANTS.calendar.kind, object });
  const gone = held.filter((one) => one.level === level && !delegates.includes(one.subject.id));
  await deleteGrants(
    ctx,
    gone.map(({ id }) => id),
  );
  for (const id of delegates) {
    if ((await findAccount(ctx, id as AccountId))?.userType !== 'Member') {
      throw kernelFaults.invalid('A delegate of a place is a person at home here.');
    }
    await putGrant(ctx, {
      kind: GRANTS.calendar.kind,
      subject: { kind: 'account', id },
      object,
      level,
      givenBy: 'place',
    });
  }
}

async function requirePlace(ctx: Context, accountId: string): Promise<NamedPlace> {
  const [place] = await listPlaces(ctx, { accountIds: [accountId] });
  const named = place && (await withName(ctx, place));
  if (!named) throw kernelFaults.notFound();
  return named;
}

/** Undefined: its account is deleted. */
async function withName(ctx: Context, place: Place): Promise<NamedPlace | undefined> {
  const account = await findAccount(ctx, place.accountId as AccountId);
  if (!account) return undefined;
  return { ...place, displayName: account.displayName, emailAddress: account.mail ?? account.userPrincipalName };
}

function recordPlace(ctx: Context, action: string, id: string, displayName: string): void {
  ctx.record({ action, category: 'Calendar', targets: [{ kind: 'place', id, displayName }] });
}
