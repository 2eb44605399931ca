export { SettingsRegistry } from './model/settings-registry.ts';
export { listSettings } from './store/settings.ts';
export { findTenant, findTenantIdByDomain, listTenantIds } from './store/tenants.ts';
