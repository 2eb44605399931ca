import type { Reminder } from '@microsoft/microsoft-graph-types';
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { presentCollection } from '../../../platform/http/collection.ts';
import type { Asked as Listed } from '../../../platform/http/odata.ts';
import { Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import { type EventKey, printEventId, readEvent, readInstances, readWhole } from '../../usecases/events.ts';
import { holdCalendarOf } from '../../usecases/open-calendars.ts';
import { cancelMeeting, forwardMeeting, respond } from '../../usecases/responses.ts';
import { type Base, EVENT_PLACES, type EventPlace, ME, USER } from './paths.ts';
import { preferencesOf } from './preferences.ts';
import { minutesBefore } from './present-event.ts';
import { dateTimeTimeZone, printTime, readTime, readWindow } from './times.ts';
import { isReminder } from './write-event.ts';

const comment = z.string().max(10_000).nullish();
// The reference product's own examples write both.
const words = { comment, Comment: comment };
const said = (body: { comment?: string | null | undefined; Comment?: string | null | undefined }) =>
  body.comment ?? body.Comment ?? undefined;

const answer = z
  .object({
    ...words,
    sendResponse: z.boolean().nullish(),
    proposedNewTime: z.object({ start: dateTimeTimeZone, end: dateTimeTimeZone }).nullish(),
  })
  .default({});

const recipients = z
  .array(z.object({ emailAddress: z.object({ address: z.email().max(320), name: z.string().max(256).nullish() }) }))
  .max(500);
const forwarded = z.object({ ...words, toRecipients: recipients.optional(), ToRecipients: recipients.optional() });

// A calendar is made for whoever comes the first time.
const graph = { wire: 'graph', access: 'asks', tags: ['calendars'], transaction: 'write' } as const;
type Asked = Listed & Pick<Request<unknown, unknown, unknown>, 'params'>;

/** Graph: what is said about meetings, and what one is reminded of. */
export const meetingActionRoutes: readonly Route[] = [...EVENT_PLACES.flatMap(of), ...[ME, USER].map(reminderView)];

function of({ path, withEvent: params, eventIn }: EventPlace): Route[] {
  const below = `${path}/events/:eventId`;
  /** The event of the path, once it is known to be in a calendar of whom the path names. */
  async function eventOf(ctx: Context, request: Asked): Promise<EventKey> {
    const { whose, calendarId, ...key } = await eventIn(ctx, request);
    await readEvent(ctx, whose, key, calendarId);
    return key;
  }
  const accepted = () => new Reply(202);
  return [
    ...(['accept', 'tentativelyAccept', 'decline'] as const).map((word) =>
      route({
        ...graph,
        method: 'POST',
        path: `${below}/${word}`,
        summary: 'Answers an invitation; the organiser is told unless sendResponse is false.',
        params,
        body: answer,
        async handle(ctx, request) {
          const { sendResponse, proposedNewTime } = request.body;
          if (word === 'accept' && proposedNewTime)
            throw kernelFaults.invalid('Whoever accepts proposes no other time: accept tentatively, or decline.');
          const at = (time: z.output<typeof dateTimeTimeZone>) => {
            const { clock, zone } = readTime(time, false, 'proposedNewTime');
            return new Date(clock.toZonedDateTime(zone).epochMilliseconds);
          };
          await respond(ctx, await eventOf(ctx, request), word, {
            comment: said(request.body),
            sendResponse: sendResponse ?? true,
            proposedNewTime: proposedNewTime
              ? { start: at(proposedNewTime.start), end: at(proposedNewTime.end) }
              : undefined,
          });
          return accepted();
        },
      }),
    ),
    route({
      ...graph,
      method: 'POST',
      path: `${below}/cancel`,
      summary: 'Cancels a meeting, or one instance of it, and tells everybody who is invited.',
      params,
      body: z.object(words).default({}),
      async handle(ctx, request) {
        await cancelMeeting(ctx, await eventOf(ctx, request), said(request.body));
        return accepted();
      },
    }),
    route({
      ...graph,
      method: 'POST',
      path: `${below}/forward`,
      summary: 'Passes an invitation on.',
      params,
      body: forwarded,
      async handle(ctx, request) {
        const to = request.body.toRecipients ?? request.body.ToRecipients ?? [];
        const addresses = to.map(({ emailAddress }) => emailAddress.address);
        await forwardMeeting(ctx, await eventOf(ctx, request), addresses, said(request.body));
        return accepted();
      },
    }),
  ];
}

/** As far ahead as a reminder may come before its event. */
const AHEAD_DAYS = 31;

/** `reminderView(StartDateTime='…',EndDateTime='…')`: the reminders that come in a time. */
function reminderView(base: Base): Route {
  return route({
    ...graph,
    method: 'GET',
    path: `${base.path}/reminderView:window`,
    summary: 'The reminders that come in a time.',
    params: z.object({ ...base.params.shape, window: z.string().max(300) }),
    async handle(ctx, request) {
      const open = await holdCalendarOf(ctx, await base.whose(ctx, request.params), undefined, 'read');
      const preferences = preferencesOf(request.headers);
      const window = windowIn((request.params as { window: string }).window);
      const reached = { from: window.from, to: new Date(window.to.getTime() + AHEAD_DAYS * 86_400_000) };
      const seen = await readWhole(ctx, open, await readInstances(ctx, open, reached));
      const reminders = seen.flatMap((one) => {
        const alarm = one.whole?.component.getAllSubcomponents('valarm').find(isReminder);
        if (!alarm || one.told.isCancelled) return [];
        const fires = new Date(one.told.startsAt.getTime() - minutesBefore(alarm) * 60_000);
        if (fires < window.from || fires >= window.to) return [];
        const time = (at: Date, isAllDay = false) => printTime(at, isAllDay, one.calendar.timeZone, preferences.zone);
        return [
          {
            eventId: printEventId(one),
            eventStartTime: time(one.told.startsAt, one.told.isAllDay),
            eventEndTime: time(one.told.endsAt, one.told.isAllDay),
            eventSubject: one.told.subject,
            eventLocation: { displayName: one.told.location ?? '' },
            eventWebLink: null,
            changeKey: one.whole?.object.etag ?? null,
            reminderFireTime: time(fires),
          } satisfies Reminder,
        ];
      });
      const rows = reminders.toSorted((a, b) => (a.reminderFireTime.dateTime! < b.reminderFireTime.dateTime! ? -1 : 1));
      return new Reply(200, presentCollection(request, 'Collection(reminder)', rows, {}), preferences.applied);
    },
  });
}

function windowIn(text: string): { from: Date; to: Date } {
  const value = (name: string) => new RegExp(`[(,]\\s*${name}\\s*=\\s*'([^']{1,64})'`, 'i').exec(text)?.[1];
  return readWindow({ startDateTime: value('StartDateTime'), endDateTime: value('EndDateTime') });
}
