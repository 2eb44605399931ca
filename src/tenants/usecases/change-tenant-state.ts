import { operateServer } from '../../kernel/administration.ts';
import type { Context } from '../../kernel/context.ts';
import { HOST, type TenantId } from '../../kernel/ids.ts';
import { TENANT_CHANGED } from '../events.ts';
import { tenantsFaults } from '../faults.ts';
import { findTenantRecord, lockTenant, purgeTenantRows, type TenantRecord, updateTenant } from '../store/tenants.ts';
import { parseDisplayName } from './create-tenant.ts';

/** How long a deleted tenant can be restored, in days. */
export const RESTORE_DAYS = 30;
const DAY = 86_400_000;

/** From now on the tenant can be read and not changed (XC-4). Call it in that tenant's context. */
export const suspendTenant = (ctx: Context) =>
  changeState(ctx, 'suspended', ['active'], 'tenants.tenant-suspended', { state: 'suspended', suspendedAt: ctx.now });

export const resumeTenant = (ctx: Context) =>
  changeState(ctx, 'resumed', ['suspended'], 'tenants.tenant-resumed', { state: 'active', suspendedAt: null });

/** Closes the tenant. Its data stays for 30 days, then the sweep purges it. */
export const deleteTenant = (ctx: Context) =>
  changeState(ctx, 'deleted', ['active', 'suspended'], 'tenants.tenant-deleted', {
    state: 'deleted',
    deletedAt: ctx.now,
  });

/** Takes a deletion back. What was suspended before is suspended again. */
export async function restoreTenant(ctx: Context): Promise<void> {
  const before = await lockForOperator(ctx);
  if (isPastRestoring(before, ctx.now)) throw tenantsFaults.restoreTooLate();
  const state = before.suspendedAt ? 'suspended' : 'active';
  await changeState(ctx, 'restored', ['deleted'], 'tenants.tenant-restored', { state, deletedAt: null });
}

export async function renameTenant(ctx: Context, displayName: string): Promise<void> {
  const before = await lockForOperator(ctx);
  const name = parseDisplayName(displayName);
  await updateTenant(ctx, { displayName: name });
  await tell(ctx, 'tenants.tenant-renamed', before, [{ name: 'displayName', old: before.displayName, new: name }]);
}

/**
 * Removes a deleted tenant and every row it owns, for ever; its blobs follow. Call it in the host's context.
 * @throws tenants.wrong-state when it is not deleted.
 */
export async function purgeTenant(ctx: Context, id: TenantId): Promise<void> {
  await ctx.demand(operateServer, undefined, 'operate');
  const tenant = await findTenantRecord(ctx, id);
  if (!tenant || ctx.tenantId !== HOST) throw tenantsFaults.tenantNotFound();
  if (tenant.state !== 'deleted') throw tenantsFaults.wrongState('purged', tenant.state);
  await purgeTenantRows(ctx, id);
  ctx.record({
    action: 'tenants.tenant-purged',
    category: 'TenantManagement',
    targets: [{ kind: 'tenant', id, displayName: tenant.displayName }],
  });
  // After the commit: a purge that is rolled back has lost nothing.
  await ctx.defer(ERASE_BLOBS, { purged: id }, { key: `${ERASE_BLOBS}:${id}`, maxAttempts: ERASE_TRIES });
  await ctx.announce(TENANT_CHANGED, { tenantId: id });
}

/** The job that removes what a purged tenant kept in the blob store. */
export const ERASE_BLOBS = 'tenants.erase-blobs';
/** Tries grow apart up to some days: a store that is away for long is waited for. */
const ERASE_TRIES = 25;

/** Whether the days of grace after a deletion are over. */
export const isPastRestoring = (tenant: Pick<TenantRecord, 'deletedAt'>, now: Date): boolean =>
  tenant.deletedAt !== null && now.getTime() - tenant.deletedAt.getTime() >= RESTORE_DAYS * DAY;

async function changeState(
  ctx: Context,
  wanted: string,
  from: readonly TenantRecord['state'][],
  action: string,
  changes: Partial<Pick<TenantRecord, 'state' | 'suspendedAt' | 'deletedAt'>>,
): Promise<void> {
  const before = await lockForOperator(ctx);
  if (!from.includes(before.state)) throw tenantsFaults.wrongState(wanted, before.state);
  await updateTenant(ctx, changes);
  await tell(ctx, action, before, [{ name: 'state', old: before.state, new: changes.state }]);
}

async function lockForOperator(ctx: Context): Promise<TenantRecord> {
  await ctx.demand(operateServer, undefined, 'operate');
  const tenant = await lockTenant(ctx);
  if (!tenant) throw tenantsFaults.tenantNotFound();
  return tenant;
}

async function tell(
  ctx: Context,
  action: string,
  tenant: TenantRecord,
  changes: { name: string; old: unknown; new: unknown }[],
): Promise<void> {
  ctx.record({
    action,
    category: 'TenantManagement',
    targets: [{ kind: 'tenant', id: tenant.id, displayName: tenant.displayName, changes }],
  });
  await ctx.announce(TENANT_CHANGED, {});
}
