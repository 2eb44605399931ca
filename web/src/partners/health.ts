import type { Tone } from '../parts/state-text.tsx';
import type { Partner } from './wire.ts';

/** The ways in which a request to a partner fails before it is answered; each has its words. */
const FAILURES = [
  'name',
  'address',
  'certificate',
  'connection',
  'timeout',
  'answer',
  'clock',
  'signature',
  'unknown-here',
  'busy',
] as const;

/** In a row: fewer may be a restart there. */
const DOWN_AFTER = 3;
/** A clock further off is close to the tolerance of signed requests, five minutes. */
const CLOCK_NOTICED_SECONDS = 120;

interface HealthWords {
  readonly tone: Tone;
  /** Keys of the translations. */
  readonly state: string;
  readonly reason: string | undefined;
}

/** Whether a partner says that it answers elsewhere than was confirmed. */
export const hasMoved = ({ proposed, published, foundAt, proposedAt }: Partner): boolean =>
  proposed !== null && (proposed.endpoint !== published.endpoint || (proposedAt ?? foundAt) !== foundAt);

/** How a partner answers, in words. One with our own `endpoint` is on this server and answers as long as it does. */
export function healthOf(partner: Partner, endpoint: string | undefined): HealthWords {
  const { health, published } = partner;
  if (health.failures > 0) {
    const known = FAILURES.find((one) => one === health.failure) ?? 'other';
    return {
      tone: health.failures >= DOWN_AFTER ? 'stopped' : 'warning',
      state: health.failures >= DOWN_AFTER ? 'partners.health.down' : 'partners.health.failing',
      reason: hasMoved(partner) ? 'partners.health.moved' : `partners.failure.${known}`,
    };
  }
  if (published.endpoint === endpoint) return { tone: 'good', state: 'partners.health.here', reason: undefined };
  if (health.answeredAt === null) return { tone: 'quiet', state: 'partners.health.notAsked', reason: undefined };
  if (Math.abs(health.clockSkewSeconds) > CLOCK_NOTICED_SECONDS)
    return { tone: 'warning', state: 'partners.health.answers', reason: 'partners.health.clockOff' };
  return { tone: 'good', state: 'partners.health.answers', reason: undefined };
}

/** A public key in groups of four, as two people read it to each other. */
export const inGroups = (key: string): string => key.match(/.{1,4}/g)?.join(' ') ?? key;
