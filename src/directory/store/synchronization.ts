import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { AccountId, GroupId, TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { SyncJob, SyncPerson, SyncSource, SyncState } from '../model/synchronization.ts';

interface Tables {
  'directory.sync_jobs': {
    tenant_id: string;
    partner_tenant_id: TenantId;
    state: SyncState;
    reason: string | null;
    removals_confirmed: number;
    busy_until: Date | null;
    busy_by: string | null;
    is_wanted_again: boolean;
    groups_digest: Buffer | null;
    started_at: Date | null;
    ended_at: Date | null;
    counts: SyncJob['counts'];
    failure: string | null;
  };
  'directory.sync_people': {
    tenant_id: string;
    partner_tenant_id: TenantId;
    account_id: AccountId;
    display_name: string;
    state: SyncPerson['state'];
    reason: string | null;
    digest: Buffer | null;
    remote_id: string | null;
    changed_at: Date;
  };
  'directory.brought_people': {
    tenant_id: string;
    account_id: AccountId;
    home_tenant_id: TenantId;
    digest: Buffer;
    changed_at: Date;
    is_disabled_by_home: boolean | null;
  };
  'directory.brought_groups': {
    tenant_id: string;
    group_id: GroupId;
    home_tenant_id: TenantId;
    home_group_id: string;
  };
}

const db = (ctx: Context) => sqlOf<Tables>(ctx);

/** The job towards one organisation; one that never ran is active. */
export async function findSyncJob(ctx: Context, partner: TenantId, options: { lock?: boolean } = {}): Promise<SyncJob> {
  if (options.lock)
    await db(ctx)
      .insertInto('directory.sync_jobs')
      .values({ tenant_id: ctx.tenantId, partner_tenant_id: partner, state: 'active' } as never)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  let query = db(ctx)
    .selectFrom('directory.sync_jobs')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner);
  if (options.lock) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return {
    partnerTenantId: partner,
    state: row?.state ?? 'active',
    reason: row?.reason ?? null,
    removalsConfirmed: row?.removals_confirmed ?? 0,
    busyUntil: row?.busy_until ?? null,
    busyBy: row?.busy_by ?? null,
    isWantedAgain: row?.is_wanted_again ?? false,
    groupsDigest: row?.groups_digest ?? null,
    startedAt: row?.started_at ?? null,
    endedAt: row?.ended_at ?? null,
    counts: row?.counts ?? {},
    failure: row?.failure ?? null,
  };
}

/** Writes into a job that was locked before. */
export async function changeSyncJob(
  ctx: Context,
  partner: TenantId,
  changes: Partial<Omit<SyncJob, 'partnerTenantId'>>,
): Promise<void> {
  const values = {
    state: changes.state,
    reason: changes.reason,
    removals_confirmed: changes.removalsConfirmed,
    busy_until: changes.busyUntil,
    busy_by: changes.busyBy,
    is_wanted_again: changes.isWantedAgain,
    groups_digest: changes.groupsDigest,
    started_at: changes.startedAt,
    ended_at: changes.endedAt,
    counts: changes.counts && (JSON.stringify(changes.counts) as never),
    failure: changes.failure,
  };
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  await db(ctx)
    .updateTable('directory.sync_jobs')
    .set(given)
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .execute();
}

/** Our people, or those of them with these ids; guests too, who say so. */
export async function listSyncSources(ctx: Context, ids?: readonly string[]): Promise<SyncSource[]> {
  const { rows } = await sql<SyncSource>`
    select id, user_principal_name as "userPrincipalName", display_name as "displayName", mail,
           account_enabled as "accountEnabled",
           (creation_type = 'Invitation' or external_user_state is not null or home_tenant_id is not null) is true
             as "isFromElsewhere",
           given_name as "givenName", surname, job_title as "jobTitle", department, company_name as "companyName",
           employee_id as "employeeId", office_location as "officeLocation", street_address as "streetAddress", city,
           state, postal_code as "postalCode", country, mobile_phone as "mobilePhone",
           business_phones[1] as "businessPhone", preferred_language as "preferredLanguage", manager_id as "managerId",
           array(select distinct lower(regexp_replace(one, '^smtp:', '', 'i'))
                   from unnest(array[user_principal_name, mail] || other_mails || proxy_addresses) one
                  where one is not null) as addresses
      from directory.accounts
     where tenant_id = ${ctx.tenantId} and deleted_at is null
       and (${ids === undefined} or id = any(${ids ?? []}::uuid[]))
     order by id`.execute(db(ctx));
  return rows;
}

export async function listSyncPeople(
  ctx: Context,
  partner: TenantId,
  options: { haveReason?: true; limit?: number; ids?: readonly string[] } = {},
): Promise<SyncPerson[]> {
  let query = db(ctx)
    .selectFrom('directory.sync_people')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .orderBy('account_id');
  if (options.haveReason) query = query.where('reason', 'is not', null);
  if (options.ids) query = query.where('account_id', 'in', options.ids as AccountId[]);
  if (options.limit !== undefined) query = query.limit(options.limit);
  const rows = await query.execute();
  return rows.map((row) => ({
    accountId: row.account_id,
    displayName: row.display_name,
    state: row.state,
    reason: row.reason,
    digest: row.digest,
    remoteId: row.remote_id,
    changedAt: row.changed_at,
  }));
}

