/** Passkeys: discoverable, with the person verified, so that one gesture is both name and two factors (WebAuthn L3). */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { signinFaults } from '../faults.ts';
import { keepChallenge, takeChallenge } from '../store/challenges.ts';
import { insertPasskey, listPasskeys, lockPasskey, notePasskeyUse } from '../store/passkeys.ts';

/** Where the person is: a passkey belongs to the host name (RP ID) and is asked for at one origin. */
export interface Place {
  readonly origin: string;
}

const rpIdOf = ({ origin }: Place) => new URL(origin).hostname;

/** What a browser needs to make a passkey for the account. Its challenge must come back within minutes. */
export async function passkeyCreation(
  ctx: Context,
  account: { id: AccountId; userPrincipalName: string; displayName: string },
  place: Place,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const known = await listPasskeys(ctx, account.id);
  const options = await generateRegistrationOptions({
    rpName: ctx.tenant.displayName,
    rpID: rpIdOf(place),
    userName: account.userPrincipalName,
    userDisplayName: account.displayName,
    userID: new TextEncoder().encode(account.id),
    attestationType: 'none',
    excludeCredentials: known.map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  await keepChallenge(ctx, account.id, options.challenge);
  return options;
}

/** Keeps a passkey that the browser made. @throws wrong-passkey. */
export async function addPasskey(
  ctx: Context,
  accountId: AccountId,
  made: { response: RegistrationResponseJSON; displayName: string; place: Place },
): Promise<string> {
  const challenge = await takeChallenge(ctx, accountId);
  if (challenge === undefined) throw signinFaults.wrongPasskey();
  const verified = await verifyRegistrationResponse({
    response: made.response,
    expectedChallenge: challenge,
    expectedOrigin: made.place.origin,
    expectedRPID: rpIdOf(made.place),
    requireUserVerification: true,
  }).catch(() => undefined);
  if (!verified?.verified) throw signinFaults.wrongPasskey();
  const { credential, credentialBackedUp, aaguid } = verified.registrationInfo;
  await insertPasskey(ctx, {
    id: credential.id,
    accountId,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    displayName: made.displayName,
    isBackedUp: credentialBackedUp,
    authenticator: aaguid,
  });
  ctx.record({
    action: 'signin.passkey-added',
    category: 'UserManagement',
    targets: [{ kind: 'account', id: accountId }],
    facts: { displayName: made.displayName, authenticator: aaguid, isBackedUp: credentialBackedUp },
  });
  return credential.id;
}

/** What a browser needs to offer whatever passkeys it holds for us: no name is asked. */
export const passkeyRequest = (place: Place): Promise<PublicKeyCredentialRequestOptionsJSON> =>
  generateAuthenticationOptions({ rpID: rpIdOf(place), userVerification: 'required', allowCredentials: [] });

export type PasskeyOutcome =
  | { readonly status: 'proven'; readonly accountId: AccountId; readonly methods: readonly string[] }
  | { readonly status: 'refused' }
  | { readonly status: 'cloned'; readonly accountId: AccountId };

/**
 * Who used a passkey. A counter that does not grow means that two copies of the key exist (WebAuthn §6.1.1): the passkey
 * is refused from then on, and whoever watches is told (IS-6). A value, not a fault: what it writes is to be kept.
 */
export async function takePasskey(
  ctx: Context,
  used: { response: AuthenticationResponseJSON; challenge: string; place: Place },
): Promise<PasskeyOutcome> {
  const passkey = await lockPasskey(ctx, used.response.id);
  if (!passkey || passkey.clonedAt) return { status: 'refused' };
  const verified = await verifyAuthenticationResponse({
    response: used.response,
    expectedChallenge: used.challenge,
    expectedOrigin: used.place.origin,
    expectedRPID: rpIdOf(used.place),
    requireUserVerification: true,
    // The counter is judged below: this would only throw, and a clone must be told from a mistake.
    credential: { id: passkey.id, publicKey: Uint8Array.from(passkey.publicKey), counter: 0 },
  }).catch(() => undefined);
  if (!verified?.verified) return { status: 'refused' };
  const { newCounter } = verified.authenticationInfo;
  const { accountId } = passkey;
  if ((newCounter > 0 || passkey.counter > 0) && newCounter <= passkey.counter) {
    await notePasskeyUse(ctx, passkey.id, 'cloned');
    ctx.record({
      action: 'signin.passkey-cloned',
      category: 'Security',
      result: 'failure',
      targets: [{ kind: 'account', id: accountId }],
      facts: { displayName: passkey.displayName, counter: newCounter, expectedAbove: passkey.counter },
    });
    return { status: 'cloned', accountId };
  }
  await notePasskeyUse(ctx, passkey.id, { counter: newCounter });
  // RFC 8176: a key bound to hardware or one that is synchronised, the person verified by it, so two factors.
  return { status: 'proven', accountId, methods: [passkey.isBackedUp ? 'swk' : 'hwk', 'user', 'mfa'] };
}
