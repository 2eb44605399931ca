/** The inbox: the scheduling messages that came, and what hangs on it (RFC 6638 §2.2, §4.1; RFC 7953 §7.2.4). */
import type { Context } from '../../../kernel/context.ts';
import { Fault, kernelFaults } from '../../../kernel/fault.ts';
import { parseId } from '../../../kernel/ids.ts';
import { Reply } from '../../../platform/http/route.ts';
import {
  c,
  childOf,
  childrenOf,
  d,
  multistatus,
  type QName,
  s,
  textIn,
  type XmlElement,
  xml,
} from '../../../protocols/dav-xml.ts';
import type { InboxMessage } from '../../model/scheduling.ts';
import { ownCalendars } from '../../usecases/asked.ts';
import { changeCalendar } from '../../usecases/calendars.ts';
import { inboxState, readOwnInbox, removeFromInbox } from '../../usecases/inbox.ts';
import type { Member, MemberFilter } from '../../usecases/members.ts';
import { setOwnAvailability } from '../../usecases/own-availability.ts';
import { askingAccount, ownHome } from '../../usecases/reach.ts';
import { inboxPath, type Place, placeAt } from './addresses.ts';
import { calendarMultiget, calendarQuery } from './calendar-reports.ts';
import { getMember } from './events.ts';
import { davFaults } from './faults.ts';
import type { FoundCalendar } from './found.ts';
import { describeMembers } from './members.ts';
import { type Asked, askedIn, type Described, describe } from './properties.ts';
import { instructionsIn, PROTECTED, printSettled } from './settable.ts';
import { printSyncToken, readSyncToken } from './sync-token.ts';
import { type EventFacts, INBOX } from './tables.ts';

type InboxPlace = Extract<Place, { kind: 'inbox' | 'message' }>;
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Whoever asks has one inbox; everybody else's is not there. @throws not-found, access.refused. */
async function demandInbox(ctx: Context, { ownerId }: InboxPlace, wanted: 'read' | 'write'): Promise<void> {
  await ctx.demand(ownCalendars, undefined, wanted);
  if (ownerId !== askingAccount(ctx)) throw kernelFaults.notFound();
}

/**
 * A program shows what is in the inbox as said by whom it names, and files it under its own person. So messages that the
 * sender had no right to send, that came too late, or that are for somebody whom the reader stands in for, are not in it.
 */
const isForProgram = ({ warning, outcome, reader, owner }: InboxMessage): boolean =>
  warning === null && outcome !== 'old' && reader.id === owner.id;

const memberOf = ({ id, content, receivedAt }: InboxMessage): Member => ({
  id: id as string as Member['id'],
  name: `${id}.ics`,
  etag: id,
  component: /^BEGIN:VTODO/m.test(content) ? 'VTODO' : 'VEVENT',
  scheduleTag: null,
  createdAt: receivedAt,
  changedAt: receivedAt,
  size: Buffer.byteLength(content),
  content,
  isUnsure: true,
});

async function membersOfInbox(ctx: Context, { names, component }: MemberFilter): Promise<Member[]> {
  const members = (await readOwnInbox(ctx)).filter(isForProgram).map(memberOf);
  return members.filter(
    (one) => (names?.includes(one.name) ?? true) && (component === undefined || one.component === component),
  );
}

/** The inbox as a collection of its messages: their times without a zone are those of the default calendar. */
async function foundInbox(ctx: Context): Promise<FoundCalendar> {
  const { calendars } = await ownHome(ctx);
  const calendar = calendars.find(({ isDefault }) => isDefault);
  if (!calendar) throw kernelFaults.notFound();
  return {
    calendar,
    role: 'owner',
    path: inboxPath(askingAccount(ctx)),
    elsewhere: {
      followedAs: 'inbox',
      members: (filter) => membersOfInbox(ctx, filter),
      changes: () => Promise.reject(davFaults.reportNotSupported()),
    },
  };
}

/** The messages in it, or the one of a name. The caller has asked. */
export async function describeMessages(ctx: Context, asked: Asked, name?: string): Promise<Described<EventFacts>[]> {
  const shape = asked.names.includes(c('calendar-data')) ? (content: string) => content : undefined;
  return describeMembers(ctx, await foundInbox(ctx), name === undefined ? {} : { names: [name] }, shape);
}

