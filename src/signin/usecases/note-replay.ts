import type { TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';

/**
 * A code or a refresh token came a second time (IS-2, IS-3): somebody copied it. What was issued with it is revoked by
 * then; this tells whoever watches.
 */
export async function noteReplay(
  ports: { run: Run },
  tenantId: TenantId,
  what: { kind: string; clientId: string; grantId: string | null },
): Promise<void> {
  await ports.run({ tenantId, actor: { kind: 'system', name: 'signin.provider' } }, async (ctx) => {
    ctx.record({
      action: `signin.${what.kind}-replayed`,
      category: 'Security',
      result: 'failure',
      targets: [{ kind: 'application', id: what.clientId }],
      facts: { grantId: what.grantId },
    });
  });
}
