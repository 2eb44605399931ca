import { LRUCache } from 'lru-cache';
import type { Context } from '../../kernel/context.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import type { Vault } from '../../platform/vault.ts';
import { TOPICS } from '../events.ts';
import {
  type KeySet,
  keySetOf,
  LONGEST_TOKEN_SECONDS,
  newSigningKey,
  PUBLISHED_BEFORE_SECONDS,
} from '../model/signing-key.ts';
import { insertSigningKey, listSigningKeys, lockSigningKeys, retireOtherKeys } from '../store/signing-keys.ts';

/** Reads every tenant's signing keys, from memory where known. */
export interface SigningKeys {
  /** The keys of a tenant; its first one is made when asked for. Rejects with not-found for a tenant that is none. */
  of(tenantId: TenantId): Promise<KeySet>;
  forget(tenantId: TenantId): void;
  forgetAll(): void;
}

const KEPT_AT_MOST = 2_000;
/** Keys leave and enter their time of service by the clock; a minute late is early enough. */
const KEPT_MILLISECONDS = 60_000;

export function createSigningKeys(ports: { run: Run; vault: Vault }): SigningKeys {
  const known = new LRUCache<TenantId, Promise<KeySet>>({ max: KEPT_AT_MOST, ttl: KEPT_MILLISECONDS });
  const actor = { kind: 'system', name: 'signin.signing-keys' } as const;

  async function read(tenantId: TenantId): Promise<KeySet> {
    const found = await ports.run({ tenantId, actor, readOnly: true }, (ctx) => listSigningKeys(ctx, ports.vault));
    if (found.length > 0) return keySetOf(found);
    return ports.run({ tenantId, actor }, async (ctx) => {
      await lockSigningKeys(ctx);
      const others = await listSigningKeys(ctx, ports.vault);
      if (others.length > 0) return keySetOf(others);
      const first = newSigningKey(newId(), ctx.now);
      await insertSigningKey(ctx, first, ports.vault);
      return keySetOf([first]);
    });
  }

  return {
    of(tenantId) {
      let keys = known.get(tenantId);
      if (!keys) {
        keys = read(tenantId);
        known.set(tenantId, keys);
        keys.catch(() => known.get(tenantId) === keys && known.delete(tenantId));
      }
      return keys;
    },
    forget: (tenantId) => void known.delete(tenantId),
    forgetAll: () => known.clear(),
  };
}

/**
 * Makes a new signing key (IS-16). It is published at once and signs after an hour; the old ones stay published until
 * the last token they signed has expired. `atOnce` for a key that leaked: it signs now, and the old ones count no more.
 */
export async function rotateSigningKey(
  ctx: Context,
  vault: Vault,
  options: { atOnce?: boolean } = {},
): Promise<string> {
  await lockSigningKeys(ctx);
  const inSeconds = (seconds: number) => new Date(ctx.now.getTime() + seconds * 1000);
  const key = newSigningKey(newId(), options.atOnce ? ctx.now : inSeconds(PUBLISHED_BEFORE_SECONDS));
  await insertSigningKey(ctx, key, vault);
  await retireOtherKeys(
    ctx,
    key.kid,
    options.atOnce ? ctx.now : inSeconds(PUBLISHED_BEFORE_SECONDS + LONGEST_TOKEN_SECONDS),
  );
  ctx.record({
    action: 'signin.signing-key-rotated',
    category: 'KeyManagement',
    targets: [{ kind: 'signing-key', id: key.kid }],
    facts: { atOnce: options.atOnce ?? false },
  });
  await ctx.announce(TOPICS.keysChanged, {});
  return key.kid;
}
