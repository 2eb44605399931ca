import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { oneOf, sqlOf } from '../../platform/database/index.ts';
import { directoryFaults } from '../faults.ts';
import type { DirectoryTables, HolderKind } from './tables.ts';

/** The address in a `SMTP:` or `smtp:` entry, as it is compared. */
export const bareAddress = (entry: string) => entry.replace(/^[a-z]+:/i, '').toLowerCase();

/**
 * Makes `entries` the addresses of one holder, in place of those it had.
 * @throws address-taken when another account, group or contact holds one.
 */
export async function holdAddresses(
  ctx: Context,
  holder: { kind: HolderKind; id: string },
  entries: readonly string[],
): Promise<void> {
  const wanted = [...new Set(entries.map(bareAddress))];
  const db = sqlOf<DirectoryTables>(ctx);
  await db
    .deleteFrom('directory.addresses')
    .where('tenant_id', '=', ctx.tenantId)
    .where('holder_kind', '=', holder.kind)
    .where('holder_id', '=', holder.id)
    .where(sql<boolean>`not (address = any(${wanted}::text[]))`)
    .execute();
  if (wanted.length === 0) return;
  // Whoever holds one keeps it; a concurrent claim waits here for the other's end.
  const { rows } = await sql<{ address: string }>`
    insert into directory.addresses (tenant_id, address, holder_kind, holder_id)
    select ${ctx.tenantId}, address, ${holder.kind}, ${holder.id} from unnest(${wanted}::text[]) as address
    on conflict on constraint addresses_key do update set holder_id = directory.addresses.holder_id
      where directory.addresses.holder_kind = excluded.holder_kind and directory.addresses.holder_id = excluded.holder_id
    returning address`.execute(db);
  const held = new Set(rows.map((row) => row.address));
  const taken = wanted.find((address) => !held.has(address));
  if (taken !== undefined) throw directoryFaults.addressTaken(taken);
}

/** Who holds an address, and how they are called. */
export interface AddressHolder {
  /** As it was asked for, lower case. */
  readonly address: string;
  readonly kind: HolderKind;
  readonly id: string;
  readonly displayName: string;
  /** Of an account: whether it is at home here. A guest's address leads elsewhere. */
  readonly isMember: boolean;
}

/**
 * The holders of addresses here, in one statement; addresses of nobody are left out. A sign-in name counts as an address,
 * as people type either.
 */
export async function findAddressHolders(ctx: Context, addresses: readonly string[]): Promise<AddressHolder[]> {
  if (addresses.length === 0) return [];
  const wanted = oneOf([...new Set(addresses.map((address) => address.toLowerCase()))], 'text');
  const { rows } = await sql<AddressHolder>`
    with found as (
      select a.address, a.holder_kind as kind, a.holder_id as id
        from directory.addresses a
       where a.tenant_id = ${ctx.tenantId} and a.address ${wanted}
      union
      select u.user_principal_name_lower, 'account', u.id
        from directory.accounts u
       where u.tenant_id = ${ctx.tenantId} and u.user_principal_name_lower ${wanted}
         and u.deleted_at is null)
    select distinct on (f.address) f.address, f.kind, f.id::text as id,
           coalesce(u.display_name, g.display_name, c.display_name) as "displayName",
           u.user_type is not distinct from 'Member' as "isMember"
      from found f
      left join directory.accounts u on u.tenant_id = ${ctx.tenantId} and f.kind = 'account' and u.id = f.id
      left join directory.groups g on g.tenant_id = ${ctx.tenantId} and f.kind = 'group' and g.id = f.id
      left join directory.contacts c on c.tenant_id = ${ctx.tenantId} and f.kind = 'contact' and c.id = f.id
     where coalesce(u.deleted_at, g.deleted_at, c.deleted_at) is null
     order by f.address, f.kind`.execute(sqlOf<DirectoryTables>(ctx));
  return rows.filter((row) => row.displayName !== null);
}

/** Every address of these accounts, their sign-in names too, lower case, in one statement. */
export async function listAddressesOf(
  ctx: Context,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (accountIds.length === 0) return new Map();
  const { rows } = await sql<{ id: string; addresses: string[] }>`
    select id, array_remove(array[user_principal_name_lower, mail_lower], null) || proxy_addresses as addresses
      from directory.accounts
     where tenant_id = ${ctx.tenantId} and id ${oneOf(accountIds, 'uuid')} and deleted_at is null`.execute(
    sqlOf<DirectoryTables>(ctx),
  );
  return new Map(rows.map(({ id, addresses }) => [id, addresses.map(bareAddress)]));
}
