import type { Context } from '../../../kernel/context.ts';
import { readTimeRange } from '../../../protocols/caldav/filter.ts';
import { c, childOf, type XmlElement } from '../../../protocols/dav-xml.ts';
import { type BusyTime, busyTimesOf } from '../../usecases/busy-times.ts';
import { filtered } from './calendar-reports.ts';
import { davFaults } from './faults.ts';
import type { FoundCalendar } from './found.ts';

const FBTYPES = { busy: 'BUSY', tentative: 'BUSY-TENTATIVE', oof: 'BUSY-UNAVAILABLE' } as const;

/** RFC 4791 §7.10: when a calendar's owner is busy, and nothing else of it. */
export async function freeBusyQuery(ctx: Context, found: FoundCalendar, root: XmlElement): Promise<string> {
  const asked = rangeIn(root);
  const times = await busyTimesOf(ctx, [found.calendar], asked);
  return printFreeBusy(times, { ...asked, now: ctx.now });
}

/** The time that a free-busy-query asks about. @throws valid-filter. */
export function rangeIn(root: XmlElement): { from: Date; to: Date } {
  const element = childOf(root, c('time-range'));
  const range = element && filtered(() => readTimeRange(element));
  if (!range?.from || !range.to) throw davFaults.badFilter('A free-busy-query holds a time range with start and end.');
  return { from: range.from, to: range.to };
}

export const utc = (at: Date): string => `${at.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

/** A VFREEBUSY (RFC 5545 §3.6.4). `more` are further lines of it, folded already. */
export function printFreeBusy(
  times: readonly BusyTime[],
  { from, to, now, method, more = [] }: { from: Date; to: Date; now: Date; method?: string; more?: readonly string[] },
): string {
  const lines = times.map(
    ({ showAs, startsAt, endsAt }) => `FREEBUSY;FBTYPE=${FBTYPES[showAs]}:${utc(startsAt)}/${utc(endsAt)}`,
  );
  return `${[
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Entente//EN',
    ...(method === undefined ? [] : [`METHOD:${method}`]),
    'BEGIN:VFREEBUSY',
    `DTSTAMP:${utc(now)}`,
    `DTSTART:${utc(from)}`,
    `DTEND:${utc(to)}`,
    ...more,
    ...lines,
    'END:VFREEBUSY',
    'END:VCALENDAR',
  ].join('\r\n')}\r\n`;
}
