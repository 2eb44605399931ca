import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { parseEventId, readEvent } from '../../usecases/events.ts';
import { dismissReminder, snoozeReminder } from '../../usecases/reminders.ts';
import { type Base, ME, USER } from './paths.ts';
import { dateTimeTimeZone, readTime } from './times.ts';

// Names of an action's parameters are written in either case.
const snoozing = z.object({ newReminderTime: dateTimeTimeZone.nullish(), NewReminderTime: dateTimeTimeZone.nullish() });

const graph = { wire: 'graph', access: 'asks', tags: ['calendars'] } as const;

/** Graph: a reminder put away, or put off. */
export const reminderRoutes: readonly Route[] = [ME, USER].flatMap(of);

function of(base: Base): Route[] {
  const params = z.object({ ...base.params.shape, eventId: z.string().max(300) });
  const path = (action: string) => `${base.path}/events/:eventId/${action}`;
  const keyIn = async (ctx: Context, given: unknown) => {
    const key = parseEventId((given as { eventId: string }).eventId);
    await readEvent(ctx, await base.whose(ctx, given), key);
    return key;
  };
  return [
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
        const { clock, zone } = readTime(time, false, 'newReminderTime');
        await snoozeReminder(ctx, key, new Date(clock.toZonedDateTime(zone).epochMilliseconds));
        return new Reply(200);
      },
    }),
  ];
}
