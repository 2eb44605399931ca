import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { HOST, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { networkOf } from '../../platform/client-network.ts';
import { countAttempt } from '../store/attempts.ts';

const WINDOW_SECONDS = 15 * 60;
/** A program that was given the wrong secret tries a few times; somebody who guesses does not stop. */
const PER_CLIENT = 20;
/** Many programs may share one address. */
const PER_NETWORK = 300;
const KEPT_AT_MOST = 10_000;

/** A program that says who it is at one of the provider's addresses. */
export interface ClientAttempt {
  readonly tenantId: TenantId;
  readonly clientId: string;
  readonly secret: string;
  readonly address: string;
}

export interface ClientLimits {
  /** Seconds until this program may try again; undefined: it may now. */
  waitOf(attempt: ClientAttempt): number | undefined;
  /** It was not who it said. Counted in the database, for every server and beyond a restart. */
  failed(attempt: ClientAttempt): Promise<void>;
  /** It was: whatever others try in its name, this secret is heard. */
  succeeded(attempt: ClientAttempt): void;
}

const actor = { kind: 'system', name: 'signin.attempts' } as const;

/**
 * Slows down whoever guesses the secrets of programs. Only failures are counted, by program and network and by network
 * alone. What is full is remembered here, so that good requests ask the database nothing; another server learns of it
 * with the first failure that it counts itself.
 */
export function createClientLimits(ports: { readonly run: Run; readonly now: () => Date }): ClientLimits {
  const full = new LRUCache<string, Date>({ max: KEPT_AT_MOST });
  const good = new LRUCache<string, true>({ max: KEPT_AT_MOST });

  const endOf = (key: string): number => {
    const endsAt = full.get(key)?.getTime() ?? 0;
    return endsAt > ports.now().getTime() ? endsAt : 0;
  };

  return {
    waitOf(attempt) {
      const endsAt = Math.max(endOf(pairOf(attempt)), endOf(networkOf(attempt.address)));
      if (endsAt === 0 || good.has(secretOf(attempt))) return undefined;
      return Math.ceil((endsAt - ports.now().getTime()) / 1000);
    },
    async failed(attempt) {
      const { tenantId } = attempt;
      const network = networkOf(attempt.address);
      good.delete(secretOf(attempt));
      const byClient = await ports.run({ tenantId, actor }, (ctx) =>
        countAttempt(ctx, `client ${pairOf(attempt)}`, WINDOW_SECONDS),
      );
      const byNetwork = await ports.run({ tenantId: HOST, actor }, (ctx) =>
        countAttempt(ctx, `clients from ${network}`, WINDOW_SECONDS),
      );
      if (byClient.count >= PER_CLIENT) full.set(pairOf(attempt), byClient.endsAt);
      if (byNetwork.count >= PER_NETWORK) full.set(network, byNetwork.endsAt);
    },
    succeeded: (attempt) => void good.set(secretOf(attempt), true),
  };
}

/** Short whatever a stranger sends as an id. */
const pairOf = ({ tenantId, clientId, address }: ClientAttempt) =>
  hash(`${tenantId} ${clientId} ${networkOf(address)}`);

const secretOf = ({ tenantId, clientId, secret }: ClientAttempt) => hash(`${tenantId} ${clientId} ${secret}`);

const hash = (text: string) => createHash('sha256').update(text).digest('base64url');
