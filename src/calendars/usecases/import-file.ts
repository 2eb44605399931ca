/** Files of many events: taken in as one, and given out as one. */
import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import {
  CalendarTextError,
  type Found,
  joinObjects,
  objectsIn,
  printCalendar,
  readCalendar,
  readObject,
} from '../../protocols/icalendar/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { CalendarId, StoredObject } from '../model/calendar.ts';
import { listObjects } from '../store/objects.ts';
import { type HeldCalendar, holdCalendar, putObject } from './objects.ts';
import { seesEverything, tell } from './told.ts';

/** What became of a file. */
export interface ImportReport {
  readonly created: number;
  readonly changed: number;
  /** As they are kept already. */
  readonly unchanged: number;
  readonly skipped: readonly {
    readonly uid: string | null;
    readonly summary: string | null;
    readonly reason: string;
  }[];
}

/** Objects looked up at once. */
const AT_ONCE = 200;

/**
 * Keeps every event and task of a file, each as an object of its own: all that can be kept or, when anything else goes
 * wrong, none. One that is there already is changed unless the file's is older (SEQUENCE). Nobody is sent anything.
 * @throws calendars.not-a-calendar-object for a text that holds no calendar; not-found, access.refused.
 */
export async function importFile(
  ctx: Context,
  { calendarId, text }: { calendarId: CalendarId; text: string },
): Promise<ImportReport> {
  const held = await holdCalendar(ctx, calendarId, 'write');
  const { calendar } = held;
  const report = { created: 0, changed: 0, unchanged: 0, skipped: [] as ImportReport['skipped'][number][] };
  let waiting: Found[] = [];
  const settle = async () => {
    const known = await listObjects(ctx, { calendarIds: [calendarId], uids: waiting.map(({ object }) => object.uid) });
    const byUid = new Map(known.map((one) => [one.uid, one]));
    for (const found of waiting) {
      const outcome = await keep(ctx, held, found, byUid.get(found.object.uid));
      if (typeof outcome === 'string') report[outcome] += 1;
      else report.skipped.push(outcome);
    }
    waiting = [];
  };
  let count = 0;
  try {
    for (const found of objectsIn(text)) {
      count += 1;
      if ('reason' in found) report.skipped.push(found);
      else waiting.push(found);
      if (waiting.length >= AT_ONCE) await settle();
    }
  } catch (error) {
    if (error instanceof CalendarTextError) throw calendarsFaults.notACalendarObject(error.message, error.rule);
    throw error;
  }
  await settle();
  if (count === 0)
    throw calendarsFaults.notACalendarObject('The file holds no event and no task.', 'valid-calendar-data');
  ctx.record({
    action: 'calendars.file-imported',
    category: 'Calendar',
    targets: [{ kind: 'calendar', id: calendar.id, displayName: calendar.name }],
    facts: { ...report, skipped: report.skipped.length },
  });
  return report;
}

async function keep(
  ctx: Context,
  held: HeldCalendar,
  { object, text }: Found,
  before: StoredObject | undefined,
): Promise<'created' | 'changed' | 'unchanged' | ImportReport['skipped'][number]> {
  const summary = object.master?.getFirstPropertyValue('summary') ?? null;
  const left = (reason: string) => ({ uid: object.uid, summary: summary === null ? null : String(summary), reason });
  if (before && essenceOf(before.content) === essenceOf(text)) return 'unchanged';
  if (before && sequenceOf(readObject(before.content).master) > sequenceOf(object.master)) {
    return left('A newer one is in the calendar already.');
  }
  try {
    await putObject(ctx, {
      calendarId: held.calendar.id,
      held,
      name: before?.name ?? `${newId()}.ics`,
      text,
      saying: { isSilent: true },
    });
    return before ? 'changed' : 'created';
  } catch (error) {
    // Refused before anything was written: the others can still be kept.
    if (error instanceof Fault && (error.kind === 'invalid' || error.kind === 'too-large')) return left(error.sentence);
    throw error;
  }
}

/** A text without what the server itself writes into a meeting that it keeps. */
function essenceOf(text: string): string {
  const calendar = readCalendar(text);
  for (const part of calendar.getAllSubcomponents()) {
    part.removeAllProperties('dtstamp');
    for (const property of part.getAllProperties()) property.removeParameter('schedule-status');
  }
  return printCalendar(calendar);
}

const sequenceOf = (master: Found['object']['master']): number =>
  Number(master?.getFirstPropertyValue('sequence')) || 0;

/** A calendar as one file with every zone that is named in it, as far as the reader may see. @throws not-found. */
export async function exportFile(ctx: Context, calendarId: CalendarId): Promise<{ name: string; text: string }> {
  const { calendar, role } = await holdCalendar(ctx, calendarId, 'limitedRead');
  const objects = await listObjects(ctx, { calendarIds: [calendarId] });
  const told = seesEverything(role) ? objects : objects.flatMap((one) => tell(role, one) ?? []);
  const text = joinObjects(
    told.map(({ content }) => content),
    { name: calendar.name, timeZone: calendar.timeZone },
  );
  return { name: calendar.name, text };
}
