import { Fault } from '../kernel/fault.ts';
import type { Failure } from './model/record.ts';

/** Of a refusal that another organisation gave. */
export const NOT_PERMITTED = 'partners.not-permitted';

/** Everything this module can refuse, and how. */
export const partnersFaults = {
  entryExists: () => new Fault('conflict', 'partners.entry-exists', 'There is an entry for this organisation already.'),
  notAPlace: (text: string) =>
    new Fault('invalid', 'partners.not-a-place', `"${text}" is no domain. Write it as contoso.example.`),
  /** `failure` is the step that failed, `detail` what happened there. */
  notDiscovered: (place: string, failure: Failure, detail: string) =>
    new Fault('invalid', 'partners.not-discovered', `No organisation was found at ${place}. ${detail}`, { failure }),
  ourselves: () => new Fault('invalid', 'partners.ourselves', 'This is your own organisation.'),
  changedSince: () =>
    new Fault(
      'stale',
      'partners.changed-since',
      'What the organisation publishes has changed since you looked. Look again before you confirm.',
    ),
  olderDocument: () =>
    new Fault(
      'conflict',
      'partners.older-document',
      'What is published there is older than what was heard of the organisation before: somebody may show you an old copy. If it was restored from a backup, forget it and confirm it anew.',
    ),
  keyChangeUnderWay: () =>
    new Fault(
      'conflict',
      'partners.key-change-under-way',
      'The key is being changed already. The old one has not retired yet.',
    ),
  notProven: (domains: readonly string[]) =>
    new Fault('invalid', 'partners.domain-not-proven', `Not proven to be theirs: ${domains.join(', ')}.`, { domains }),
  domainTaken: (domains: readonly string[]) =>
    new Fault('conflict', 'partners.domain-taken', `Another partner holds ${domains.join(', ')}.`, { domains }),
  noDomains: () => new Fault('invalid', 'partners.no-domains', 'Confirm at least one domain.'),
  nothingProposed: () =>
    new Fault('conflict', 'partners.nothing-proposed', 'The organisation has published no change to confirm.'),
  partWithWhom: () =>
    new Fault('invalid', 'partners.part-with-whom', 'Name a partner, by domain or id, or one guest; not both.'),
  notOfPartner: (address: string) =>
    new Fault('invalid', 'partners.not-of-partner', `"${address}" is not in a confirmed domain of the partner.`),
  // What follows is said to other organisations' servers, in words that tell nothing of what is set here.
  signature: () =>
    new Fault('unauthenticated', 'partners.signature', 'The request is not signed by who it says sent it.'),
  clock: () => new Fault('unauthenticated', 'partners.clock', 'The request was signed too long ago, or too far ahead.'),
  replayed: () => new Fault('unauthenticated', 'partners.replayed', 'The request was received before.'),
  unknownSender: () =>
    new Fault('unauthenticated', 'partners.unknown-sender', 'The organisation is not known here, or not yet.'),
  tooMany: () =>
    new Fault('throttled', 'partners.too-many', 'The organisation asks more often than it may. Wait a little.', {
      retryAfterSeconds: 5,
    }),
  /** `name`: what the organisation is called where it is read. `facts`: the reference, and who refused. */
  notPermitted: (facts: { readonly decisionId?: unknown; readonly refusedBy?: string }, name?: string) =>
    new Fault('forbidden', NOT_PERMITTED, `${name ?? 'The other organisation'} does not permit this.`, facts),
  // Agreements.
  partnerNotFound: (text: string) =>
    new Fault('not-found', 'partners.partner-not-found', `There is no partner behind "${text}".`),
  agreementExists: () =>
    new Fault(
      'conflict',
      'partners.agreement-exists',
      'There is an agreement with this organisation already. Propose a new version of it, or end it first.',
    ),
  agreementWrongState: (wanted: string, state: string) =>
    new Fault('conflict', 'partners.agreement-wrong-state', `This cannot be ${wanted}: the agreement is ${state}.`, {
      state,
    }),
  agreementWidens: (term: string) =>
    new Fault(
      'conflict',
      'partners.agreement-widens',
      `"${term}" would go further than what was signed. Widening takes both signatures: propose a new version.`,
      { term },
    ),
  agreementTermUnknown: (term: string) =>
    new Fault('invalid', 'partners.agreement-term-unknown', `There is no term "${term}" to agree about.`, { term }),
  agreementLevelUnknown: (term: string, level: string, levels: readonly string[]) =>
    new Fault(
      'invalid',
      'partners.agreement-level-unknown',
      `"${term}" has no level "${level}". Its levels are ${levels.join(', ')}.`,
      { term, levels },
    ),
  /** An old version, or one beside which another of its number stands: replayed, or late. */
  agreementSuperseded: () =>
    new Fault('conflict', 'partners.agreement-superseded', 'A newer version stands in the place of this one.'),
  agreementOutOfOrder: () =>
    new Fault('conflict', 'partners.agreement-out-of-order', 'What comes before this is not known here.'),
  agreementNotSigned: () =>
    new Fault('invalid', 'partners.agreement-not-signed', 'This is not signed by those who say it.'),
  agreementBroken: () =>
    new Fault(
      'conflict',
      'partners.agreement-broken',
      'What is stored of this agreement is not what was signed. It holds no more until it is restored, or ended and made anew.',
    ),
  agreementChanged: () =>
    new Fault('stale', 'partners.agreement-changed', 'The agreement has a newer version than the one you looked at.'),
};
