import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { readEvent } from '../../usecases/events.ts';
import { dismissReminder, snoozeReminder } from '../../usecases/reminders.ts';
import { EVENT_PLACES, type EventPlace, GROUP } from './paths.ts';
import { dateTimeTimeZone, readTime } from './times.ts';

// Names of an action's parameters are written in either case.
const snoozing = z.object({ newReminderTime: dateTimeTimeZone.nullish(), NewReminderTime: dateTimeTimeZone.nullish() });

const graph = { wire: 'graph', access: 'asks', tags: ['calendars'] } as const;

/** Graph: a reminder put away, or put off. */
export const reminderRoutes: readonly Route[] = EVENT_PLACES.filter(({ base }) => base !== GROUP).flatMap(of);

function of({ path: above, withEvent: params, eventIn }: EventPlace): Route[] {
  const path = (action: string) => `${above}/events/:eventId/${action}`;
  const keyIn = async (ctx: Context, request: { params: unknown }) => {
    const { whose, calendarId, ...key } = await eventIn(ctx, request);
    await readEvent(ctx, whose, key, calendarId);
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
        await dismissReminder(ctx, await keyIn(ctx, request));
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
        const key = await keyIn(ctx, request);
        const time = request.body.newReminderTime ?? request.body.NewReminderTime;
        if (!time) throw kernelFaults.invalid('Say when: newReminderTime.');
        const { clock, zone } = readTime(time, false, 'newReminderTime');
        await snoozeReminder(ctx, key, new Date(clock.toZonedDateTime(zone).epochMilliseconds));
        return new Reply(200);
      },
    }),
  ];
}
