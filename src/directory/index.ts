export { GRANTS, personSubjects } from './grants.ts';
export type { Account, AccountChanges, Identity, NewAccount, UserType } from './model/account.ts';
export { isFromElsewhere, subjectOf } from './model/account.ts';
export type { Group } from './model/group.ts';
export { directoryModule } from './module.ts';
export {
  findAccount,
  findAccountByIdentity,
  findAccountByPrincipalName,
  noteSignIn,
} from './store/accounts.ts';
export { type CreateAccount, createAccount } from './usecases/create-account.ts';
export { type CreateGroup, createGroup } from './usecases/groups.ts';
export { type ActorFacts, loadActorFacts } from './usecases/load-actor-facts.ts';
export { addMember, addOwner, type Putting } from './usecases/members.ts';
export { directoryRevokers } from './usecases/revokers.ts';
export { giveRole } from './usecases/roles.ts';
export { namesOf, subjectsOf } from './usecases/subjects.ts';
