import type { TodoTask, TodoTaskList } from '@microsoft/microsoft-graph-types';
import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { newId } from '../../../kernel/ids.ts';
import { presentCollection } from '../../../platform/http/collection.ts';
import {
  contextOf,
  type Asked as Listed,
  optionsOf,
  type Row,
  select,
  withOptions,
} from '../../../platform/http/odata.ts';
import { noContent, Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import { type Moment, momentOf, textOf } from '../../../protocols/icalendar/index.ts';
import type { CalendarId, ObjectId } from '../../model/calendar.ts';
import { type WrittenTime, writeTime } from '../../model/series.ts';
import { changeCalendar, createCalendarOf, createOwnCalendar, removeCalendar } from '../../usecases/calendars.ts';
import { holdCalendarOf, type OpenCalendar } from '../../usecases/open-calendars.ts';
import {
  changeTask,
  createTask,
  deleteTask,
  holdList,
  readLists,
  readTask,
  readTasks,
  type SeenTask,
} from '../../usecases/tasks.ts';
import type { Editing } from '../../usecases/writing.ts';
import { conditionOf, tagged } from './conditions.ts';
import { type Base, idIn, ME, USER } from './paths.ts';
import { type Preferences, preferencesOf } from './preferences.ts';
import { importanceOf, presentText } from './present-event.ts';
import { presentRecurrence, recurrenceShape, ruleOf } from './recurrence.ts';
import { extensionText, setText } from './text.ts';
import { dateTimeTimeZone, printClock, printZone, readTime } from './times.ts';
import { PRIORITIES, writeBody, writeCategories, writeNumber } from './write-event.ts';

const STATUSES = ['notStarted', 'inProgress', 'completed', 'waitingOnOthers', 'deferred'] as const;
type Status = (typeof STATUSES)[number];

const fields = {
  title: z.string().trim().min(1).max(255),
  body: z.object({ contentType: z.enum(['text', 'html']).nullish(), content: z.string().nullish() }).nullish(),
  status: z.enum(STATUSES).optional(),
  importance: z.enum(['low', 'normal', 'high']).optional(),
  categories: z.array(z.string().min(1).max(255)).max(50).nullish(),
  startDateTime: dateTimeTimeZone.nullish(),
  dueDateTime: dateTimeTimeZone.nullish(),
  completedDateTime: dateTimeTimeZone.nullish(),
  reminderDateTime: dateTimeTimeZone.nullish(),
  isReminderOn: z.boolean().nullish(),
  recurrence: recurrenceShape.nullish(),
};
const newTask = z.object(fields);
const taskChanges = newTask.partial();
type TaskBody = z.output<typeof taskChanges>;

const list = z.object({ displayName: z.string().trim().min(1).max(255) });

/** What a task is beside what iCalendar has words for. */
const STATUS = 'x-entente-task-status';

function writeTask({ event: task, calendar }: Editing, body: TaskBody, now: Date): void {
  if (body.title !== undefined) setText(task, 'summary', body.title);
  if (body.body !== undefined) writeBody(task, body.body);
  if (body.importance) writeNumber(task, 'priority', PRIORITIES[body.importance]);
  if (body.categories !== undefined) writeCategories(task, body.categories ?? []);
  writeDates(task, body, calendar.timeZone);
  if (body.recurrence !== undefined) writeRule(task, body.recurrence, calendar.timeZone);
  if (body.status) writeStatus(task, body.status, body.completedDateTime, now);
  writeReminder(task, body);
}

/** A task is due on a day, or by a time; both its dates are of one kind (RFC 5545 §3.8.2.3). */
function writeDates(task: ICAL.Component, { startDateTime, dueDateTime }: TaskBody, zone: string): void {
  if (startDateTime === undefined && dueDateTime === undefined) return;
  const start = startDateTime === undefined ? known(task, 'dtstart', zone) : given(startDateTime, 'startDateTime');
  const due = dueDateTime === undefined ? known(task, 'due', zone) : given(dueDateTime, 'dueDateTime');
  const isDate = [start, due].every((one) => !one || one.clock.toPlainTime().equals(MIDNIGHT));
  if (start && due && Temporal.PlainDateTime.compare(due.clock, start.clock) < 0)
    throw kernelFaults.invalid('The task is due before it starts.');
  for (const name of ['dtstart', 'due', 'duration']) task.removeAllProperties(name);
  if (start) writeTime(task, 'dtstart', { ...start, isDate });
  if (due) writeTime(task, 'due', { ...due, isDate });
}

const MIDNIGHT = Temporal.PlainTime.from('00:00');

const given = (time: z.output<typeof dateTimeTimeZone> | null, name: string): WrittenTime | undefined =>
  time === null ? undefined : readTime(time, false, name);

function known(task: ICAL.Component, name: string, zone: string): WrittenTime | undefined {
  const property = task.getFirstProperty(name);
  if (!property) return undefined;
  const { at } = momentOf(property, zone);
  return { clock: at.toPlainDateTime(), zone: /^[+-]/.test(at.timeZoneId) ? 'UTC' : at.timeZoneId, isDate: false };
}

function writeRule(task: ICAL.Component, recurrence: z.output<typeof recurrenceShape> | null, zone: string): void {
  task.removeAllProperties('rrule');
  if (recurrence === null) return;
  const due = task.getFirstProperty('due');
  if (!task.hasProperty('dtstart')) {
    if (!due) throw kernelFaults.invalid('A task that repeats needs a start or a due date.');
    const { at, isDate } = momentOf(due, zone);
    writeTime(task, 'dtstart', { clock: at.toPlainDateTime(), zone: at.timeZoneId, isDate });
  }
  const { at, isDate } = momentOf(task.getFirstProperty('dtstart') as ICAL.Property, zone);
  const rule = ruleOf(recurrence, { clock: at.toPlainDateTime(), zone: at.timeZoneId, isDate });
  task.addPropertyWithValue('rrule', ICAL.Recur.fromString(rule));
}

const STATUS_WORDS = { inProgress: 'IN-PROCESS', completed: 'COMPLETED' } as const;

function writeStatus(
  task: ICAL.Component,
  status: Status,
  completed: z.output<typeof dateTimeTimeZone> | null | undefined,
  now: Date,
): void {
  const isDone = status === 'completed';
  setText(task, 'status', status in STATUS_WORDS ? STATUS_WORDS[status as 'completed'] : 'NEEDS-ACTION');
  setText(task, STATUS, status === 'waitingOnOthers' || status === 'deferred' ? status : null);
  writeNumber(task, 'percent-complete', isDone ? 100 : null);
  const known = task.getFirstPropertyValue('completed');
  task.removeAllProperties('completed');
  if (!isDone) return;
  const at = completed ? readTime(completed, false, 'completedDateTime') : undefined;
  const instant = at ? new Date(at.clock.toZonedDateTime(at.zone).epochMilliseconds) : now;
  task.addPropertyWithValue(
    'completed',
    completed === undefined && known ? known : ICAL.Time.fromJSDate(instant, true),
  );
}

const absolute = (alarm: ICAL.Component) => alarm.getFirstPropertyValue('trigger') instanceof ICAL.Time;

function writeReminder(task: ICAL.Component, { isReminderOn, reminderDateTime }: TaskBody): void {
  if (isReminderOn === undefined && reminderDateTime === undefined) return;
  const alarms = task.getAllSubcomponents('valarm').filter(absolute);
  if (isReminderOn === false || reminderDateTime === null) {
    for (const alarm of alarms) task.removeSubcomponent(alarm);
    return;
  }
  if (!reminderDateTime) {
    if (isReminderOn && alarms.length === 0) throw kernelFaults.invalid('A reminder needs reminderDateTime.');
    return;
  }
  const { clock, zone } = readTime(reminderDateTime, false, 'reminderDateTime');
  const alarm = alarms[0] ?? new ICAL.Component('valarm');
  if (!alarms[0]) {
    alarm.addPropertyWithValue('action', 'DISPLAY');
    alarm.addPropertyWithValue('description', 'Reminder');
    task.addSubcomponent(alarm);
  }
  alarm.removeAllProperties('trigger');
  const trigger = new ICAL.Property('trigger');
  trigger.resetType('date-time');
  trigger.setValue(ICAL.Time.fromJSDate(new Date(clock.toZonedDateTime(zone).epochMilliseconds), true));
  alarm.addProperty(trigger);
}

function presentTask({ calendar, object, component }: SeenTask, preferences: Preferences): Row {
  const date = (name: string) => {
    const property = component.getFirstProperty(name);
    return property ? printMoment(momentOf(property, calendar.timeZone), preferences) : null;
  };
  const alarm = component.getAllSubcomponents('valarm').find(absolute);
  const rings = alarm?.getFirstPropertyValue('trigger');
  const body = presentText(component, preferences).body;
  const task = {
    id: object.id,
    title: textOf(component, 'summary') ?? '',
    status: statusOf(component),
    importance: importanceOf(component),
    isReminderOn: alarm !== undefined,
    createdDateTime: object.createdAt.toISOString(),
    lastModifiedDateTime: object.changedAt.toISOString(),
    hasAttachments: component.hasProperty('attach'),
    categories: component.getAllProperties('categories').flatMap((one) => one.getValues().map(String)),
    body: body ?? null,
    startDateTime: date('dtstart'),
    dueDateTime: date('due'),
    completedDateTime: date('completed'),
    reminderDateTime:
      rings instanceof ICAL.Time
        ? printMoment(
            {
              at: Temporal.Instant.fromEpochMilliseconds(rings.toJSDate().getTime()).toZonedDateTimeISO('UTC'),
              isDate: false,
            },
            preferences,
          )
        : null,
    recurrence: component.hasProperty('dtstart') ? presentRecurrence(component, calendar.timeZone) : null,
  } satisfies TodoTask;
  return { '@odata.etag': `W/"${object.etag}"`, ...task };
}

function printMoment({ at, isDate }: Moment, { zone }: Preferences) {
  const clock = isDate ? at.toPlainDateTime() : at.withTimeZone(zone.zone).toPlainDateTime();
  return { dateTime: printClock(clock), timeZone: zone.name === 'UTC' ? 'UTC' : printZone(zone.zone) };
}

function statusOf(component: ICAL.Component): Status {
  const said = textOf(component, 'status')?.toUpperCase();
  if (said === 'COMPLETED' || component.hasProperty('completed')) return 'completed';
  if (said === 'IN-PROCESS') return 'inProgress';
  const own = extensionText(component, STATUS);
  return STATUSES.find((one) => one === own) ?? 'notStarted';
}

const presentList = ({ calendar, role }: OpenCalendar): Row =>
  ({
    id: calendar.id,
    displayName: calendar.name,
    isOwner: role === 'owner',
    isShared: role !== 'owner',
    wellknownListName: calendar.isDefault ? 'defaultList' : 'none',
  }) satisfies TodoTaskList;

// A mailbox is made for whoever comes the first time.
const graph = { wire: 'graph', access: 'asks', tags: ['todo'], transaction: 'write' } as const;
type Asked = Listed & Pick<Request<unknown, unknown, unknown>, 'params'>;

const TASKS = {
  title: { kind: 'string' },
  status: { kind: 'string' },
  importance: { kind: 'string' },
  createdDateTime: { kind: 'instant' },
  lastModifiedDateTime: { kind: 'instant' },
} as const;

/** Graph: `todo/lists` and the tasks in them. A list is a calendar that takes tasks. */
export const todoRoutes: readonly Route[] = [ME, USER].flatMap(of);

function of(base: Base): Route[] {
  const lists = `${base.path}/todo/lists`;
  const whose = (ctx: Context, request: Asked) => base.whose(ctx, request.params);
  const withList = z.object({ ...base.params.shape, listId: z.string().max(300) });
  const withTask = z.object({ ...withList.shape, taskId: z.string().max(300) });
  const listIn = ({ params }: Asked) => idIn((params as { listId: string }).listId) as CalendarId;
  const taskIn = ({ params }: Asked) => idIn((params as { taskId: string }).taskId) as ObjectId;
  const hold = async (ctx: Context, request: Asked, wanted: 'freeBusyRead' | 'read' | 'write' | 'owner') =>
    holdList(ctx, await whose(ctx, request), listIn(request), wanted);
  const answered = (request: Asked, kind: string, row: Row) =>
    withOptions(async () => ({
      '@odata.context': contextOf(request, `${kind}/$entity`),
      ...select(row, optionsOf(request)),
    }));

  return [
    route({
      ...graph,
      method: 'GET',
      path: lists,
      summary: 'Lists of tasks.',
      params: base.params,
      handle: async (ctx, request) =>
        presentCollection(request, 'lists', (await readLists(ctx, await whose(ctx, request))).map(presentList), {
          displayName: { kind: 'string' },
          wellknownListName: { kind: 'string' },
        }),
    }),
    route({
      ...graph,
      method: 'POST',
      path: lists,
      summary: 'Makes a list of tasks.',
      params: base.params,
      body: list,
      async handle(ctx, request) {
        const owner = await whose(ctx, request);
        const wanted = { name: request.body.displayName, slug: newId(), components: ['VTODO'] } as const;
        const made = owner
          ? await createCalendarOf(ctx, await holdCalendarOf(ctx, owner, undefined, 'owner'), wanted)
          : await createOwnCalendar(ctx, wanted);
        return new Reply(
          201,
          await answered(request, 'lists', presentList(await holdList(ctx, owner, made.id, 'read'))),
        );
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${lists}/:listId`,
      summary: 'One list of tasks.',
      params: withList,
      handle: async (ctx, request) => answered(request, 'lists', presentList(await hold(ctx, request, 'read'))),
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: `${lists}/:listId`,
      summary: 'Renames a list of tasks.',
      params: withList,
      body: list,
      async handle(ctx, request) {
        const { calendar } = await hold(ctx, request, 'owner');
        await changeCalendar(ctx, calendar.id, { name: request.body.displayName });
        return answered(request, 'lists', presentList(await hold(ctx, request, 'read')));
      },
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: `${lists}/:listId`,
      summary: 'Removes a list with its tasks.',
      params: withList,
      async handle(ctx, request) {
        const { calendar } = await hold(ctx, request, 'owner');
        await removeCalendar(ctx, calendar.id);
        return noContent();
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${lists}/:listId/tasks`,
      summary: 'The tasks of a list.',
      params: withList,
      async handle(ctx, request) {
        const preferences = preferencesOf(request.headers);
        const tasks = await readTasks(ctx, await hold(ctx, request, 'read'));
        return presentCollection(
          request,
          'tasks',
          tasks.map((task) => presentTask(task, preferences)),
          TASKS,
        );
      },
    }),
    route({
      ...graph,
      method: 'POST',
      path: `${lists}/:listId/tasks`,
      summary: 'Makes a task.',
      params: withList,
      body: newTask,
      async handle(ctx, request) {
        const open = await hold(ctx, request, 'write');
        const task = await createTask(ctx, open, (editing) =>
          writeTask(editing, { status: 'notStarted', ...request.body }, ctx.now),
        );
        const row = presentTask(task, preferencesOf(request.headers));
        return new Reply(201, await answered(request, 'tasks', row), tagged(task.object));
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${lists}/:listId/tasks/:taskId`,
      summary: 'One task.',
      params: withTask,
      async handle(ctx, request) {
        const task = await readTask(ctx, await hold(ctx, request, 'freeBusyRead'), taskIn(request));
        const row = presentTask(task, preferencesOf(request.headers));
        return new Reply(200, await answered(request, 'tasks', row), tagged(task.object));
      },
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: `${lists}/:listId/tasks/:taskId`,
      summary: 'Changes a task.',
      params: withTask,
      body: taskChanges,
      async handle(ctx, request) {
        // Who may not read the task is told that it is not there; who may not change it, that they may not.
        const open = await hold(ctx, request, 'freeBusyRead');
        const task = await changeTask(ctx, open, taskIn(request), conditionOf(request), (editing) =>
          writeTask(editing, request.body, ctx.now),
        );
        const row = presentTask(task, preferencesOf(request.headers));
        return new Reply(200, await answered(request, 'tasks', row), tagged(task.object));
      },
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: `${lists}/:listId/tasks/:taskId`,
      summary: 'Deletes a task.',
      params: withTask,
      async handle(ctx, request) {
        await deleteTask(ctx, await hold(ctx, request, 'freeBusyRead'), taskIn(request), conditionOf(request));
        return noContent();
      },
    }),
  ];
}
