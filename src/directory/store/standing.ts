/** Who is here and what they hold, many at a time: for telling what a change would do. */
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import { GRANTS } from '../grants.ts';
import type { ExternalUserState, UserType } from '../model/account.ts';

/** As much of an account as decides what it may do. */
export interface Person {
  readonly id: AccountId;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly userType: UserType;
  readonly homeTenantId: TenantId | null;
  readonly homeAccountId: AccountId | null;
  readonly homeDomain: string | null;
  /** Lower case. */
  readonly mail: string | null;
  readonly externalUserState: ExternalUserState | null;
  readonly accountEnabled: boolean;
  readonly homeDisabledAt: Date | null;
  readonly endsAt: Date | null;
}

const columns = sql`a.id, a.display_name as "displayName", a.user_principal_name as "userPrincipalName",
  a.user_type as "userType", a.home_tenant_id as "homeTenantId", a.home_account_id as "homeAccountId", a.home_domain as "homeDomain", a.mail_lower as mail,
  a.external_user_state as "externalUserState", a.account_enabled as "accountEnabled", a.home_disabled_at as "homeDisabledAt", a.ends_at as "endsAt"`;

/** Everybody, in pages by id. */
export async function* eachPerson(ctx: Context, size: number): AsyncIterable<readonly Person[]> {
  for (let after: string | null = null; ; ) {
    const { rows }: { rows: Person[] } = await sql<Person>`
      select ${columns} from directory.accounts a
       where a.tenant_id = ${ctx.tenantId} and a.deleted_at is null and (${after}::uuid is null or a.id > ${after}::uuid)
       order by a.id limit ${size}`.execute(sqlOf(ctx));
    if (rows.length > 0) yield rows;
    if (rows.length < size) return;
    after = rows.at(-1)!.id;
  }
}

/** Everybody at home with the address they are looked up by, in pages by id. */
export async function* eachAddress(
  ctx: Context,
  size: number,
): AsyncIterable<readonly { readonly id: string; readonly address: string }[]> {
  for (let after: string | null = null; ; ) {
    const { rows }: { rows: { id: string; address: string }[] } = await sql<{ id: string; address: string }>`
      select a.id, a.user_principal_name_lower as address from directory.accounts a
       where a.tenant_id = ${ctx.tenantId} and a.deleted_at is null and a.user_type = 'Member'
         and (${after}::uuid is null or a.id > ${after}::uuid)
       order by a.id limit ${size}`.execute(sqlOf(ctx));
    if (rows.length > 0) yield rows;
    if (rows.length < size) return;
    after = rows.at(-1)!.id;
  }
}

/** Those of the ids who are here. */
export async function findPeople(ctx: Context, ids: readonly string[]): Promise<ReadonlyMap<string, Person>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<Person>`
    select ${columns} from directory.accounts a
     where a.tenant_id = ${ctx.tenantId} and a.deleted_at is null and a.id = any(${[...new Set(ids)]}::uuid[])`.execute(
    sqlOf(ctx),
  );
  return new Map(rows.map((person) => [person.id as string, person]));
}

/** Guests who have come, by the address that they proved. */
export async function findGuestsByMail(
  ctx: Context,
  addresses: readonly string[],
): Promise<readonly { readonly id: string; readonly mail: string }[]> {
  if (addresses.length === 0) return [];
  const { rows } = await sql<{ id: string; mail: string }>`
    select a.id, a.mail_lower as mail from directory.accounts a
     where a.tenant_id = ${ctx.tenantId} and a.deleted_at is null and a.user_type = 'Guest'
       and a.external_user_state = 'Accepted' and a.mail_lower = any(${[...new Set(addresses)]}::text[])`.execute(
    sqlOf(ctx),
  );
  return rows;
}

