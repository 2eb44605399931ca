import { z } from 'zod';
import {
  type AdministrativeLevel,
  administrative,
  applicationHasPermission,
  operatorMayAdminister,
  operatorSettings,
  tenantIsActive,
} from '../../kernel/administration.ts';
import type { Actor, Context, TenantFacts } from '../../kernel/context.ts';
import { type Ceiling, ceiling, type GrantFact, question, type SettingAddress } from '../../kernel/decision.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { type DomainRestriction, listInForce, permitsDomain } from '../model/domain-list.ts';
import { externalCollaboration } from '../settings.ts';

const tenantId = z.uuid() as unknown as z.ZodType<TenantId>;

/** A person's own organisations, mail and data: theirs alone, whatever their role. */
export const seeOneself = question({
  name: 'directory.self.see',
  sentence: 'May they see and manage what is about themselves?',
  levels: ['none', 'self'] as const,
  facts: (ctx: Context) => ({ actor: ctx.actor }),
  ceilings: [
    ceiling(
      'directory.own-application',
      "A person's own pages are open to them, not to an application acting for them.",
      ({ actor }: { actor: Actor }) => actor.kind !== 'account' || actor.scopes === 'all',
      {
        setting: () => ({ tenantId: '', module: 'signin', scope: 'fixed', name: 'scopes' }),
        remedy: 'nobody',
      },
    ),
  ],
  *grants({ actor }): Iterable<GrantFact<'none' | 'self'>> {
    if (actor.kind === 'account') {
      yield { id: 'self', level: 'self', path: 'direct', subject: { kind: 'account', id: actor.accountId } };
    }
  },
  grantedBy: 'nobody',
});

/** Letters that the server wrote in the tenant's name. */
export const readOutgoingMail = administrative({
  name: 'directory.outgoing-mail.read',
  sentence: 'May they read the mail this organisation sends?',
  read: ['user-administrator', 'security-administrator', 'security-reader'],
  permissions: { read: [], write: [] },
});

/** Settings of external collaboration. */
export const manageExternalCollaboration = administrative({
  name: 'directory.external-collaboration.manage',
  sentence: 'May they decide who may become a guest?',
  read: ['user-administrator', 'security-administrator', 'security-reader'],
  write: ['security-administrator'],
  permissions: { read: ['Policy.Read.All'], write: ['Policy.ReadWrite.Authorization'] },
});

/** Inviting many at once. Each line stands under the question of a single invitation as well. */
export const importGuests = administrative({
  name: 'directory.guest-imports.run',
  sentence: 'May they invite guests in bulk?',
  write: ['guest-inviter', 'user-administrator'],
  permissions: { read: [], write: ['User.Invite.All', 'User.ReadWrite.All', 'Directory.ReadWrite.All'] },
});

/** Guests that are here: their sponsors, their end, their data. */
export const manageGuests = administrative({
  name: 'directory.guests.manage',
  sentence: 'May they manage the guests of the organisation?',
  read: ['guest-inviter', 'helpdesk-administrator', 'security-reader', 'auditor'],
  write: ['user-administrator', 'security-administrator'],
  permissions: {
    read: ['User.Read.All', 'Directory.Read.All'],
    write: ['User.ReadWrite.All', 'Directory.ReadWrite.All'],
  },
});

const whoComes = z.object({
  domain: z.string(),
  homeTenantId: tenantId.nullable().default(null),
  /** As home vouches for them; ids are home's. */
  userId: z.guid().nullable().default(null),
  groupIds: z.array(z.guid()).default([]),
  homeLetsOut: z.boolean().default(true),
  homeReference: z.guid().nullable().default(null),
});
export type WhoComes = z.output<typeof whoComes>;

/** What the cross-tenant access policy says of somebody who is to come: its facts, and its rules over them. */
export interface AcrossTenants<F> {
  facts(ctx: Context, who: WhoComes): F;
  readonly ceilings: readonly Ceiling<F, never>[];
}

export type InviteLevel = 'none' | 'invite' | 'invite-member';

export interface InviteFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  readonly operatorAccess: AdministrativeLevel;
  /** A-labels, lower case. */
  readonly domain: string;
  readonly allowInvitesFrom: 'everyone' | 'adminsGuestInvitersAndAllMembers' | 'adminsAndGuestInviters' | 'none';
  readonly restriction: DomainRestriction;
}

