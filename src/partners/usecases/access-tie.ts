import type { Tie } from '../../kernel/module.ts';
import { changeSettings } from '../../tenants/index.ts';
import { BLOCK_ALL } from '../model/access-setting.ts';
import { partnerAccess } from '../settings.ts';

/** The door between us and another organisation, shut both ways. It stays shut when all is ended. */
export const accessTie: Tie = {
  name: 'partners.access',
  titles: {},
  stage: 'revoke',
  async closeAtOnce(ctx, { tenantId, accountId }) {
    if (tenantId === null || accountId !== null) return;
    await changeSettings(ctx, partnerAccess, tenantId, {
      b2bCollaborationInbound: BLOCK_ALL,
      b2bCollaborationOutbound: BLOCK_ALL,
      b2bDirectConnectInbound: BLOCK_ALL,
      b2bDirectConnectOutbound: BLOCK_ALL,
      tenantRestrictions: null,
      inboundTrust: null,
      automaticUserConsentSettings: null,
      identitySynchronization: null,
      isServiceProvider: null,
    });
  },
  list: async () => [],
  end: async () => [],
};
