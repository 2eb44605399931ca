import { z } from 'zod';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import { sharedCalendarsUse } from '../../questions/calendars.ts';
import {
  acceptShare,
  dropSharedCalendar,
  listSharedCalendars,
  readSharedCalendar,
  type SharedCalendar,
  type SharedPorts,
} from '../../usecases/shared-calendars.ts';

const params = z.object({ id: z.guid() });
const own = { wire: 'problem', access: 'asks', tags: ['calendars'] } as const;

function present(one: SharedCalendar) {
  const { name, color, role, ownerName, ownerAddress } = one;
  const shared = { isInside: one.isInside, name, color, role, owner: { name: ownerName, address: ownerAddress } };
  if (one.isInside) return { ...shared, calendarId: one.calendarId, ownerKind: one.ownerKind, ownerId: one.ownerId };
  return {
    id: one.id,
    ...shared,
    organisation: { tenantId: one.partnerTenantId, displayName: one.organisationName },
    error: one.failure,
    checkedDateTime: one.checkedAt,
  };
}

/** Calendars that others share with me: at home, and from other organisations. */
export const sharedCalendarRoutes = (ports: SharedPorts): readonly Route[] => [
  route({
    ...own,
    method: 'GET',
    path: '/me/shared-calendars',
    summary: 'The calendars that others share with me, with the organisation of each.',
    handle: async (ctx) => ({ value: (await listSharedCalendars(ctx)).map(present) }),
  }),
  route({
    ...own,
    method: 'POST',
    path: '/me/shared-calendars/accept',
    summary: 'Accepts an invitation to a calendar of another organisation.',
    body: z.strictObject({ invitation: z.string().max(300) }),
    transaction: 'none',
    async handle(ctx, { body }) {
      await ctx.demand(sharedCalendarsUse, undefined, 'write');
      return created(present({ ...(await acceptShare(ctx, ports, body.invitation)), isInside: false }));
    },
  }),
  route({
    ...own,
    method: 'GET',
    path: '/me/shared-calendars/:id/view',
    summary: 'What is in a calendar of another organisation in a time, as it tells it now.',
    params,
    // Both are needed, and missed only when it is known that the reader may look.
    query: z.looseObject({ start: z.string().max(64).optional(), end: z.string().max(64).optional() }),
    transaction: 'none',
    async handle(ctx, { params: { id }, query }) {
      await ctx.demand(sharedCalendarsUse, undefined, 'read');
      const { start = '', end = '' } = query;
      const { calendar, events, timeZone } = await readSharedCalendar(ctx, ports, id, { start, end });
      return { calendar: present({ ...calendar, isInside: false }), timeZone, value: events };
    },
  }),
  route({
    ...own,
    method: 'DELETE',
    path: '/me/shared-calendars/:id',
    summary: 'Takes a calendar of another organisation out of mine.',
    params,
    async handle(ctx, { params: { id } }) {
      await dropSharedCalendar(ctx, id);
      return noContent();
    },
  }),
];
