/** What the owner of an address decides about invitations to it. All of it stands on a proof of the address. */
import type { Actor, Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import {
  deleteInvitationBlock,
  findInvitationBlock,
  listTenantsKnowingAddress,
  putInvitationBlock,
} from '../store/invitation-blocks.ts';
import { acrossTenants } from './across-tenants.ts';

export interface InvitingOrganisation {
  readonly tenantId: TenantId;
  readonly displayName: string;
  readonly domain: string;
  /** Null: its invitations are mailed. */
  readonly blockedAt: Date | null;
}

const OWNER: Actor = { kind: 'system', name: 'owner-of-address' };

/** The organisations of this server that have invited the address or that it has blocked. */
export async function listInvitingOrganisations(
  ctx: Pick<Context, 'tx'>,
  run: Run,
  address: string,
): Promise<InvitingOrganisation[]> {
  return acrossTenants(async () => {
    const found: InvitingOrganisation[] = [];
    for (const tenantId of await listTenantsKnowingAddress(ctx, address)) {
      const { tenant, blockedAt } = await run({ tenantId, actor: OWNER, readOnly: true }, async (there) => ({
        tenant: there.tenant,
        blockedAt: (await findInvitationBlock(there, address)) ?? null,
      }));
      if (tenant.state === 'deleted') continue;
      found.push({ tenantId, displayName: tenant.displayName, domain: tenant.defaultDomain, blockedAt });
    }
    return found;
  });
}

/** Blocks or unblocks invitations of one organisation. @throws not-found for a tenant that never wrote to it. */
export async function decideInvitations(
  ctx: Pick<Context, 'tx'>,
  run: Run,
  input: { readonly address: string; readonly tenantId: TenantId; readonly isBlocked: boolean },
): Promise<void> {
  const { address, tenantId, isBlocked } = input;
  await acrossTenants(async () => {
    // BOUNDARY: a tenant that does not know the address looks like one that does not exist.
    if (!(await listTenantsKnowingAddress(ctx, address)).includes(tenantId)) throw kernelFaults.notFound();
    await run({ tenantId, actor: OWNER }, async (there) => {
      const change = isBlocked ? putInvitationBlock : deleteInvitationBlock;
      if (!(await change(there, address))) return;
      there.record({
        action: isBlocked ? 'directory.invitations-blocked' : 'directory.invitations-unblocked',
        category: 'UserManagement',
        targets: [{ kind: 'address', id: address }],
      });
    });
  });
}