/** One message. @throws not-found, also for everybody else's. */
export async function getMessage(
  ctx: Context,
  place: Extract<Place, { kind: 'message' }>,
  headers: Headers,
): Promise<Reply> {
  await demandInbox(ctx, place, 'read');
  return getMember(ctx, await foundInbox(ctx), place.name, headers);
}

/** Puts a message away. @throws not-found. */
export async function deleteMessage(ctx: Context, place: Extract<Place, { kind: 'message' }>): Promise<Reply> {
  await demandInbox(ctx, place, 'write');
  const id = /^(.+)\.ics$/.exec(place.name)?.[1];
  const message = id === undefined ? undefined : parseId(id);
  if (message === undefined) throw kernelFaults.notFound();
  await removeFromInbox(ctx, message);
  return new Reply(204);
}

/** Reports of the inbox: undefined for one that it has not. */
export async function reportOfInbox(
  ctx: Context,
  place: Extract<Place, { kind: 'inbox' }>,
  root: XmlElement,
  headers: Headers,
): Promise<string | undefined> {
  await demandInbox(ctx, place, 'read');
  switch (root.name) {
    case c('calendar-query'):
      return calendarQuery(ctx, [await foundInbox(ctx)], root, headers);
    case c('calendar-multiget'):
      return calendarMultiget(ctx, await foundInbox(ctx), root, headers);
    case d('sync-collection'):
      return syncInbox(ctx, root, headers);
    default:
      return undefined;
  }
}

/** RFC 6578: it is not kept what was put away, so whoever knows an older state reads all of it again. */
async function syncInbox(ctx: Context, root: XmlElement, headers: Headers): Promise<string> {
  const asked = askedIn(root, headers);
  const said = textIn(childOf(root, d('sync-token')));
  const state = await inboxState(ctx);
  const isKnown = readSyncToken(said, 'inbox')?.state === state;
  if (said !== '' && !isKnown) throw davFaults.tokenNotValid();
  const members = isKnown ? [] : await describeMessages(ctx, asked);
  const next = xml(d('sync-token'), printSyncToken({ collectionId: 'inbox', state }));
  return multistatus([...members.map((one) => describe(one, asked)), next]);
}

const AVAILABILITY: readonly QName[] = [c('calendar-availability'), s('calendar-availability')];

/**
 * PROPPATCH of the inbox: when its owner can be met at all, and which of their calendars say that they are busy, as
 * programs from before RFC 6638 set it. All of it, or nothing.
 */
export async function changeInbox(
  ctx: Context,
  place: Extract<Place, { kind: 'inbox' }>,
  root: XmlElement,
): Promise<string> {
  await demandInbox(ctx, place, 'write');
  const path = inboxPath(place.ownerId);
  const instructions = instructionsIn(root);
  const refused = new Map<QName, string>();
  for (const { name, value } of instructions) {
    const isFreeBusySet = name === c('calendar-free-busy-set') && value !== undefined;
    if (!AVAILABILITY.includes(name) && !isFreeBusySet) refused.set(name, name in INBOX ? PROTECTED : '');
    else if (isFreeBusySet && opaqueIn(place.ownerId, value) === undefined) refused.set(name, '');
  }
  if (refused.size === 0) {
    for (const { name, value } of instructions) {
      if (name === c('calendar-free-busy-set')) await setOpaque(ctx, opaqueIn(place.ownerId, value) ?? []);
      else if (!(await isSet(ctx, value ? textIn(value) : null))) refused.set(name, '');
    }
  }
  return multistatus([printSettled(path, instructions, refused)]);
}

async function isSet(ctx: Context, availability: string | null): Promise<boolean> {
  try {
    await setOwnAvailability(ctx, availability);
    return true;
  } catch (error) {
    if (error instanceof Fault && error.kind === 'invalid') return false;
    throw error;
  }
}

/** The slugs of one's own calendars that are named; undefined: something else is. */
function opaqueIn(ownerId: string, value: XmlElement | undefined): string[] | undefined {
  const places = value ? childrenOf(value, d('href')).map((one) => placeAt(textIn(one))) : [];
  const slugs = places.flatMap((one) => (one?.kind === 'calendar' && one.ownerId === ownerId ? [one.slug] : []));
  return slugs.length === places.length ? slugs : undefined;
}

async function setOpaque(ctx: Context, slugs: readonly string[]): Promise<void> {
  for (const { id, slug, isTransparent } of (await ownHome(ctx)).calendars) {
    const isToBe = !slugs.includes(slug);
    if (isToBe !== isTransparent) await changeCalendar(ctx, id, { isTransparent: isToBe });
  }
}
