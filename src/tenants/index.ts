export { TENANT_CHANGED } from './events.ts';
export type { DomainReference } from './model/domain.ts';
export { type DomainName, domainOf, parseDomainName } from './model/domain-name.ts';
export { type LicenceFacts, planId, type ServicePlan, skuId } from './model/licence.ts';
export { SettingsRegistry } from './model/settings-registry.ts';
export type { StoragePoolName } from './model/storage.ts';
export type { TenantsPorts } from './module.ts';
export { tenantsModule } from './module.ts';
export { serviceIsLicensed } from './questions.ts';
export { organizationSettings } from './settings.ts';
export { fingerprintOfSettings, listSettings, lockSettings } from './store/settings.ts';
export {
  findTenant,
  findTenantIdByDomain,
  findTenantIdOutside,
  hasTenants,
  listTenantIds,
  type TenantRecord,
} from './store/tenants.ts';
export { type ChangeSettingsOptions, changeSettings, readStored, removeSettings } from './usecases/change-settings.ts';
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
export { type HoldPorts, holdSettings } from './usecases/hold-settings.ts';
export {
  assignLicense,
  changeSubscription,
  countIdentitySeats,
  gatherLicence,
  gatherLicences,
  type HeldLicence,
  type LicenceChanges,
  type LicencePorts,
  type LicenceSubject,
  type LicencesRead,
  licenceFault,
  licenceNow,
  listHeldLicences,
  readLicences,
  releaseLicences,
  removeSubscription,
  requireLicencesFor,
} from './usecases/licences.ts';
export type { HealthPart, OperatorPorts, PeopleCount } from './usecases/operate.ts';
export type { TextNames } from './usecases/settings-text-ports.ts';
export { limitStorage, readStorage, releaseStorage, reserveStorage } from './usecases/storage.ts';
