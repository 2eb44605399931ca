import { Fault } from '../kernel/fault.ts';

/** Faults of accounts, groups and contacts. */
export const directoryFaults = {
  principalNameTaken: (name: string) =>
    new Fault('conflict', 'directory.principal-name-taken', `Somebody already signs in as "${name}".`),
  addressTaken: (address: string) =>
    new Fault('conflict', 'directory.address-taken', `The address "${address}" is already in use here.`),
  identityTaken: () =>
    new Fault('conflict', 'directory.conflicting-object', 'This identity already belongs to another account here.'),
  idTaken: () => new Fault('conflict', 'directory.id-taken', 'An object with this id already exists.'),
  notAnAddress: (text: string) => new Fault('invalid', 'directory.not-an-address', `"${text}" is not an address.`),
  unverifiedDomain: (domain: string) =>
    new Fault('invalid', 'directory.unverified-domain', `"${domain}" is not a verified domain of this organisation.`, {
      domain,
    }),
  reservedCharacter: () => new Fault('invalid', 'directory.reserved-character', 'A sign-in name cannot contain "#".'),
  lastAdministrator: () =>
    new Fault(
      'conflict',
      'directory.last-administrator',
      'This would leave the organisation without a global administrator who can sign in. Appoint another one first.',
    ),
  alreadyMember: () =>
    new Fault(
      'invalid',
      'directory.already-member',
      "One or more added object references already exist for the following modified properties: 'members'.",
    ),
  alreadyOwner: () =>
    new Fault(
      'invalid',
      'directory.already-owner',
      "One or more added object references already exist for the following modified properties: 'owners'.",
    ),
  membershipCycle: () =>
    new Fault(
      'invalid',
      'directory.membership-cycle',
      'A group cannot be a member of itself, directly or through others.',
    ),
  lastOwner: () =>
    new Fault('invalid', 'directory.last-owner', 'A shared group keeps at least one owner. Add another one first.'),
  notAssignableToRole: () =>
    new Fault('invalid', 'directory.not-assignable-to-role', 'This group cannot carry an administrative role.'),
  nestedRoleGroup: () =>
    new Fault(
      'invalid',
      'directory.nested-role-group',
      'A group that can carry an administrative role has people as its members, no groups.',
    ),
  /** The follower's token is too old, of another history, or was not made for this. `location` is where to begin anew. */
  tooManySponsors: () => new Fault('invalid', 'directory.too-many-sponsors', 'A guest has at most five sponsors.'),
  stale: () => new Fault('stale', 'directory.stale', 'It was changed in the meantime. Read it again first.'),
  usageLocationMissing: () =>
    new Fault('invalid', 'directory.usage-location-missing', 'Set the country of use (usageLocation) first.'),
};

