import { operateServer, operatorSettings } from '../kernel/administration.ts';
import type { TenantId } from '../kernel/ids.ts';
import type { Module } from '../kernel/module.ts';
import type { SettingsSnapshot } from '../kernel/settings.ts';
import { DnsError, type TxtResolver } from '../platform/dns.ts';
import type { Route } from '../platform/http/route.ts';
import {
  type BlobPorts,
  erasePurgedBlobs,
  purgeDeletedTenant,
  purgeDeletedTenants,
  removeUnfinishedTenant,
} from './jobs.ts';
import type { TxtLookup } from './model/domain.ts';
import {
  administerDirectorySources,
  administerDomains,
  administerLicenses,
  administerOrganization,
  administerSettings,
  takeEverything,
} from './questions.ts';
import { directorySourceRoutes } from './routes/admin/directory-sources.ts';
import { exportRoute } from './routes/admin/export.ts';
import { settingsRoutes } from './routes/admin/settings.ts';
import { type SettingsTextRoutePorts, settingsTextRoutes } from './routes/admin/settings-text.ts';
import { type DomainRoutePorts, domainRoutes } from './routes/graph/domains.ts';
import { organizationRoutes } from './routes/graph/organization.ts';
import { subscribedSkuRoutes } from './routes/graph/subscribed-skus.ts';
import { operatorRoutes } from './routes/operator/tenants.ts';
import { brandingRoute } from './routes/web/branding.ts';
import { brandingSettings, organizationSettings } from './settings.ts';
import type { ExportPorts } from './usecases/export-tenant.ts';
import type { OperatorPorts } from './usecases/operate.ts';
import { partnerSettingsTie } from './usecases/partner-settings-tie.ts';
import { driftSubscriber, driftSweep } from './usecases/settings-drift.ts';
import { settingsTrial } from './usecases/settings-text.ts';

const QUESTIONS = [
  operateServer,
  administerDomains,
  administerOrganization,
  administerLicenses,
  administerDirectorySources,
  takeEverything,
];

export interface TenantsPorts
  extends Omit<DomainRoutePorts, 'dns'>,
    OperatorPorts,
    ExportPorts,
    BlobPorts,
    SettingsTextRoutePorts {
  readonly resolver: TxtResolver;
  /** A tenant's settings from memory, for the few answers given before a tenant is entered. */
  settingsOf(id: TenantId): Promise<SettingsSnapshot>;
}

/** Organisations, their domains, licences and storage, and what each has set. */
export function tenantsModule(ports: TenantsPorts): Module<Route> {
  return {
    name: 'tenants',
    settings: [organizationSettings, brandingSettings, operatorSettings],
    routes: [
      ...settingsRoutes(ports.registry, ports.rules),
      ...settingsTextRoutes(ports),
      ...domainRoutes({ ...ports, dns: txtLookup(ports.resolver) }),
      ...organizationRoutes(),
      ...subscribedSkuRoutes(ports),
      ...directorySourceRoutes(),
      ...operatorRoutes(ports),
      exportRoute(ports),
      brandingRoute(ports.settingsOf),
    ],
    // A group of settings is asked about by its own question, and all groups are known only once all modules are.
    get questions() {
      return [...QUESTIONS, ...ports.registry().all().map(administerSettings)];
    },
    jobs: [purgeDeletedTenant, erasePurgedBlobs(ports), removeUnfinishedTenant(ports)],
    sweeps: [purgeDeletedTenants, driftSweep(ports)],
    subscribers: [driftSubscriber(ports)],
    trials: [settingsTrial(ports)],
    ties: [partnerSettingsTie(ports.registry)],
  };
}

/** TXT records by name; a name that does not exist has none. */
const txtLookup = (resolver: TxtResolver): TxtLookup => ({
  txt: (name) =>
    resolver.txt(name).catch((error: unknown) => {
      if (error instanceof DnsError && error.code === 'no-such-name') return [];
      throw error;
    }),
});
