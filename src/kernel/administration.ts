import { z } from 'zod';
import type { Actor, Context, TenantFacts } from './context.ts';
import { ceiling, type GrantFact, type Question, question } from './decision.ts';
import { FRESH_PROOF_SECONDS, isFresh } from './proof.ts';
import type { RoleName } from './roles.ts';
import { defineSettings } from './settings.ts';

/** Levels of every administrative question. */
export const ADMINISTRATIVE_LEVELS = ['none', 'read', 'write'] as const;
export type AdministrativeLevel = (typeof ADMINISTRATIVE_LEVELS)[number];

/** What a tenant lets the people do who keep the server running. */
export const operatorSettings = defineSettings({
  name: 'tenants.operator',
  scope: 'tenant',
  title: 'Operator access',
  sentence: 'What the operator of this server may do inside this organisation.',
  shape: z.object({
    operatorAccess: z
      .enum(['none', 'read', 'write'])
      .default('write')
      .describe('How far the operator may administer this organisation. Every act is in the audit.'),
  }),
});

export interface AdministrativeFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  readonly operatorAccess: AdministrativeLevel;
  readonly permissions: { readonly read: readonly string[]; readonly write: readonly string[] };
}

/** What a ceiling on the organisation's state names: nobody sets it but the operator. */
export const tenantState = ({ tenant }: { tenant: TenantFacts }) =>
  ({ tenantId: tenant.id, module: 'tenants', scope: 'fixed', name: 'state', value: tenant.state }) as const;

/** A suspended tenant can be read for its grace and changed by nobody (XC-4); a deleted one is closed. */
export const tenantIsActive = ceiling(
  'tenants.tenant-is-active',
  'A suspended organisation can be read and not changed; a deleted one is closed.',
  ({ tenant, actor }: Pick<AdministrativeFacts, 'tenant' | 'actor'>): AdministrativeLevel => {
    if (tenant.state === 'active' || actor.kind === 'operator' || actor.kind === 'system') return 'write';
    return tenant.state === 'suspended' ? 'read' : 'none';
  },
  {
    setting: tenantState,
    remedy: 'operator',
  },
);

/** A delegated application does at most what it was consented to, however mighty its user. */
export const applicationHasPermission = ceiling(
  'signin.application-has-permission',
  'An application acting for somebody does no more than what it was consented to.',
  ({ actor, permissions }: Pick<AdministrativeFacts, 'actor' | 'permissions'>): AdministrativeLevel => {
    if (actor.kind !== 'account' || actor.scopes === 'all') return 'write';
    if (actor.scopes.some((scope) => permissions.write.includes(scope))) return 'write';
    return actor.scopes.some((scope) => permissions.read.includes(scope)) ? 'read' : 'none';
  },
  {
    setting: ({ actor }) => ({
      tenantId: '',
      module: 'signin',
      scope: 'fixed',
      name: 'scopes',
      value: actor.kind === 'account' ? actor.scopes : null,
    }),
    remedy: 'consent',
  },
);

export const operatorMayAdminister = ceiling(
  'tenants.operator-access',
  'The operator of the server does no more here than this organisation lets them.',
  ({ actor, operatorAccess }: Pick<AdministrativeFacts, 'actor' | 'operatorAccess'>): AdministrativeLevel =>
    actor.kind === 'operator' ? operatorAccess : 'write',
  {
    setting: (facts) => ({
      tenantId: (facts as AdministrativeFacts).tenant.id,
      module: 'tenants',
      scope: 'tenant',
      name: 'operatorAccess',
      value: facts.operatorAccess,
    }),
    remedy: 'administrator',
    flip: (_facts, wanted) => wanted,
  },
);

/**
 * A question about administering one area of a tenant. Roles give; tenant state, operator access and an application's
 * permissions limit. A global administrator may write and a global reader read everywhere.
 *
 * `permissions` are in the reference product's words (`User.ReadWrite.All`); an application acting for itself holds
 * them as grants, one acting for a person as a limit.
 */
export function administrative(area: {
  name: string;
  sentence: string;
  read?: readonly RoleName[];
  write?: readonly RoleName[];
  permissions: { read: readonly string[]; write: readonly string[] };
  /** What every member at home may do without a role. */
  members?: AdministrativeLevel;
}): Question<void, AdministrativeFacts, AdministrativeLevel, Context> {
  const writers: readonly string[] = ['global-administrator', ...(area.write ?? [])];
  const readers: readonly string[] = ['global-reader', ...(area.read ?? [])];
  // Whoever may write may also read, with the write permission alone.
  const permissions = { read: [...area.permissions.read, ...area.permissions.write], write: area.permissions.write };
  return question({
    name: area.name,
    sentence: area.sentence,
    levels: ADMINISTRATIVE_LEVELS,
    facts: (ctx: Context): AdministrativeFacts => ({
      actor: ctx.actor,
      tenant: ctx.tenant,
      operatorAccess: ctx.settings.tenant(operatorSettings).operatorAccess,
      permissions,
    }),
    ceilings: [tenantIsActive, applicationHasPermission, operatorMayAdminister],
    *grants({ actor, tenant }): Iterable<GrantFact<AdministrativeLevel>> {
      switch (actor.kind) {
        case 'system':
        case 'operator':
          yield { id: actor.kind, level: 'write', path: 'direct', subject: { kind: actor.kind, id: tenant.id } };
          return;
        case 'application':
          for (const permission of actor.permissions) {
            const level = permissions.write.includes(permission)
              ? 'write'
              : permissions.read.includes(permission)
                ? 'read'
                : 'none';
            if (level !== 'none')
              yield {
                id: `permission:${permission}`,
                level,
                path: 'consent',
                subject: { kind: 'application', id: actor.applicationId },
              };
          }
          return;
        case 'account':
          for (const role of actor.roles) {
            const level = writers.includes(role) ? 'write' : readers.includes(role) ? 'read' : 'none';
            if (level !== 'none')
              yield { id: `role:${role}`, level, path: 'role', subject: { kind: 'account', id: actor.accountId } };
          }
          if (area.members && area.members !== 'none' && actor.userType === 'Member') {
            yield {
              id: 'member',
              level: area.members,
              path: 'membership',
              subject: { kind: 'account', id: actor.accountId },
            };
          }
          return;
        case 'visitor':
        case 'anonymous':
          return;
      }
    },
    grantedBy: 'administrator',
  });
}

/** Whether somebody is the operator of the server: the only question that is not about a tenant's own. */
export const operateServer = question({
  name: 'tenants.server.operate',
  sentence: 'May they manage the tenants of this server?',
  levels: ['none', 'read', 'operate'] as const,
  facts: (ctx: Context) => ({ actor: ctx.actor, now: ctx.now }),
  ceilings: [
    ceiling(
      'tenants.operator-proven-recently',
      'An operator changes the server within ten minutes of signing in, and looks at it whenever signed in.',
      ({ actor, now }: { actor: Actor; now: Date }): 'read' | 'operate' => (isFresh(actor, now) ? 'operate' : 'read'),
      {
        setting: () => ({
          tenantId: '',
          module: 'signin',
          scope: 'fixed',
          name: 'freshProofSeconds',
          value: FRESH_PROOF_SECONDS,
        }),
        remedy: 'sign-in-again',
      },
    ),
  ],
  *grants({ actor }): Iterable<GrantFact<'none' | 'read' | 'operate'>> {
    if (actor.kind === 'operator' || actor.kind === 'system') {
      yield { id: 'operator', level: 'operate', path: 'direct', subject: { kind: actor.kind, id: '' } };
    }
  },
  grantedBy: 'operator',
});
