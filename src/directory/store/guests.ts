import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import { directoryFaults } from '../faults.ts';
import type { Guest, Sponsor } from '../model/guest.ts';
import { columnsOf } from './columns.ts';
import type { DirectoryTables, HolderKind } from './tables.ts';

interface GuestsTable {
  tenant_id: TenantId;
  account_id: AccountId;
  invited_address: string;
  invited_at: Date;
  invited_by: string;
  reason: string | null;
  consented_at: Date | null;
  stale_stage: Guest['staleStage'];
  stale_since: Date | null;
  kept_at: Date | null;
  orphaned_at: Date | null;
  ended_noted_at: Date | null;
  released_at: Date | null;
}
type Tables = DirectoryTables & { 'directory.guests': GuestsTable };

const db = (ctx: Pick<Context, 'tx'>) => sqlOf<Tables>(ctx);

/** One invitation of an address at a time in this tenant (ID-33); held until the transaction ends. */
export async function lockAddress(ctx: Context, address: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`guest:${ctx.tenantId}:${address.toLowerCase()}`}, 0))`.execute(
    db(ctx),
  );
}

/** Everything of the tenant that an address leads to, guests first: accounts, contacts and groups. */
export async function findByAddress(
  ctx: Context,
  address: string,
): Promise<{ kind: HolderKind; id: string } | undefined> {
  const lower = address.toLowerCase();
  const { rows } = await sql<{ kind: HolderKind; id: string }>`
    with candidates as (
      select 1 as rank, 'account' as kind, account_id as id from directory.guests
       where tenant_id = ${ctx.tenantId} and invited_address = ${lower} and released_at is null
      union all
      select 2, 'account', id from directory.accounts
       where tenant_id = ${ctx.tenantId} and deleted_at is null and mail_lower = ${lower}
      union all
      select 2, 'account', id from directory.accounts
       where tenant_id = ${ctx.tenantId} and deleted_at is null and user_principal_name_lower = ${lower}
      union all
      select 2, 'account', id from directory.accounts_with_other_mail(array[${lower}, ${address}]::text[]) as id
      union all
      select 3, 'account', account_id from directory.account_identities
       where tenant_id = ${ctx.tenantId} and issuer_assigned_id in (${lower}, ${address}) and not is_deleted
      union all
      select 4, holder_kind, holder_id from directory.addresses
       where tenant_id = ${ctx.tenantId} and address = ${lower})
    select kind, id from candidates c
     where kind <> 'account' or exists (
       select from directory.accounts a where a.tenant_id = ${ctx.tenantId} and a.id = c.id and a.deleted_at is null)
     order by rank limit 1`.execute(db(ctx));
  return rows[0];
}

/** Whether a sign-in name is free. */
export async function isPrincipalNameFree(ctx: Context, name: string): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    select exists (select from directory.accounts where tenant_id = ${ctx.tenantId}
      and user_principal_name_lower = lower(${name}) and deleted_at is null) as taken`.execute(db(ctx));
  return rows[0]?.taken === false;
}

