import { z } from 'zod';
import { listGrants } from '../../access/index.ts';
import { subjectsOf } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { textOf } from '../../protocols/icalendar/index.ts';
import { calendarsFaults } from '../faults.ts';
import { GRANTS } from '../grants.ts';
import type { CalendarId } from '../model/calendar.ts';
import { ROLES, type Role } from '../model/roles.ts';
import { openSharedQuestion } from '../questions/sharing.ts';
import { listCalendars } from '../store/calendars.ts';
import {
  eraseSubscription,
  findInvitation,
  listSubscriptions,
  markAccepted,
  noteReading,
  putSubscription,
  type Subscription,
} from '../store/invitations.ts';
import { agreedForAsker, sharingTerm } from './agreed.ts';
import { calendarUse, ownCalendars } from './asked.ts';
import { readInstances, readWhole } from './events.ts';
import { parseInvitation } from './invite.ts';
import { hashToken } from './links.ts';
import { envoyOf, type LookUpPorts, within } from './look-up-availability.ts';
import { holdCalendar } from './objects.ts';
import { readOwner } from './owners.ts';

export type SharedPorts = LookUpPorts;
export type { Subscription };

const DAY = 86_400_000;
/** What is read at a time, in days. */
const DAYS_AT_MOST = 400;
/** Milliseconds that another organisation has to answer. */
const DEADLINE = 5_000;

// ---------------------------------------------------------------------------------------------------------------
// In the organisation that shares

/** The requests that organisations put to each other about shared calendars. */
export const ACCEPT_SHARE = 'calendars.shared.accept';
export const READ_SHARED = 'calendars.shared.read';

export const acceptRequest = z.object({ token: z.string().max(100) });
const readRequest = z.object({ calendarId: z.uuid(), start: z.iso.datetime(), end: z.iso.datetime() });

const sharedCard = z.object({
  calendarId: z.uuid(),
  name: z.string().max(255),
  color: z.string().max(40).nullable(),
  role: z.enum(ROLES),
  ownerName: z.string().max(256),
  ownerAddress: z.string().max(320).nullable(),
  organisationName: z.string().max(256),
});

const sharedEvent = z.object({
  id: z.string().max(200),
  subject: z.string().nullable(),
  location: z.string().nullable(),
  description: z.string().nullable(),
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  isAllDay: z.boolean(),
  showAs: z.enum(['free', 'tentative', 'busy', 'oof', 'workingElsewhere']),
  isCancelled: z.boolean(),
  isPrivate: z.boolean(),
});
export type SharedEvent = z.output<typeof sharedEvent>;

const sharedView = z.object({
  role: z.enum(ROLES),
  name: z.string().max(255),
  timeZone: z.string().max(100),
  events: z.array(sharedEvent).max(20_000),
});
export type SharedView = z.output<typeof sharedView>;

/** Shared calendars, as partners ask for them: the visitor is whom their organisation vouched for. */
export const sharedRequests = [
  { name: ACCEPT_SHARE, shape: acceptRequest, transaction: 'write', answer: answerAccept },
  { name: READ_SHARED, shape: readRequest, transaction: 'read', answer: answerRead },
] as const;

/**
 * One identity accepts an invitation: the one it was written to. Asked again by the same, since answers get lost, the
 * answer is the same.
 */
