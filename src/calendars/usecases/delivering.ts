import ICAL from 'ical.js';
import { listGrants } from '../../access/index.ts';
import { findAccount, findAddressHolders } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import { type AccountId, newId } from '../../kernel/ids.ts';
import { objectOf, printCalendar, readCalendar, textOf } from '../../protocols/icalendar/index.ts';
import {
  applyMessage,
  composeMessage,
  type Message,
  type Outcome,
  type Outgoing,
  organizerOf,
  readMessage,
} from '../../protocols/itip/index.ts';
import { PERSON_NOTICE } from '../../signin/index.ts';
import { domainOf } from '../../tenants/index.ts';
import { GRANTS } from '../grants.ts';
import type { Calendar, Owner, StoredObject } from '../model/calendar.ts';
import type { DeliveryStatus, InboxMessage } from '../model/scheduling.ts';
import { listCalendars } from '../store/calendars.ts';
import { findObject, listObjects } from '../store/objects.ts';
import { lockPlaces } from '../store/places.ts';
import { insertInbox, insertOutgoing, listInbox, lockMeeting, type NewOutgoing } from '../store/scheduling.ts';
import { type Booking, book } from './booking.ts';
import { dropObject, etagOf, keepObject } from './keeping.ts';
import { ensureMailbox } from './mailboxes.ts';
import { readOwner } from './owners.ts';

/** The job that carries messages out of this organisation. */
export const SEND_MESSAGES = 'calendars.send-messages';

/** Of an invitation whose reader said nothing else. */
const DEFAULT_REMINDER_MINUTES = 15;

/** Messages of one owner that leave their calendar together. */
export interface Sending {
  readonly owner: Owner;
  /** The owner's address that the messages speak for, lower case. */
  readonly sender: string;
  readonly senderName: string;
  readonly messages: readonly Outgoing[];
  readonly comment?: string | undefined;
}

export interface Sent {
  readonly statuses: ReadonlyMap<string, DeliveryStatus>;
  /** What recipients at home answered by themselves, at once: rooms, and copies that want the whole. */
  readonly answers: readonly { readonly from: string; readonly messages: readonly Outgoing[] }[];
}

/**
 * Brings messages to people: to those at home in this transaction, to all others by a job after it. Asks nobody whether
 * they want them, as a letter would not.
 */
export async function sendMessages(ctx: Context, sending: Sending): Promise<Sent> {
  const statuses = new Map<string, DeliveryStatus>();
  const answers: { from: string; messages: readonly Outgoing[] }[] = [];
  const outgoing: NewOutgoing[] = [];
  const homes = await findHomes(
    ctx,
    sending.messages.map(({ to }) => to),
  );
  const accounts = [...homes.values()].flatMap((home) => (home !== 'nobody' && home.kind === 'account' ? home.id : []));
  await lockPlaces(ctx, accounts);
  for (const { to, message } of sending.messages) {
    const home = homes.get(to);
    if (home === 'nobody') statuses.set(to, '3.7');
    else if (home) {
      const received = await receiveMessage(ctx, {
        owner: home,
        address: to,
        sender: sending.sender,
        message,
        fingerprint: newId(),
        origin: 'home',
        comment: sending.comment,
      });
      statuses.set(to, received.status);
      if (received.answers.length > 0) answers.push({ from: to, messages: received.answers });
    } else {
      statuses.set(to, '1.0');
      outgoing.push({
        owner: sending.owner,
        uid: message.uid,
        method: message.method,
        sender: sending.sender,
        senderName: sending.senderName,
        recipient: to,
        content: printCalendar(message.calendar),
        comment: sending.comment ?? null,
      });
    }
  }
  if (outgoing.length > 0) {
    const batchId = newId<'batch'>();
    await insertOutgoing(ctx, batchId, outgoing);
    await ctx.defer(SEND_MESSAGES, { batchId }, { key: `calendars:${batchId}` });
  }
  return { statuses, answers };
}

/**
 * Who of these addresses keeps a calendar here. `nobody`: the address is ours and nobody has it, or is no mail address;
 * left out: elsewhere.
 */
