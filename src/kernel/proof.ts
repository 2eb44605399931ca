import type { Actor } from './context.ts';
import { ceiling } from './decision.ts';

/** Seconds since the person proved who they are, within which they may change what opens doors. */
export const FRESH_PROOF_SECONDS = 10 * 60;

export interface ProofFacts {
  readonly actor: Actor;
  readonly now: Date;
  /** Whether the person could show two factors: a passkey, or a code beside the password. */
  readonly hasSecondFactor: boolean;
}

const fixed = (name: string, value: unknown) =>
  ({ tenantId: '', module: 'signin', scope: 'fixed', name, value }) as const;

/** Whether the person signed in just now. Programs, and whoever holds the machine, prove themselves each time. */
export function isFresh(actor: Actor, now: Date): boolean {
  const since = actor.kind === 'account' || actor.kind === 'operator' ? actor.authenticatedAt : undefined;
  return since === undefined || now.getTime() - since.getTime() <= FRESH_PROOF_SECONDS * 1000;
}

/** An open browser, or a token that was stolen, does not change what opens the account. */
export const provenRecently = ceiling(
  'signin.proven-recently',
  'What opens an account is changed within ten minutes of signing in.',
  ({ actor, now }: ProofFacts) => isFresh(actor, now),
  { setting: () => fixed('freshProofSeconds', FRESH_PROOF_SECONDS), remedy: 'sign-in-again' },
);

/** A password alone, which others may know, does not take away or join what stands beside it. */
export const provenStrongly = ceiling(
  'signin.proven-strongly',
  'Whoever has a passkey or a second factor has signed in with it.',
  ({ actor, hasSecondFactor }: ProofFacts) =>
    actor.kind !== 'account' || !hasSecondFactor || actor.methods.includes('mfa'),
  { setting: ({ hasSecondFactor }) => fixed('hasSecondFactor', hasSecondFactor), remedy: 'sign-in-again' },
);
