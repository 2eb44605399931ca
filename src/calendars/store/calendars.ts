import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { newId } from '../../kernel/ids.ts';
import { FEW, sqlOf, violatedConstraint } from '../../platform/database/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { Calendar, CalendarId, Mailbox, Owner } from '../model/calendar.ts';
import type { CalendarsTables } from './tables.ts';

/** The mailboxes that there are of these owners, in one statement. */
export async function listMailboxes(ctx: Context, owners: readonly Owner[]): Promise<Mailbox[]> {
  if (owners.length === 0) return [];
  const rows = await sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.mailboxes')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where(isOneOf(owners))
    .execute();
  return rows.map(mailboxFromRow);
}

/** Whether it is new. One that is there already stays as it is. */
export async function insertMailbox(ctx: Context, mailbox: Mailbox): Promise<boolean> {
  const inserted = await sqlOf<CalendarsTables>(ctx)
    .insertInto('calendars.mailboxes')
    .values({
      tenant_id: ctx.tenantId,
      owner_kind: mailbox.owner.kind,
      owner_id: mailbox.owner.id,
      time_zone: mailbox.timeZone,
      working_hours: JSON.stringify(mailbox.workingHours),
      availability: mailbox.availability,
      automatic_replies: JSON.stringify(mailbox.automaticReplies),
      sharing_policy_id: mailbox.sharingPolicyId,
      meetings: JSON.stringify(mailbox.meetings),
      created_at: ctx.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function updateMailbox(
  ctx: Context,
  owner: Owner,
  changes: Partial<Omit<Mailbox, 'owner'>>,
): Promise<Mailbox | undefined> {
  const row = await sqlOf<CalendarsTables>(ctx)
    .updateTable('calendars.mailboxes')
    .set({
      ...(changes.timeZone === undefined ? {} : { time_zone: changes.timeZone }),
      ...(changes.workingHours === undefined ? {} : { working_hours: JSON.stringify(changes.workingHours) }),
      ...(changes.availability === undefined ? {} : { availability: changes.availability }),
      ...(changes.automaticReplies === undefined
        ? {}
        : { automatic_replies: JSON.stringify(changes.automaticReplies) }),
      ...(changes.sharingPolicyId === undefined ? {} : { sharing_policy_id: changes.sharingPolicyId }),
      ...(changes.categories === undefined ? {} : { categories: JSON.stringify(changes.categories) }),
      ...(changes.meetings === undefined ? {} : { meetings: JSON.stringify(changes.meetings) }),
      owner_kind: owner.kind,
    })
    .where('tenant_id', '=', ctx.tenantId)
    .where('owner_kind', '=', owner.kind)
    .where('owner_id', '=', owner.id)
    .returningAll()
    .executeTakeFirst();
  return row && mailboxFromRow(row);
}

/** Removes a mailbox with its calendars and everything in them. */
export async function eraseMailbox(ctx: Context, owner: Owner): Promise<void> {
  await sqlOf<CalendarsTables>(ctx)
    .deleteFrom('calendars.mailboxes')
    .where('tenant_id', '=', ctx.tenantId)
    .where('owner_kind', '=', owner.kind)
    .where('owner_id', '=', owner.id)
    .execute();
}

export async function findCalendar(ctx: Context, id: CalendarId): Promise<Calendar | undefined> {
  return (await listCalendars(ctx, { id }))[0];
}

export interface CalendarFilter {
  readonly id?: CalendarId;
  readonly ids?: readonly CalendarId[];
  readonly owners?: readonly Owner[];
  readonly ownerKind?: Owner['kind'];
  readonly slug?: string;
  readonly isDefault?: boolean;
}

/** The calendars that match, the default one of each owner first. */
export async function listCalendars(ctx: Context, filter: CalendarFilter): Promise<Calendar[]> {
  if (filter.owners?.length === 0 || filter.ids?.length === 0) return [];
  let query = sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.calendars as c')
    .innerJoin('calendars.mailboxes as m', (join) =>
      join
        .onRef('m.tenant_id', '=', 'c.tenant_id')
        .onRef('m.owner_kind', '=', 'c.owner_kind')
        .onRef('m.owner_id', '=', 'c.owner_id'),
    )
    .selectAll('c')
    .select('m.time_zone as mailbox_zone')
    .where('c.tenant_id', '=', ctx.tenantId)
    .orderBy('c.is_default', 'desc')
    .orderBy('c.sort_order')
    .orderBy('c.id');
  if (filter.id !== undefined) query = query.where('c.id', '=', filter.id);
  if (filter.ids !== undefined) query = query.where('c.id', 'in', filter.ids);
  if (filter.ownerKind !== undefined) query = query.where('c.owner_kind', '=', filter.ownerKind);
  if (filter.slug !== undefined) query = query.where('c.slug', '=', filter.slug);
  if (filter.isDefault !== undefined) query = query.where('c.is_default', '=', filter.isDefault);
  if (filter.owners !== undefined) query = query.where(isOneOf(filter.owners, 'c'));
  return (await query.execute()).map((row) => calendarFromRow(row, row.mailbox_zone));
}

/** How calendars are called, by id. */
export async function listCalendarNames(
  ctx: Context,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly name: string; readonly ownerId: string }>> {
  const found = await listCalendars(ctx, { ids: ids as readonly CalendarId[] });
  return new Map(found.map(({ id, name, owner }) => [id, { name, ownerId: owner.id }]));
}

export type NewCalendar = Pick<Calendar, 'owner' | 'name' | 'slug'> &
  Partial<Omit<Calendar, 'owner' | 'name' | 'slug' | 'timeZone' | 'hasOwnTimeZone' | 'version' | 'createdAt'>> & {
    readonly timeZone?: string | null;
  };

/** @throws calendars.calendar-exists when the owner has one of this slug. */
export async function insertCalendar(ctx: Context, calendar: NewCalendar): Promise<Calendar> {
  const id = calendar.id ?? newId<'calendar'>();
  try {
    await sqlOf<CalendarsTables>(ctx)
      .insertInto('calendars.calendars')
      .values({
        tenant_id: ctx.tenantId,
        id,
        owner_kind: calendar.owner.kind,
        owner_id: calendar.owner.id,
        name: calendar.name,
        slug: calendar.slug,
        color: calendar.color ?? null,
        description: calendar.description ?? null,
        time_zone: calendar.timeZone ?? null,
        components: [...(calendar.components ?? (['VEVENT', 'VTODO'] as const))],
        is_default: calendar.isDefault ?? false,
        is_transparent: calendar.isTransparent ?? false,
        sort_order: calendar.sortOrder ?? 0,
        dead_properties: JSON.stringify(calendar.deadProperties ?? {}),
        created_at: ctx.now,
      })
      .execute();
  } catch (error) {
    if (violatedConstraint(error) === 'calendars_slug_key') throw calendarsFaults.slugTaken(calendar.slug);
    throw error;
  }
  return (await findCalendar(ctx, id))!;
}

export type CalendarChanges = Partial<
  Pick<Calendar, 'name' | 'color' | 'description' | 'isTransparent' | 'sortOrder' | 'deadProperties' | 'components'>
> & { readonly timeZone?: string | null };

export async function updateCalendar(
  ctx: Context,
  id: CalendarId,
  changes: CalendarChanges,
): Promise<Calendar | undefined> {
  const { name, color, description, isTransparent, sortOrder, deadProperties, timeZone, components } = changes;
  await sqlOf<CalendarsTables>(ctx)
    .updateTable('calendars.calendars')
    .set({
      id,
      ...(name === undefined ? {} : { name }),
      ...(color === undefined ? {} : { color }),
      ...(description === undefined ? {} : { description }),
      ...(isTransparent === undefined ? {} : { is_transparent: isTransparent }),
      ...(sortOrder === undefined ? {} : { sort_order: sortOrder }),
      ...(deadProperties === undefined ? {} : { dead_properties: JSON.stringify(deadProperties) }),
      ...(timeZone === undefined ? {} : { time_zone: timeZone }),
      ...(components === undefined ? {} : { components: [...components] }),
    })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
  return findCalendar(ctx, id);
}

/** Removes a calendar with everything in it. */
export async function eraseCalendar(ctx: Context, id: CalendarId): Promise<boolean> {
  const erased = await sqlOf<CalendarsTables>(ctx)
    .deleteFrom('calendars.calendars')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return erased.numDeletedRows > 0n;
}

const isOneOf = (owners: readonly Owner[], table?: string) => {
  const column = (name: string) => sql.ref(table === undefined ? name : `${table}.${name}`);
  // Few are written one by one: see `oneOf`.
  return owners.length <= FEW
    ? sql<boolean>`(${sql.join(
        owners.map(({ kind, id }) => sql`(${column('owner_kind')} = ${kind} and ${column('owner_id')} = ${id})`),
        sql` or `,
      )})`
    : sql<boolean>`(${column('owner_kind')}, ${column('owner_id')}) in (
        select * from unnest(${owners.map(({ kind }) => kind)}::text[], ${owners.map(({ id }) => id)}::uuid[]))`;
};

const mailboxFromRow = (row: Selectable<CalendarsTables['calendars.mailboxes']>): Mailbox => ({
  owner: { kind: row.owner_kind, id: row.owner_id },
  timeZone: row.time_zone,
  workingHours: row.working_hours,
  availability: row.availability,
  automaticReplies: row.automatic_replies,
  sharingPolicyId: row.sharing_policy_id,
  categories: row.categories,
  meetings: row.meetings,
});

const calendarFromRow = (row: Selectable<CalendarsTables['calendars.calendars']>, mailboxZone: string): Calendar => ({
  id: row.id,
  owner: { kind: row.owner_kind, id: row.owner_id },
  name: row.name,
  slug: row.slug,
  color: row.color,
  description: row.description,
  timeZone: row.time_zone ?? mailboxZone,
  hasOwnTimeZone: row.time_zone !== null,
  components: row.components,
  isDefault: row.is_default,
  isTransparent: row.is_transparent,
  sortOrder: row.sort_order,
  deadProperties: row.dead_properties,
  createdAt: row.created_at,
  version: row.version,
});
