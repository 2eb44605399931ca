import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId } from '../../../kernel/ids.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { MAILBOX_ERRORS, type Schedule } from '../../model/availability.ts';
import {
  type LookUp,
  type LookUpPorts,
  lookUpAvailability,
  requireMailboxOf,
} from '../../usecases/look-up-availability.ts';
import { holdCalendar } from '../../usecases/objects.ts';
import { inCaseOf } from './folded.ts';
import { type Preferences, preferencesOf } from './preferences.ts';
import { dateTimeTimeZone, momentOf, printTime, printZone } from './times.ts';

const NAMES = ['schedules', 'startTime', 'endTime', 'availabilityViewInterval', 'dateTime', 'timeZone'];

const body = z.preprocess(
  inCaseOf(NAMES),
  z.object({
    schedules: z.array(z.string().trim().min(1).max(320)).min(1).max(1_000),
    startTime: dateTimeTimeZone,
    endTime: dateTimeTimeZone,
    // A documented sample sends "15".
    availabilityViewInterval: z
      .union([
        z.number(),
        z
          .string()
          .regex(/^\d{1,9}$/)
          .transform(Number),
      ])
      .nullish(),
  }),
);

/** Graph: `getSchedule`, when people, rooms and groups are free, here and in other organisations. */
export function scheduleRoutes(ports: LookUpPorts): readonly Route[] {
  const graph = {
    method: 'POST',
    wire: 'graph',
    access: 'asks',
    // Other organisations are asked meanwhile.
    transaction: 'none',
    tags: ['calendars'],
    body,
  } as const;
  const reading = <T>(ctx: Context, act: (inside: Context) => Promise<T>) =>
    ports.run(
      {
        tenantId: ctx.tenantId,
        actor: ctx.actor,
        correlationId: ctx.correlationId,
        clientAddress: ctx.clientAddress,
        readOnly: true,
      },
      act,
    );

  async function answer(
    ctx: Context,
    request: {
      readonly body: z.output<typeof body>;
      readonly headers: Parameters<typeof preferencesOf>[0];
      readonly origin: string;
    },
    rest: Pick<LookUp, 'onBehalfOf'> = {},
  ): Promise<Reply> {
    const reader = preferencesOf(request.headers);
    const { schedules, startTime, endTime, availabilityViewInterval } = request.body;
    const found = await lookUpAvailability(ctx, ports, {
      addresses: schedules,
      from: momentOf(startTime, 'startTime'),
      to: momentOf(endTime, 'endTime'),
      minutes: availabilityViewInterval ?? 30,
      ...rest,
    });
    return new Reply(
      200,
      {
        '@odata.context': `${request.origin}/v1.0/$metadata#Collection(microsoft.graph.scheduleInformation)`,
        value: found.map((schedule) => presentSchedule(schedule, reader)),
      },
      reader.applied,
    );
  }

  return [
    route({
      ...graph,
      path: '/v1.0/me/calendar/getSchedule',
      summary: 'When people, rooms and groups are free.',
      async handle(ctx, request) {
        if (ctx.actor.kind !== 'account')
          throw kernelFaults.invalid('An application has no account: there is no "me".');
        return answer(ctx, request);
      },
    }),
    route({
      ...graph,
      path: '/v1.0/me/calendars/:calendarId/getSchedule',
      summary: 'The same, asked from one calendar.',
      params: z.object({ calendarId: z.string().max(300) }),
      async handle(ctx, request) {
        const id = parseId<'calendar'>(request.params.calendarId);
        if (!id) throw kernelFaults.notFound();
        await reading(ctx, (inside) => holdCalendar(inside, id, 'freeBusyRead'));
        return answer(ctx, request);
      },
    }),
    route({
      ...graph,
      path: '/v1.0/users/:id/calendar/getSchedule',
      summary: 'The same; a program asks in the name of this mailbox.',
      params: z.object({ id: z.string().max(300) }),
      async handle(ctx, request) {
        const id = await reading(ctx, (inside) => requireMailboxOf(inside, request.params.id));
        return answer(ctx, request, ctx.actor.kind === 'account' ? {} : { onBehalfOf: id });
      },
    }),
  ];
}

function presentSchedule(schedule: Schedule, reader: Preferences): Record<string, unknown> {
  const scheduleId = schedule.address;
  if (schedule.error !== undefined) {
    const { error: responseCode, reference, refusedBy } = schedule;
    const error = {
      message: MAILBOX_ERRORS[responseCode],
      responseCode,
      ...(reference ? { reference } : {}),
      ...(refusedBy ? { refusedBy } : {}),
    };
    return { scheduleId, availabilityView: '', scheduleItems: [], error };
  }
  const { view, items, workingHours } = schedule;
  return {
    scheduleId,
    availabilityView: view,
    scheduleItems: items.map(({ startsAt, endsAt, ...told }) => ({
      ...told,
      start: printTime(startsAt, false, 'UTC', reader.zone),
      end: printTime(endsAt, false, 'UTC', reader.zone),
    })),
    ...(workingHours ? { workingHours: presentHours(workingHours) } : {}),
  };
}

/** Working hours as Graph writes them, in a zone by the name that its programs use. */
const presentHours = (hours: NonNullable<Extract<Schedule, { error?: undefined }>['workingHours']>) => ({
  daysOfWeek: hours.daysOfWeek,
  startTime: `${hours.startTime}:00.0000000`,
  endTime: `${hours.endTime}:00.0000000`,
  timeZone: { name: printZone(hours.timeZone) },
});