async function answerAccept(
  ctx: Context,
  { token }: z.output<typeof acceptRequest>,
): Promise<z.output<typeof sharedCard>> {
  if (ctx.actor.kind !== 'visitor') throw calendarsFaults.invalidSharingMessage();
  const invitation = await findInvitation(ctx, hashToken(token));
  if (!invitation || (invitation.acceptedAt === null && invitation.expiresAt <= ctx.now))
    throw calendarsFaults.invalidSharingMessage();
  if (invitation.recipientAddress !== ctx.actor.address) throw calendarsFaults.invalidSharingSubscriber();
  const { level: role } = await ctx.ask(calendarUse, { calendarId: invitation.calendarId });
  const [calendar] = role === 'none' ? [] : await listCalendars(ctx, { id: invitation.calendarId });
  if (!calendar) throw calendarsFaults.invalidSharingMessage();
  const owner = await readOwner(ctx, calendar.owner);
  if (invitation.acceptedAt === null) {
    await markAccepted(ctx, invitation.id);
    ctx.record({
      action: 'calendars.share-accepted',
      category: 'Calendar',
      targets: [{ kind: 'calendar', id: calendar.id, displayName: calendar.name }],
      facts: { recipient: ctx.actor.address, homeTenantId: ctx.actor.homeTenantId },
    });
  }
  return {
    calendarId: calendar.id,
    name: calendar.name,
    color: calendar.color,
    role,
    ownerName: owner?.displayName ?? '',
    ownerAddress: owner?.address ?? null,
    organisationName: ctx.tenant.displayName,
  };
}

/** A shared calendar in a time, redacted here by what the grant and the policy permit now. */
async function answerRead(ctx: Context, asked: z.output<typeof readRequest>): Promise<SharedView> {
  const window = windowOf(asked.start, asked.end);
  const held = await holdCalendar(ctx, asked.calendarId as CalendarId, 'freeBusyRead');
  const owner = await readOwner(ctx, held.calendar.owner);
  if (!owner) throw kernelFaults.notFound();
  const open = { ...held, owner };
  const seen = await readWhole(ctx, open, await readInstances(ctx, open, window));
  const events = seen.map(({ objectId, recurrenceId, told, whole }) => ({
    id: recurrenceId === '' ? objectId : `${objectId}_${recurrenceId}`,
    subject: told.subject,
    location: told.location,
    description: whole ? textOf(whole.component, 'description') : null,
    start: told.startsAt.toISOString(),
    end: told.endsAt.toISOString(),
    isAllDay: told.isAllDay,
    showAs: told.showAs,
    isCancelled: told.isCancelled,
    isPrivate: told.isPrivate,
  }));
  return { role: held.role, name: held.calendar.name, timeZone: held.calendar.timeZone, events };
}

function windowOf(start: string, end: string): { from: Date; to: Date } {
  const [from, to] = [new Date(start), new Date(end)];
  if (!(from < to)) throw calendarsFaults.invalidTimeInterval();
  if (to.getTime() - from.getTime() > DAYS_AT_MOST * DAY)
    throw kernelFaults.invalid(`A view reaches over ${DAYS_AT_MOST} days at most.`);
  return { from, to };
}

// ---------------------------------------------------------------------------------------------------------------
// In the organisation of whoever accepted

/** A calendar that others share with whoever asks: of another organisation, or at home by name. */
export type SharedCalendar =
  | (Subscription & { readonly isInside: false })
  | {
      readonly isInside: true;
      readonly calendarId: CalendarId;
      readonly ownerKind: 'account' | 'group';
      readonly ownerId: string;
      readonly name: string;
      readonly ownerName: string;
      readonly ownerAddress: string | null;
      readonly color: string | null;
      readonly role: Role;
    };

/** Every calendar that is shared with whoever asks. */
export async function listSharedCalendars(ctx: Context): Promise<SharedCalendar[]> {
  const accountId = await demandOwn(ctx, 'read');
  const outside = await listSubscriptions(ctx, accountId);
  return [...(await sharedAtHome(ctx, accountId)), ...outside.map((one) => ({ ...one, isInside: false as const }))];
}

