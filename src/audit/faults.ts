import { Fault } from '../kernel/fault.ts';

export const auditFaults = {
  resourceUnknown: (resource: string, known: readonly string[]) =>
    new Fault(
      'invalid',
      'audit.resource-unknown',
      `Changes of "${resource}" cannot be told. Known: ${known.join(', ')}.`,
    ),
  notValidated: (why: string) =>
    new Fault(
      'invalid',
      'audit.subscription-not-validated',
      `The notification address did not pass validation: ${why}`,
    ),
  expiresTooLate: (days: number) =>
    new Fault(
      'invalid',
      'audit.subscription-expires-too-late',
      `A subscription lasts at most ${days} days. Renew it before it ends.`,
    ),
  tooManySubscriptions: (limit: number) =>
    new Fault('over-quota', 'audit.too-many-subscriptions', `An organisation has at most ${limit} subscriptions.`),
};
