import Provider, { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { findAccount } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import type { Vault } from '../../platform/vault.ts';
import { TOPICS } from '../events.ts';
import { LONGEST_TOKEN_SECONDS } from '../model/signing-key.ts';
import {
  consumeArtifact,
  deleteArtifact,
  deleteArtifacts,
  findArtifact,
  findArtifactOfSession,
  insertRevokedGrants,
  putArtifact,
} from '../store/artifacts.ts';
import { keepSession } from '../store/sessions.ts';

const actor = { kind: 'system', name: 'signin.provider' } as const;

/** Lists the session among those that its person can see and end. */
async function noteSession(ctx: Context, payload: AdapterPayload, endsAt: Date): Promise<boolean> {
  const accountId = payload.accountId as AccountId;
  const account = await findAccount(ctx, accountId);
  const request = Provider.ctx as { ip?: string; get?(name: string): string } | undefined;
  return keepSession(ctx, {
    id: payload.uid as string,
    accountId,
    authenticatedAt: new Date(((payload.loginTs as number | undefined) ?? 0) * 1000 || ctx.now.getTime()),
    endsAt,
    methods: (payload.amr as string[] | undefined) ?? [],
    homeTenantId: account?.homeTenantId ?? null,
    clientAddress: request?.ip ?? null,
    userAgent: request?.get?.('user-agent')?.slice(0, 400) ?? null,
  });
}

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
      await run(writing, async (ctx) => {
        const expiresAt = new Date(ctx.now.getTime() + (expiresIn ?? LONGEST_TOKEN_SECONDS) * 1000);
        // A session that its person ended is not written again by a request that was under way.
        if (kind === 'Session' && payload.accountId && !(await noteSession(ctx, payload, expiresAt))) return;
        await putArtifact(ctx, kind, id, {
          sealed: vault.seal(JSON.stringify(payload), purpose),
          grantId: kind === 'Grant' ? id : (payload.grantId ?? null),
          sessionId: kind === 'Session' ? (payload.uid ?? null) : (payload.sessionUid ?? null),
          clientId: payload.clientId ?? null,
          accountId: payload.accountId ?? null,
          expiresAt,
        });
      });
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
