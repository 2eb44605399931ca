import { Fault, kernelFaults } from '../kernel/fault.ts';

/** Everything this module can refuse, and how. */
export const tenantsFaults = {
  setupCodeNeeded: () =>
    new Fault(
      'forbidden',
      'tenants.setup-code-needed',
      'Give the set-up code that the server printed when it started. On the server itself none is needed.',
    ),
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
  setByAgreement: (declaration: string) =>
    new Fault(
      'conflict',
      'tenants.setting-set-by-agreement',
      `"${declaration}" is written by agreements alone. Change what was agreed.`,
    ),
  settingsTextInvalid: (sentence: string, problems: unknown) =>
    new Fault('invalid', 'tenants.settings-text-invalid', `${sentence} Nothing was changed.`, { problems }),
  settingsTextAmbiguous: (title: string, name: string) =>
    new Fault(
      'conflict',
      'tenants.settings-text-ambiguous',
      `"${title}" has two objects called "${name}". Give one of them another name first.`,
    ),
  settingsPlanOutdated: () =>
    new Fault(
      'conflict',
      'tenants.settings-plan-outdated',
      'This is not what was planned, or something has changed since. Plan it again.',
    ),
  domainAlreadyAdded: (name: string) =>
    new Fault('conflict', 'tenants.domain-already-added', `${name} is already among your domains.`),
  /** The same whether or not anyone else holds the name: only a proof tells that. */
  proofMissing: (record: string, text: string) =>
    new Fault('invalid', 'tenants.domain-proof-missing', `No TXT record of ${record} says "${text}" yet.`, {
      record,
      text,
    }),
  parentProofMissing: (parent: string, text: string) =>
    new Fault(
      'conflict',
      'tenants.domain-parent-proof-missing',
      `The proof is right, but ${parent} belongs to another organisation. Publish the same TXT record at ${parent}, or ask whoever manages ${parent} to do so.`,
      { record: parent, text },
    ),
  domainHeldElsewhere: (name: string) =>
    new Fault(
      'conflict',
      'tenants.domain-held-elsewhere',
      `The proof is right, but another organisation on this server proved ${name} before. It must remove ${name} from its domains first; if nobody there can, ask the operator of this server.`,
    ),
  dnsUnavailable: (cause: unknown) =>
    new Fault('unavailable', 'tenants.dns-unavailable', 'DNS gave no answer. Try again shortly.', {}, cause),
  domainNotVerified: (text: string) =>
    new Fault('invalid', 'tenants.domain-not-verified', `"${text}" is not a verified domain of your organisation.`, {
      domain: text,
    }),
  initialDomainStays: (name: string) =>
    new Fault('invalid', 'tenants.initial-domain-stays', `${name} is the initial domain and stays.`),
  defaultDomainStays: (name: string) =>
    new Fault(
      'invalid',
      'tenants.default-domain-stays',
      `${name} is the default domain. Make another one default first.`,
    ),
  domainInUse: (name: string, references: readonly unknown[]) =>
    new Fault('conflict', 'tenants.domain-in-use', `${name} is still used. Rename what uses it first.`, { references }),
  /** XC-2: the person's licence does not hold this service, or no longer. */
  servicePlanDisabled: (facts: Readonly<Record<string, unknown>>) =>
    new Fault('forbidden', 'tenants.service-plan-disabled', 'Your licence does not include this service.', facts),
  unknownSku: (sku: string) =>
    new Fault('invalid', 'tenants.unknown-sku', `The organisation has no subscription "${sku}".`),
  unknownPlan: (plan: string, sku: string) =>
    new Fault('invalid', 'tenants.unknown-plan', `"${plan}" is no service plan of ${sku}.`),
  subscriptionClosed: (sku: string) =>
    new Fault(
      'invalid',
      'tenants.subscription-closed',
      `The subscription ${sku} is suspended; nothing can be assigned.`,
    ),
  noFreeLicence: (sku: string, units: number) =>
    new Fault('invalid', 'tenants.no-free-licence', `All ${units} licences of ${sku} are assigned.`, { sku, units }),
  licenceNotAssigned: (sku: string) =>
    new Fault('invalid', 'tenants.licence-not-assigned', `${sku} is not assigned there, so it cannot be taken away.`),
  licenceGivenAndTaken: (sku: string) =>
    new Fault('invalid', 'tenants.licence-given-and-taken', `${sku} cannot be given and taken in one step.`),
  usageLocationMissing: () =>
    new Fault('invalid', 'tenants.usage-location-missing', 'Set the usage location of the person first.'),
  licencesInUse: (sku: string, consumed: number) =>
    new Fault(
      'conflict',
      'tenants.licences-in-use',
      `${consumed} licences of ${sku} are assigned. Take some away first.`,
      {
        consumed,
      },
    ),
  storageFull: (pool: string) =>
    new Fault('over-quota', 'tenants.storage-full', `The storage of the organisation for ${pool} is full.`, { pool }),
  /** The same whoever holds it, the caller's own organisation included (XC-9). */
  directorySourceTaken: () =>
    new Fault(
      'conflict',
      'tenants.directory-source-taken',
      'This source is already registered. Remove it there first.',
    ),
  alreadySetUp: () =>
    new Fault('conflict', 'tenants.already-set-up', 'This server already has an organisation. Sign in instead.'),
  administratorElsewhere: (name: string, domain: string) =>
    new Fault('invalid', 'tenants.administrator-elsewhere', `The sign-in name "${name}" must end in @${domain}.`),
  tenantNotFound: kernelFaults.notFound,
};
