import type { Calendar as GraphCalendar } from '@microsoft/microsoft-graph-types';
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { newId } from '../../../kernel/ids.ts';
import { presentCollection } from '../../../platform/http/collection.ts';
import { answerOne, contextOf, type Row } from '../../../platform/http/odata.ts';
import { noContent, Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import type { CalendarId } from '../../model/calendar.ts';
import { isAtLeast } from '../../model/roles.ts';
import { changeCalendar, createCalendarOf, createOwnCalendar, removeCalendar } from '../../usecases/calendars.ts';
import { holdCalendarOf, type OpenCalendar, readCalendarsOf } from '../../usecases/open-calendars.ts';
import { type Base, GROUP, idIn, ME, USER } from './paths.ts';

/** Graph's ten colours; what a calendar has beside them is told as `hexColor` alone. */
const COLORS: Readonly<Record<string, string>> = {
  lightBlue: '#a6d1f5',
  lightGreen: '#87d28e',
  lightOrange: '#fcab73',
  lightGray: '#c0c0c0',
  lightYellow: '#fdee65',
  lightTeal: '#4adacc',
  lightPink: '#f08cc0',
  lightBrown: '#cba287',
  lightRed: '#f88c9b',
};
const WORDS = ['auto', ...Object.keys(COLORS), 'maxColor'] as const;

const changes = z.object({
  name: z.string().trim().min(1).max(255).optional(),
  color: z.enum(WORDS).nullish(),
  hexColor: z
    .string()
    .regex(/^(?:#[0-9a-fA-F]{6})?$/, 'Write a colour as #a6d1f5.')
    .nullish(),
});

const newCalendar = changes.required({ name: true });

function colorOf({ color, hexColor }: z.output<typeof changes>): { color?: string | null } {
  if (hexColor !== undefined && hexColor !== null) return { color: hexColor === '' ? null : hexColor };
  if (color === undefined) return {};
  return { color: (color && COLORS[color]) ?? null };
}

export function presentCalendar({ calendar, role, owner }: OpenCalendar): Row {
  // CalDAV programs write an opacity behind it.
  const hex = calendar.color?.slice(0, 7).toLowerCase() ?? '';
  const known = Object.entries(COLORS).find(([, value]) => value === hex)?.[0] as GraphCalendar['color'];
  return {
    id: calendar.id,
    name: calendar.name,
    color: known ?? 'auto',
    hexColor: hex,
    groupClassId: CALENDAR_GROUP,
    isDefaultCalendar: calendar.isDefault,
    changeKey: String(calendar.version),
    canShare: role === 'owner',
    canViewPrivateItems: isAtLeast(role, 'delegateWithPrivateEventAccess'),
    canEdit: isAtLeast(role, 'write'),
    isRemovable: !calendar.isDefault,
    isTallyingResponses: calendar.isDefault,
    allowedOnlineMeetingProviders: [],
    defaultOnlineMeetingProvider: 'unknown',
    owner: { name: owner.displayName, address: owner.address ?? null },
  } satisfies GraphCalendar & { groupClassId: string };
}

/** Everybody has one group with all their calendars in it. */
const CALENDAR_GROUP = '0006f0b7-0000-0000-c000-000000000046';
const calendarGroup = { id: CALENDAR_GROUP, name: 'My Calendars', classId: CALENDAR_GROUP, changeKey: '1' };

const calendarParams = { calendarId: z.string().max(300) };
const groupParams = { groupId: z.string().max(300) };
// A calendar is made for whoever comes the first time.
const graph = { wire: 'graph', access: 'asks', tags: ['calendars'], transaction: 'write' } as const;

type Asked = Pick<Request<unknown, unknown, unknown>, 'raw' | 'origin' | 'headers' | 'params'>;

/** Graph: `calendar`, `calendars` and `calendarGroups` of oneself and of others. */
export const calendarRoutes: readonly Route[] = [...of(ME), ...of(USER), ...ofGroup()];

const present = (request: Asked, open: OpenCalendar) => answerOne(request, 'calendars', open, presentCalendar);

function of(base: Base): Route[] {
  const whose = (ctx: Context, request: Asked) => base.whose(ctx, request.params);
  const listed = async (ctx: Context, request: Asked) =>
    presentCollection(
      request,
      'calendars',
      (await readCalendarsOf(ctx, await whose(ctx, request))).map(presentCalendar),
      {
        id: { kind: 'string' },
        name: { kind: 'string' },
        isDefaultCalendar: { kind: 'boolean' },
        canEdit: { kind: 'boolean' },
      },
    );
  async function create(ctx: Context, request: Asked & { body: z.output<typeof newCalendar> }) {
    const owner = await whose(ctx, request);
    const wanted = { name: request.body.name, slug: newId(), ...colorOf(request.body) };
    const { id } = owner
      ? await createCalendarOf(ctx, await holdCalendarOf(ctx, owner, undefined, 'owner'), wanted)
      : await createOwnCalendar(ctx, wanted);
    const open = await holdCalendarOf(ctx, owner, id, 'freeBusyRead');
    return new Reply(201, await present(request, open), { location: `${request.origin}/v1.0/me/calendars/${id}` });
  }
  async function change(ctx: Context, request: Asked & { body: z.output<typeof changes> }, id: CalendarId | undefined) {
    const owner = await whose(ctx, request);
    const { calendar } = await holdCalendarOf(ctx, owner, id, 'owner');
    const { name } = request.body;
    await changeCalendar(ctx, calendar.id, { ...(name === undefined ? {} : { name }), ...colorOf(request.body) });
    return present(request, await holdCalendarOf(ctx, owner, calendar.id, 'freeBusyRead'));
  }
  const withCalendar = z.object({ ...base.params.shape, ...calendarParams });
  const withGroup = z.object({ ...base.params.shape, ...groupParams });
  return [
    route({
      ...graph,
      method: 'GET',
      path: `${base.path}/calendar`,
      summary: 'The default calendar.',
      params: base.params,
      handle: async (ctx, request) =>
        present(request, await holdCalendarOf(ctx, await whose(ctx, request), undefined, 'freeBusyRead')),
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: `${base.path}/calendar`,
      summary: 'Changes the name or the colour of the default calendar.',
      params: base.params,
      body: changes,
      handle: (ctx, request) => change(ctx, request, undefined),
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${base.path}/calendars`,
      summary: 'The calendars of which the reader sees anything.',
      params: base.params,
      handle: listed,
    }),
    route({
      ...graph,
      method: 'POST',
      path: `${base.path}/calendars`,
      summary: 'Makes a calendar.',
      params: base.params,
      body: newCalendar,
      handle: create,
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${base.path}/calendars/:calendarId`,
      summary: 'One calendar.',
      params: withCalendar,
      handle: async (ctx, request) =>
        present(
          request,
          await holdCalendarOf(ctx, await whose(ctx, request), idIn(calendarIdOf(request.params)), 'freeBusyRead'),
        ),
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: `${base.path}/calendars/:calendarId`,
      summary: 'Changes the name or the colour of a calendar.',
      params: withCalendar,
      body: changes,
      handle: (ctx, request) => change(ctx, request, idIn(calendarIdOf(request.params))),
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: `${base.path}/calendars/:calendarId`,
      summary: 'Removes a calendar with everything in it.',
      params: withCalendar,
      async handle(ctx, request) {
        const id = idIn<'calendar'>(calendarIdOf(request.params));
        const { calendar } = await holdCalendarOf(ctx, await whose(ctx, request), id, 'owner');
        await removeCalendar(ctx, calendar.id);
        return noContent();
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${base.path}/calendarGroups`,
      summary: 'The groups that calendars are sorted into: one with all of them.',
      params: base.params,
      async handle(ctx, request) {
        await readCalendarsOf(ctx, await whose(ctx, request));
        return presentCollection(request, 'calendarGroups', [calendarGroup], { name: { kind: 'string' } });
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${base.path}/calendarGroups/:groupId`,
      summary: 'One group of calendars.',
      params: withGroup,
      async handle(ctx, request) {
        await readCalendarsOf(ctx, await whose(ctx, request));
        demandGroup(request.params);
        return { '@odata.context': contextOf(request, 'calendarGroups/$entity'), ...calendarGroup };
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${base.path}/calendarGroups/:groupId/calendars`,
      summary: 'The calendars of a group of calendars.',
      params: withGroup,
      async handle(ctx, request) {
        demandGroup(request.params);
        return listed(ctx, request);
      },
    }),
  ];
}

const calendarIdOf = (params: unknown) => (params as { calendarId: string }).calendarId;

function demandGroup(params: unknown): void {
  if ((params as { groupId: string }).groupId !== CALENDAR_GROUP) throw kernelFaults.notFound();
}

function ofGroup(): Route[] {
  return [
    route({
      ...graph,
      method: 'GET',
      path: `${GROUP.path}/calendar`,
      summary: "A group's calendar.",
      params: GROUP.params,
      handle: async (ctx, request) =>
        present(request, await holdCalendarOf(ctx, await GROUP.whose(ctx, request.params), undefined, 'freeBusyRead')),
    }),
  ];
}
