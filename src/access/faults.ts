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
  ledgerChanged: () =>
    new Fault('stale', 'access.ledger-changed', 'The ledger has changed since you read it. Look it over again.'),
  subjectUnknown: () => new Fault('invalid', 'access.subject-unknown', 'There is no such person here.'),
};
