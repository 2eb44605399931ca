import type { Module, Partners, Run } from '../kernel/module.ts';
import { type MayUseFromNetwork, partnerAccess } from '../partners/index.ts';
import type { Route } from '../platform/http/route.ts';
import { calendarActs, calendarChanges } from './events.ts';
import { type AvailabilityRequest, availabilityRequest } from './model/availability.ts';
import { type MailTipsRequest, mailTipsRequest } from './model/mail-tips.ts';
import { administerCalendars, sharedCalendarsUse, sharedContactsUse } from './questions/calendars.ts';
import { organizationRelationshipRoutes } from './routes/admin/organization-relationships.ts';
import { outsideShareRoutes } from './routes/admin/outside-shares.ts';
import { partnerViewRoutes } from './routes/admin/partner-views.ts';
import { placeRoutes } from './routes/admin/places.ts';
import { sharingPolicyRoutes } from './routes/admin/sharing-policies.ts';
import { davRoutes } from './routes/dav/index.ts';
import { attachmentRoutes } from './routes/graph/attachments.ts';
import { calendarPermissionRoutes } from './routes/graph/calendar-permissions.ts';
import { calendarRoutes } from './routes/graph/calendars.ts';
import { capabilityRoutes } from './routes/graph/capabilities.ts';
import { type EventPorts, eventRoutes } from './routes/graph/events.ts';
import { mailTipsRoutes } from './routes/graph/mail-tips.ts';
import { mailboxRoutes } from './routes/graph/mailbox-settings.ts';
import { meetingTimesRoutes } from './routes/graph/meeting-times.ts';
import { meetingActionRoutes } from './routes/graph/meetings.ts';
import { roomRoutes } from './routes/graph/places.ts';
import { reminderRoutes } from './routes/graph/reminders.ts';
import { scheduleRoutes } from './routes/graph/schedules.ts';
import { todoRoutes } from './routes/graph/todo.ts';
import { addressBookRoutes } from './routes/me/address-books.ts';
import { deliveryReportRoutes } from './routes/me/delivery-reports.ts';
import { calendarFileRoutes } from './routes/me/files.ts';
import { meetingRoutes } from './routes/me/meetings.ts';
import { publicationRoutes } from './routes/me/publication.ts';
import { sharedCalendarRoutes } from './routes/me/shared-calendars.ts';
import { linkRoutes } from './routes/public/links.ts';
import {
  calendarDefaults,
  defaultCapabilities,
  mailTips,
  organizationRelationships,
  partnerCapabilities,
  sharingPolicies,
} from './settings.ts';
import { countUntold } from './store/scheduling.ts';
import { listRecurringWith } from './store/ties.ts';
import { measuredTerms } from './usecases/agreed-opens.ts';
import {
  addressBookUse,
  calendarPermissions,
  calendarShare,
  calendarUse,
  contactsShare,
  expandGroup,
  linkRead,
  ownCalendars,
  ownContacts,
  readAddressList,
} from './usecases/asked.ts';
import { type AttachmentPorts, sweepAttachments } from './usecases/attachments.ts';
import { voidCapabilities } from './usecases/capabilities.ts';
import type { CheckPorts } from './usecases/check-relationship.ts';
import { enforceSharing } from './usecases/enforce-sharing.ts';
import { forgetGoneInstances } from './usecases/follow-view.ts';
import { followedCalendars } from './usecases/followed.ts';
import { forgetOwner } from './usecases/forget-owner.ts';
import { freeBusyRead, freeBusyStanding } from './usecases/free-busy.ts';
import { calendarGivers } from './usecases/givers.ts';
import { type ImportPorts, importJob, sweepImports } from './usecases/import-file.ts';
import { type LinkPorts, sealOf, sweepEndedShares } from './usecases/links.ts';
import { AVAILABILITY, answerAvailability, mayLookOut } from './usecases/look-up-availability.ts';
import { answerMailTips, MAIL_TIPS, mailTipsRead } from './usecases/mail-tips.ts';
import { placeAnewJob } from './usecases/mailbox-settings.ts';
import { moveWindows, moveWindowsJob } from './usecases/move-windows.ts';
import { availabilityCheck } from './usecases/partner-checks.ts';
import { ENFORCE_SHARING } from './usecases/policies.ts';
import { remind } from './usecases/reminders.ts';
import { bringInvitations, scheduleRequest, sendAgain, sendMessagesJob, sweepMessages } from './usecases/sending.ts';
import { settingsRules } from './usecases/settings-rules.ts';
import { sharedBookRequests } from './usecases/shared-books.ts';
import { mayOpenShared, sharedRequests } from './usecases/shared-calendars.ts';
import { objectsOfSharedRequest } from './usecases/shared-objects.ts';
import { sharingWithheld } from './usecases/sharing-withheld.ts';
import { answerStanding, STANDING, standingRequest } from './usecases/standing.ts';
import { sharingStanding } from './usecases/standing-rights.ts';
import { calendarsTies } from './usecases/ties.ts';
import { messagesTrace, traceRequest } from './usecases/tracing.ts';
import { sweepUploads } from './usecases/upload-sessions.ts';

export interface CalendarsPorts extends LinkPorts, EventPorts, AttachmentPorts, ImportPorts {
  /** The way to other organisations. */
  readonly partners: Partners;
  readonly mayUseFromNetwork: MayUseFromNetwork;
  readonly run: Run;
  /** Says what is wrong with an address that a stranger's server may be at; undefined: nothing. */
  readonly problemOfEndpoint: (address: string) => Promise<string | undefined>;
  readonly testPartnership: CheckPorts['testPartnership'];
}