const INVITING_ADMINISTRATORS: readonly string[] = ['global-administrator', 'user-administrator'];
const INVITERS: readonly string[] = [...INVITING_ADMINISTRATORS, 'guest-inviter'];
const INVITE_SCOPES = ['User.Invite.All', 'User.ReadWrite.All', 'Directory.ReadWrite.All'];

const collaborationSetting = (facts: InviteFacts, name: string, value: unknown) =>
  ({ tenantId: facts.tenant.id, module: 'directory', scope: 'tenant', name, value }) as const;

/** Who may invite at all (ID-17). */
export const allowInvitesFrom = ceiling(
  'directory.allow-invites-from',
  'The organisation says who may invite guests.',
  ({ actor, allowInvitesFrom: allowed }: InviteFacts) => {
    if (actor.kind === 'system') return true;
    const isInviter = actor.kind === 'account' && actor.roles.some((role) => INVITERS.includes(role));
    switch (allowed) {
      case 'everyone':
        return true;
      case 'adminsGuestInvitersAndAllMembers':
        return actor.kind !== 'account' || actor.userType === 'Member' || isInviter;
      case 'adminsAndGuestInviters':
        return actor.kind === 'operator' || isInviter;
      case 'none':
        return false;
    }
  },
  {
    setting: (facts) => collaborationSetting(facts, 'allowInvitesFrom', facts.allowInvitesFrom),
    remedy: 'administrator',
    flip: () => 'everyone',
  },
);

/** The tenant's one list of domains (ID-14). */
export const guestDomainIsAllowed = ceiling(
  'directory.guest-domain-is-allowed',
  'Guests come only from domains that the organisation permits.',
  ({ restriction, domain }: Pick<InviteFacts, 'restriction' | 'domain' | 'tenant'>) =>
    permitsDomain(restriction, domain),
  {
    setting: ({ restriction, tenant }) => ({
      tenantId: tenant.id,
      module: 'directory',
      scope: 'tenant',
      name: listInForce(restriction),
      // The mode, not the list: it may hold thousands of names.
      value: restriction.domainRestriction,
    }),
    remedy: 'administrator',
  },
);

const inviterTenantIsActive = ceiling(
  tenantIsActive.name,
  tenantIsActive.sentence,
  (facts: InviteFacts) => tenantIsActive.permits(facts) === 'write',
  { setting: tenantIsActive.setting, remedy: tenantIsActive.remedy },
);

const inviterOperatorAccess = ceiling(
  operatorMayAdminister.name,
  operatorMayAdminister.sentence,
  ({ actor, operatorAccess }: InviteFacts) => actor.kind !== 'operator' || operatorAccess === 'write',
  { setting: operatorMayAdminister.setting as (facts: InviteFacts) => SettingAddress, remedy: 'administrator' },
);

