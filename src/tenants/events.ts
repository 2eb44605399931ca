/**
 * The topic on which a change of a tenant, its domains or its settings is announced, so that no node answers from an
 * old copy. `payload.tenantId` names the tenant where the host speaks for it (created, purged).
 */
export const TENANT_CHANGED = 'tenants.changed';
