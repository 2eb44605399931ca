import type { Module } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import {
  acceptInvitation,
  goOut,
  inviteGuest,
  leaveOrganisation,
  manageAccounts,
  manageExternalCollaboration,
  readOutgoingMail,
  resetRedemptionOf,
  resetRoleHolder,
  seeOneself,
} from './questions.ts';
import { guestDomainRoutes } from './routes/admin/guest-settings.ts';
import { authorizationPolicyRoutes } from './routes/graph/authorization-policy.ts';
import { invitationRoutes } from './routes/graph/invitations.ts';
import { externalCollaboration, partnerCollaboration, staleGuests } from './settings.ts';

export interface DirectoryPorts {
  readonly configuration: { readonly publicUrl?: string | undefined };
}

/** People, guests, groups and contacts of each organisation, and who administers it. */
export function directoryModule(ports: DirectoryPorts): Module<Route> {
  return {
    name: 'directory',
    settings: [externalCollaboration, staleGuests, partnerCollaboration],
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
    ],
    routes: [
      ...invitationRoutes({ publicUrl: ports.configuration.publicUrl }),
      ...authorizationPolicyRoutes,
      ...guestDomainRoutes,
    ],
    jobs: [],
    sweeps: [],
    subscribers: [],
  };
}
