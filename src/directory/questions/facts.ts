import { type AdministrativeLevel, operatorSettings } from '../../kernel/administration.ts';
import type { Actor, Context, TenantFacts } from '../../kernel/context.ts';
import { ceiling } from '../../kernel/decision.ts';
import type { RoleName } from '../../kernel/roles.ts';
import { directoryAccess, externalCollaboration } from '../settings.ts';

/** What every question about people and groups may know. */
export interface Facts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  readonly operatorAccess: AdministrativeLevel;
  readonly guestLevel: string;
  readonly membersMayReadOthers: boolean;
  readonly membersMayCreateGroups: boolean;
}

export function factsOf(ctx: Context): Facts {
  return {
    actor: ctx.actor,
    tenant: ctx.tenant,
    operatorAccess: ctx.settings.tenant(operatorSettings).operatorAccess,
    guestLevel: ctx.settings.tenant(externalCollaboration).guestUserRoleId,
    ...ctx.settings.tenant(directoryAccess),
  };
}

export const holds = (actor: Actor, ...roles: RoleName[]) =>
  actor.kind === 'account' && actor.roles.some((role) => (roles as readonly string[]).includes(role));

/** Whether an application in between was consented to any of these; our own web app was to all. */
export const isConsented = (actor: Actor, permissions: readonly string[]) =>
  actor.kind !== 'account' || actor.scopes === 'all' || actor.scopes.some((scope) => permissions.includes(scope));

export const fixed = (tenantId: string, name: string, value?: unknown) =>
  ({ tenantId, module: 'directory', scope: 'fixed', name, value }) as const;

export const tenantIsOpen = ceiling(
  'directory.tenant-is-open',
  'The directory of a deleted organisation is closed.',
  ({ tenant, actor }: Facts) => tenant.state !== 'deleted' || actor.kind === 'operator' || actor.kind === 'system',
  { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
);

export const tenantTakesChanges = ceiling(
  'directory.tenant-takes-changes',
  'A suspended organisation can be read and not changed.',
  ({ tenant, actor }: Facts) => tenant.state === 'active' || actor.kind === 'operator' || actor.kind === 'system',
  { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
);

export const operatorMayLookIn = (wanted: AdministrativeLevel) =>
  ceiling(
    'directory.operator-access',
    'The operator of the server does no more here than this organisation lets them.',
    ({ actor, operatorAccess }: Facts) =>
      actor.kind !== 'operator' || operatorAccess === 'write' || operatorAccess === wanted,
    {
      setting: ({ tenant, operatorAccess }) => ({
        tenantId: tenant.id,
        module: 'tenants',
        scope: 'tenant',
        name: 'operatorAccess',
        value: operatorAccess,
      }),
      remedy: 'administrator',
      flip: () => wanted,
    },
  );

export const setting = (declared: string, name: string, value: (facts: Facts) => unknown) => (facts: Facts) =>
  ({ tenantId: facts.tenant.id, module: declared, scope: 'tenant', name, value: value(facts) }) as const;
