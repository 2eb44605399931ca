import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { type GroupId, newId } from '../../kernel/ids.ts';
import { sqlOf, violatedConstraint } from '../../platform/database/index.ts';
import { type Listable, readPage } from '../../platform/database/page.ts';
import type { ListQuery, Page } from '../../platform/listing.ts';
import { directoryFaults } from '../faults.ts';
import type { Group, GroupChanges, NewGroup } from '../model/group.ts';
import { holdAddresses } from './addresses.ts';
import { columnsOf, fieldsOf } from './columns.ts';
import type { DirectoryTables } from './tables.ts';

const db = (ctx: Pick<Context, 'tx'>) => sqlOf<DirectoryTables>(ctx);

const selectGroups = (ctx: Context) =>
  db(ctx)
    .selectFrom('directory.groups as g')
    .select([
      'g.id',
      'g.kind',
      'g.display_name',
      'g.description',
      'g.mail',
      'g.mail_enabled',
      'g.mail_nickname',
      'g.security_enabled',
      'g.proxy_addresses',
      'g.visibility',
      'g.is_assignable_to_role',
      'g.preferred_language',
      'g.classification',
      'g.created_at',
      'g.deleted_at',
      'g.version',
    ])
    .where('g.tenant_id', '=', ctx.tenantId);

/** What groups can be filtered and sorted by, in the model's names. */
const GROUP_COLUMNS: Listable = {
  id: 'g.id',
  columns: {
    id: { kind: 'guid', column: 'g.id' },
    displayName: {
      kind: 'string',
      column: 'g.display_name',
      lowered: { column: 'g.display_name_lower', isOptional: false },
    },
    description: { kind: 'string', column: 'g.description' },
    mail: { kind: 'string', column: 'g.mail' },
    mailEnabled: { kind: 'boolean', column: 'g.mail_enabled' },
    mailNickname: { kind: 'string', column: 'g.mail_nickname' },
    securityEnabled: { kind: 'boolean', column: 'g.security_enabled' },
    proxyAddresses: { kind: 'string', column: 'g.proxy_addresses', collection: 'array' },
    groupTypes: { kind: 'string', column: 'g.group_types', collection: 'array' },
    visibility: { kind: 'string', column: 'g.visibility' },
    isAssignableToRole: { kind: 'boolean', column: 'g.is_assignable_to_role' },
    createdAt: { kind: 'instant', column: 'g.created_at' },
    deletedAt: { kind: 'instant', column: 'g.deleted_at' },
  },
};

/** Writes a new group. @throws address-taken, id-taken. */
export async function insertGroup(ctx: Context, group: NewGroup): Promise<Group> {
  const id = group.id ?? newId<'group'>();
  try {
    await db(ctx)
      .insertInto('directory.groups')
      .values({ ...columnsOf(group), id, tenant_id: ctx.tenantId, created_at: ctx.now } as never)
      .execute();
  } catch (error) {
    throw violatedConstraint(error) === 'groups_pkey' ? directoryFaults.idTaken() : error;
  }
  if (group.proxyAddresses) await holdAddresses(ctx, { kind: 'group', id }, group.proxyAddresses);
  return (await findGroup(ctx, id))!;
}

/** Changes what `changes` names. Returns the group as it is then, or undefined when there is none. */
export async function updateGroup(
  ctx: Context,
  id: GroupId,
  changes: GroupChanges & { deletedAt?: Date | null },
): Promise<Group | undefined> {
  // Writing its id alone still counts as a change: its members changed.
  await db(ctx)
    .updateTable('directory.groups')
    .set({ id, ...columnsOf(changes) } as never)
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
  if (changes.proxyAddresses) await holdAddresses(ctx, { kind: 'group', id }, changes.proxyAddresses);
  return findGroup(ctx, id, { deleted: changes.deletedAt instanceof Date });
}

/** The group with this id; a deleted one only where asked for. `lock` keeps it still until the transaction ends. */
export async function findGroup(
  ctx: Context,
  id: GroupId,
  options: { deleted?: boolean; lock?: boolean } = {},
): Promise<Group | undefined> {
  let query = selectGroups(ctx)
    .where('g.id', '=', id)
    .where('g.deleted_at', options.deleted ? 'is not' : 'is', null);
  if (options.lock) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return row && fieldsOf<Group>(row);
}

export async function listGroups(
  ctx: Context,
  asked: ListQuery,
  options: { deleted?: boolean; ids?: readonly string[] } = {},
): Promise<Page<Group>> {
  let query = selectGroups(ctx).where('g.deleted_at', options.deleted ? 'is not' : 'is', null);
  if (options.ids) query = query.where(sql<boolean>`g.id = any(${options.ids}::uuid[])`);
  const page = await readPage(query, GROUP_COLUMNS, asked);
  return { ...page, rows: page.rows.map((row) => fieldsOf<Group>(row)) };
}

/** Removes a deleted group for good. */
export async function eraseGroup(ctx: Context, id: GroupId): Promise<boolean> {
  const { numDeletedRows } = await db(ctx)
    .deleteFrom('directory.groups')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .where('deleted_at', 'is not', null)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
