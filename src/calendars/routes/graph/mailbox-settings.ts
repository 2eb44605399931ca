import type { AutomaticRepliesSetting, MailboxSettings, OutlookCategory } from '@microsoft/microsoft-graph-types';
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
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
import { type AutomaticReplies, type Category, type Mailbox, WEEKDAYS } from '../../model/calendar.ts';
import {
  addCategory,
  changeMailbox,
  type MailboxChanges,
  readCategory,
  readMailbox,
  recolorCategory,
  removeCategory,
} from '../../usecases/mailbox-settings.ts';
import { type Base, ME, USER } from './paths.ts';
import { cleanHtml } from './text.ts';
import { dateTimeTimeZone, readTime, zoneNamed } from './times.ts';

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d(?::\d\d(?:\.\d{1,7})?)?$/, 'Write a time of day as 08:00:00.');
const message = z.string().max(32_000).nullish();

const settings = z.object({
  timeZone: z.string().min(1).max(200).optional(),
  workingHours: z
    .object({
      daysOfWeek: z.array(z.enum(WEEKDAYS)).max(7).optional(),
      startTime: time.optional(),
      endTime: time.optional(),
      timeZone: z.object({ name: z.string().max(200).nullish() }).nullish(),
    })
    .optional(),
  automaticRepliesSetting: z
    .object({
      status: z.enum(['disabled', 'alwaysEnabled', 'scheduled']).optional(),
      externalAudience: z.enum(['none', 'contactsOnly', 'all']).optional(),
      internalReplyMessage: message,
      externalReplyMessage: message,
      scheduledStartDateTime: dateTimeTimeZone.nullish(),
      scheduledEndDateTime: dateTimeTimeZone.nullish(),
    })
    .optional(),
});
type Settings = z.output<typeof settings>;

function changesOf(body: Settings, before: Mailbox): MailboxChanges {
  const { timeZone, workingHours: hours, automaticRepliesSetting: replies } = body;
  const zone = timeZone === undefined ? before.timeZone : zoneNamed(timeZone);
  if (hours?.timeZone?.name && zoneNamed(hours.timeZone.name) !== zone)
    throw kernelFaults.invalid('Working hours are in the time zone of the mailbox. Change timeZone with them.');
  return {
    ...(timeZone === undefined ? {} : { timeZone: zone }),
    ...(hours
      ? {
          workingHours: {
            daysOfWeek: hours.daysOfWeek ?? before.workingHours.daysOfWeek,
            startTime: (hours.startTime ?? before.workingHours.startTime).slice(0, 5),
            endTime: (hours.endTime ?? before.workingHours.endTime).slice(0, 5),
          },
        }
      : {}),
    ...(replies ? { automaticReplies: repliesOf(replies, before.automaticReplies) } : {}),
  };
}

function repliesOf(body: NonNullable<Settings['automaticRepliesSetting']>, before: AutomaticReplies): AutomaticReplies {
  const instant = (given: z.output<typeof dateTimeTimeZone> | null | undefined, known: string | undefined) => {
    if (!given) return known;
    const { clock, zone } = readTime(given, false, 'automaticRepliesSetting');
    return clock.toZonedDateTime(zone).toInstant().toString();
  };
  const startsAt = instant(body.scheduledStartDateTime, before.startsAt);
  const endsAt = instant(body.scheduledEndDateTime, before.endsAt);
  const status = body.status ?? before.status;
  if (status === 'scheduled' && !(startsAt && endsAt && startsAt < endsAt))
    throw kernelFaults.invalid('Scheduled replies need a start, and an end after it.');
  const known = { ...before, ...(startsAt ? { startsAt } : {}), ...(endsAt ? { endsAt } : {}) };
  return {
    ...known,
    status,
    externalAudience: body.externalAudience ?? before.externalAudience ?? 'all',
    internalReplyMessage: body.internalReplyMessage ?? before.internalReplyMessage ?? '',
    externalReplyMessage: body.externalReplyMessage ?? before.externalReplyMessage ?? '',
  };
}

function presentReplies(replies: AutomaticReplies): AutomaticRepliesSetting {
  const scheduled = (at: string | undefined) => ({
    dateTime: at ? `${at.replace(/(?:\.\d+)?Z$/, '')}.0000000` : '0001-01-01T00:00:00.0000000',
    timeZone: 'UTC',
  });
  return {
    status: replies.status,
    externalAudience: replies.externalAudience ?? 'all',
    internalReplyMessage: cleanHtml(replies.internalReplyMessage ?? ''),
    externalReplyMessage: cleanHtml(replies.externalReplyMessage ?? ''),
    scheduledStartDateTime: scheduled(replies.startsAt),
    scheduledEndDateTime: scheduled(replies.endsAt),
  };
}

const clockOf = (text: string) => `${text}:00.0000000`;