/** Faults of invitations, redemption and the life of a guest. */
export const guestFaults = {
  redirectUrlInvalid: () =>
    new Fault(
      'invalid',
      'directory.redirect-url-invalid',
      'The redirect address must be https, or an app scheme that this organisation permits.',
    ),
  invitationsDisabled: (facts: Readonly<Record<string, unknown>>) =>
    new Fault('forbidden', 'directory.invitations-disabled', 'You may not invite guests to this organisation.', facts),
  memberInviteNotAllowed: (facts: Readonly<Record<string, unknown>>) =>
    new Fault('forbidden', 'directory.member-invite-not-allowed', 'Only administrators invite members.', facts),
  internalDomain: (domain: string) =>
    new Fault(
      'invalid',
      'directory.internal-domain',
      `"${domain}" is a domain of this organisation, so its people cannot be invited as guests.`,
    ),
  domainNotAllowed: (domain: string, list: string, facts: Readonly<Record<string, unknown>>) =>
    new Fault(
      'forbidden',
      'directory.domain-not-allowed',
      list === 'allowedDomains'
        ? `Guests may come only from allowed domains, and "${domain}" is not on the list.`
        : `"${domain}" is on this organisation's list of blocked domains.`,
      { list, ...facts },
    ),
  blockedByCrossTenantAccess: (facts: Readonly<Record<string, unknown>>) =>
    new Fault(
      'forbidden',
      'directory.blocked-by-cross-tenant-access',
      'Collaboration with this organisation is blocked.',
      facts,
    ),
  conflictingObject: (kind: string) =>
    new Fault('conflict', 'directory.conflicting-object', `The address already belongs to a ${kind} here.`, { kind }),
  guestQuotaExceeded: (most: number) =>
    new Fault('forbidden', 'directory.guest-quota-exceeded', `This organisation has its ${most} guests already.`, {
      most,
    }),
  sponsorRequired: () =>
    new Fault(
      'invalid',
      'directory.sponsor-required',
      'Name somebody inside who answers for the guest (invitedUserSponsors).',
    ),
  sponsorNotFound: (id: string) =>
    new Fault('invalid', 'directory.sponsor-not-found', `The sponsor "${id}" is no member or group here.`),
  endsInThePast: () => new Fault('invalid', 'directory.ends-in-the-past', 'The end date must lie ahead.'),
  notAGuest: () => new Fault('invalid', 'directory.not-a-guest', 'This account is no guest.'),
  addressNotOnGuest: (address: string) =>
    new Fault(
      'invalid',
      'directory.address-not-on-guest',
      `"${address}" is not among the guest's addresses. Add it to their other mails first, or send it as "newEmail".`,
    ),
  /** One answer to a wrong ticket, a used one and an invitation that never was. */
  invitationNotFound: () =>
    new Fault(
      'not-found',
      'directory.invitation-not-found',
      'This invitation does not exist or is no longer valid. Ask whoever invited you for a new one.',
    ),
  /** ID-9: the reader holds the invitation, so its address is no secret to them. */
  wrongAccount: (signedInAs: string, invited: string) =>
    new Fault(
      'conflict',
      'directory.wrong-account',
      `You are signed in as ${signedInAs}, and this invitation is for ${invited}. Switch account to accept it.`,
      { signedInAs, invited },
    ),
  consentRequired: () =>
    new Fault('invalid', 'directory.consent-required', 'Accept what will be shared to become a guest.'),
  noWayToSignIn: (contact: string | null) =>
    new Fault(
      'forbidden',
      'directory.no-way-to-sign-in',
      contact === null
        ? 'This organisation offers no way to sign in for your address. Ask whoever invited you.'
        : `This organisation offers no way to sign in for your address. Ask ${contact}.`,
      { contact },
    ),
  redemptionBlocked: (contact: string | null) =>
    new Fault(
      'forbidden',
      'directory.redemption-blocked',
      contact === null
        ? 'This organisation does not accept guests from your domain any more. Ask whoever invited you.'
        : `This organisation does not accept guests from your domain any more. Ask ${contact}.`,
    ),
  tooManyPasscodes: (retryAfterSeconds: number) =>
    new Fault('throttled', 'directory.too-many-passcodes', 'Too many attempts. Try again later.', {
      retryAfterSeconds,
    }),
  mayNotLeave: (contact: string | null) =>
    new Fault(
      'forbidden',
      'directory.may-not-leave',
      contact === null
        ? 'Guests cannot leave this organisation by themselves. Ask its administrator.'
        : `Guests cannot leave this organisation by themselves. Ask ${contact}.`,
      { contact },
    ),
  reviewIsOver: () => new Fault('conflict', 'directory.review-is-over', 'The review is over, and its answers stand.'),
  nobodyToReview: () => new Fault('invalid', 'directory.nobody-to-review', 'There are no guests to look at.'),
  homeCannotBeLeft: () =>
    new Fault('invalid', 'directory.home-cannot-be-left', 'You cannot leave the organisation that is your home.'),
  oneListOnly: () =>
    new Fault('invalid', 'directory.one-list-only', 'Set either blocked domains or allowed domains, not both.'),
  listWouldBeLost: (count: number) =>
    new Fault(
      'conflict',
      'directory.list-would-be-lost',
      `This would discard the ${count} domains of the other list. Export it, then confirm with "discardOtherList".`,
      { count },
    ),
  importInvalid: (lines: readonly unknown[]) =>
    new Fault(
      'invalid',
      'directory.import-invalid',
      `The file was not accepted: ${lines.length === 1 ? '1 line needs' : `${lines.length} lines need`} a correction.`,
      { lines },
    ),
};

/** Faults of bringing people to other organisations, and of taking theirs. */
export const synchronizationFaults = {
  notAllowed: () =>
    new Fault('forbidden', 'directory.synchronization-not-allowed', 'This organisation takes no people by itself.'),
  domainNotAllowed: (domain: string) =>
    new Fault('forbidden', 'directory.domain-not-brought', `People of "${domain}" are not taken here.`),
  notOn: () =>
    new Fault(
      'conflict',
      'directory.synchronization-off',
      'Nobody is brought to this organisation. Switch it on first.',
    ),
  wrongState: (state: string) =>
    new Fault(
      'conflict',
      'directory.synchronization-state',
      `This cannot be done while the synchronisation is ${state}.`,
    ),
} as const;
