import type { Module } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import {
  acceptInvitation,
  createGroups,
  goOut,
  inviteGuest,
  leaveOrganisation,
  manageAccounts,
  manageExternalCollaboration,
  manageRoles,
  readDirectory,
  readOutgoingMail,
  resetRedemptionOf,
  resetRoleHolder,
  seeOneself,
} from './questions.ts';
import { guestDomainRoutes } from './routes/admin/guest-settings.ts';
import { authorizationPolicyRoutes } from './routes/graph/authorization-policy.ts';
import { contactRoutes } from './routes/graph/contacts.ts';
import { deletedItemRoutes } from './routes/graph/deleted-items.ts';
import { deltaRoutes } from './routes/graph/delta.ts';
import { groupRoutes } from './routes/graph/groups.ts';
import { invitationRoutes } from './routes/graph/invitations.ts';
import { objectRoutes } from './routes/graph/objects.ts';
import { roleRoutes } from './routes/graph/roles.ts';
import { type UserPorts, userRoutes } from './routes/graph/users.ts';
import { directoryAccess, externalCollaboration, partnerCollaboration, staleGuests } from './settings.ts';
import { changeAccount, changeGroup } from './usecases/asked.ts';
import { purgeDeletedAccounts } from './usecases/delete-account.ts';
import { purgeDeletedGroups } from './usecases/groups.ts';

export interface DirectoryPorts extends UserPorts {
  readonly configuration: { readonly publicUrl?: string | undefined };
}

/** People, guests, groups and contacts of each organisation, and who administers it. */
export function directoryModule(ports: DirectoryPorts): Module<Route> {
  return {
    name: 'directory',
    settings: [directoryAccess, externalCollaboration, staleGuests, partnerCollaboration],
    questions: [
      manageAccounts,
      inviteGuest,
      acceptInvitation,
      leaveOrganisation,
      goOut,
      seeOneself,
      manageExternalCollaboration,
      readOutgoingMail,
      resetRedemptionOf,
      resetRoleHolder,
      manageRoles,
      readDirectory,
      changeAccount,
      createGroups,
      changeGroup,
    ],
    routes: [
      ...invitationRoutes({ publicUrl: ports.configuration.publicUrl }),
      ...authorizationPolicyRoutes,
      ...guestDomainRoutes,
      ...userRoutes(ports),
      ...groupRoutes(ports),
      ...contactRoutes(ports),
      ...roleRoutes(ports),
      ...deletedItemRoutes(ports),
      ...deltaRoutes(ports),
      ...objectRoutes,
    ],
    jobs: [],
    sweeps: [
      { name: 'directory.purge-accounts', cron: '17 * * * *', run: purgeDeletedAccounts },
      { name: 'directory.purge-groups', cron: '47 * * * *', run: purgeDeletedGroups },
    ],
    subscribers: [],
  };
}
