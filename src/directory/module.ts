import type { Module } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';

/** People, guests, groups and contacts of each organisation, and who administers it. */
export function directoryModule(): Module<Route> {
  return {
    name: 'directory',
    settings: [],
    routes: [],
    jobs: [],
    sweeps: [],
    subscribers: [],
  };
}