/** The administrative roles of everybody who has any, of their own or by a group. */
export async function listRolesByHolder(ctx: Context): Promise<ReadonlyMap<string, readonly string[]>> {
  const current = sql`(g.ends_at is null or g.ends_at > ${ctx.now})`;
  const { rows } = await sql<{ id: string; roles: string[] }>`
    with recursive holders(role, kind, id) as (
      select g.object_id, g.subject_kind, g.subject_id from access.grants g
       where g.tenant_id = ${ctx.tenantId} and g.object_kind = ${GRANTS.role.objectKind}
         and g.kind = ${GRANTS.role.kind} and ${current}
      union
      select h.role, g.subject_kind, g.subject_id from holders h
        join access.grants g on g.tenant_id = ${ctx.tenantId} and g.object_kind = 'group' and g.object_id = h.id
       where h.kind = 'group' and g.kind = ${GRANTS.member.kind} and ${current})
    select id, array_agg(distinct role order by role) as roles from holders
     where kind in ('account', 'guest') group by id`.execute(sqlOf(ctx));
  return new Map(rows.map(({ id, roles }) => [id, roles]));
}

export interface GroupStanding {
  readonly groupId: string;
  readonly accountId: string;
  readonly homeDomain: string | null;
}

/** Everybody who is directly in a group or owns it, each once for each group, in pages. */
export async function* eachInGroups(ctx: Context, size: number): AsyncIterable<readonly GroupStanding[]> {
  for (let from = undefined as GroupStanding | undefined; ; ) {
    const { rows }: { rows: GroupStanding[] } = await sql<GroupStanding>`
      select g.object_id as "groupId", g.subject_id as "accountId", max(g.home_domain) as "homeDomain"
        from access.grants g
       where g.tenant_id = ${ctx.tenantId} and g.object_kind = 'group'
         and g.kind in (${GRANTS.member.kind}, ${GRANTS.owner.kind}) and g.subject_kind in ('account', 'guest')
         and (g.ends_at is null or g.ends_at > ${ctx.now})
         and (${from?.groupId ?? null}::text is null or g.object_id >= ${from?.groupId ?? ''})
         and (${from?.groupId ?? null}::text is null or (g.object_id, g.subject_id) > (${from?.groupId ?? ''}, ${from?.accountId ?? ''}))
       group by g.object_id, g.subject_id order by g.object_id, g.subject_id limit ${size}`.execute(sqlOf(ctx));
    if (rows.length > 0) yield rows;
    if (rows.length < size) return;
    from = rows.at(-1);
  }
}

/** How each account stands to each group, of these: directly in it, or its owner. */
export async function listGroupStandings(
  ctx: Context,
  pairs: readonly { readonly groupId: string; readonly accountId: string }[],
): Promise<ReadonlyMap<string, { readonly isMember: boolean; readonly isOwner: boolean }>> {
  const { rows } = await sql<{ key: string; isMember: boolean; isOwner: boolean }>`
    select concat(g.object_id, ' ', g.subject_id) as key,
           bool_or(g.kind = ${GRANTS.member.kind}) as "isMember", bool_or(g.kind = ${GRANTS.owner.kind}) as "isOwner"
      from unnest(${pairs.map(({ groupId }) => groupId)}::text[], ${pairs.map(({ accountId }) => accountId)}::text[])
             as p(group_id, account_id)
      join access.grants g on g.tenant_id = ${ctx.tenantId} and g.object_kind = 'group' and g.object_id = p.group_id
       and g.subject_kind in ('account', 'guest') and g.subject_id = p.account_id
     where (g.ends_at is null or g.ends_at > ${ctx.now})
     group by g.object_id, g.subject_id`.execute(sqlOf(ctx));
  return new Map(rows.map(({ key, ...standing }) => [key, standing]));
}

/** What of these groups decides who may change them. */
export async function listGroupFacts(
  ctx: Context,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly isOpen: boolean; readonly isAssignableToRole: boolean }>> {
  const { rows } = await sql<{ id: string; isOpen: boolean; isAssignableToRole: boolean }>`
    select id, kind = 'shared' and visibility = 'Public' as "isOpen", is_assignable_to_role as "isAssignableToRole"
      from directory.groups
     where tenant_id = ${ctx.tenantId} and deleted_at is null and id = any(${[...new Set(ids)]}::uuid[])`.execute(
    sqlOf(ctx),
  );
  return new Map(rows.map(({ id, ...facts }) => [id, facts]));
}
