/** Free/busy by the outbox (RFC 6638 §5). */
import { findAddressHolders } from '../../../directory/index.ts';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { Reply } from '../../../platform/http/route.ts';
import { c, href, xml, xmlDocument, xmlText } from '../../../protocols/dav-xml.ts';
import { addressOf, CalendarTextError, momentOf, readCalendar, textOf } from '../../../protocols/icalendar/index.ts';
import type { MailboxError, Schedule } from '../../model/availability.ts';
import { ownCalendars } from '../../usecases/asked.ts';
import { type BusyTime, busyIn, mergeBusy } from '../../usecases/busy-times.ts';
import { type LookUpPorts, lookUpAvailability } from '../../usecases/look-up-availability.ts';
import { unavailableTimesOf } from '../../usecases/own-availability.ts';
import { askingAccount } from '../../usecases/reach.ts';
import type { Place } from './addresses.ts';
import { mailOf } from './calendar-users.ts';
import { XML_TYPE } from './collections.ts';
import { davFaults } from './faults.ts';
import { principalAt } from './found.ts';
import { printFreeBusy } from './free-busy.ts';

const UNKNOWN = '3.7;Invalid calendar user';

/** What a recipient is answered (RFC 5546 §3.6), by what the lookup says of them. */
const STATUS: Readonly<Record<MailboxError, string>> = {
  ErrorMailRecipientNotFound: UNKNOWN,
  ErrorServiceDiscoveryFailed: UNKNOWN,
  ErrorNoFreeBusyAccess: '3.8;No authority',
  ErrorInvalidOrganizationRelationshipForFreeBusy: '3.8;No authority',
  ErrorProxyRequestNotAllowed: '3.8;No authority',
  ErrorProxyRequestProcessingFailed: '5.1;Could not complete delivery',
  ErrorFreeBusyGenerationFailed: '5.1;Could not complete delivery',
  ErrorResultSetTooBig: '5.1;Could not complete delivery',
  ErrorFreeBusyDLLimitReached: '5.3;No scheduling support for user',
};

const VIEW_MINUTES = 60;

/**
 * POST to the outbox: when the people of a VFREEBUSY request are free, here and in other organisations. Opens what it
 * needs itself: call it outside a transaction.
 */
export async function postOutbox(
  ctx: Context,
  ports: LookUpPorts,
  place: Extract<Place, { kind: 'outbox' }>,
  { body, type }: { readonly body: string | undefined; readonly type: string | string[] | undefined },
): Promise<Reply> {
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  const inside = <T>(act: (own: Context) => Promise<T>) =>
    ports.run({ tenantId, actor, correlationId, clientAddress, readOnly: true }, act);
  const self = await inside(async (own) => {
    await own.demand(ownCalendars, undefined, 'read');
    if (place.ownerId !== askingAccount(own)) throw kernelFaults.notFound();
    return principalAt(own, place.ownerId);
  });
  if (!/^text\/calendar\b/i.test(String(type ?? ''))) throw davFaults.bodyNotSupported(false);
  const request = readRequest(body ?? '');
  const organizer = addressOf(request.organizer);
  const isSelf = self.addresses.includes(organizer) || request.organizer.includes(self.id);
  if (!isSelf) throw davFaults.organizerNotAllowed();
  const people = await inside((own) => Promise.all(request.attendees.map((one) => mailOf(own, one))));
  const asked = { from: request.from, to: request.to };
  const addresses = [...new Set(people.filter((address) => address !== undefined))];
  const found = await lookUpAvailability(ctx, ports, { ...asked, addresses, minutes: VIEW_MINUTES });
  const schedules = new Map(found.map((schedule) => [schedule.address, schedule]));
  const extra = await inside((own) => unavailable(own, found, asked));
  const responses = request.attendees.map((attendee, n) => {
    const address = people[n];
    const schedule = address === undefined ? undefined : schedules.get(address);
    const recipient = xml(c('recipient'), href(attendee));
    if (!schedule || schedule.error !== undefined) {
      const status = schedule?.error === undefined ? UNKNOWN : STATUS[schedule.error];
      return xml(c('response'), recipient + xml(c('request-status'), status));
    }
    const times = mergeBusy([...busyIn(schedule.items, asked), ...(extra.get(schedule.address) ?? [])]);
    const more = [`UID:${request.uid}`, `ORGANIZER:${request.organizer}`, `ATTENDEE:${attendee}`];
    const data = printFreeBusy(times, { ...asked, now: ctx.now, method: 'REPLY', more });
    return xml(c('response'), recipient + xml(c('request-status'), '2.0;Success') + xmlText(c('calendar-data'), data));
  });
  return new Reply(200, Buffer.from(xmlDocument(c('schedule-response'), responses.join(''))), XML_TYPE);
}

interface FreeBusyRequest {
  readonly uid: string;
  readonly organizer: string;
  readonly attendees: readonly string[];
  readonly from: Date;
  readonly to: Date;
}

/** Longest line that a person or their address makes; what is longer is none. */
const LONGEST_ADDRESS = 400;

/** @throws the conditions of RFC 6638 §5.2. */
function readRequest(text: string): FreeBusyRequest {
  try {
    const calendar = readData(text);
    const [part, ...more] = calendar.getAllSubcomponents().filter(({ name }) => name !== 'vtimezone');
    if (!part || more.length > 0 || part.name !== 'vfreebusy' || textOf(calendar, 'method') !== 'REQUEST') {
      throw davFaults.badSchedulingMessage('The outbox takes a VFREEBUSY with METHOD:REQUEST.');
    }
    const [start, end] = [part.getFirstProperty('dtstart'), part.getFirstProperty('dtend')];
    const uid = textOf(part, 'uid');
    const organizer = textOf(part, 'organizer');
    const attendees = part.getAllProperties('attendee').map((one) => String(one.getFirstValue()));
    if (!start || !end || !uid || !organizer || attendees.length === 0 || /[\r\n]/.test(uid)) {
      throw davFaults.badSchedulingMessage('It needs a UID, an organizer, attendees, a start and an end.');
    }
    const isBad = [organizer, ...attendees].some((one) => one.length > LONGEST_ADDRESS || /[\r\n]/.test(one));
    if (isBad) throw davFaults.badSchedulingMessage('An address in it is none.');
    const at = (property: NonNullable<typeof start>) => new Date(momentOf(property, 'UTC').at.epochMilliseconds);
    return { uid, organizer, attendees, from: at(start), to: at(end) };
  } catch (error) {
    if (error instanceof CalendarTextError || error instanceof RangeError || error instanceof TypeError) {
      throw davFaults.badSchedulingMessage(error.message);
    }
    throw error;
  }
}

/** @throws valid-calendar-data. */
function readData(text: string) {
  try {
    return readCalendar(text);
  } catch (error) {
    if (error instanceof CalendarTextError) throw davFaults.badCalendarData(error.message);
    throw error;
  }
}

/** When those of our own people whose times may be told cannot be met, by what they said of themselves. */
async function unavailable(
  ctx: Context,
  schedules: readonly Schedule[],
  asked: { from: Date; to: Date },
): Promise<Map<string, BusyTime[]>> {
  const told = schedules.filter(({ error }) => error === undefined).map(({ address }) => address);
  const holders = (await findAddressHolders(ctx, told)).filter(({ kind }) => kind === 'account');
  const owners = holders.map(({ id }) => ({ kind: 'account', id }) as const);
  const times = await unavailableTimesOf(ctx, owners, asked);
  return new Map(holders.map(({ address, id }) => [address, [...(times.get(id) ?? [])]]));
}