/** Calendars of people, rooms and groups: who sees what of them, here and in other organisations. */
export function calendarsModule(ports: CalendarsPorts): Module<Route> {
  return {
    name: 'calendars',
    partnerChecks: [availabilityCheck(ports)],
    untold: async (ctx, { domains }) => ({ ...(await countUntold(ctx, domains)), reason: null }),
    tellAgain: (ctx, { domains }) => sendAgain(ctx, domains),
    agreementTerms: measuredTerms,
    settingsRules,
    settings: [
      calendarDefaults,
      organizationRelationships,
      defaultCapabilities,
      partnerCapabilities,
      sharingPolicies,
      mailTips,
    ],
    questions: [
      calendarUse,
      calendarPermissions,
      calendarShare,
      contactsShare,
      linkRead,
      sharedCalendarsUse,
      mayOpenShared,
      ownCalendars,
      ownContacts,
      addressBookUse,
      sharedContactsUse,
      readAddressList,
      expandGroup,
      administerCalendars,
      freeBusyRead,
      mailTipsRead,
      bringInvitations,
      mayLookOut,
      messagesTrace,
    ],
    routes: [
      ...calendarRoutes,
      ...mailboxRoutes,
      ...todoRoutes,
      ...eventRoutes(ports),
      ...attachmentRoutes(ports),
      ...meetingActionRoutes,
      ...reminderRoutes,
      ...roomRoutes,
      ...calendarPermissionRoutes(ports),
      ...sharedCalendarRoutes(ports),
      ...publicationRoutes(ports),
      ...addressBookRoutes(ports),
      ...linkRoutes(ports),
      ...scheduleRoutes(ports),
      ...meetingTimesRoutes(ports),
      ...mailTipsRoutes(ports),
      ...organizationRelationshipRoutes(ports),
      ...sharingPolicyRoutes,
      ...capabilityRoutes,
      ...partnerViewRoutes,
      ...outsideShareRoutes(ports),
      ...placeRoutes(),
      ...meetingRoutes(),
      ...deliveryReportRoutes(ports),
      ...calendarFileRoutes(ports),
      ...davRoutes(ports),
    ],
    changes: calendarChanges,
    ties: calendarsTies,
    goingOn: listRecurringWith,
    standing: [...sharingStanding, freeBusyStanding],
    givers: calendarGivers(ports),
    withheld: sharingWithheld,
    followed: [followedCalendars],
    sharedActs: calendarActs,
    jobs: [
      placeAnewJob,
      moveWindowsJob,
      sendMessagesJob(ports),
      importJob(ports),
      { name: ENFORCE_SHARING, run: enforceSharing },
    ],
    sweeps: [
      { name: ENFORCE_SHARING, cron: '43 2 * * *', run: enforceSharing },
      { name: 'calendars.ended-shares', cron: '*/10 * * * *', run: sweepEndedShares },
      { name: 'calendars.gone-instances', cron: '41 4 * * *', run: forgetGoneInstances },
      { name: 'calendars.attachments', cron: '53 4 * * *', run: (ctx) => sweepAttachments(ctx, ports) },
      { name: 'calendars.imports', cron: '11 5 * * *', run: (ctx) => sweepImports(ctx, ports) },
      { name: 'calendars.uploads', cron: '7 5 * * *', run: (ctx) => sweepUploads(ctx, ports) },
      { name: 'calendars.move-windows', cron: '17 3 * * *', run: (ctx) => moveWindows(ctx) },
      { name: 'calendars.messages', cron: '20 3 * * *', run: sweepMessages },
      { name: 'calendars.reminders', cron: '* * * * *', run: remind },
    ],
    sealed: [{ table: 'calendars.links', column: 'token_sealed', contextOf: ({ id }) => sealOf(String(id)) }],
    subscribers: [
      {
        name: 'calendars.sharing-policy-changed',
        to: ['tenants.setting-changed'],
        async handle(ctx, event) {
          const cap: readonly string[] = [sharingPolicies.name, defaultCapabilities.name, partnerCapabilities.name];
          if (event.targets.some(({ id }) => cap.includes(id))) await enforceSharing(ctx);
        },
      },
      {
        name: 'calendars.partner-entry-changed',
        to: ['tenants.setting-changed'],
        async handle(ctx, event) {
          if (event.targets.some(({ id }) => id === partnerAccess.name))
            await voidCapabilities(ctx, String(event.facts.target));
        },
      },
      {
        name: 'calendars.owner-erased',
        to: ['directory.account-purged', 'directory.group-purged'],
        handle: forgetOwner,
      },
    ],
    partnerRequests: [
      {
        name: AVAILABILITY,
        shape: availabilityRequest,
        transaction: 'read',
        concerns: ({ targets }: AvailabilityRequest) => targets,
        answer: answerAvailability,
      },
      {
        name: MAIL_TIPS,
        shape: mailTipsRequest,
        transaction: 'read',
        concerns: ({ recipients }: MailTipsRequest) => recipients,
        answer: answerMailTips,
      },
      { name: STANDING, shape: standingRequest, transaction: 'read', isRoutine: true, answer: answerStanding },
      scheduleRequest,
      traceRequest,
      ...sharedRequests,
      ...sharedBookRequests,
      objectsOfSharedRequest,
    ],
  };
}
