import { Fault, kernelFaults } from '../kernel/fault.ts';

/** Everything this module can refuse, and how. */
export const tenantsFaults = {
  notADomain: (text: string) =>
    new Fault('invalid', 'tenants.not-a-domain', `"${text}" is not a domain name that an organisation can own.`),
  /** Only for the operator, who may know which names are held. */
  initialDomainTaken: (name: string) =>
    new Fault('conflict', 'tenants.initial-domain-taken', `The domain ${name} already belongs to an organisation.`),
  idTaken: () => new Fault('conflict', 'tenants.id-taken', 'An organisation of this id already exists.'),
  wrongState: (wanted: string, state: string) =>
    new Fault('conflict', 'tenants.wrong-state', `The organisation cannot be ${wanted}, because it is ${state}.`, {
      state,
    }),
  restoreTooLate: () =>
    new Fault('gone', 'tenants.restore-too-late', 'The organisation was deleted more than 30 days ago.'),
  wrongTarget: (declaration: string, target: string) =>
    new Fault('invalid', 'tenants.wrong-setting-target', `${declaration} is not set for "${target}".`),
  targetMissing: (declaration: string, scope: string) =>
    new Fault(
      'invalid',
      'tenants.setting-target-missing',
      `${declaration} is set for one ${scope}. Name it as "target".`,
    ),
  heldByAgreement: (name: string, agreementId: string) =>
    new Fault('conflict', 'tenants.setting-held-by-agreement', `"${name}" is held by an agreement. Change it there.`, {
      agreementId,
    }),
  tenantNotFound: kernelFaults.notFound,
};
