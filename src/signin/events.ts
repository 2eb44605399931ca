/** What sign-in announces on the live bus, so that caches on every node are right within milliseconds. */
export const TOPICS = {
  /** `{ accountId }`: roles, state, sessions or consents of an account changed. Announced by directory/ too. */
  accountChanged: 'signin.account-changed',
  /** `{}`: an application, its secrets, its standing or what it was let do changed in this tenant. */
  applicationsChanged: 'signin.applications-changed',
  /** `{}`: the tenant's signing keys changed. */
  keysChanged: 'signin.keys-changed',
} as const;
