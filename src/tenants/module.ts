import { operatorSettings } from '../kernel/administration.ts';
import type { Module } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import { purgeDeletedTenant, purgeDeletedTenants } from './jobs.ts';

/** Organisations, their domains, licences and storage, and what each has set. */
export function tenantsModule(): Module<Route> {
  return {
    name: 'tenants',
    settings: [operatorSettings],
    jobs: [purgeDeletedTenant],
    sweeps: [purgeDeletedTenants],
  };
}
