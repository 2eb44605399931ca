export { PERSON_NOTICE, THING_CHANGED, TOPICS } from './events.ts';
export { GRANTS } from './grants.ts';
export { isFirstParty } from './model/first-party.ts';
export { weaknessOf } from './model/password.ts';
export { type Addresses, openSignin, type Signin, type SigninPorts } from './module.ts';
export { verifyAppPassword } from './usecases/app-passwords.ts';
export { consentedPermissions } from './usecases/clients.ts';
export { hasSecondFactor } from './usecases/demand-fresh-proof.ts';
export { setPassword } from './usecases/set-password.ts';
