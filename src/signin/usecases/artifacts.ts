import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { TOPICS } from '../events.ts';
import { LONGEST_TOKEN_SECONDS } from '../model/signing-key.ts';
import type { Vault } from '../model/vault.ts';
import {
  consumeArtifact,
  deleteArtifact,
  deleteArtifacts,
  findArtifact,
  findArtifactOfSession,
  insertRevokedGrants,
  putArtifact,
} from '../store/artifacts.ts';

const actor = { kind: 'system', name: 'signin.provider' } as const;

/** What the OpenID Connect provider of one tenant remembers, in the tenant's own rows: it survives a restart. */
export function createArtifactAdapter(ports: { run: Run; vault: Vault; tenantId: TenantId }, kind: string): Adapter {
  const { run, vault, tenantId } = ports;
  const purpose = `artifact ${tenantId} ${kind}`;
  const reading = { tenantId, actor, readOnly: true };
  const writing = { tenantId, actor };
  const unseal = (found: { sealed: Buffer; consumedAt: Date | null } | undefined): AdapterPayload | undefined =>
    found && {
      ...JSON.parse(vault.open(found.sealed, purpose)),
      ...(found.consumedAt ? { consumed: Math.floor(found.consumedAt.getTime() / 1000) } : {}),
    };

  return {
    async upsert(id, payload, expiresIn) {
      await run(writing, (ctx) =>
        putArtifact(ctx, kind, id, {
          sealed: vault.seal(JSON.stringify(payload), purpose),
          grantId: kind === 'Grant' ? id : (payload.grantId ?? null),
          sessionId: payload.uid ?? payload.sessionUid ?? null,
          clientId: payload.clientId ?? null,
          accountId: payload.accountId ?? null,
          expiresAt: new Date(ctx.now.getTime() + (expiresIn ?? 0) * 1000),
        }),
      );
    },
    find: async (id) => unseal(await run(reading, (ctx) => findArtifact(ctx, kind, id))),
    findByUid: async (uid) => unseal(await run(reading, (ctx) => findArtifactOfSession(ctx, kind, uid))),
    findByUserCode: async () => undefined,
    async consume(id) {
      const isFirst = await run(writing, (ctx) => consumeArtifact(ctx, kind, id));
      // Two at once with one code or token: both saw it unused, and only one may have it.
      if (!isFirst) throw new errors.InvalidGrant('already used');
    },
    async destroy(id) {
      await run(writing, (ctx) => deleteArtifact(ctx, kind, id));
    },
    async revokeByGrantId(grantId) {
      // The provider calls this for each kind; once is enough, and access tokens are ours to refuse.
      if (kind !== 'AccessToken') return;
      await run(writing, async (ctx) => {
        await deleteArtifacts(ctx, { grantId });
        const until = new Date(ctx.now.getTime() + LONGEST_TOKEN_SECONDS * 1000);
        await insertRevokedGrants(ctx, [grantId], until);
        await ctx.announce(TOPICS.applicationsChanged, {});
      });
    },
  };
}
