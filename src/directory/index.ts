export { GRANTS, personSubjects } from './grants.ts';
export type { Account, AccountChanges, Identity, NewAccount, UserType } from './model/account.ts';
export { isFromElsewhere, subjectOf } from './model/account.ts';
export { directoryModule } from './module.ts';
export {
  findAccount,
  findAccountByIdentity,
  findAccountByPrincipalName,
  noteSignIn,
} from './store/accounts.ts';
export { countPeople } from './store/people-count.ts';
export { type CreateAccount, createAccount } from './usecases/create-account.ts';
export { type ActorFacts, loadActorFacts } from './usecases/load-actor-facts.ts';
