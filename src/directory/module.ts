import type { AnyQuestion, Module, Partners, Run } from '../kernel/module.ts';
import type { Arrivals, GuestParting } from '../partners/index.ts';
import type { Route } from '../platform/http/route.ts';
import { directoryActs, directoryChanges } from './events.ts';
import { createGroups, manageGroups } from './questions/groups.ts';
import {
  importGuests,
  leaveOrganisation,
  manageExternalCollaboration,
  manageGuests,
  readOutgoingMail,
  resetRedemptionOf,
  resetRoleHolder,
  seeOneself,
} from './questions/guests.ts';
import { manageAccounts, manageRoles, readDirectory } from './questions/people.ts';
import { manageSynchronization } from './questions/synchronization.ts';
import { departureRoute } from './routes/admin/departures.ts';
import { guestImportRoutes } from './routes/admin/guest-imports.ts';
import { guestDomainRoutes } from './routes/admin/guest-settings.ts';
import { guestRoutes } from './routes/admin/guests.ts';
import { sentMailRoutes } from './routes/admin/mail.ts';
import { reviewRoutes } from './routes/admin/reviews.ts';
import { synchronizationRoutes } from './routes/admin/synchronization.ts';
import { authorizationPolicyRoutes } from './routes/graph/authorization-policy.ts';
import { contactRoutes } from './routes/graph/contacts.ts';
import { deletedItemRoutes } from './routes/graph/deleted-items.ts';
import { deltaRoutes } from './routes/graph/delta.ts';
import { groupRoutes } from './routes/graph/groups.ts';
import { invitationRoutes } from './routes/graph/invitations.ts';
import { objectRoutes } from './routes/graph/objects.ts';
import { roleRoutes } from './routes/graph/roles.ts';
import { type UserPorts, userRoutes } from './routes/graph/users.ts';
import { blockedOrganisationRoutes } from './routes/me/blocked-organisations.ts';
import { ownMailRoutes } from './routes/me/mail.ts';
import { myOrganisationRoutes, organisationsElsewhereRoutes } from './routes/me/organisations.ts';
import { directoryAccess, externalCollaboration, staleGuests, synchronization } from './settings.ts';
import {
  acceptInvitation,
  bringPeople,
  changeAccount,
  changeGroup,
  inviteGuest,
  signInHere,
} from './usecases/asked.ts';
import { bringAfterChanges, bringJob, bringSweep } from './usecases/bring-people.ts';
import { purgeDeletedAccounts } from './usecases/delete-account.ts';
import { directoryGivers } from './usecases/givers.ts';
import { groupWithheld } from './usecases/group-withheld.ts';
import { purgeDeletedGroups } from './usecases/groups.ts';
import { admitsDomain } from './usecases/guest-domains.ts';
import { guestImportJob, importMailFailed } from './usecases/import-guests.ts';
import { sendPasscodeJob } from './usecases/passcodes.ts';
import { closeReviewJob, sweepReviews } from './usecases/reviews.ts';
import { directoryStanding } from './usecases/standing.ts';
import type { GoingOutPorts } from './usecases/standing-of-goers.ts';
import { type ElsewherePorts, stayRequests } from './usecases/stays-elsewhere.ts';
import { sweepEndedGuests, sweepStaleGuests } from './usecases/sweep-guests.ts';
import { takePeopleRequest } from './usecases/take-people.ts';
import { directoryTies } from './usecases/ties.ts';

export interface DirectoryPorts extends UserPorts, GoingOutPorts {
  readonly run: Run;
  readonly arrivals: Arrivals;
  readonly guestParting: GuestParting;
  /** Every question that is asked anywhere, by which the power of roles is weighed. */
  readonly questions: () => readonly AnyQuestion[];
  readonly addresses: { origin(): string };
  /** The way to other organisations. */
  readonly partners: Partners;
  readonly homes: ElsewherePorts['homes'];
  readonly toldOf: ElsewherePorts['toldOf'];
  readonly configuration: { readonly publicUrl?: string | undefined; readonly demo: boolean };
}

/** People, guests, groups and contacts of each organisation, and who administers it. */
export function directoryModule(ports: DirectoryPorts): Module<Route> {
  const bringing = { run: ports.run, partners: () => ports.partners };
  const links = { publicUrl: ports.configuration.publicUrl };
  return {
    name: 'directory',
    settings: [directoryAccess, externalCollaboration, staleGuests, synchronization],
    questions: [
      manageAccounts,
      manageGroups,
      manageRoles,
      readDirectory,
      changeAccount,
      createGroups,
      changeGroup,
      signInHere,
      inviteGuest,
      acceptInvitation,
      leaveOrganisation,
      importGuests,
      manageGuests,
      seeOneself,
      manageExternalCollaboration,
      readOutgoingMail,
      resetRedemptionOf,
      resetRoleHolder,
      manageSynchronization,
      bringPeople,
    ],
    withheld: groupWithheld,
    givers: directoryGivers(ports.questions),
    routes: [
      ...invitationRoutes({ ...links, ...ports }),
      ...authorizationPolicyRoutes,
      ...guestDomainRoutes,
      ...blockedOrganisationRoutes(ports),
      ...guestImportRoutes(links),
      ...guestRoutes(ports),
      departureRoute,
      ...reviewRoutes(ports),
      ...myOrganisationRoutes(ports),
      ...organisationsElsewhereRoutes(ports),
      ...sentMailRoutes,
      // Until there are mailboxes, and only where letters stay on this server.
      ...(ports.configuration.demo ? ownMailRoutes : []),
      ...userRoutes(ports),
      ...groupRoutes(ports),
      ...contactRoutes(ports),
      ...roleRoutes(ports),
      ...deletedItemRoutes(ports),
      ...deltaRoutes(ports),
      ...objectRoutes,
      ...synchronizationRoutes(bringing),
    ],
    changes: directoryChanges,
    standing: directoryStanding(ports),
    ties: directoryTies,
    admits: admitsDomain,
    sharedActs: directoryActs,
    partnerRequests: [takePeopleRequest, ...stayRequests],
    jobs: [sendPasscodeJob, guestImportJob(ports), closeReviewJob(ports), bringJob(bringing)],
    sweeps: [
      { name: 'directory.purge-accounts', cron: '17 * * * *', run: purgeDeletedAccounts },
      { name: 'directory.purge-groups', cron: '47 * * * *', run: purgeDeletedGroups },
      { name: 'directory.ended-guests', cron: '*/10 * * * *', run: sweepEndedGuests },
      { name: 'directory.reviews', cron: '*/5 * * * *', run: (ctx) => sweepReviews(ctx, ports) },
      { name: 'directory.stale-guests', cron: '31 3 * * *', run: sweepStaleGuests },
      bringSweep,
    ],
    subscribers: [importMailFailed, bringAfterChanges],
  };
}
