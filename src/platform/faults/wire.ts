import type { FaultKind } from '../../kernel/fault.ts';

interface Wire {
  readonly http: number;
  readonly graph: string;
  readonly smtp: string;
}

/** How each kind of fault looks on each wire. The only place where these numbers are written. */
export const WIRE = {
  invalid: { http: 400, graph: 'invalidRequest', smtp: '501 5.5.4' },
  unauthenticated: { http: 401, graph: 'InvalidAuthenticationToken', smtp: '530 5.7.0' },
  forbidden: { http: 403, graph: 'accessDenied', smtp: '550 5.7.1' },
  'not-found': { http: 404, graph: 'itemNotFound', smtp: '550 5.1.1' },
  conflict: { http: 409, graph: 'nameAlreadyExists', smtp: '451 4.3.0' },
  gone: { http: 410, graph: 'itemNotFound', smtp: '550 5.1.6' },
  stale: { http: 412, graph: 'resourceModified', smtp: '451 4.3.0' },
  'too-large': { http: 413, graph: 'invalidRequest', smtp: '552 5.3.4' },
  locked: { http: 423, graph: 'notAllowed', smtp: '450 4.2.1' },
  throttled: { http: 429, graph: 'activityLimitReached', smtp: '450 4.7.0' },
  internal: { http: 500, graph: 'generalException', smtp: '451 4.3.0' },
  unsupported: { http: 501, graph: 'notSupported', smtp: '504 5.5.4' },
  unavailable: { http: 503, graph: 'serviceNotAvailable', smtp: '451 4.3.2' },
  'over-quota': { http: 507, graph: 'quotaLimitReached', smtp: '452 4.2.2' },
} as const satisfies Record<FaultKind, Wire>;

/** Faults whose Graph code the reference product fixed: `module.code` here, its word there. */
export const GRAPH_CODES: Readonly<Record<string, string>> = {
  'directory.invitations-disabled': 'invitationsDisabled',
  'directory.member-invite-not-allowed': 'memberInviteNotAllowed',
  'directory.internal-domain': 'internalDomain',
  'directory.domain-not-allowed': 'domainNotAllowed',
  'directory.blocked-by-cross-tenant-access': 'blockedByCrossTenantAccess',
  'directory.conflicting-object': 'conflictingObject',
  'directory.guest-quota-exceeded': 'guestQuotaExceeded',
  'tenants.service-plan-disabled': 'servicePlanDisabled',
  'calendars.external-sharing-not-allowed': 'ErrorNotAllowedExternalSharingByPolicy',
  'calendars.recipient-not-allowed': 'ErrorUserNotAllowedByPolicy',
  'calendars.permission-not-allowed': 'ErrorPermissionNotAllowedByPolicy',
  'calendars.invalid-name': 'invalidName',
  'calendars.invalid-domain': 'invalidDomain',
  'calendars.invalid-enum': 'invalidEnum',
  'calendars.invalid-endpoint': 'invalidEndpoint',
  'calendars.invalid-scope-group': 'invalidScopeGroup',
  'calendars.own-domain': 'ownDomain',
  'calendars.name-in-use': 'nameInUse',
  'calendars.domain-in-other-relationship': 'domainInOtherRelationship',
  'calendars.invalid-time-interval': 'ErrorInvalidTimeInterval',
  'calendars.time-interval-too-big': 'ErrorTimeIntervalTooBig',
  'calendars.invalid-merged-interval': 'ErrorInvalidMergedFreeBusyInterval',
  'calendars.too-many-mailboxes': 'ErrorIndividualMailboxLimitReached',
  'calendars.unknown-time-zone': 'ErrorTimeZone',
  'calendars.invalid-sharing-data': 'ErrorInvalidSharingData',
  'calendars.invalid-sharing-message': 'ErrorInvalidSharingMessage',
  'calendars.invalid-sharing-initiator': 'ErrorInvalidExternalSharingInitiator',
  'calendars.invalid-sharing-subscriber': 'ErrorInvalidExternalSharingSubscriber',
  'calendars.sharing-ended': 'ErrorSharingSynchronizationFailed',
  'calendars.sharing-synchronization-failed': 'ErrorSharingSynchronizationFailed',
  'odata.resync-required': 'resyncRequired',
};
