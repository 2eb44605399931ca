import { LRUCache } from 'lru-cache';
import type { Context } from '../../kernel/context.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import type { Vault } from '../../platform/vault.ts';
import { type JsonSignature, signJson } from '../../protocols/signed-json.ts';
import { newPartnerKey, type PartnerKey, signingAt } from '../model/key.ts';
import { insertKey, listLivingKeys, lockKeys } from '../store/keys.ts';

/** What is signed with a partner key; a signature for one thing never counts for another. */
export type Signed =
  | 'entente-organization'
  | 'entente-agreement'
  | 'entente-receipt'
  | 'entente-checkpoint'
  | 'entente-report';

/** The key of each organisation here, from memory where known; its first one is made when asked for. */
export interface PartnerKeys {
  /** The one that signs now. */
  of(tenantId: TenantId): Promise<PartnerKey>;
  /** Signs in the name of the organisation whose context this is. Needs no transaction. */
  sign(ctx: Pick<Context, 'tenantId'>, value: unknown, as: Signed): Promise<JsonSignature>;
  forget(tenantId: TenantId): void;
  forgetAll(): void;
}

/** Told to every node of the server when an organisation here has other keys. */
export const KEYS_CHANGED = 'partners.keys-changed';

const KEPT_AT_MOST = 2_000;
/** What another node did is heard at once, and where that was lost, within a minute. */
const KEPT_MILLISECONDS = 60_000;

export function createPartnerKeys({ run, vault, now }: { run: Run; vault: Vault; now: () => Date }): PartnerKeys {
  const known = new LRUCache<TenantId, Promise<PartnerKey[]>>({ max: KEPT_AT_MOST, ttl: KEPT_MILLISECONDS });
  const actor = { kind: 'system', name: 'partners.keys' } as const;

  async function read(tenantId: TenantId): Promise<PartnerKey[]> {
    const found = await run({ tenantId, actor, readOnly: true }, (ctx) => listLivingKeys(ctx, vault));
    if (found.length > 0) return found;
    return run({ tenantId, actor }, async (ctx) => {
      await lockKeys(ctx);
      const others = await listLivingKeys(ctx, vault);
      return others.length > 0 ? others : [await startKey(ctx, vault)];
    });
  }

  const keys: PartnerKeys = {
    async of(tenantId) {
      let found = known.get(tenantId);
      if (!found) {
        const reading = read(tenantId);
        found = reading;
        known.set(tenantId, reading);
        reading.catch(() => known.get(tenantId) === reading && known.delete(tenantId));
      }
      // A successor is known before its time has come, so that no node signs with the old key after it.
      const living = await found;
      return signingAt(living, now()) ?? living[0]!;
    },
    sign: async ({ tenantId }, value, as) => signJson(value, await keys.of(tenantId), as),
    forget: (tenantId) => void known.delete(tenantId),
    forgetAll: () => known.clear(),
  };
  return keys;
}

/** A key that no other answers for: an organisation's first, or the one with which it begins anew. */
export async function startKey(ctx: Context, vault: Vault): Promise<PartnerKey> {
  const key = newPartnerKey(newId(), ctx.now);
  await insertKey(ctx, key, vault);
  ctx.record({
    action: 'partners.key-made',
    category: 'KeyManagement',
    targets: [{ kind: 'partner-key', id: key.kid }],
  });
  return key;
}