/** Writes what is known of a new guest. A deleted guest who was invited by the same address gives it up. */
export async function insertGuest(
  ctx: Context,
  guest: Pick<Guest, 'accountId' | 'invitedAddress' | 'invitedBy' | 'reason'>,
): Promise<void> {
  await db(ctx)
    .updateTable('directory.guests')
    .set({ released_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('invited_address', '=', guest.invitedAddress)
    .where('released_at', 'is', null)
    .execute();
  await db(ctx)
    .insertInto('directory.guests')
    .values({
      tenant_id: ctx.tenantId,
      account_id: guest.accountId,
      invited_address: guest.invitedAddress,
      invited_at: ctx.now,
      invited_by: guest.invitedBy,
      reason: guest.reason,
      consented_at: null,
      stale_stage: null,
      stale_since: null,
      kept_at: null,
      orphaned_at: null,
      ended_noted_at: null,
      released_at: null,
    })
    .execute();
}

export async function findGuest(ctx: Context, accountId: AccountId): Promise<Guest | undefined> {
  const row = await db(ctx)
    .selectFrom('directory.guests')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row && toGuest(row);
}

/** The id of the guest who was invited by this address, if there is one who is not deleted. */
export async function findGuestIdByInvitedAddress(ctx: Context, address: string): Promise<AccountId | undefined> {
  const { rows } = await sql<{ id: AccountId }>`
    select g.account_id as id from directory.guests g
      join directory.accounts a on a.tenant_id = g.tenant_id and a.id = g.account_id and a.deleted_at is null
     where g.tenant_id = ${ctx.tenantId} and g.invited_address = ${address.toLowerCase()}
       and g.released_at is null`.execute(db(ctx));
  return rows[0]?.id;
}

/**
 * Gives a guest who is back the address by which they were invited, that an invitation to it leads to them and not to
 * somebody new. Deleted guests who have had it since give it up.
 * @throws address-taken where another guest has it by now.
 */
export async function reclaimInvitedAddress(ctx: Context, accountId: AccountId): Promise<void> {
  const guest = await findGuest(ctx, accountId);
  if (!guest) return;
  await lockAddress(ctx, guest.invitedAddress);
  const holder = await findGuestIdByInvitedAddress(ctx, guest.invitedAddress);
  if (holder === accountId) return;
  if (holder) throw directoryFaults.addressTaken(guest.invitedAddress);
  const ofAddress = db(ctx)
    .updateTable('directory.guests')
    .where('tenant_id', '=', ctx.tenantId)
    .where('invited_address', '=', guest.invitedAddress);
  await ofAddress.set({ released_at: ctx.now }).where('released_at', 'is', null).execute();
  await ofAddress.set({ released_at: null }).where('account_id', '=', accountId).execute();
}

/** The guest who is bound to an account at home. */
export async function findGuestIdAtHome(
  ctx: Context,
  homeTenantId: TenantId,
  homeAccountId: AccountId,
): Promise<AccountId | undefined> {
  const row = await db(ctx)
    .selectFrom('directory.accounts')
    .select('id')
    .where('tenant_id', '=', ctx.tenantId)
    .where('home_tenant_id', '=', homeTenantId)
    .where('home_account_id', '=', homeAccountId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row?.id;
}

/** Every guest who is bound to an account of another organisation. */
export async function listBoundGuests(
  ctx: Context,
): Promise<{ accountId: AccountId; homeTenantId: TenantId; homeAccountId: AccountId }[]> {
  const { rows } = await sql<{ accountId: AccountId; homeTenantId: TenantId; homeAccountId: AccountId }>`
    select id as "accountId", home_tenant_id as "homeTenantId", home_account_id as "homeAccountId"
      from directory.accounts
     where tenant_id = ${ctx.tenantId} and home_tenant_id is not null and home_account_id is not null
       and deleted_at is null`.execute(db(ctx));
  return rows;
}

export type GuestChanges = Partial<
  Pick<Guest, 'invitedAddress' | 'consentedAt' | 'staleStage' | 'staleSince' | 'keptAt' | 'orphanedAt' | 'endedNotedAt'>
>;

export async function updateGuest(ctx: Context, accountId: AccountId, changes: GuestChanges): Promise<void> {
  if (Object.keys(columnsOf(changes)).length === 0) return;
  await db(ctx)
    .updateTable('directory.guests')
    .set(columnsOf(changes) as never)
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .execute();
}

/** Makes `sponsors` those of an account, in place of the ones before. */
export async function writeSponsors(ctx: Context, accountId: AccountId, sponsors: readonly Sponsor[]): Promise<void> {
  await db(ctx)
    .deleteFrom('directory.sponsors')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .execute();
  if (sponsors.length === 0) return;
  await db(ctx)
    .insertInto('directory.sponsors')
    .values(
      sponsors.map(({ kind, id }) => ({
        tenant_id: ctx.tenantId,
        account_id: accountId,
        sponsor_kind: kind,
        sponsor_id: id,
        given_at: ctx.now,
      })),
    )
    .execute();
}

export async function readSponsors(ctx: Context, accountId: AccountId): Promise<Sponsor[]> {
  const rows = await db(ctx)
    .selectFrom('directory.sponsors')
    .select(['sponsor_kind', 'sponsor_id'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .orderBy('given_at')
    .orderBy('sponsor_id')
    .execute();
  return rows.map((row) => ({ kind: row.sponsor_kind, id: row.sponsor_id }));
}

/** What these ids are, of those that can answer for a guest: members who can sign in, and groups. */
export async function findPossibleSponsors(ctx: Context, ids: readonly string[]): Promise<Sponsor[]> {
  const { rows } = await sql<Sponsor>`
    select 'account' as kind, id from directory.accounts
     where tenant_id = ${ctx.tenantId} and id = any(${ids}::uuid[]) and deleted_at is null and account_enabled
       and user_type = 'Member'
    union all
    select 'group', id from directory.groups
     where tenant_id = ${ctx.tenantId} and id = any(${ids}::uuid[]) and deleted_at is null`.execute(db(ctx));
  return rows;
}

/** How many guests there are, and how many accounts are at home. */
export async function countPeople(ctx: Context): Promise<{ guests: number; atHome: number }> {
  const { rows } = await sql<{ guests: number; at_home: number }>`
    select count(*) filter (where user_type = 'Guest') as guests,
           count(*) filter (where user_type = 'Member' and creation_type is null) as at_home
      from directory.accounts where tenant_id = ${ctx.tenantId} and deleted_at is null`.execute(db(ctx));
  return { guests: rows[0]?.guests ?? 0, atHome: rows[0]?.at_home ?? 0 };
}

/** Runs `act` so that what it wrote can be taken back alone: a refused part does not spoil the whole. */
export async function inSavepoint<T>(ctx: Context, act: () => Promise<T>): Promise<T> {
  await sql`savepoint part`.execute(db(ctx));
  try {
    const result = await act();
    await sql`release savepoint part`.execute(db(ctx));
    return result;
  } catch (error) {
    await sql`rollback to savepoint part`.execute(db(ctx));
    throw error;
  }
}

function toGuest(row: GuestsTable): Guest {
  return {
    accountId: row.account_id,
    invitedAddress: row.invited_address,
    invitedAt: row.invited_at,
    invitedBy: row.invited_by,
    reason: row.reason,
    consentedAt: row.consented_at,
    staleStage: row.stale_stage,
    staleSince: row.stale_since,
    keptAt: row.kept_at,
    orphanedAt: row.orphaned_at,
    endedNotedAt: row.ended_noted_at,
  };
}

/** The guest whose home is this account. */
export async function findGuestIdOfHome(
  ctx: Context,
  home: { readonly tenantId: TenantId; readonly accountId: AccountId },
): Promise<AccountId | undefined> {
  const row = await db(ctx)
    .selectFrom('directory.accounts')
    .select('id')
    .where('tenant_id', '=', ctx.tenantId)
    .where('home_tenant_id', '=', home.tenantId)
    .where('home_account_id', '=', home.accountId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row?.id;
}
