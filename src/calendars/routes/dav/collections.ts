/** Calendars as collections: made, changed and removed (RFC 4791 §5.3.1, RFC 5689, RFC 4918 §9.2). */
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { Reply } from '../../../platform/http/route.ts';
import { c, d, elementsOf, multistatus, type XmlElement, xmlDocument } from '../../../protocols/dav-xml.ts';
import { changeCalendar, createOwnCalendar, removeCalendar } from '../../usecases/calendars.ts';
import { ownMailboxOwner } from '../../usecases/mailboxes.ts';
import { hasCalendar } from '../../usecases/reach.ts';
import { calendarPath, isReserved, type Place } from './addresses.ts';
import { davFaults } from './faults.ts';
import { calendarAt } from './found.ts';
import { type Instruction, instructionsIn, printSettled, settle } from './settable.ts';

export const XML_TYPE = { 'content-type': 'application/xml; charset=utf-8' };

type CalendarPlace = Extract<Place, { kind: 'calendar' }>;

/** MKCALENDAR, and MKCOL that says it makes a calendar. @throws access.refused, dav.exists, dav.not-in-home. */
export async function makeCalendar(
  ctx: Context,
  place: CalendarPlace,
  root: XmlElement | undefined,
  answer: 'multistatus' | 'mkcol-response',
): Promise<Reply> {
  const { id } = await ownMailboxOwner(ctx, 'write');
  if (place.ownerId !== id) throw kernelFaults.notFound();
  if (isReserved(place.slug)) throw davFaults.notInHome();
  if (await hasCalendar(ctx, place.slug)) throw davFaults.resourceExists();
  const instructions = root ? instructionsIn(root) : [];
  const { changes, refused } = settle(instructions, { deadProperties: {}, isNew: true });
  if (refused.size > 0) {
    const printed = printSettled(calendarPath(place.ownerId, place.slug), instructions, refused);
    // RFC 4791 §5.3.1.1 answers with a multistatus, RFC 5689 §3.1 with an element of its own.
    return answer === 'mkcol-response'
      ? new Reply(424, xmlDocument(d(answer), printed), XML_TYPE)
      : new Reply(207, multistatus([printed]), XML_TYPE);
  }
  const { timeZone, ...others } = changes;
  await createOwnCalendar(ctx, {
    slug: place.slug,
    name: changes.name ?? place.slug,
    ...others,
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  return new Reply(201, undefined, { 'cache-control': 'no-cache' });
}

/** Whether an extended MKCOL (RFC 5689) makes a calendar, an address book, or neither. */
export function kindToMake(root: XmlElement | undefined): 'calendar' | 'book' | undefined {
  const types = root
    ? instructionsIn(root)
        .filter(({ name }) => name === d('resourcetype'))
        .flatMap(({ value }) => (value ? elementsOf(value) : []))
    : [];
  if (types.some(({ name }) => name === c('calendar'))) return 'calendar';
  return types.some(({ name }) => name.endsWith('}addressbook')) ? 'book' : undefined;
}

export async function changeCalendarAt(ctx: Context, place: CalendarPlace, root: XmlElement): Promise<string> {
  const { calendar, role, path } = await calendarAt(ctx, place, 'freeBusyRead');
  const instructions = instructionsIn(root);
  if (instructions.length === 0) throw davFaults.badRequest('Say which properties to set or to remove.');
  if (role !== 'owner') return multistatus([printSettled(path, instructions, allRefused(instructions))]);
  const { changes, refused } = settle(instructions, { deadProperties: calendar.deadProperties, isNew: false });
  if (refused.size === 0) await changeCalendar(ctx, calendar.id, changes);
  return multistatus([printSettled(path, instructions, refused)]);
}

export const allRefused = (instructions: readonly Instruction[]) => new Map(instructions.map(({ name }) => [name, '']));

export async function deleteCalendarAt(ctx: Context, place: CalendarPlace): Promise<Reply> {
  const { calendar } = await calendarAt(ctx, place, 'owner');
  await removeCalendar(ctx, calendar.id);
  return new Reply(204);
}