const presentSettings = ({ timeZone, workingHours, automaticReplies }: Mailbox): MailboxSettings => ({
  // By its IANA name, which every program of today takes; Windows names are understood as well.
  timeZone,
  workingHours: {
    daysOfWeek: [...workingHours.daysOfWeek],
    startTime: clockOf(workingHours.startTime),
    endTime: clockOf(workingHours.endTime),
    timeZone: { name: timeZone },
  },
  automaticRepliesSetting: presentReplies(automaticReplies),
  userPurpose: 'user',
});

const PARTS = ['timeZone', 'workingHours', 'automaticRepliesSetting', 'userPurpose'] as const;

const category = z.object({
  displayName: z.string().trim().min(1).max(255),
  color: z
    .string()
    .regex(/^(?:none|preset(?:\d|1\d|2[0-4]))$/, 'A colour is none, or preset0 to preset24.')
    .default('none'),
});

const presentCategory = ({ id, displayName, color }: Category): Row =>
  ({ id, displayName, color: color as NonNullable<OutlookCategory['color']> }) satisfies OutlookCategory;

// A mailbox is made for whoever comes the first time.
const graph = { wire: 'graph', access: 'asks', tags: ['calendars'], transaction: 'write' } as const;
type Asked = Listed & Pick<Request<unknown, unknown, unknown>, 'params'>;

/** Graph: `mailboxSettings` and `outlook/masterCategories`. */
export const mailboxRoutes: readonly Route[] = [ME, USER].flatMap(of);

function of(base: Base): Route[] {
  const whose = (ctx: Context, request: Asked) => base.whose(ctx, request.params);
  const withId = z.object({ ...base.params.shape, categoryId: z.string().max(300) });
  const idIn = ({ params }: Asked) => (params as { categoryId: string }).categoryId.toLowerCase();
  return [
    route({
      ...graph,
      method: 'GET',
      path: `${base.path}/mailboxSettings`,
      summary: 'Time zone, working hours and automatic replies.',
      params: base.params,
      handle: async (ctx, request) =>
        answered(request, presentSettings(await readMailbox(ctx, await whose(ctx, request)))),
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: `${base.path}/mailboxSettings`,
      summary: 'Changes time zone, working hours or automatic replies.',
      params: base.params,
      body: settings,
      async handle(ctx, request) {
        const owner = await whose(ctx, request);
        const changes = changesOf(request.body, await readMailbox(ctx, owner, 'write'));
        return answered(request, presentSettings(await changeMailbox(ctx, owner, changes)));
      },
    }),
    ...PARTS.map((part) =>
      route({
        ...graph,
        method: 'GET',
        path: `${base.path}/mailboxSettings/${part}`,
        summary: 'One of the settings of a mailbox.',
        params: base.params,
        async handle(ctx, request) {
          const value = presentSettings(await readMailbox(ctx, await whose(ctx, request)))[part];
          const context = contextOf(request, `mailboxSettings/${part}`);
          return { '@odata.context': context, ...(typeof value === 'object' ? value : { value }) };
        },
      }),
    ),
    route({
      ...graph,
      method: 'GET',
      path: `${base.path}/outlook/masterCategories`,
      summary: 'What somebody sorts events by.',
      params: base.params,
      async handle(ctx, request) {
        const { categories } = await readMailbox(ctx, await whose(ctx, request));
        return presentCollection(request, 'outlook/masterCategories', categories.map(presentCategory), {
          id: { kind: 'string' },
          displayName: { kind: 'string' },
          color: { kind: 'string' },
        });
      },
    }),
    route({
      ...graph,
      method: 'POST',
      path: `${base.path}/outlook/masterCategories`,
      summary: 'Adds a category.',
      params: base.params,
      body: category,
      handle: async (ctx, request) =>
        new Reply(201, presentCategory(await addCategory(ctx, await whose(ctx, request), request.body))),
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${base.path}/outlook/masterCategories/:categoryId`,
      summary: 'One category.',
      params: withId,
      handle: async (ctx, request) =>
        presentCategory(await readCategory(ctx, await whose(ctx, request), idIn(request))),
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: `${base.path}/outlook/masterCategories/:categoryId`,
      summary: 'Changes the colour of a category; its name stays.',
      params: withId,
      body: category.pick({ color: true }),
      handle: async (ctx, request) =>
        presentCategory(await recolorCategory(ctx, await whose(ctx, request), idIn(request), request.body.color)),
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: `${base.path}/outlook/masterCategories/:categoryId`,
      summary: 'Removes a category; events keep its name.',
      params: withId,
      async handle(ctx, request) {
        await removeCategory(ctx, await whose(ctx, request), idIn(request));
        return noContent();
      },
    }),
  ];
}

const answered = (request: Asked, settingsRow: MailboxSettings): Promise<Row> =>
  withOptions(async () => ({
    '@odata.context': contextOf(request, 'mailboxSettings'),
    ...select(settingsRow as Row, optionsOf(request)),
  }));