const applicationMayInvite = ceiling(
  applicationHasPermission.name,
  applicationHasPermission.sentence,
  ({ actor }: InviteFacts) =>
    actor.kind !== 'account' || actor.scopes === 'all' || actor.scopes.some((scope) => INVITE_SCOPES.includes(scope)),
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

/** May somebody invite a person of this domain, and also as a member? */
export const inviteQuestion = <F extends object>(across: AcrossTenants<F>) =>
  question({
    name: 'directory.guests.invite',
    sentence: 'May they invite somebody from this domain?',
    levels: ['none', 'invite', 'invite-member'] as const,
    input: whoComes,
    facts: (ctx: Context, who: WhoComes): InviteFacts & F => ({
      ...gatherInviteFacts(ctx, who),
      ...across.facts(ctx, who),
    }),
    ceilings: [
      inviterTenantIsActive,
      allowInvitesFrom,
      applicationMayInvite,
      inviterOperatorAccess,
      guestDomainIsAllowed,
      ...across.ceilings,
    ],
    *grants({ actor, tenant }): Iterable<GrantFact<InviteLevel>> {
      switch (actor.kind) {
        case 'system':
        case 'operator':
          yield {
            id: actor.kind,
            level: 'invite-member',
            path: 'direct',
            subject: { kind: actor.kind, id: tenant.id },
          };
          return;
        case 'application': {
          const subject = { kind: 'application', id: actor.applicationId };
          const held = actor.permissions.filter((permission) => INVITE_SCOPES.includes(permission));
          for (const permission of held) {
            const level = permission === 'User.Invite.All' ? 'invite' : 'invite-member';
            yield { id: `permission:${permission}`, level, path: 'consent', subject };
          }
          return;
        }
        case 'account': {
          const subject = { kind: actor.userType === 'Guest' ? 'guest' : 'account', id: actor.accountId };
          for (const role of actor.roles) {
            if (!INVITERS.includes(role)) continue;
            const level = INVITING_ADMINISTRATORS.includes(role) ? 'invite-member' : 'invite';
            yield { id: `role:${role}`, level, path: 'role', subject };
          }
          // Members and guests alike, up to what allowInvitesFrom leaves open.
          yield { id: 'membership', level: 'invite', path: 'membership', subject };
          return;
        }
        case 'anonymous':
          return;
      }
    },
    grantedBy: 'administrator',
  });

function gatherInviteFacts(ctx: Context, input: WhoComes): InviteFacts {
  const settings = ctx.settings.tenant(externalCollaboration);
  return {
    actor: ctx.actor,
    tenant: ctx.tenant,
    operatorAccess: ctx.settings.tenant(operatorSettings).operatorAccess,
    domain: input.domain,
    allowInvitesFrom: settings.allowInvitesFrom,
    restriction: settings,
  };
}

/** May an invitation to this domain still be accepted? Asked again at redemption (ID-15). */
export const acceptQuestion = <F extends object>(across: AcrossTenants<F>) =>
  question({
    name: 'directory.invitation.accept',
    sentence: 'May somebody from this domain become a guest here?',
    levels: ['none', 'accept'] as const,
    input: whoComes.extend({ accountId: z.string() }),
    facts: (ctx: Context, input: WhoComes & { accountId: string }) => ({
      actor: ctx.actor,
      tenant: ctx.tenant,
      domain: input.domain,
      restriction: ctx.settings.tenant(externalCollaboration) as DomainRestriction,
      ...across.facts(ctx, input),
      accountId: input.accountId,
    }),
    ceilings: [
      ceiling(
        tenantIsActive.name,
        tenantIsActive.sentence,
        ({ tenant }: { tenant: TenantFacts }) => tenant.state === 'active',
        { setting: tenantIsActive.setting as never, remedy: tenantIsActive.remedy },
      ),
      guestDomainIsAllowed,
      ...across.ceilings,
    ],
    // The invitation itself is the grant; the use case has found it before it asks.
    *grants({ accountId }): Iterable<GrantFact<'none' | 'accept'>> {
      yield { id: 'invitation', level: 'accept', path: 'direct', subject: { kind: 'guest', id: accountId } };
    },
    grantedBy: 'administrator',
  });

/** May a guest end their own stay (ID-25, ID-26)? */
export const leaveOrganisation = question({
  name: 'directory.organisation.leave',
  sentence: 'May this guest leave by themselves?',
  levels: ['none', 'leave'] as const,
  input: z.object({ accountId: z.string(), isGuest: z.boolean() }),
  facts: (ctx: Context, input: { accountId: string; isGuest: boolean }) => ({
    tenant: ctx.tenant,
    guestsMayLeave: ctx.settings.tenant(externalCollaboration).guestsMayLeave,
    ...input,
  }),
  ceilings: [
    ceiling(
      'directory.guests-may-leave',
      'The organisation decides whether guests end their stay by themselves.',
      (facts: { guestsMayLeave: boolean; tenant: TenantFacts }) => facts.guestsMayLeave,
      {
        setting: (facts) => ({
          tenantId: facts.tenant.id,
          module: 'directory',
          scope: 'tenant',
          name: 'guestsMayLeave',
          value: facts.guestsMayLeave,
        }),
        remedy: 'administrator',
        flip: () => true,
      },
    ),
  ],
  *grants({ accountId, isGuest }): Iterable<GrantFact<'none' | 'leave'>> {
    if (isGuest) yield { id: 'guest', level: 'leave', path: 'direct', subject: { kind: 'guest', id: accountId } };
  },
  grantedBy: 'nobody',
});

/** Binding a guest to another identity, or an account of ours to another home. */
export const resetRedemptionOf = administrative({
  name: 'directory.redemption.reset',
  sentence: 'May they let an account be bound to another identity?',
  write: ['helpdesk-administrator', 'user-administrator'],
  permissions: { read: [], write: ['User.ReadWrite.All', 'Directory.ReadWrite.All'] },
});

/** The same for somebody who holds an administrative role; no application may. */
export const resetRoleHolder = administrative({
  name: 'directory.redemption.reset-administrator',
  sentence: 'May they let an administrator be bound to another identity?',
  permissions: { read: [], write: [] },
});
