import { Fault } from '../kernel/fault.ts';

export const accessFaults = {
  questionUnknown: (name: string) =>
    new Fault('invalid', 'access.question-unknown', `There is no question "${name}". GET /admin/questions lists them.`),
  trialUnknown: (name: string) =>
    new Fault('invalid', 'access.trial-unknown', `"${name}" cannot be tried out. GET /admin/trials lists what can.`),
  whatIfNotDone: () =>
    new Fault('conflict', 'access.what-if-not-done', 'There is no answer yet, or nothing that could be carried out.'),
  worldChanged: () =>
    new Fault(
      'stale',
      'access.world-changed',
      'Settings or rights have changed since this was tried out. Try it again before carrying it out.',
    ),
  cannotBeTried: (what: string) =>
    new Fault('invalid', 'access.cannot-be-tried', `${what} is no change that can be tried out.`),
  onlyByItsOwnRequest: () =>
    new Fault(
      'conflict',
      'access.only-by-its-own-request',
      'This was only rehearsed. Send the request itself, with the header Entente-Tried naming this answer.',
    ),
  overtaken: () =>
    new Fault(
      'unavailable',
      'access.overtaken',
      'Others kept changing the organisation while this was worked out. Try it again in a while.',
    ),
  ledgerChanged: () =>
    new Fault('stale', 'access.ledger-changed', 'The ledger has changed since you read it. Look it over again.'),
  nobodyToAsk: () =>
    new Fault('conflict', 'access.nobody-to-ask', 'Nobody can change this: there is nobody to ask for access.'),
  notRefused: () => new Fault('conflict', 'access.not-refused', 'You may do this now. Try it again.'),
  signInInstead: () =>
    new Fault('conflict', 'access.sign-in-instead', 'Nobody needs to be asked: sign in again, and more strongly.'),
  tooManyRequests: () =>
    new Fault(
      'throttled',
      'access.too-many-requests',
      'You have asked for as much as you can at once. Wait until somebody has answered.',
    ),
  requestSettled: () => new Fault('conflict', 'access.request-settled', 'The request has been answered already.'),
  stillRefused: () =>
    new Fault(
      'conflict',
      'access.still-refused',
      'The answer would still be no. Change first what stands in the way, or decline.',
    ),
  subjectUnknown: () => new Fault('invalid', 'access.subject-unknown', 'There is no such person here.'),
};
