import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { accepted, Reply, type Route, route } from '../../../platform/http/route.ts';
import { parseEventId, readEvent } from '../../usecases/events.ts';
import { dismissReminder, snoozeReminder } from '../../usecases/reminders.ts';
import { cancelMeeting, forwardMeeting, type MeetingKey, respond } from '../../usecases/responses.ts';
import { type Base, ME, USER } from './paths.ts';
import { dateTimeTimeZone, readTime } from './times.ts';

const words = z.string().max(10_000).nullish();
// Names of an action's parameters are written in either case.
const comment = { comment: words, Comment: words };
const timeSlot = z.object({ start: dateTimeTimeZone, end: dateTimeTimeZone });
const acceptance = z.object({ ...comment, sendResponse: z.boolean().nullish(), SendResponse: z.boolean().nullish() });
const answer = acceptance.extend({ proposedNewTime: timeSlot.nullish(), ProposedNewTime: timeSlot.nullish() });
const recipients = z
  .array(z.object({ emailAddress: z.object({ address: z.email().max(320), name: z.string().max(256).nullish() }) }))
  .min(1)
  .max(500);
const forwarding = z.object({ ...comment, toRecipients: recipients.nullish(), ToRecipients: recipients.nullish() });
const snoozing = z.object({ newReminderTime: dateTimeTimeZone.nullish(), NewReminderTime: dateTimeTimeZone.nullish() });

const graph = { wire: 'graph', access: 'asks', tags: ['events'] } as const;

/** Graph's actions on a meeting: what becomes of it, beside what stands in it. */
export const responseRoutes: readonly Route[] = [ME, USER].flatMap((base) => actionsOn(base));

function actionsOn(base: Base): Route[] {
  const params = z.object({ ...base.params.shape, eventId: z.string().max(300) });
  const path = (action: string) => `${base.path}/events/:eventId/${action}`;
  const keyIn = async (ctx: Context, given: unknown): Promise<MeetingKey> => {
    const key = parseEventId((given as { eventId: string }).eventId);
    await readEvent(ctx, await base.whose(ctx, given), key, undefined);
    return key;
  };
  return [
    ...(['accept', 'tentativelyAccept', 'decline'] as const).map((word) =>
      route({
        ...graph,
        method: 'POST',
        path: path(word),
        summary: `Answers an invitation: ${word}.`,
        params,
        body: (word === 'accept' ? acceptance : answer).optional(),
        async handle(ctx, request) {
          const body = (request.body ?? {}) as z.output<typeof answer>;
          const proposed = body.proposedNewTime ?? body.ProposedNewTime;
          await respond(ctx, await keyIn(ctx, request.params), word, {
            comment: said(body),
            sendResponse: body.sendResponse ?? body.SendResponse ?? true,
            ...(proposed ? { proposedNewTime: slotOf(proposed) } : {}),
          });
          return accepted();
        },
      }),
    ),
    route({
      ...graph,
      method: 'POST',
      path: path('cancel'),
      summary: 'Cancels a meeting of one’s own, or one instance of it, and tells everybody.',
      params,
      body: z.object(comment).optional(),
      async handle(ctx, request) {
        await cancelMeeting(ctx, await keyIn(ctx, request.params), said(request.body));
        return accepted();
      },
    }),
    route({
      ...graph,
      method: 'POST',
      path: path('forward'),
      summary: 'Passes an invitation on; its organiser is told.',
      params,
      body: forwarding,
      async handle(ctx, request) {
        const to = request.body.toRecipients ?? request.body.ToRecipients ?? [];
        const addresses = to.map(({ emailAddress }) => emailAddress.address);
        await forwardMeeting(ctx, await keyIn(ctx, request.params), addresses, said(request.body));
        return accepted();
      },
    }),
    route({
      ...graph,
      method: 'POST',
      path: path('dismissReminder'),
      summary: 'Puts a reminder away.',
      params,
      async handle(ctx, request) {
        await dismissReminder(ctx, await keyIn(ctx, request.params));
        return new Reply(200);
      },
    }),
    route({
      ...graph,
      method: 'POST',
      path: path('snoozeReminder'),
      summary: 'Reminds once more at another time.',
      params,
      body: snoozing,
      async handle(ctx, request) {
        const key = await keyIn(ctx, request.params);
        const time = request.body.newReminderTime ?? request.body.NewReminderTime;
        if (!time) throw kernelFaults.invalid('Say when: newReminderTime.');
        await snoozeReminder(ctx, key, instantOf(time, 'newReminderTime'));
        return new Reply(200);
      },
    }),
  ];
}

const said = (body: { comment?: string | null | undefined; Comment?: string | null | undefined } | undefined) =>
  body?.comment ?? body?.Comment ?? undefined;

const slotOf = ({ start, end }: z.output<typeof timeSlot>) => ({
  start: instantOf(start, 'start'),
  end: instantOf(end, 'end'),
});

function instantOf(time: z.output<typeof dateTimeTimeZone>, name: string): Date {
  const { clock, zone } = readTime(time, false, name);
  return new Date(clock.toZonedDateTime(zone).epochMilliseconds);
}
