import { z } from 'zod';
import { administrative, tenantState } from '../../kernel/administration.ts';
import { type AgreedStanding, agreedLevel, agreementIsInForce } from '../../kernel/agreement.ts';
import type { Context, TenantFacts } from '../../kernel/context.ts';
import { ceiling, type GrantFact, question, type SettingAddress } from '../../kernel/decision.ts';

/** Bringing our people to other organisations: whom, with what, and whether it goes on. */
export const manageSynchronization = administrative({
  name: 'directory.synchronization.manage',
  sentence: 'May they decide which of our people are brought to other organisations?',
  read: ['security-reader', 'auditor'],
  write: ['security-administrator', 'partner-administrator'],
  permissions: { read: ['Synchronization.Read.All'], write: ['Synchronization.ReadWrite.All'] },
});

export interface BringingFacts {
  readonly tenant: TenantFacts;
  readonly homeTenantId: string;
  readonly isSyncAllowed: boolean;
  readonly isConsentAutomatic: boolean;
  readonly agreement: AgreedStanding | undefined;
}

const addressOf = ({ tenant, homeTenantId }: BringingFacts, name: string, value: unknown): SettingAddress => ({
  tenantId: tenant.id,
  module: 'partners.partner-access',
  scope: 'partner',
  target: homeTenantId,
  name,
  value,
});

/** May another organisation bring its people here by itself? Asked of each of its requests (CT-17). */
export const bringQuestion = (gather: (ctx: Context, homeTenantId: string) => BringingFacts) =>
  question({
    name: 'directory.people.bring',
    sentence: 'May this organisation bring its people here by itself?',
    levels: ['none', 'bring'] as const,
    input: z.object({ homeTenantId: z.guid().toLowerCase() }),
    facts: (ctx: Context, { homeTenantId }: { homeTenantId: string }) => gather(ctx, homeTenantId),
    ceilings: [
      ceiling(
        'directory.organisation-takes-people',
        'An organisation that is suspended takes nobody.',
        ({ tenant }: BringingFacts) => tenant.state === 'active',
        {
          setting: tenantState,
          remedy: 'operator',
        },
      ),
      ceiling(
        'directory.sync-is-allowed',
        'Another organisation brings its people by itself only where that is allowed of it.',
        ({ isSyncAllowed }: BringingFacts) => isSyncAllowed,
        {
          setting: (facts) => addressOf(facts, 'identitySynchronization', facts.isSyncAllowed),
          remedy: 'administrator',
          flip: () => ({ userSyncInbound: { isSyncAllowed: true } }),
        },
      ),
      ceiling(
        'directory.sync-needs-consent',
        'Nobody is asked whether they want to be brought, so invitations of that organisation are accepted unasked.',
        ({ isConsentAutomatic }: BringingFacts) => isConsentAutomatic,
        {
          setting: (facts) => addressOf(facts, 'automaticUserConsentSettings', facts.isConsentAutomatic),
          remedy: 'administrator',
        },
      ),
      agreementIsInForce(({ agreement }: BringingFacts) => agreement),
      agreedLevel<BringingFacts, never>(({ agreement }) => agreement, { none: false, invite: true }),
    ],
    *grants({ homeTenantId }): Iterable<GrantFact<'none' | 'bring'>> {
      yield { id: 'home', level: 'bring', path: 'direct', subject: { kind: 'tenant', id: homeTenantId } };
    },
    grantedBy: 'administrator',
  });
