import { Fault } from '../kernel/fault.ts';

const inWords = (seconds: number) => (seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`);

export const signinFaults = {
  /** One answer to every credential that is not good, so that nothing is learned from it. */
  tokenNotGood: () => new Fault('unauthenticated', 'signin.token-not-good', 'Your sign-in has ended. Sign in again.'),
  /**
   * The same answer, with what a new token must say: that it was written after `since` (the reference product's claims
   * challenge for sessions that end before their time).
   */
  sessionEnded: (since: Date) =>
    new Fault('unauthenticated', 'signin.token-not-good', 'Your sign-in has ended. Sign in again.', {
      claimsChallenge: Buffer.from(
        JSON.stringify({
          access_token: { nbf: { essential: true, value: String(Math.floor(since.getTime() / 1000)) } },
        }),
      ).toString('base64'),
    }),
  /** One sentence for a wrong password, an unknown name and a switched-off account (IS-12). */
  wrongPassword: () =>
    new Fault('invalid', 'signin.wrong-password', 'The sign-in name or the password is not right. Try again.'),
  wrongAppPassword: () =>
    new Fault('unauthenticated', 'signin.wrong-app-password', 'The sign-in name or the app password is not right.'),
  wrongCode: () => new Fault('invalid', 'signin.wrong-code', 'The code is not right. Try the next one.'),
  totpExists: () =>
    new Fault('conflict', 'signin.totp-exists', 'An authenticator app is set up already. Remove it first.'),
  wrongPasskey: () => new Fault('invalid', 'signin.wrong-passkey', 'The passkey was not accepted here.'),
  clonedPasskey: () =>
    new Fault(
      'invalid',
      'signin.cloned-passkey',
      'This passkey was used from two places, so it is no longer accepted. Sign in another way and remove it.',
    ),
  tooManyAttempts: (seconds: number) =>
    new Fault(
      'throttled',
      'signin.too-many-attempts',
      `Too many attempts. Try again in ${inWords(seconds)}, or ask an administrator to reset your password.`,
      { retryAfterSeconds: seconds },
    ),
  interactionOver: () =>
    new Fault(
      'gone',
      'signin.interaction-over',
      'This sign-in is over. Go back to where you came from and start again.',
    ),
  wrongStep: () => new Fault('conflict', 'signin.wrong-step', 'The sign-in is at another step. Reload the page.'),
  fromElsewhere: () => new Fault('forbidden', 'signin.from-elsewhere', 'The request did not come from our own page.'),
  wrongCurrentPassword: () =>
    new Fault('invalid', 'signin.wrong-current-password', 'Your present password is not right. Try again.'),
  changeAtHome: () =>
    new Fault('forbidden', 'signin.change-at-home', 'A guest signs in at home; change it in your own organisation.'),
  tooManyAppPasswords: (most: number) =>
    new Fault(
      'conflict',
      'signin.too-many-app-passwords',
      `You have ${most} app passwords already. End one that no program uses any more.`,
    ),
  weakPassword: (sentence: string) => new Fault('invalid', 'signin.weak-password', sentence),
  notAGuest: (organisation: string) =>
    new Fault(
      'forbidden',
      'signin.not-a-guest',
      `You are not a guest of ${organisation}. Ask the person there who wants to work with you for an invitation.`,
    ),
  homeFailed: () =>
    new Fault('invalid', 'signin.home-failed', 'Your own organisation did not confirm who you are. Try again.'),
  consentNeedsAdministrator: (name: string) =>
    new Fault(
      'forbidden',
      'signin.consent-needs-administrator',
      `Only an administrator can let "${name}" do this. Ask yours.`,
    ),
  /** `reason` in the words of RFC 8935 §2.4. */
  signalNotGood: (reason: string, sentence: string) =>
    new Fault('invalid', 'signin.signal-not-good', sentence, { reason }),
  streamsAreForPrograms: () =>
    new Fault(
      'invalid',
      'signin.streams-are-for-programs',
      'A stream of signals belongs to a program: set it up with the token of one.',
    ),
  tooManyStreams: (most: number) =>
    new Fault('over-quota', 'signin.too-many-streams', `A program has at most ${most} streams of signals.`),
  unknownPermission: (name: string) =>
    new Fault('invalid', 'signin.unknown-permission', `There is no permission called "${name}".`),
  badRedirect: (uri: string) =>
    new Fault(
      'invalid',
      'signin.bad-redirect',
      `"${uri}" cannot be an address to return to: use https, or http on this machine.`,
    ),
};