export async function findHomes(ctx: Context, addresses: readonly string[]): Promise<Map<string, Owner | 'nobody'>> {
  const homes = new Map<string, Owner | 'nobody'>();
  const holders = new Map((await findAddressHolders(ctx, addresses)).map((one) => [one.address, one]));
  for (const address of addresses) {
    const holder = holders.get(address);
    const owner = holder && (await ownerOf(ctx, holder));
    if (owner) homes.set(address, owner);
    else if (domainOf(address) === undefined || isOurs(ctx, address)) homes.set(address, 'nobody');
  }
  return homes;
}

async function ownerOf(ctx: Context, { kind, id }: { kind: string; id: string }): Promise<Owner | undefined> {
  if (kind === 'group') return { kind, id };
  // A guest's calendar, like a contact's, is at home.
  if (kind !== 'account' || (await findAccount(ctx, id as AccountId))?.userType !== 'Member') return undefined;
  return { kind, id };
}

function isOurs(ctx: Context, address: string): boolean {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return ctx.tenant.domains.includes(domain) || ctx.tenant.initialDomain === domain;
}

/** A message for one owner here. */
export interface Arriving {
  readonly owner: Owner;
  /** The owner's address that it was sent to, lower case. */
  readonly address: string;
  /** Who sent it, lower case: proven, not read from it. */
  readonly sender: string;
  readonly message: Message;
  /** The same for the same message, so that it acts once. */
  readonly fingerprint: string;
  /** From where: this organisation, another that vouches for its sender, or the world by mail. */
  readonly origin: 'home' | 'partner' | 'mail';
  readonly comment?: string | undefined;
}

export interface ReceivedMessage {
  readonly status: DeliveryStatus;
  readonly outcome: InboxMessage['outcome'];
  readonly warning: InboxMessage['warning'];
  /** What the owner says to it by itself. */
  readonly answers: readonly Outgoing[];
}

/**
 * Lets a message act on its owner's copy of the meeting and keeps it in the inbox, once. A new meeting goes into the
 * default calendar, where it waits for an answer. It is the server that acts, so nobody is asked.
 */
export async function receiveMessage(ctx: Context, arriving: Arriving): Promise<ReceivedMessage> {
  const { owner, message, sender } = arriving;
  await lockMeeting(ctx, message.uid);
  let addsRequests: boolean;
  try {
    addsRequests = (await ensureMailbox(ctx, owner)).meetings.addNewRequestsTentatively ?? true;
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') {
      return { status: '5.3', outcome: 'unknown', warning: null, answers: [] };
    }
    throw error;
  }
  const [known] = await listInbox(ctx, { owner, fingerprint: arriving.fingerprint, limit: 1 });
  if (known) return { status: '1.2', outcome: known.outcome, warning: known.warning, answers: [] };

  const calendars = await listCalendars(ctx, { owners: [owner] });
  let before = await findCopy(ctx, calendars, message.uid);
  if (before?.organizer === null && message.method === 'REQUEST') before = await setApart(ctx, calendars, before);
  const kept = before && readCalendar(before.content);
  const addresses = (await readOwner(ctx, owner))?.addresses ?? [];
  const outcome = applyMessage({ kept, message, sender, recipient: addresses });
  const [place] = owner.kind === 'account' ? await lockPlaces(ctx, [owner.id]) : [];
  if (
    place &&
    outcome.kind === 'changed' &&
    message.method === 'REQUEST' &&
    place.booking.automateProcessing === 'autoAccept'
  ) {
    return bookPlace(ctx, arriving, { place, calendars, addresses, before, asked: outcome.calendar });
  }
  if (outcome.kind === 'changed' && outcome.isNew && message.method === 'REQUEST' && !addsRequests) {
    await keepInInbox(ctx, arriving, 'waiting', null, null);
    return { status: '1.2', outcome: 'waiting', warning: null, answers: [] };
  }
  const object = await keepOutcome(ctx, arriving, calendars, before, outcome);
  const warning = warningOf(message, outcome);
  await keepInInbox(ctx, arriving, outcome.kind, warning, object?.id ?? null);
  return {
    status: outcome.kind === 'not-theirs' ? '3.8' : '1.2',
    outcome: outcome.kind,
    warning,
    answers: answersOf(ctx, arriving, outcome, kept),
  };
}

