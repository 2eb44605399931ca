import { z } from 'zod';
import { administrative, tenantIsActive, tenantState } from '../kernel/administration.ts';
import type { Actor, Context, TenantFacts } from '../kernel/context.ts';
import { ceiling, type GrantFact, question } from '../kernel/decision.ts';
import { type ProofFacts, provenRecently, provenStrongly } from '../kernel/proof.ts';
import { consentSettings } from './settings.ts';

/** Registering applications, their secrets, and switching them on and off. */
export const manageApplications = administrative({
  name: 'signin.applications.manage',
  sentence: 'May they manage app registrations?',
  read: ['security-administrator', 'security-reader', 'application-administrator'],
  write: ['application-administrator'],
  permissions: {
    read: ['Application.Read.All', 'Directory.Read.All'],
    write: ['Application.ReadWrite.All'],
  },
});

/** What applications may do for people. An application never does more than the person it acts for. */
export const manageConsents = administrative({
  name: 'signin.consents.manage',
  sentence: 'May they decide what applications do for people?',
  read: ['security-administrator', 'security-reader', 'application-administrator'],
  write: ['application-administrator'],
  permissions: {
    read: ['Application.Read.All', 'Directory.Read.All'],
    write: ['DelegatedPermissionGrant.ReadWrite.All'],
  },
});

/**
 * What programs do by themselves, and who holds the secret of one that may do something. Apart from registering, since
 * a program may be given any administrative right: whoever could give it would have every right themselves.
 */
export const empowerPrograms = administrative({
  name: 'signin.programs.empower',
  sentence: 'May they decide what programs do by themselves?',
  read: ['security-administrator', 'security-reader', 'application-administrator'],
  permissions: {
    read: ['Application.Read.All', 'Directory.Read.All'],
    write: ['AppRoleAssignment.ReadWrite.All'],
  },
});

/** Resetting other people's sign-in. Who holds a role themselves is out of a helpdesk's reach: see the use case. */
export const resetSignIn = administrative({
  name: 'signin.credentials.reset',
  sentence: "May they reset other people's sign-in and end their sessions?",
  write: ['helpdesk-administrator', 'user-administrator', 'security-administrator'],
  permissions: { read: [], write: ['User.ReadWrite.All', 'User.RevokeSessions.All'] },
});

/** Resetting the sign-in of somebody who administers: otherwise a helpdesk could become its own administrator. */
export const resetAdministrator = administrative({
  name: 'signin.credentials.reset-administrator',
  sentence: 'May they reset the sign-in of somebody who holds an administrative role?',
  permissions: { read: [], write: [] },
});

/** Resetting the sign-in of somebody who keeps the server running: whoever opens that account has the whole server. */
export const resetOperator = question({
  name: 'signin.credentials.reset-operator',
  sentence: 'May they reset the sign-in of somebody who operates this server?',
  levels: ['none', 'reset'] as const,
  input: z.object({ askerOperates: z.boolean() }),
  facts: (ctx: Context, input: { askerOperates: boolean }) => ({ actor: ctx.actor, ...input }),
  ceilings: [],
  *grants({ actor, askerOperates }): Iterable<GrantFact<'none' | 'reset'>> {
    if (actor.kind === 'account' && askerOperates)
      yield { id: 'operator', level: 'reset', path: 'direct', subject: { kind: 'account', id: actor.accountId } };
    if (actor.kind === 'operator' || actor.kind === 'system')
      yield { id: actor.kind, level: 'reset', path: 'direct', subject: { kind: actor.kind, id: '' } };
  },
  grantedBy: 'operator',
});

/** Streams that tell others what changes about people's sign-in. A program keeps its own. */
export const manageSignals = administrative({
  name: 'signin.signals.manage',
  sentence: "May they set up who is told of changes in people's sign-in?",
  read: ['security-reader', 'auditor'],
  write: ['security-administrator'],
  permissions: { read: ['SecurityEvents.Read.All'], write: ['SecurityEvents.ReadWrite.All'] },
});

/** Keys for signing tokens. */
export const manageKeys = administrative({
  name: 'signin.keys.manage',
  sentence: "May they change the keys that sign the organisation's tokens?",
  read: ['security-reader'],
  write: ['security-administrator'],
  permissions: { read: [], write: [] },
});

/** Sign-ins of everybody. */
export const readSignIns = administrative({
  name: 'signin.log.read',
  sentence: 'May they read who signed in, when and how?',
  read: ['security-administrator', 'security-reader', 'auditor', 'user-administrator'],
  permissions: { read: ['AuditLog.Read.All', 'Directory.Read.All'], write: [] },
});

interface OwnFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
}

const ownPagesOnly = ceiling(
  'signin.own-pages-only',
  'An application acting for somebody does not change how that person signs in.',
  ({ actor }: OwnFacts) => actor.kind !== 'account' || actor.scopes === 'all',
  {
    setting: ({ tenant }) => ({ tenantId: tenant.id, module: 'signin', scope: 'fixed', name: 'ownPagesOnly' }),
    remedy: 'nobody',
  },
);

