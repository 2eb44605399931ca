import { createHmac } from 'node:crypto';

/**
 * The `sub` that one application sees of one account: the same at every sign-in, another one for every other
 * application, so that two of them cannot compare notes (OpenID Connect Core §8.1).
 */
export function pairwiseSubject(salt: Uint8Array, accountId: string, sector: string): string {
  return createHmac('sha256', salt).update(`${sector}\n${accountId}`).digest('base64url');
}