/** A place answers at once; what it declines it does not keep, and gives up when it had it before. */
async function bookPlace(
  ctx: Context,
  arriving: Arriving,
  asked: Omit<Booking, 'origin' | 'sender'>,
): Promise<ReceivedMessage> {
  const { origin, sender } = arriving;
  const { before, calendars } = asked;
  const { answer, calendar, messages } = await book(ctx, { ...asked, origin, sender });
  let object: StoredObject | undefined;
  if (calendar)
    object = await keepOutcome(ctx, arriving, calendars, before, { kind: 'changed', calendar, isNew: !before }, true);
  else if (before) await dropObject(ctx, calendars.find(({ id }) => id === before.calendarId)!, before);
  ctx.record({
    action: answer.word === 'DECLINED' ? 'calendars.place-declined' : 'calendars.place-booked',
    category: 'Calendar',
    targets: [{ kind: 'place', id: arriving.owner.id }],
    facts: { uid: arriving.message.uid, reason: answer.reason, isPending: answer.word === 'TENTATIVE' },
  });
  await keepInInbox(ctx, arriving, 'changed', null, object?.id ?? null);
  return { status: '1.2', outcome: 'changed', warning: null, answers: messages };
}

/**
 * What somebody keeps for themselves is nobody else's to change. An invitation that has its UID stands beside it, and it
 * has another from then on: two with one UID are no calendar (RFC 4791 §4.1).
 */
async function setApart(ctx: Context, calendars: readonly Calendar[], own: StoredObject): Promise<undefined> {
  const whole = readCalendar(own.content);
  const uid = newId();
  for (const part of whole.getAllSubcomponents('vevent')) part.updatePropertyWithValue('uid', uid);
  await keepObject(ctx, {
    calendar: calendars.find(({ id }) => id === own.calendarId)!,
    before: own,
    name: own.name,
    read: objectOf(whole),
    text: printCalendar(whole),
    scheduleTag: own.scheduleTag,
  });
}

async function findCopy(ctx: Context, calendars: readonly Calendar[], uid: string): Promise<StoredObject | undefined> {
  const [found] = await listObjects(ctx, {
    calendarIds: calendars.map(({ id }) => id),
    uid,
    component: 'VEVENT',
    limit: 1,
  });
  return found && findObject(ctx, { id: found.id }, { lock: true });
}

/**
 * Puts a meeting that waited in the inbox into its owner's default calendar, as it was sent. Undefined: it is there
 * already, or is no invitation to them any more.
 */
export async function keepWaiting(
  ctx: Context,
  { owner, sender, content }: InboxMessage,
): Promise<StoredObject | undefined> {
  const message = readMessage(content);
  await lockMeeting(ctx, message.uid);
  const calendars = await listCalendars(ctx, { owners: [owner] });
  const known = await findCopy(ctx, calendars, message.uid);
  if (known) return known;
  const recipient = (await readOwner(ctx, owner))?.addresses ?? [];
  const outcome = applyMessage({ kept: undefined, message, sender, recipient });
  const arriving = {
    owner,
    address: recipient[0] ?? '',
    sender,
    message,
    fingerprint: newId(),
    origin: 'home',
  } as const;
  return keepOutcome(ctx, arriving, calendars, undefined, outcome);
}

async function keepOutcome(
  ctx: Context,
  { message, owner }: Arriving,
  calendars: readonly Calendar[],
  before: StoredObject | undefined,
  outcome: Outcome,
  isPlace = false,
): Promise<StoredObject | undefined> {
  if (outcome.kind !== 'changed') return before;
  const calendar = calendars.find(({ id }) => id === before?.calendarId) ?? calendars.find((one) => one.isDefault)!;
  if (outcome.isNew && !isPlace) await addReminder(ctx, owner, outcome.calendar);
  const text = printCalendar(outcome.calendar);
  return keepObject(ctx, {
    calendar,
    before,
    name: before?.name ?? `${newId()}.ics`,
    read: objectOf(outcome.calendar),
    text,
    // An answer is no change of the meeting (RFC 6638 §3.2.10).
    scheduleTag: message.method === 'REPLY' ? (before?.scheduleTag ?? null) : etagOf(text),
  });
}

