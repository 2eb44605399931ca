export { TENANT_CHANGED } from './events.ts';
export { type DomainName, displayDomainName, domainOf, parseDomainName } from './model/domain-name.ts';
export { SettingsRegistry } from './model/settings-registry.ts';
export { tenantsModule } from './module.ts';
export { administerSettings } from './questions.ts';
export { listSettings } from './store/settings.ts';
export { findTenant, findTenantIdByDomain, listTenantIds, type TenantRecord } from './store/tenants.ts';
export { type ChangeSettingsOptions, changeSettings } from './usecases/change-settings.ts';
export {
  deleteTenant,
  purgeTenant,
  renameTenant,
  restoreTenant,
  resumeTenant,
  suspendTenant,
} from './usecases/change-tenant-state.ts';
export { createTenant, type NewTenant } from './usecases/create-tenant.ts';
export { findTenantByAddress } from './usecases/find-tenant-by-address.ts';
