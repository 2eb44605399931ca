import { LRUCache } from 'lru-cache';
import type { Context } from '../../kernel/context.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import type { Vault } from '../../platform/vault.ts';
import { type JsonSignature, signJson } from '../../protocols/signed-json.ts';
import { newPartnerKey, type PartnerKey } from '../model/key.ts';
import { findKey, insertKey, lockKeys } from '../store/keys.ts';

/** What is signed with a partner key; a signature for one thing never counts for another. */
export type Signed =
  | 'entente-organization'
  | 'entente-agreement'
  | 'entente-receipt'
  | 'entente-checkpoint'
  | 'entente-report';

/** The key of each organisation here, from memory where known; its first one is made when asked for. */
export interface PartnerKeys {
  of(tenantId: TenantId): Promise<PartnerKey>;
  /** Signs in the name of the organisation whose context this is. Needs no transaction. */
  sign(ctx: Pick<Context, 'tenantId'>, value: unknown, as: Signed): Promise<JsonSignature>;
  forget(tenantId: TenantId): void;
}

const KEPT_AT_MOST = 2_000;
/** A key that another node made or retired is noticed within a minute. */
const KEPT_MILLISECONDS = 60_000;

export function createPartnerKeys({ run, vault }: { run: Run; vault: Vault }): PartnerKeys {
  const known = new LRUCache<TenantId, Promise<PartnerKey>>({ max: KEPT_AT_MOST, ttl: KEPT_MILLISECONDS });
  const actor = { kind: 'system', name: 'partners.keys' } as const;

  async function read(tenantId: TenantId): Promise<PartnerKey> {
    const found = await run({ tenantId, actor, readOnly: true }, (ctx) => findKey(ctx, vault));
    if (found) return found;
    return run({ tenantId, actor }, async (ctx) => {
      await lockKeys(ctx);
      return (await findKey(ctx, vault)) ?? (await startKey(ctx, vault));
    });
  }

  const keys: PartnerKeys = {
    of(tenantId) {
      let key = known.get(tenantId);
      if (!key) {
        key = read(tenantId);
        known.set(tenantId, key);
        key.catch(() => known.get(tenantId) === key && known.delete(tenantId));
      }
      return key;
    },
    sign: async ({ tenantId }, value, as) => signJson(value, await keys.of(tenantId), as),
    forget: (tenantId) => void known.delete(tenantId),
  };
  return keys;
}

async function startKey(ctx: Context, vault: Vault): Promise<PartnerKey> {
  const key = newPartnerKey(newId());
  await insertKey(ctx, key, vault);
  ctx.record({
    action: 'partners.key-made',
    category: 'KeyManagement',
    targets: [{ kind: 'partner-key', id: key.kid }],
  });
  return key;
}