/** An invitation says no alarm of its sender's; the mailbox's own reminds of it. */
async function addReminder(ctx: Context, owner: Owner, calendar: ICAL.Component): Promise<void> {
  const { reminderMinutes = DEFAULT_REMINDER_MINUTES } = (await ensureMailbox(ctx, owner)).meetings;
  if (reminderMinutes === null) return;
  for (const part of calendar.getAllSubcomponents('vevent')) {
    const alarm = new ICAL.Component('valarm');
    alarm.addPropertyWithValue('action', 'DISPLAY');
    alarm.addPropertyWithValue('trigger', ICAL.Duration.fromSeconds(-60 * reminderMinutes));
    alarm.addPropertyWithValue('description', textOf(part, 'summary') ?? '');
    part.addSubcomponent(alarm);
  }
}

function warningOf({ method }: Message, { kind }: Outcome): InboxMessage['warning'] {
  if (kind !== 'not-theirs') return null;
  return ['REPLY', 'COUNTER', 'REFRESH'].includes(method) ? 'sender-is-not-invited' : 'sender-is-not-organiser';
}

function answersOf(
  ctx: Context,
  { address, message }: Arriving,
  outcome: Outcome,
  kept: Parameters<typeof applyMessage>[0]['kept'],
): Outgoing[] {
  if (outcome.kind === 'send-whole' && kept) {
    return [{ to: outcome.to, message: composeMessage('REQUEST', kept.getAllSubcomponents('vevent'), kept) }];
  }
  const organizer = outcome.kind === 'ask-for-whole' && organizerOf(message.parts[0]!);
  if (!organizer) return [];
  const refresh = composeMessage('REFRESH', message.parts.slice(0, 1), message.calendar);
  const [part] = refresh.parts;
  for (const property of part!.getAllProperties()) {
    if (!['uid', 'organizer', 'dtstart'].includes(property.name)) part!.removeProperty(property);
  }
  part!.addPropertyWithValue('attendee', `mailto:${address}`);
  part!.addPropertyWithValue('dtstamp', ctx.now.toISOString().replace(/\.\d+/, ''));
  return [{ to: organizer, message: refresh }];
}

/** Keeps a message for everybody who reads what comes for its owner. */
export async function keepInInbox(
  ctx: Context,
  arriving: Arriving,
  outcome: InboxMessage['outcome'],
  warning: InboxMessage['warning'],
  objectId: StoredObject['id'] | null,
): Promise<void> {
  const { owner, message, sender, fingerprint } = arriving;
  const content = printCalendar(message.calendar);
  const comment = arriving.comment ?? textOf(message.parts[0]!, 'comment');
  const proposal = outcome === 'proposal' && message.method === 'COUNTER' ? ('open' as const) : null;
  for (const reader of await readersOf(ctx, owner)) {
    await insertInbox(ctx, {
      ...{ reader, owner, fingerprint, sender, method: message.method, uid: message.uid, content, comment },
      ...{ outcome, warning, proposal, objectId },
    });
    if (reader.kind === 'account')
      await ctx.announce(PERSON_NOTICE, { accountId: reader.id, about: 'calendars.message-arrived' });
  }
}

/** Who reads the messages for an owner: themselves, their delegates, or both, as the mailbox says. */
async function readersOf(ctx: Context, owner: Owner): Promise<Owner[]> {
  const { meetings } = await ensureMailbox(ctx, owner);
  const deliverTo = meetings.deliverTo ?? 'sendToDelegateAndInformationToPrincipal';
  const [calendar] = await listCalendars(ctx, { owners: [owner], isDefault: true });
  const object = { kind: GRANTS.calendar.objectKind, id: calendar!.id };
  const grants = await listGrants(ctx, { kind: GRANTS.calendar.kind, object });
  const delegates = grants
    .filter(({ level, subject }) => level.startsWith('delegate') && subject.kind === 'account')
    .map(({ subject }): Owner => ({ kind: 'account', id: subject.id }));
  for (const delegate of delegates) await ensureMailbox(ctx, delegate);
  if (delegates.length === 0) return [owner];
  return deliverTo === 'sendToDelegateOnly' ? delegates : [owner, ...delegates];
}
