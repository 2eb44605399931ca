/** The names that we tell programs of a person (`calendar-user-address-set`, RFC 6638 §2.4.1), as they come back. */
import type { Context } from '../../../kernel/context.ts';
import { Fault } from '../../../kernel/fault.ts';
import { addressOf, CalendarTextError, printCalendar, readCalendar } from '../../../protocols/icalendar/index.ts';
import { placeAt } from './addresses.ts';
import { principalAt } from './found.ts';

/** The mail address of somebody, however a program names them; undefined: nobody that we could ask about. */
export async function mailOf(ctx: Context, attendee: string): Promise<string | undefined> {
  if (/^mailto:/i.test(attendee) || (attendee.includes('@') && !attendee.includes('/'))) return addressOf(attendee);
  const id = /^urn:uuid:(.+)$/i.exec(attendee)?.[1];
  const place = id === undefined ? placeAt(attendee) : placeAt(`/dav/principals/${id.toLowerCase()}/`);
  if (place?.kind !== 'principal') return undefined;
  try {
    return (await principalAt(ctx, place.ownerId)).addresses[0];
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** Whether people may be named in another way than by mail: by their id, or by the address of their principal. */
const OTHERWISE = /^(?:ATTENDEE|ORGANIZER)\b.*:(?:urn:uuid:|(?:https?:\/\/[^/]+)?\/dav\/principals\/)/im;

/**
 * The same event with everybody named by mail, as they are invited and answer. Who is named in no way of ours stays as
 * they were sent, and so does what is no event.
 */
export async function namedByMail(ctx: Context, text: string): Promise<string> {
  if (!OTHERWISE.test(text.replaceAll(/\r?\n[ \t]/g, ''))) return text;
  try {
    const calendar = readCalendar(text);
    for (const part of calendar.getAllSubcomponents()) {
      for (const property of [...part.getAllProperties('attendee'), ...part.getAllProperties('organizer')]) {
        const address = await mailOf(ctx, String(property.getFirstValue()));
        if (address !== undefined) property.setValue(`mailto:${address}`);
      }
    }
    return printCalendar(calendar);
  } catch (error) {
    if (error instanceof CalendarTextError) return text;
    throw error;
  }
}
