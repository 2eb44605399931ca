/** What sign-in announces on the live bus, so that caches on every node are right within milliseconds. */
export const TOPICS = {
  /** `{ accountId }`: roles, state, sessions or consents of an account changed. Announced by directory/ too. */
  accountChanged: 'signin.account-changed',
  /** `{}`: an application, its secrets, its standing or what it was let do changed in this tenant. */
  applicationsChanged: 'signin.applications-changed',
  /** `{}`: the tenant's signing keys changed. */
  keysChanged: 'signin.keys-changed',
} as const;

/** Told to a person's own open pages: `{ accountId, about, … }`. Any module may announce it. */
export const PERSON_NOTICE = 'live.person-notice';

/** `{ name, ids }`: where something changed that open pages follow. Never what: they read it again. */
export const THING_CHANGED = 'live.thing-changed';
