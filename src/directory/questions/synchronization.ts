import { z } from 'zod';
import { administrative } from '../../kernel/administration.ts';
import type { Context, TenantFacts } from '../../kernel/context.ts';
import { ceiling, type GrantFact, question, type SettingAddress } from '../../kernel/decision.ts';
import { AGREED_GUESTS, agreedToCome, type BringFacts, bringFacts, partnerAccess } from '../../partners/index.ts';

/** Bringing our people to other organisations: whom, with what, and whether it goes on. */
export const manageSynchronization = administrative({
  name: 'directory.synchronization.manage',
  sentence: 'May they decide which of our people are brought to other organisations?',
  read: ['security-reader', 'auditor'],
  write: ['security-administrator', 'partner-administrator'],
  permissions: { read: ['Synchronization.Read.All'], write: ['Synchronization.ReadWrite.All'] },
});

interface Facts extends BringFacts {
  readonly tenant: TenantFacts;
}

const addressOf = ({ tenant, homeTenantId }: Facts, name: string, value: unknown): SettingAddress => ({
  tenantId: tenant.id,
  module: partnerAccess.name,
  scope: 'partner',
  target: homeTenantId,
  name,
  value,
});

/** May another organisation bring its people here by itself? Asked of each of its requests (CT-17). */
export const bringPeople = question({
  name: 'directory.people.bring',
  sentence: 'May this organisation bring its people here by itself?',
  levels: ['none', 'bring'] as const,
  input: z.object({ homeTenantId: z.guid().toLowerCase() }),
  facts: (ctx: Context, { homeTenantId }: { homeTenantId: string }) => ({
    tenant: ctx.tenant,
    ...bringFacts(ctx, homeTenantId),
    agreement: agreedToCome(ctx, { domain: '', homeTenantId }),
  }),
  ceilings: [
    ceiling(
      'directory.organisation-takes-people',
      'An organisation that is suspended takes nobody.',
      ({ tenant }: Facts) => tenant.state === 'active',
      {
        setting: ({ tenant }) => ({
          tenantId: tenant.id,
          module: 'tenants',
          scope: 'fixed',
          name: 'state',
          value: tenant.state,
        }),
        remedy: 'operator',
      },
    ),
    ceiling(
      'directory.sync-is-allowed',
      'Another organisation brings its people by itself only where that is allowed of it.',
      ({ isSyncAllowed }: Facts) => isSyncAllowed,
      {
        setting: (facts) => addressOf(facts, 'identitySynchronization', facts.isSyncAllowed),
        remedy: 'administrator',
        flip: () => ({ userSyncInbound: { isSyncAllowed: true } }),
      },
    ),
    ceiling(
      'directory.sync-needs-consent',
      'Nobody is asked whether they want to be brought, so invitations of that organisation are accepted unasked.',
      ({ isConsentAutomatic }: Facts) => isConsentAutomatic,
      {
        setting: (facts) => addressOf(facts, 'automaticUserConsentSettings', facts.isConsentAutomatic),
        remedy: 'administrator',
      },
    ),
    ...AGREED_GUESTS,
  ],
  *grants({ homeTenantId }): Iterable<GrantFact<'none' | 'bring'>> {
    yield { id: 'home', level: 'bring', path: 'direct', subject: { kind: 'tenant', id: homeTenantId } };
  },
  grantedBy: 'administrator',
});
