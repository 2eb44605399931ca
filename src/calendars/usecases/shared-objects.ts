/**
 * What stands in a calendar of another organisation, as a calendar program reads it: whole objects, so that series stay
 * series, each redacted there by what the grant and the policy permit now.
 */
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { CalendarId, ObjectId } from '../model/calendar.ts';
import { isAtLeast, ROLES, type Role } from '../model/roles.ts';
import type { Subscription } from '../store/invitations.ts';
import { type ChangesSince, changesSince, type Member, type MemberFilter, readMembers } from './members.ts';
import { type HeldCalendar, holdCalendar } from './objects.ts';
import { statesOf } from './reach.ts';
import { askSharer, type SharedPorts } from './shared-calendars.ts';

const MOST = 10_000;
const components = z.enum(['VEVENT', 'VTODO']);
const instant = z.iso.datetime().nullable();

/** One request for all of it, so that an answer is of one moment. */
const objectsRequest = z.object({
  calendarId: z.uuid(),
  members: z
    .object({
      names: z.array(z.string().max(255)).max(MOST).exactOptional(),
      component: components.exactOptional(),
      overlapping: z.object({ from: instant, to: instant }).exactOptional(),
      withContent: z.boolean().exactOptional(),
    })
    .exactOptional(),
  changes: z
    .object({
      above: z.number().int(),
      after: z.object({ version: z.number().int(), id: z.uuid() }).exactOptional(),
      limit: z.number().int().min(1).max(MOST),
    })
    .exactOptional(),
});
type ObjectsRequest = z.output<typeof objectsRequest>;

const dated = z.iso.datetime().transform((text) => new Date(text));
const sharedMember = z.object({
  id: z.uuid().transform((id) => id as ObjectId),
  name: z.string().max(255),
  etag: z.string().max(200),
  component: components,
  createdAt: dated,
  changedAt: dated,
  size: z.number().int(),
  content: z.string().nullable(),
  isUnsure: z.boolean(),
});

const sharedObjects = z.object({
  role: z.enum(ROLES),
  timeZone: z.string().max(100),
  components: z.array(components),
  state: z.number().int(),
  members: z.array(sharedMember).optional(),
  changes: z
    .object({
      changes: z.array(
        z.object({
          id: z.uuid().transform((id) => id as ObjectId),
          name: z.string().max(255),
          etag: z.string().max(200).nullable(),
          version: z.number().int(),
        }),
      ),
      state: z.number().int(),
      isCut: z.boolean(),
    })
    .optional(),
});
export type SharedObjects = z.output<typeof sharedObjects>;

/** The request that organisations put to each other. */
const READ_OBJECTS = 'calendars.shared.objects';
export const objectsOfSharedRequest = {
  name: READ_OBJECTS,
  shape: objectsRequest,
  transaction: 'read',
  answer: answerObjects,
} as const;

/** Whether somebody of a role is told which objects there are, and not only what they take up. */
export const seesObjects = (role: Role): boolean => isAtLeast(role, 'limitedRead');

async function answerObjects(ctx: Context, { calendarId, members, changes }: ObjectsRequest) {
  const held = await holdCalendar(ctx, calendarId as CalendarId, 'freeBusyRead');
  const state = (await statesOf(ctx, [held])).get(held.calendar.id) ?? 0;
  return {
    role: held.role,
    timeZone: held.calendar.timeZone,
    components: seesObjects(held.role) ? held.calendar.components : ['VEVENT'],
    state,
    members: members && (await membersTold(ctx, held, members)),
    // Whoever sees times alone is told when something changed, not what.
    changes: changes && seesObjects(held.role) ? await changesSince(ctx, held.calendar.id, changes) : undefined,
  };
}

async function membersTold(
  ctx: Context,
  held: HeldCalendar,
  { names, overlapping, ...filter }: NonNullable<ObjectsRequest['members']>,
): Promise<Member[]> {
  const times = overlapping && { overlapping: { from: dateOf(overlapping.from), to: dateOf(overlapping.to) } };
  const bare = (member: Member) =>
    filter.withContent === true || member.isUnsure ? member : { ...member, content: null };
  if (seesObjects(held.role))
    return (await readMembers(ctx, held, { ...filter, ...times, ...(names && { names }) })).map(bare);
  // What takes up time, under names that say nothing.
  if (filter.component === 'VTODO') return [];
  const found = await readMembers(ctx, held, { ...filter, ...times, component: 'VEVENT' });
  const unnamed = found.map((one) => ({ ...bare(one), name: `${one.id}.ics` }));
  return names ? unnamed.filter(({ name }) => names.includes(name)) : unnamed;
}

const dateOf = (text: string | null) => (text === null ? null : new Date(text));

// ---------------------------------------------------------------------------------------------------------------
// In the organisation of whoever accepted

/**
 * A calendar of another organisation as it stands there now, with what is asked of its objects. Opens what it needs
 * itself. @throws as `askSharer`.
 */
export async function readSharedObjects(
  ctx: Context,
  ports: SharedPorts,
  calendar: Subscription,
  asked: {
    readonly members?: MemberFilter;
    readonly changes?: {
      readonly above: number;
      readonly after?: { version: number; id: string };
      readonly limit: number;
    };
  },
): Promise<Omit<SharedObjects, 'members' | 'changes'> & { members: Member[]; changes: ChangesSince | undefined }> {
  const request = { name: READ_OBJECTS, asked, shape: sharedObjects };
  const { members = [], changes, ...told } = await askSharer(ctx, ports, calendar, request);
  return { ...told, members: members.map((one) => ({ ...one, scheduleTag: null })), changes };
}
