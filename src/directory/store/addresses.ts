import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
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
