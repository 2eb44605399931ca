export { TENANT_CHANGED } from './events.ts';
export type { DomainReference } from './model/domain.ts';
export { type DomainName, displayDomainName, domainOf, parseDomainName } from './model/domain-name.ts';
export { SettingsRegistry } from './model/settings-registry.ts';
export type { TenantsPorts } from './module.ts';
export { tenantsModule } from './module.ts';
export { administerSettings } from './questions.ts';
export { brandingSettings, organizationSettings } from './settings.ts';
export { listSettings } from './store/settings.ts';
export { findTenant, findTenantIdByDomain, type TenantRecord } from './store/tenants.ts';
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
export { type DomainPorts, requireVerifiedDomain } from './usecases/domains.ts';
export { findTenantByAddress } from './usecases/find-tenant-by-address.ts';