export async function countSyncPeople(ctx: Context, partner: TenantId): Promise<Record<string, number>> {
  const rows = await db(ctx)
    .selectFrom('directory.sync_people')
    .select((one) => ['state', one.fn.countAll<string>().as('count')] as const)
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .groupBy('state')
    .execute();
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
}

export async function putSyncPerson(
  ctx: Context,
  partner: TenantId,
  person: Omit<SyncPerson, 'changedAt'>,
): Promise<void> {
  const values = {
    display_name: person.displayName,
    state: person.state,
    reason: person.reason,
    digest: person.digest,
    remote_id: person.remoteId,
    changed_at: ctx.now,
  };
  await db(ctx)
    .insertInto('directory.sync_people')
    .values({ tenant_id: ctx.tenantId, partner_tenant_id: partner, account_id: person.accountId, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'partner_tenant_id', 'account_id']).doUpdateSet(values))
    .execute();
}

export async function deleteSyncPerson(ctx: Context, partner: TenantId, id: AccountId): Promise<void> {
  await db(ctx)
    .deleteFrom('directory.sync_people')
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('account_id', '=', id)
    .execute();
}

/** Everybody, or everybody who was refused, is told of anew at the next cycle. */
export async function forgetSyncDigests(
  ctx: Context,
  partner: TenantId,
  options: { onlyRefused?: true },
): Promise<void> {
  let query = db(ctx)
    .updateTable('directory.sync_people')
    .set({ digest: null })
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner);
  if (options.onlyRefused) query = query.where('reason', 'is not', null);
  await query.execute();
}

/** What was last taken of somebody whom their home has brought. */
export interface Brought {
  readonly digest: Buffer;
  /** Whether it is home that keeps them from coming. */
  readonly isDisabledByHome: boolean;
}

/** Undefined: they came in another way. */
export async function findBrought(ctx: Context, id: AccountId): Promise<Brought | undefined> {
  const row = await db(ctx)
    .selectFrom('directory.brought_people')
    .select(['digest', 'is_disabled_by_home'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', id)
    .executeTakeFirst();
  // Not written down of old: then it was home.
  return row && { digest: row.digest, isDisabledByHome: row.is_disabled_by_home ?? true };
}

export async function putBrought(ctx: Context, id: AccountId, home: TenantId, brought: Brought): Promise<void> {
  const values = {
    home_tenant_id: home,
    digest: brought.digest,
    is_disabled_by_home: brought.isDisabledByHome,
    changed_at: ctx.now,
  };
  await db(ctx)
    .insertInto('directory.brought_people')
    .values({ tenant_id: ctx.tenantId, account_id: id, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'account_id']).doUpdateSet(values))
    .execute();
}

/** How many are here whom another organisation has brought. */
export async function countBrought(ctx: Context, home: TenantId): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from directory.brought_people b
      join directory.accounts a on a.tenant_id = b.tenant_id and a.id = b.account_id and a.deleted_at is null
     where b.tenant_id = ${ctx.tenantId} and b.home_tenant_id = ${home}`.execute(db(ctx));
  return rows[0]?.count ?? 0;
}

/** Somebody whom their home had brought and taken away again less than 30 days ago. */
export async function findTakenAway(
  ctx: Context,
  home: TenantId,
  homeAccountId: AccountId,
  since: Date,
): Promise<AccountId | undefined> {
  const { rows } = await sql<{ id: AccountId }>`
    select a.id from directory.accounts a
      join directory.brought_people b on b.tenant_id = a.tenant_id and b.account_id = a.id
     where a.tenant_id = ${ctx.tenantId} and a.home_tenant_id = ${home} and a.home_account_id = ${homeAccountId}
       and a.deleted_at >= ${since} order by a.deleted_at desc limit 1`.execute(db(ctx));
  return rows[0]?.id;
}

/** Groups that another organisation has brought, by their ids there. */
export async function listBroughtGroups(ctx: Context, home: TenantId): Promise<Map<string, GroupId>> {
  const rows = await db(ctx)
    .selectFrom('directory.brought_groups')
    .select(['group_id', 'home_group_id'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('home_tenant_id', '=', home)
    .execute();
  return new Map(rows.map((row) => [row.home_group_id, row.group_id]));
}

export async function putBroughtGroup(ctx: Context, home: TenantId, homeId: string, id: GroupId): Promise<void> {
  await db(ctx)
    .insertInto('directory.brought_groups')
    .values({ tenant_id: ctx.tenantId, group_id: id, home_tenant_id: home, home_group_id: homeId })
    .execute();
}
