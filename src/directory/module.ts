import type { Module } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import { createGroups, manageAccounts, manageRoles, readDirectory } from './questions.ts';
import { directoryAccess, externalCollaboration } from './settings.ts';
import { changeAccount, changeGroup } from './usecases/asked.ts';
import { purgeDeletedAccounts } from './usecases/delete-account.ts';
import { purgeDeletedGroups } from './usecases/groups.ts';

/** People, guests, groups and contacts of each organisation, and who administers it. */
export function directoryModule(): Module<Route> {
  return {
    name: 'directory',
    settings: [directoryAccess, externalCollaboration],
    questions: [manageAccounts, manageRoles, readDirectory, changeAccount, createGroups, changeGroup],
    routes: [],
    jobs: [],
    sweeps: [
      { name: 'directory.purge-accounts', cron: '17 * * * *', run: purgeDeletedAccounts },
      { name: 'directory.purge-groups', cron: '47 * * * *', run: purgeDeletedGroups },
    ],
    subscribers: [],
  };
}
