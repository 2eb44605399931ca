import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';

const db = (ctx: Pick<Context, 'tx'>) =>
  sqlOf<{ 'directory.invitation_blocks': { tenant_id: TenantId; address: string; blocked_at: Date } }>(ctx);

/** When the owner of `address` asked for no more invitations from this tenant; undefined when they did not. */
export async function findInvitationBlock(ctx: Context, address: string): Promise<Date | undefined> {
  const row = await db(ctx)
    .selectFrom('directory.invitation_blocks')
    .select('blocked_at')
    .where('tenant_id', '=', ctx.tenantId)
    .where('address', '=', address.toLowerCase())
    .executeTakeFirst();
  return row?.blocked_at;
}

/** Returns whether anything changed. */
export async function putInvitationBlock(ctx: Context, address: string): Promise<boolean> {
  const inserted = await db(ctx)
    .insertInto('directory.invitation_blocks')
    .values({ tenant_id: ctx.tenantId, address: address.toLowerCase(), blocked_at: ctx.now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('address')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Returns whether anything changed. */
export async function deleteInvitationBlock(ctx: Context, address: string): Promise<boolean> {
  const { numDeletedRows } = await db(ctx)
    .deleteFrom('directory.invitation_blocks')
    .where('tenant_id', '=', ctx.tenantId)
    .where('address', '=', address.toLowerCase())
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Tenants of this server where an address is a guest's or blocks invitations. For its proven owner alone. */
export async function listTenantsKnowingAddress(ctx: Pick<Context, 'tx'>, address: string): Promise<TenantId[]> {
  const { rows } = await sql<{ id: TenantId }>`
    select id from directory.tenants_knowing_address(${address}) as id order by id`.execute(db(ctx));
  return rows.map((row) => row.id);
}

/** Tenants of this server where somebody at home in `homeTenantId` is a guest. For that person alone. */
export async function listTenantsWithGuest(
  ctx: Pick<Context, 'tx'>,
  homeTenantId: TenantId,
  homeAccountId: string,
): Promise<TenantId[]> {
  const { rows } = await sql<{ id: TenantId }>`
    select id from directory.tenants_with_guest(${homeTenantId}::uuid, ${homeAccountId}::uuid) as id order by id`.execute(
    db(ctx),
  );
  return rows.map((row) => row.id);
}
