import type ICAL from 'ical.js';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { type CalendarObject, readObject } from '../../protocols/icalendar/index.ts';
import type { Calendar, CalendarId, ObjectId, StoredObject } from '../model/calendar.ts';
import { findObject, listObjects } from '../store/objects.ts';
import { type Condition, deleteObject, seesWhole } from './objects.ts';
import { holdCalendarOf, type OpenCalendar, readCalendarsOf, type Whose } from './open-calendars.ts';
import { type Editing, putNew, putText, stamp } from './writing.ts';

/** A task with the list that it is in: a calendar that takes tasks. */
export interface SeenTask {
  readonly calendar: Calendar;
  readonly object: StoredObject;
  readonly component: ICAL.Component;
}

const takesTasks = ({ calendar }: { readonly calendar: Calendar }) => calendar.components.includes('VTODO');

/** The lists of somebody that the reader may read. @throws not-found when there is none. */
export async function readLists(ctx: Context, whose: Whose): Promise<OpenCalendar[]> {
  return (await readCalendarsOf(ctx, whose, 'read')).filter(takesTasks);
}

/** @throws not-found also for a calendar that takes no tasks. */
export async function holdList(
  ctx: Context,
  whose: Whose,
  id: CalendarId,
  wanted: 'freeBusyRead' | 'read' | 'write' | 'owner',
): Promise<OpenCalendar> {
  const open = await holdCalendarOf(ctx, whose, id, wanted);
  if (!takesTasks(open)) throw kernelFaults.notFound();
  return open;
}

/** The tasks of a list that the reader may read whole: of a private one there is no time to tell. */
export async function readTasks(ctx: Context, { calendar, role }: OpenCalendar): Promise<SeenTask[]> {
  const objects = await listObjects(ctx, { calendarIds: [calendar.id], component: 'VTODO' });
  return objects.filter((object) => seesWhole(role, object)).map((object) => seen(calendar, object));
}

/** @throws not-found. */
export async function readTask(ctx: Context, { calendar, role }: OpenCalendar, id: ObjectId): Promise<SeenTask> {
  const object = await findObject(ctx, { id });
  if (object?.component !== 'VTODO' || object.calendarId !== calendar.id || !seesWhole(role, object))
    throw kernelFaults.notFound();
  return seen(calendar, object);
}

const seen = (
  calendar: Calendar,
  object: StoredObject,
  read: CalendarObject = readObject(object.content),
): SeenTask => ({
  calendar,
  object,
  component: read.master ?? (read.exceptions[0] as ICAL.Component),
});

/** Makes a task and lets `write` fill it. @throws what `putObject` throws. */
export async function createTask(
  ctx: Context,
  open: OpenCalendar,
  write: (editing: Editing) => void,
): Promise<SeenTask> {
  return seen(open.calendar, await putNew(ctx, open, 'vtodo', `${newId()}.ics`, write));
}

/** Changes a task; what `edit` does not touch stays as it was sent. @throws not-found, calendars.object-changed. */
export async function changeTask(
  ctx: Context,
  open: OpenCalendar,
  id: ObjectId,
  condition: Condition,
  edit: (editing: Editing) => void,
): Promise<SeenTask> {
  const { object } = await readTask(ctx, open, id);
  const read = readObject(object.content);
  const event = read.master ?? (read.exceptions[0] as ICAL.Component);
  edit({ event, calendar: open.calendar, isInstance: false, owner: open.owner });
  stamp(event, ctx.now);
  return seen(open.calendar, await putText(ctx, object, read, condition));
}

/** @throws not-found, calendars.object-changed. */
export async function deleteTask(
  ctx: Context,
  open: OpenCalendar,
  id: ObjectId,
  { ifMatch }: Condition,
): Promise<void> {
  const { object } = await readTask(ctx, open, id);
  await deleteObject(ctx, { calendarId: object.calendarId, name: object.name, ifMatch });
}