async function sharedAtHome(ctx: Context, accountId: string): Promise<SharedCalendar[]> {
  const subjects = await subjectsOf(ctx, accountId);
  const grants = await listGrants(ctx, { kind: GRANTS.calendar.kind, subjects });
  const ids = [...new Set(grants.map(({ object }) => object.id as CalendarId))];
  const shared: SharedCalendar[] = [];
  for (const { id, owner, name, color } of await listCalendars(ctx, { ids })) {
    const { level: role } = await ctx.ask(calendarUse, { calendarId: id }, { quiet: true });
    const card = role === 'none' ? undefined : await readOwner(ctx, owner);
    if (!card) continue;
    const { displayName: ownerName, address } = card;
    const { kind: ownerKind, id: ownerId } = owner;
    const ownerAddress = address ?? null;
    shared.push({ isInside: true, calendarId: id, ownerKind, ownerId, name, ownerName, ownerAddress, color, role });
  }
  return shared;
}

/** What our own organisation agreed with the one that shares. */
export const mayOpenShared = openSharedQuestion(async (ctx, partnerTenantId) => ({
  actor: ctx.actor,
  tenant: ctx.tenant,
  agreement: await agreedForAsker(ctx, sharingTerm, { tenantId: partnerTenantId }),
}));

/**
 * Accepts an invitation from another organisation: the calendar is then among one's own. Opens what it needs itself.
 * @throws calendars.invalid-sharing-data, .invalid-sharing-message, .invalid-sharing-initiator, and
 *   .invalid-sharing-subscriber for whoever it was not written to (EX-42); partners.unreachable.
 */
export async function acceptShare(ctx: Context, ports: SharedPorts, text: string): Promise<Subscription> {
  const accountId = await inOwn(ctx, ports, (inside) => demandOwn(inside, 'write'));
  const invitation = parseInvitation(text);
  if (!invitation) throw calendarsFaults.invalidSharingData();
  if (invitation.tenantId === ctx.tenantId) throw calendarsFaults.invalidSharingMessage();
  const partner = { partnerTenantId: invitation.tenantId };
  await inOwn(ctx, ports, (inside) => inside.demand(mayOpenShared, partner, 'open'), true);
  const envoy = await envoyOf(ctx);
  const answer = await within(
    ports.partners.ask(envoy, invitation.tenantId, ACCEPT_SHARE, { token: invitation.token }),
    ports.partnerDeadline ?? DEADLINE,
  ).catch((error: unknown) => {
    // An organisation that there is not, or that does not take our word: nobody whom we know wrote this.
    if (error instanceof Fault && (error.code === 'partners.forged-address' || error.kind === 'not-found'))
      throw calendarsFaults.invalidSharingInitiator();
    throw error;
  });
  const card = sharedCard.safeParse(answer);
  if (!card.success) throw calendarsFaults.invalidSharingData();
  const { calendarId, ...told } = card.data;
  return inOwn(ctx, ports, (inside) =>
    keepShared(inside, {
      accountId,
      partnerTenantId: invitation.tenantId,
      partnerCalendarId: calendarId as CalendarId,
      ...told,
    }),
  );
}

/** Adds a calendar of another organisation to somebody's own, as its organisation described it. Asks nothing. */
export async function keepShared(
  ctx: Context,
  shared: Omit<Subscription, 'id' | 'failure' | 'checkedAt'>,
): Promise<Subscription> {
  const kept = await putSubscription(ctx, { ...shared, id: newId() });
  ctx.record({
    action: 'calendars.share-accepted',
    category: 'Calendar',
    targets: [{ kind: 'shared-calendar', id: kept.id, displayName: kept.name }],
    facts: { partnerTenantId: shared.partnerTenantId },
  });
  return kept;
}

/**
 * What another organisation tells of a shared calendar now. Opens what it needs itself.
 * @throws as `findSubscription` and `askSharer`.
 */
export async function readSharedCalendar(
  ctx: Context,
  ports: SharedPorts,
  id: string,
  asked: { readonly start: string; readonly end: string },
): Promise<SharedView & { readonly calendar: Subscription }> {
  const calendar = await findSubscription(ctx, ports, id);
  const { from, to } = windowOf(asked.start, asked.end);
  const window = { start: from.toISOString(), end: to.toISOString() };
  return askSharer(ctx, ports, calendar, { name: READ_SHARED, asked: window, shape: sharedView });
}

