import { operatorSettings } from '../kernel/administration.ts';
import type { Module } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import { purgeDeletedTenant, purgeDeletedTenants } from './jobs.ts';
import type { SettingsRegistry } from './model/settings-registry.ts';
import { settingsRoutes } from './routes/admin/settings.ts';

export interface TenantsPorts {
  readonly registry: () => SettingsRegistry;
}

/** Organisations, their domains, licences and storage, and what each has set. */
export function tenantsModule(ports: TenantsPorts): Module<Route> {
  return {
    name: 'tenants',
    settings: [operatorSettings],
    routes: [...settingsRoutes(ports.registry)],
    jobs: [purgeDeletedTenant],
    sweeps: [purgeDeletedTenants],
  };
}
