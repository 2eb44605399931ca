import { Fault } from '../kernel/fault.ts';
import type { Failure } from './model/record.ts';

export const partnersFaults = {
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
  notProven: (domains: readonly string[]) =>
    new Fault('invalid', 'partners.domain-not-proven', `Not proven to be theirs: ${domains.join(', ')}.`, { domains }),
  domainTaken: (domains: readonly string[]) =>
    new Fault('conflict', 'partners.domain-taken', `Another partner holds ${domains.join(', ')}.`, { domains }),
  noDomains: () => new Fault('invalid', 'partners.no-domains', 'Confirm at least one domain.'),
  nothingProposed: () =>
    new Fault('conflict', 'partners.nothing-proposed', 'The organisation has published no change to confirm.'),
  partWithWhom: () =>
    new Fault('invalid', 'partners.part-with-whom', 'Name a partner, by domain or id, or one guest; not both.'),
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
};