/** A calendar of another organisation among one's own. Opens what it needs itself. @throws not-found. */
export const findSubscription = (ctx: Context, ports: SharedPorts, id: string): Promise<Subscription> =>
  inOwn(ctx, ports, async (inside) => findOwn(inside, await demandOwn(inside, 'read'), id), true);

/** All of them. Opens what it needs itself. */
export const listOwnSubscriptions = (ctx: Context, ports: SharedPorts): Promise<Subscription[]> =>
  inOwn(ctx, ports, async (inside) => listSubscriptions(inside, await demandOwn(inside, 'read')), true);

/**
 * Puts a request about a shared calendar to the organisation that shares it, and notes what came of it. Opens what it
 * needs itself.
 * @throws access.refused where our own organisation lets nobody open it; calendars.sharing-ended when it is shared no
 *   more, .sharing-synchronization-failed when nobody answers: never an empty calendar in place of one that could not be
 *   read.
 */
export async function askSharer<T extends { readonly role: Role }>(
  ctx: Context,
  ports: SharedPorts,
  calendar: Subscription,
  request: { readonly name: string; readonly asked: object; readonly shape: z.ZodType<T> },
): Promise<T & { readonly calendar: Subscription }> {
  const { partnerTenantId, partnerCalendarId: calendarId } = calendar;
  await inOwn(ctx, ports, (inside) => inside.demand(mayOpenShared, { partnerTenantId }, 'open'), true);
  try {
    const asking = ports.partners.ask(await envoyOf(ctx), partnerTenantId, request.name, {
      calendarId,
      ...request.asked,
    });
    const told = request.shape.parse(await within(asking, ports.partnerDeadline ?? DEADLINE));
    if (calendar.failure !== null || calendar.role !== told.role)
      await inOwn(ctx, ports, (inside) => noteReading(inside, calendar.id, { role: told.role }));
    return { ...told, calendar: { ...calendar, role: told.role, failure: null } };
  } catch (error) {
    const isOver = error instanceof Fault && (error.kind === 'not-found' || error.kind === 'forbidden');
    if (calendar.failure === null)
      await inOwn(ctx, ports, (inside) => noteReading(inside, calendar.id, { failure: FAILURE }));
    throw isOver ? calendarsFaults.sharingEnded() : calendarsFaults.sharingSynchronizationFailed(error);
  }
}

const FAILURE = 'ErrorSharingSynchronizationFailed';

/** Takes a calendar of another organisation out of one's own. It stays shared there. @throws not-found. */
export async function dropSharedCalendar(ctx: Context, id: string): Promise<void> {
  const accountId = await demandOwn(ctx, 'write');
  const { name, partnerTenantId } = await findOwn(ctx, accountId, id);
  await eraseSubscription(ctx, accountId, id);
  ctx.record({
    action: 'calendars.share-dropped',
    category: 'Calendar',
    targets: [{ kind: 'shared-calendar', id, displayName: name }],
    facts: { partnerTenantId },
  });
}

async function findOwn(ctx: Context, accountId: string, id: string): Promise<Subscription> {
  const [found] = await listSubscriptions(ctx, accountId, { id });
  if (!found) throw kernelFaults.notFound();
  return found;
}

/** @throws access.refused; not-found for a program. */
async function demandOwn(ctx: Context, wanted: 'read' | 'write'): Promise<string> {
  await ctx.demand(ownCalendars, undefined, wanted);
  if (ctx.actor.kind !== 'account') throw kernelFaults.notFound();
  return ctx.actor.accountId;
}

const inOwn = <T>(
  ctx: Context,
  { run }: SharedPorts,
  act: (inside: Context) => Promise<T>,
  readOnly = false,
): Promise<T> => {
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  return run({ tenantId, actor, correlationId, clientAddress, readOnly }, act);
};
