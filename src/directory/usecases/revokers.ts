import { deleteGrants, type Revoker } from '../../access/index.ts';
import type { GroupId } from '../../kernel/ids.ts';
import { findGroup } from '../store/groups.ts';
import { takeMember, takeOwner } from './members.ts';
import { revokeRole } from './roles.ts';

/** How the directory's grants are taken away from the ledger and when they end. */
export const directoryRevokers = {
  'directory.group-member': {
    title: 'Member of group',
    async revoke(ctx, grant) {
      const group = await findGroup(ctx, grant.object.id as GroupId);
      if (group) await takeMember(ctx, group, grant);
      else await deleteGrants(ctx, [grant.id]);
    },
  },
  'directory.group-owner': {
    title: 'Owner of group',
    async revoke(ctx, grant) {
      const group = await findGroup(ctx, grant.object.id as GroupId);
      if (group) await takeOwner(ctx, group, grant);
      else await deleteGrants(ctx, [grant.id]);
    },
  },
  'directory.role': { title: 'Administrative role', revoke: revokeRole },
} satisfies Record<string, Revoker>;
