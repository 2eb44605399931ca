export { guestIn } from './events.ts';
export { GRANTS } from './grants.ts';
export type { Account, AccountChanges, Identity, NewAccount, UserType } from './model/account.ts';
export { isFromElsewhere } from './model/account.ts';
export type { Group } from './model/group.ts';
export type { ProvenIdentity } from './model/guest.ts';
export { ORGANISATION_ISSUER, PASSCODE_ISSUER } from './model/guest.ts';
export { directoryModule } from './module.ts';
export { directoryAccess, externalCollaboration } from './settings.ts';
export {
  findAccount,
  findAccountByIdentity,
  findAccountByPrincipalName,
  listAccounts,
  noteSignIn,
} from './store/accounts.ts';
export { type AddressListEntry, listAddressList } from './store/address-list.ts';
export { type AddressHolder, findAddressHolders, listAddressesOf } from './store/addresses.ts';
export { findHistory, openHistory } from './store/delta.ts';
export { findGroup } from './store/groups.ts';
export { countPeople, listBoundGuests } from './store/guests.ts';
export { listMembers, listMembershipsAmong, listWorkingAdministrators } from './store/memberships.ts';
export { listDisplayNames } from './store/names.ts';
export { idsOfName, namesInTexts } from './store/names-in-texts.ts';
export { eachAddress, findGuestsByMail } from './store/standing.ts';
export { findActors, listRoleHolders } from './usecases/actors.ts';
export { rolesInReachOf } from './usecases/asked.ts';
export { type CreateAccount, createAccount, createResource } from './usecases/create-account.ts';
export { type CreatedInvitation, type CreateInvitation, createInvitation } from './usecases/create-invitation.ts';
export { removeAccount } from './usecases/delete-account.ts';
export { domainReferences, licensedMembers, renameDomainReferences } from './usecases/domain-references.ts';
export { type CreateGroup, createGroup } from './usecases/groups.ts';
export { endGuestSessions, findGuestAtHome, noteHomeState } from './usecases/home-state.ts';
export { type ActorFacts, loadActorFacts } from './usecases/load-actor-facts.ts';
export { carryOutEnd } from './usecases/manage-guests.ts';
export {
  PASSCODE_SESSION_SECONDS,
  type PasscodeOutcome,
  requestPasscode,
  verifyPasscode,
} from './usecases/passcodes.ts';
export { homeIdsOf, personAtHome } from './usecases/person-at-home.ts';
export {
  chooseIdentityProvider,
  type DescribedInvitation,
  describeInvitation,
  findGuestStanding,
  type GuestStanding,
  type IdentityProvider,
  type InvitationLink,
  redeemInvitation,
} from './usecases/redeem-invitation.ts';
export { type ResetRedemption, resetRedemption } from './usecases/reset-redemption.ts';
export { directoryRevokers } from './usecases/revokers.ts';
export { subjectsOf } from './usecases/subjects.ts';
export { outsidersHere } from './usecases/ties.ts';
