import { z } from 'zod';
import { findAccount, findAccountByPrincipalName, findGroup } from '../../../directory/index.ts';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Id, parseId } from '../../../kernel/ids.ts';
import type { CalendarId } from '../../model/calendar.ts';
import type { EventPath } from '../../usecases/attachments.ts';
import { parseEventId } from '../../usecases/events.ts';
import type { Whose } from '../../usecases/open-calendars.ts';

/** A part of the wire that stands alike below `me`, a person and a group. */
export interface Base {
  readonly path: string;
  /** The parameters that stand in it. */
  readonly params: z.ZodObject;
  /** @throws not-found for a person or group that there is not. */
  whose(ctx: Context, params: unknown): Promise<Whose>;
}

const idParams = z.object({ id: z.string().max(300) });

/** The own calendars; a program acting for itself names a person. */
export const ME: Base = { path: '/v1.0/me', params: z.object({}), whose: async () => undefined };

export const USER: Base = {
  path: '/v1.0/users/:id',
  params: idParams,
  async whose(ctx, params) {
    const { id } = params as z.output<typeof idParams>;
    const parsed = parseId<'account'>(id);
    const account = parsed ? await findAccount(ctx, parsed) : await findAccountByPrincipalName(ctx, id);
    if (!account) throw kernelFaults.notFound();
    return { kind: 'account', id: account.id };
  },
};

export const GROUP: Base = {
  path: '/v1.0/groups/:id',
  params: idParams,
  async whose(ctx, params) {
    const id = parseId<'group'>((params as z.output<typeof idParams>).id);
    const group = id && (await findGroup(ctx, id));
    if (group?.kind !== 'shared') throw kernelFaults.notFound();
    return { kind: 'group', id: group.id };
  },
};

/** An id of a path. What is no id names nothing, like one that does not exist. */
export function idIn<Kind extends string>(text: string | undefined): Id<Kind> | undefined {
  if (text === undefined) return undefined;
  const id = parseId<Kind>(text);
  if (!id) throw kernelFaults.notFound();
  return id;
}

/** A part of the wire below which events stand: somebody's, their default calendar, or the calendar that it names. */
export interface EventPlace {
  readonly base: Base;
  readonly path: string;
  /** The parameters that stand in it. */
  readonly params: z.ZodObject;
  /** The same, and the event's. */
  readonly withEvent: z.ZodObject;
  calendarIn(request: { readonly params: unknown }): CalendarId | undefined;
  /** @throws not-found for a person or group that there is not, and for what is no id of an event. */
  eventIn(ctx: Context, request: { readonly params: unknown }): Promise<EventPath>;
}

const place = (base: Base, below: string): EventPlace => {
  const named = below.includes(':calendarId') ? { calendarId: z.string().max(300) } : {};
  const params = z.object({ ...base.params.shape, ...named });
  const calendarIn: EventPlace['calendarIn'] = ({ params: given }) =>
    idIn<'calendar'>((given as { calendarId?: string }).calendarId);
  return {
    base,
    path: `${base.path}${below}`,
    params,
    withEvent: z.object({ ...params.shape, eventId: z.string().max(300) }),
    calendarIn,
    async eventIn(ctx, request) {
      const key = parseEventId((request.params as { eventId: string }).eventId);
      return { ...key, whose: await base.whose(ctx, request.params), calendarId: calendarIn(request) };
    },
  };
};

/** Wherever an event can be named, all the same can be done with it. A group has one calendar. */
export const EVENT_PLACES: readonly EventPlace[] = [ME, USER, GROUP].flatMap((base) =>
  ['', '/calendar', ...(base === GROUP ? [] : ['/calendars/:calendarId'])].map((below) => place(base, below)),
);
