import { createHash, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Configuration } from './configuration.ts';

/** What whoever sets an empty server up from another machine must know: the operator reads it where the server starts. */
export interface SetupCode {
  readonly text: string;
  isRight(given: string): boolean;
}

/** Follows from the master secret, so that every node of one server has the same: 80 bits, in groups to be typed. */
export function setupCodeOf(masterSecret: string): SetupCode {
  const hex = Buffer.from(hkdfSync('sha256', masterSecret, '', 'entente setup code', 10)).toString('hex');
  const plain = (text: string) =>
    createHash('sha256')
      .update(text.toLowerCase().replace(/[^0-9a-f]/g, ''))
      .digest();
  const expected = plain(hex);
  return {
    text: (hex.match(/.{5}/g) as string[]).join('-'),
    isRight: (given) => timingSafeEqual(plain(given), expected),
  };
}

/** Whether nobody reaches the server but from its own machine: it listens nowhere else, and no proxy passes on to it. */
export const isReachedOnlyFromHere = (configuration: Pick<Configuration, 'host' | 'publicUrl' | 'trustProxy'>) =>
  /^(localhost|::1|127\..*)$/.test(configuration.host) &&
  configuration.publicUrl === undefined &&
  !configuration.trustProxy;
