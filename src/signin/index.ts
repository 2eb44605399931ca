export { TOPICS } from './events.ts';
export { GRANTS } from './grants.ts';
export { weaknessOf } from './model/password.ts';
export { type Addresses, openSignin, type Signin, type SigninPorts } from './module.ts';
export { PERSON_NOTICE } from './routes/live.ts';
export { verifyAppPassword } from './usecases/app-passwords.ts';
export { endSessionsOf } from './usecases/end-sessions.ts';
export { setPassword } from './usecases/set-password.ts';
