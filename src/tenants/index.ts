export { SettingsRegistry } from './model/settings-registry.ts';
export { listSettings } from './store/settings.ts';
export { findTenant, findTenantIdByDomain } from './store/tenants.ts';