/** One's own sessions, credentials and consents, at our own pages: no application in between may change them. */
export const manageOwnSignIn = question({
  name: 'signin.own.manage',
  sentence: 'May they see and change how they themselves sign in?',
  levels: ['none', 'manage'] as const,
  facts: (ctx: Context): OwnFacts => ({ actor: ctx.actor, tenant: ctx.tenant }),
  ceilings: [ownPagesOnly],
  *grants({ actor }): Iterable<GrantFact<'none' | 'manage'>> {
    if (actor.kind === 'account')
      yield { id: 'own', level: 'manage', path: 'direct', subject: { kind: 'account', id: actor.accountId } };
  },
});

/** Passkeys, second factors and passwords, of people and of their programs: a copy of a token is not enough for these. */
export const changeOwnSignIn = question({
  name: 'signin.own.change',
  sentence: 'May they change what opens their own account?',
  levels: ['none', 'change'] as const,
  input: z.object({ hasSecondFactor: z.boolean() }),
  facts: (ctx: Context, input: { hasSecondFactor: boolean }): OwnFacts & ProofFacts => ({
    actor: ctx.actor,
    tenant: ctx.tenant,
    now: ctx.now,
    hasSecondFactor: input.hasSecondFactor,
  }),
  ceilings: [ownPagesOnly, provenRecently, provenStrongly],
  *grants({ actor }): Iterable<GrantFact<'none' | 'change'>> {
    if (actor.kind === 'account')
      yield { id: 'own', level: 'change', path: 'direct', subject: { kind: 'account', id: actor.accountId } };
  },
});

interface ConsentFacts extends OwnFacts {
  readonly userConsent: 'allowed' | 'administrators-only';
  readonly needsAdministrator: boolean;
}

const isConsentAdministrator = (actor: Actor) =>
  actor.kind === 'account' &&
  actor.roles.some((role) => role === 'global-administrator' || role === 'application-administrator');

/** Letting an application act: for oneself, or as an administrator for what needs one. */
export const giveConsent = question({
  name: 'signin.consent.give',
  sentence: 'May they let this application do what it asks for?',
  levels: ['none', 'self', 'everyone'] as const,
  input: z.object({ needsAdministrator: z.boolean() }),
  facts: (ctx: Context, input: { needsAdministrator: boolean }): ConsentFacts => ({
    actor: ctx.actor,
    tenant: ctx.tenant,
    userConsent: ctx.settings.tenant(consentSettings).userConsent,
    needsAdministrator: input.needsAdministrator,
  }),
  ceilings: [
    ceiling(
      'signin.tenant-is-active',
      tenantIsActive.sentence,
      ({ tenant }: ConsentFacts) => tenant.state === 'active',
      {
        setting: tenantState,
        remedy: 'operator',
      },
    ),
    ceiling(
      'signin.people-may-consent',
      'People agree to permissions only where their organisation lets them; administrators always.',
      ({ actor, userConsent }: ConsentFacts) => userConsent === 'allowed' || isConsentAdministrator(actor),
      {
        setting: ({ tenant, userConsent }) => ({
          tenantId: tenant.id,
          module: 'signin.consent',
          scope: 'tenant',
          name: 'userConsent',
          value: userConsent,
        }),
        remedy: 'administrator',
        flip: () => 'allowed',
      },
    ),
    ceiling(
      'signin.permission-needs-no-administrator',
      'Permissions that reach beyond one person are agreed to by an administrator.',
      ({ actor, needsAdministrator }: ConsentFacts) => !needsAdministrator || isConsentAdministrator(actor),
      {
        setting: ({ tenant }) => ({
          tenantId: tenant.id,
          module: 'signin',
          scope: 'fixed',
          name: 'needsAdministrator',
        }),
        remedy: 'administrator',
      },
    ),
  ],
  *grants({ actor }): Iterable<GrantFact<'none' | 'self' | 'everyone'>> {
    if (actor.kind !== 'account') return;
    const subject = { kind: 'account', id: actor.accountId };
    yield { id: 'own', level: 'self', path: 'direct', subject };
    if (isConsentAdministrator(actor)) yield { id: 'role', level: 'everyone', path: 'role', subject };
  },
  grantedBy: 'administrator',
});

/** Whether somebody holds the token at all: a program acting for itself is nobody. */
export const readOwnProfile = question({
  name: 'signin.own.read',
  sentence: 'May they see who they are?',
  levels: ['none', 'read'] as const,
  facts: (ctx: Context) => ({ actor: ctx.actor }),
  ceilings: [],
  *grants({ actor }): Iterable<GrantFact<'none' | 'read'>> {
    if (actor.kind === 'account')
      yield { id: 'own', level: 'read', path: 'direct', subject: { kind: 'account', id: actor.accountId } };
  },
});
