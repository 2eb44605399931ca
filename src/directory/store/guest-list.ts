import { type RawBuilder, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import { type GuestState, type ListedGuest, STATE_SENTENCES } from '../model/guest.ts';

/** From when on a guest who never came, or no longer comes, is stale. */
export interface StaleBefore {
  readonly invited: Date;
  readonly lastSeen: Date;
  /** Organisations that look after the people they brought: those are neither stale nor orphaned. */
  readonly followedHomes: readonly string[];
}

export interface GuestFilter {
  readonly ids?: readonly string[];
  readonly state?: GuestState;
  readonly sponsorId?: string;
  readonly isOrphaned?: boolean;
  readonly isStale?: boolean;
  /** The domain that guests come from. */
  readonly organisation?: string;
  readonly search?: string;
  /** The id of the last one of the page before. */
  readonly before?: string;
  readonly limit: number;
}

/** Somebody or a group that can still answer for guests. */
const livingSponsor = sql`(
  (s.sponsor_kind = 'account' and exists (select from directory.accounts p where p.tenant_id = s.tenant_id
     and p.id = s.sponsor_id and p.deleted_at is null and p.user_type = 'Member'))
  or (s.sponsor_kind = 'group' and exists (select from directory.groups p where p.tenant_id = s.tenant_id
     and p.id = s.sponsor_id and p.deleted_at is null)))`;

/** Guests of the tenant, the newest first, with what an administrator wants to see of them. */
export async function listGuests(ctx: Context, filter: GuestFilter, stale: StaleBefore): Promise<ListedGuest[]> {
  const conditions: RawBuilder<unknown>[] = [];
  if (filter.ids) conditions.push(sql`id = any(${filter.ids}::uuid[])`);
  conditions.push(filter.state ? sql`state = ${filter.state}` : sql`state <> 'deleted'`);
  if (filter.sponsorId !== undefined)
    conditions.push(sql`exists (select from directory.sponsors s where s.tenant_id = ${ctx.tenantId}
      and s.account_id = shown.id and s.sponsor_id = ${filter.sponsorId}::uuid)`);
  if (filter.isOrphaned !== undefined) conditions.push(sql`is_orphaned = ${filter.isOrphaned}`);
  if (filter.isStale !== undefined) conditions.push(sql`is_stale = ${filter.isStale}`);
  if (filter.organisation !== undefined) conditions.push(sql`organisation = ${filter.organisation.toLowerCase()}`);
  if (filter.search !== undefined) {
    const like = `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
    conditions.push(sql`(display_name ilike ${like} or mail ilike ${like})`);
  }
  if (filter.before !== undefined) conditions.push(sql`id < ${filter.before}::uuid`);

  const { rows } = await sql<GuestRow>`
    select shown.*, coalesce((
      select jsonb_agg(jsonb_build_object('kind', s.sponsor_kind, 'id', s.sponsor_id, 'displayName',
               coalesce(p.display_name, t.display_name, '')) order by s.given_at, s.sponsor_id)
        from directory.sponsors s
        left join directory.accounts p on p.tenant_id = s.tenant_id and p.id = s.sponsor_id and p.deleted_at is null
        left join directory.groups t on t.tenant_id = s.tenant_id and t.id = s.sponsor_id and t.deleted_at is null
       where s.tenant_id = ${ctx.tenantId} and s.account_id = shown.id), '[]') as sponsors
      from (
        select a.id, a.display_name, a.user_principal_name, a.mail, a.user_type, a.home_domain as organisation,
               coalesce(g.invited_at, a.created_at) as invited_at, g.reason, a.last_sign_in_at, a.ends_at,
               case when a.external_user_state = 'Accepted' then a.external_user_state_changed_at end as accepted_at,
               case when a.deleted_at is not null then 'deleted'
                    when g.orphaned_at is not null and not a.account_enabled then 'orphaned'
                    when g.stale_stage = 'disabled' and not a.account_enabled then 'stale'
                    when not a.account_enabled then 'blocked'
                    when a.ends_at <= ${ctx.now} then 'ended'
                    when a.external_user_state = 'PendingAcceptance' then 'invited'
                    else 'active' end as state,
               case when b.home_tenant_id = any(${stale.followedHomes}::uuid[]) then false
                    when a.external_user_state = 'PendingAcceptance'
                    then greatest(a.external_user_state_changed_at, g.kept_at) < ${stale.invited}
                    else greatest(a.last_sign_in_at, a.external_user_state_changed_at, g.kept_at) < ${stale.lastSeen}
               end as is_stale,
               (b.home_tenant_id = any(${stale.followedHomes}::uuid[])) is not true
                 and not exists (select from directory.sponsors s
                                  where s.tenant_id = a.tenant_id and s.account_id = a.id and ${livingSponsor})
                 as is_orphaned
          from directory.accounts a
          left join directory.guests g on g.tenant_id = a.tenant_id and g.account_id = a.id
          left join directory.brought_people b on b.tenant_id = a.tenant_id and b.account_id = a.id
         where a.tenant_id = ${ctx.tenantId} and (a.user_type = 'Guest' or a.creation_type = 'Invitation')) as shown
     where ${sql.join(conditions, sql` and `)} order by id desc limit ${filter.limit}`.execute(sqlOf(ctx));
  return rows.map((row) => ({
    id: row.id,
    displayName: row.display_name,
    userPrincipalName: row.user_principal_name,
    mail: row.mail,
    userType: row.user_type,
    organisation: row.organisation,
    state: row.state,
    stateSentence: STATE_SENTENCES[row.state],
    invitedAt: row.invited_at,
    acceptedAt: row.accepted_at,
    lastSignInAt: row.last_sign_in_at,
    endsAt: row.ends_at,
    reason: row.reason,
    isStale: row.is_stale ?? false,
    isOrphaned: row.is_orphaned,
    sponsors: row.sponsors,
  }));
}

interface GuestRow {
  id: AccountId;
  display_name: string;
  user_principal_name: string;
  mail: string | null;
  user_type: 'Guest' | 'Member';
  organisation: string | null;
  state: GuestState;
  invited_at: Date;
  accepted_at: Date | null;
  last_sign_in_at: Date | null;
  ends_at: Date | null;
  reason: string | null;
  is_stale: boolean | null;
  is_orphaned: boolean;
  sponsors: ListedGuest['sponsors'];
}

/** Guests who stand in one stage of the sweep since before a moment. */
export async function listInStage(ctx: Context, stage: 'warned' | 'disabled', before: Date): Promise<AccountId[]> {
  const { rows } = await sql<{ id: AccountId }>`
    select g.account_id as id from directory.guests g
      join directory.accounts a on a.tenant_id = g.tenant_id and a.id = g.account_id and a.deleted_at is null
     where g.tenant_id = ${ctx.tenantId} and g.stale_stage = ${stage} and g.stale_since <= ${before}
     order by g.account_id limit 1000`.execute(sqlOf(ctx));
  return rows.map((row) => row.id);
}

/** Guests whose stay ended and is not carried out yet. */
export async function listNewlyEnded(ctx: Context): Promise<AccountId[]> {
  const { rows } = await sql<{ id: AccountId }>`
    select a.id from directory.accounts a
      join directory.guests g on g.tenant_id = a.tenant_id and g.account_id = a.id and g.ended_noted_at is null
     where a.tenant_id = ${ctx.tenantId} and a.ends_at <= ${ctx.now} and a.deleted_at is null
     order by a.id limit 1000`.execute(sqlOf(ctx));
  return rows.map((row) => row.id);
}

/** Guests for whom nobody else answers than this account or group. */
export async function listSolelySponsored(ctx: Context, sponsorId: string): Promise<AccountId[]> {
  const { rows } = await sql<{ id: AccountId }>`
    select a.id from directory.sponsors mine
      join directory.accounts a on a.tenant_id = mine.tenant_id and a.id = mine.account_id and a.deleted_at is null
     where mine.tenant_id = ${ctx.tenantId} and mine.sponsor_id = ${sponsorId}::uuid
       and not exists (select from directory.sponsors s
                        where s.tenant_id = a.tenant_id and s.account_id = a.id and s.sponsor_id <> mine.sponsor_id
                          and ${livingSponsor})
     order by a.id`.execute(sqlOf(ctx));
  return rows.map((row) => row.id);
}

/** Mail addresses of those who answer for a guest. */
export async function listSponsorMails(
  ctx: Context,
  accountId: AccountId,
): Promise<{ mail: string; displayName: string; preferredLanguage: string | null }[]> {
  const { rows } = await sql<{ mail: string; displayName: string; preferredLanguage: string | null }>`
    select p.mail, p.display_name as "displayName", p.preferred_language as "preferredLanguage"
      from directory.sponsors s join directory.accounts p on p.tenant_id = s.tenant_id and p.id = s.sponsor_id
     where s.tenant_id = ${ctx.tenantId} and s.account_id = ${accountId} and p.deleted_at is null and p.mail is not null
    union
    select p.mail, p.display_name, p.preferred_language
      from directory.sponsors s join directory.groups p on p.tenant_id = s.tenant_id and p.id = s.sponsor_id
     where s.tenant_id = ${ctx.tenantId} and s.account_id = ${accountId} and p.deleted_at is null and p.mail is not null
     order by 1`.execute(sqlOf(ctx));
  return rows;
}
