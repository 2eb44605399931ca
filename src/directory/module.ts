import type { Module, Run } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import {
  acceptInvitation,
  goOut,
  importGuests,
  inviteGuest,
  leaveOrganisation,
  manageAccounts,
  manageExternalCollaboration,
  manageGuests,
  readOutgoingMail,
  resetRedemptionOf,
  resetRoleHolder,
  seeOneself,
} from './questions.ts';
import { guestImportRoutes } from './routes/admin/guest-imports.ts';
import { guestDomainRoutes } from './routes/admin/guest-settings.ts';
import { authorizationPolicyRoutes } from './routes/graph/authorization-policy.ts';
import { invitationRoutes } from './routes/graph/invitations.ts';
import { blockedOrganisationRoutes } from './routes/me/blocked-organisations.ts';
import { externalCollaboration, partnerCollaboration, staleGuests } from './settings.ts';
import { guestImportJob, importMailFailed } from './usecases/import-guests.ts';
import { sendPasscodeJob } from './usecases/passcodes.ts';

export interface DirectoryPorts {
  readonly run: Run;
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
      importGuests,
      manageGuests,
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
      ...blockedOrganisationRoutes(ports),
      ...guestImportRoutes({ publicUrl: ports.configuration.publicUrl }),
    ],
    jobs: [sendPasscodeJob, guestImportJob(ports)],
    sweeps: [],
    subscribers: [importMailFailed],
  };
}
