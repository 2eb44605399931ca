import { LRUCache } from 'lru-cache';
import type { Tx } from '../kernel/context.ts';
import { kernelFaults } from '../kernel/fault.ts';
import { HOST, type TenantId } from '../kernel/ids.ts';
import { soundAgreements } from '../partners/index.ts';
import type { Bus } from '../platform/bus.ts';
import type { Database } from '../platform/database/index.ts';
import { findTenant, listSettings, type SettingsRegistry, TENANT_CHANGED } from '../tenants/index.ts';
import { hostState, type TenantState } from './work.ts';

/** Tenants kept in memory. A tenant's settings are a few kilobytes; the rest are read again when asked for. */
const KEPT_AT_MOST = 5_000;

/**
 * Tenants and their settings, in memory until announced changed. Many requests that miss at once share one read.
 * A change is seen here as soon as its announcement arrives, a few milliseconds after its commit.
 */
export function createTenantStates(options: {
  database: Database;
  bus: Bus;
  registry: SettingsRegistry;
  /** Told of a tenant whose settings rest on an agreement that is not what was signed. */
  onUnsound(id: TenantId): void;
}) {
  const host = hostState(options.registry.snapshot([]));
  const known = new LRUCache<TenantId, Promise<TenantState>>({ max: KEPT_AT_MOST });
  options.bus.on(TENANT_CHANGED, ({ tenantId, payload }) => {
    known.delete((payload.tenantId ?? tenantId) as TenantId);
  });
  options.bus.onGap(() => known.clear());

  async function read(id: TenantId): Promise<TenantState> {
    return options.database.transaction({ tenantId: id, readOnly: true }, async (tx) => {
      const tenant = await findTenant({ tx }, id);
      if (!tenant) throw kernelFaults.notFound();
      return { tenant, settings: options.registry.snapshot(await soundSettings({ tx, tenantId: id })) };
    });
  }

  /** What an agreement holds counts while what is stored of it is, byte for byte, what both signed. */
  async function soundSettings(where: { tx: Tx; tenantId: TenantId }) {
    const rows = await listSettings(where);
    const agreements = [...new Set(rows.flatMap(({ agreementId }) => agreementId ?? []))];
    if (agreements.length === 0) return rows;
    const sound = await soundAgreements(where, agreements);
    if (agreements.some((id) => !sound.has(id))) options.onUnsound(where.tenantId);
    return rows.filter(({ agreementId }) => agreementId === null || sound.has(agreementId));
  }

  return {
    async stateOf(id: TenantId): Promise<TenantState> {
      if (id === HOST) return host;
      let state = known.get(id);
      if (!state) {
        state = read(id);
        known.set(id, state);
        // A failed read is not remembered.
        state.catch(() => known.get(id) === state && known.delete(id));
      }
      return state;
    },
    /** Called right after a commit here, so that the caller's next request already sees it. */
    forget(id: TenantId): void {
      known.delete(id);
    },
  };
}
