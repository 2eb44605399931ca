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
  tooManySponsors: () => new Fault('invalid', 'directory.too-many-sponsors', 'A guest has at most five sponsors.'),
  stale: () => new Fault('stale', 'directory.stale', 'It was changed in the meantime. Read it again first.'),
  usageLocationMissing: () =>
    new Fault('invalid', 'directory.usage-location-missing', 'Set the country of use (usageLocation) first.'),
};
