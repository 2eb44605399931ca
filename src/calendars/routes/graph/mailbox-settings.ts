import type { MailboxSettings } from '@microsoft/microsoft-graph-types';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { contextOf, type Row } from '../../../platform/http/odata.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { type Mailbox, WEEKDAYS } from '../../model/calendar.ts';
import { changeMailbox, type MailboxChanges, readMailbox } from '../../usecases/mailbox-settings.ts';
import { dateTimeTimeZone, printClock, readTime, zoneNamed } from './times.ts';

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?$/, 'Write a time of day as 08:00:00.');
const STATUSES = ['disabled', 'alwaysEnabled', 'scheduled'] as const;
const AUDIENCES = ['none', 'contactsOnly', 'all'] as const;
/** Characters; a longer reply is no reply. */
const REPLY_AT_MOST = 16_384;

const changes = z.object({
  timeZone: z.string().max(200).optional(),
  workingHours: z
    .object({
      daysOfWeek: z.array(z.enum(WEEKDAYS)).min(1).max(7).optional(),
      startTime: clock.optional(),
      endTime: clock.optional(),
    })
    .optional(),
  automaticRepliesSetting: z
    .object({
      status: z.enum(STATUSES).optional(),
      externalAudience: z.enum(AUDIENCES).optional(),
      internalReplyMessage: z.string().max(REPLY_AT_MOST).nullish(),
      externalReplyMessage: z.string().max(REPLY_AT_MOST).nullish(),
      scheduledStartDateTime: dateTimeTimeZone.nullish(),
      scheduledEndDateTime: dateTimeTimeZone.nullish(),
    })
    .optional(),
});

const graph = { path: '/v1.0/me/mailboxSettings', wire: 'graph', access: 'asks', tags: ['calendars'] } as const;

/** Graph: `mailboxSettings` of oneself. Zones are told by their IANA names, which every program of today takes. */
export const mailboxSettingsRoutes: readonly Route[] = [
  route({
    ...graph,
    method: 'GET',
    summary: 'The own time zone, working hours and automatic replies.',
    transaction: 'write',
    handle: async (ctx, request) => present(contextOf(request, 'mailboxSettings'), await readMailbox(ctx)),
  }),
  route({
    ...graph,
    method: 'PATCH',
    summary: 'Changes the own time zone, working hours or automatic replies.',
    body: changes,
    async handle(ctx, request) {
      const wanted = read(request.body, await readMailbox(ctx));
      return present(contextOf(request, 'mailboxSettings'), await changeMailbox(ctx, wanted));
    },
  }),
];

function read(body: z.output<typeof changes>, before: Mailbox): MailboxChanges {
  const { workingHours: hours, automaticRepliesSetting: replies } = body;
  const instant = (time: z.output<typeof dateTimeTimeZone>, name: string) => {
    const { clock: plain, zone } = readTime(time, false, name);
    return plain.toZonedDateTime(zone).toInstant().toString();
  };
  return {
    ...(body.timeZone === undefined ? {} : { timeZone: zoneNamed(body.timeZone) }),
    ...(hours === undefined
      ? {}
      : {
          workingHours: {
            daysOfWeek: hours.daysOfWeek ?? before.workingHours.daysOfWeek,
            startTime: (hours.startTime ?? before.workingHours.startTime).slice(0, 5),
            endTime: (hours.endTime ?? before.workingHours.endTime).slice(0, 5),
          },
        }),
    ...(replies === undefined
      ? {}
      : {
          automaticReplies: {
            ...before.automaticReplies,
            ...(replies.status ? { status: replies.status } : {}),
            ...(replies.externalAudience ? { externalAudience: replies.externalAudience } : {}),
            ...(replies.internalReplyMessage ? { internalReplyMessage: replies.internalReplyMessage } : {}),
            ...(replies.externalReplyMessage ? { externalReplyMessage: replies.externalReplyMessage } : {}),
            ...(replies.scheduledStartDateTime
              ? { startsAt: instant(replies.scheduledStartDateTime, 'scheduledStartDateTime') }
              : {}),
            ...(replies.scheduledEndDateTime
              ? { endsAt: instant(replies.scheduledEndDateTime, 'scheduledEndDateTime') }
              : {}),
          },
        }),
  };
}

function present(context: string, { timeZone, workingHours, automaticReplies }: Mailbox): Row {
  const at = (instant: string | undefined) => {
    const known = Temporal.Instant.from(instant ?? '1970-01-01T00:00:00Z').toZonedDateTimeISO('UTC');
    return { dateTime: printClock(known.toPlainDateTime()), timeZone: 'UTC' };
  };
  return {
    '@odata.context': context,
    timeZone,
    workingHours: {
      daysOfWeek: [...workingHours.daysOfWeek],
      startTime: `${workingHours.startTime}:00.0000000`,
      endTime: `${workingHours.endTime}:00.0000000`,
      timeZone: { name: timeZone },
    },
    automaticRepliesSetting: {
      status: automaticReplies.status,
      externalAudience: automaticReplies.externalAudience ?? 'none',
      internalReplyMessage: automaticReplies.internalReplyMessage ?? '',
      externalReplyMessage: automaticReplies.externalReplyMessage ?? '',
      scheduledStartDateTime: at(automaticReplies.startsAt),
      scheduledEndDateTime: at(automaticReplies.endsAt),
    },
  } satisfies MailboxSettings & { '@odata.context': string };
}
