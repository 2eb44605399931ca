import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import type { Row } from '../../../platform/http/odata.ts';
import { readObject } from '../../../protocols/icalendar/index.ts';
import { occurrencesBetween } from '../../model/occurrence.ts';
import { exceptionKeys } from '../../model/series.ts';
import { attachmentsOf } from '../../usecases/attachments.ts';
import { type SeenEvent, seenEvent } from '../../usecases/events.ts';
import { type HeldCalendar, holdCalendar } from '../../usecases/objects.ts';
import { forOwner } from '../../usecases/open-calendars.ts';
import { presentAttachment } from './attachments.ts';
import { presentCalendar } from './calendars.ts';
import type { Preferences } from './preferences.ts';
import { presentEvent } from './present-event.ts';

type Expansion = (seen: SeenEvent) => Promise<Row | Row[]>;

/**
 * What `$expand` adds to an event: its `attachments`, its `calendar`, of a series the `exceptionOccurrences`, and within
 * a time that the query names its `instances`. Who is told times alone is told nothing more by it.
 */
export function expansionsOf(
  ctx: Context,
  preferences: Preferences,
  window?: () => { readonly from: Date; readonly to: Date },
): Readonly<Record<string, Expansion>> {
  const held = new Map<string, Promise<HeldCalendar>>();
  const calendarOf = ({ calendar }: SeenEvent) => {
    const known = held.get(calendar.id) ?? holdCalendar(ctx, calendar.id, 'freeBusyRead');
    held.set(calendar.id, known);
    return known;
  };
  const some = async (seen: SeenEvent, keysOf: (read: ReturnType<typeof readObject>) => readonly string[]) => {
    const { whole, objectId, owner } = seen;
    if (whole?.kind !== 'series') return [];
    const open = { ...(await calendarOf(seen)), owner };
    const read = readObject(whole.object.content);
    return keysOf(read).map((recurrenceId) =>
      presentEvent(seenEvent(open, { objectId, recurrenceId }, whole.object, read), preferences),
    );
  };
  return {
    attachments: async (seen) => (seen.whole ? (await attachmentsOf(ctx, seen)).map(presentAttachment) : []),
    async calendar(seen) {
      const { calendar, role } = await calendarOf(seen);
      return presentCalendar({ calendar, role, owner: seen.owner });
    },
    exceptionOccurrences: (seen) => some(seen, (read) => exceptionKeys(read, seen.calendar.timeZone)),
    instances: (seen) => {
      if (!window) throw kernelFaults.invalid('$expand: "instances" can be expanded on one event, not in a list.');
      const { from, to } = window();
      return some(seen, (read) => occurrencesBetween(read, from, to, forOwner(seen)).map((one) => one.recurrenceId));
    },
  };
}
