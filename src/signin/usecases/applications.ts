/** Registering applications, their secrets, and what they may do here. */
import { randomBytes } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import { TOPICS } from '../events.ts';
import { signinFaults } from '../faults.ts';
import type { Application, ApplicationSecret, Consent, ServicePrincipal } from '../model/application.ts';
import { FIRST_PARTY } from '../model/first-party.ts';
import { findPermission } from '../model/permissions.ts';
import { LONGEST_TOKEN_SECONDS } from '../model/signing-key.ts';
import { empowerPrograms, manageApplications, manageConsents, manageOwnSignIn } from '../questions.ts';
import {
  deleteApplication,
  deleteConsent,
  deleteSecret,
  deleteServicePrincipal,
  ensureServicePrincipal,
  findApplication,
  findServicePrincipal,
  insertApplication,
  insertSecret,
  listApplications,
  listConsents,
  listSecrets,
  listServicePrincipals,
  putConsent,
  replaceConsentPermissions,
  secretHash,
  setServicePrincipalEnabled,
  updateApplication,
} from '../store/applications.ts';
import { deleteArtifacts, insertRevokedGrants } from '../store/artifacts.ts';

export type ApplicationInput = Pick<
  Application,
  'displayName' | 'redirectUris' | 'logoutUris' | 'wantedPermissions' | 'audience'
>;

const SECRET_DAYS = 180;
const SECRET_DAYS_AT_MOST = 730;
const DAY = 24 * 60 * 60 * 1000;

/** Registers an application and makes it known here. @throws bad-redirect, unknown-permission. */
export async function registerApplication(ctx: Context, input: ApplicationInput): Promise<Application> {
  await ctx.demand(manageApplications, undefined, 'write');
  check(input);
  const application: Application = {
    ...input,
    id: newId(),
    objectId: newId(),
    tenantId: ctx.tenantId,
    createdAt: ctx.now,
  };
  await insertApplication(
    ctx,
    application,
    ctx.actor.kind === 'account' ? ctx.actor.userPrincipalName : ctx.actor.kind,
  );
  await ensureServicePrincipal(ctx, application);
  note(ctx, 'signin.application-registered', application, { redirectUris: input.redirectUris });
  return application;
}

export async function changeApplication(ctx: Context, id: string, changes: Partial<ApplicationInput>): Promise<void> {
  await ctx.demand(manageApplications, undefined, 'write');
  const before = await applicationOf(ctx, id);
  const next = { ...before, ...changes };
  check(next);
  await updateApplication(ctx, next);
  note(ctx, 'signin.application-changed', next, { ...changes });
  await ctx.announce(TOPICS.applicationsChanged, {});
}

/** Removes an application: nobody signs in with it any more, and its tokens end. */
export async function removeApplication(ctx: Context, id: string): Promise<void> {
  await ctx.demand(manageApplications, undefined, 'write');
  const application = await applicationOf(ctx, id);
  const principal = await findServicePrincipal(ctx, application.id);
  if (principal) await deleteServicePrincipal(ctx, principal.id);
  await deleteApplication(ctx, application.id);
  await endTokensOf(ctx, { clientId: application.id });
  note(ctx, 'signin.application-removed', application, {});
}

/** A new secret, told once: only its hash is kept. Of a program with rights of its own it is worth as much as these. */
export async function addSecret(
  ctx: Context,
  id: string,
  input: { displayName: string | null; endsAt: Date | undefined },
): Promise<{ secret: ApplicationSecret; text: string }> {
  await ctx.demand(manageApplications, undefined, 'write');
  const application = await applicationOf(ctx, id);
  const principal = await findServicePrincipal(ctx, application.id);
  const consents = principal ? await listConsents(ctx, { servicePrincipalId: principal.id }) : [];
  if (consents.some((consent) => consent.kind === 'application')) await ctx.demand(empowerPrograms, undefined, 'write');
  const endsAt = input.endsAt ?? new Date(ctx.now.getTime() + SECRET_DAYS * DAY);
  if (endsAt <= ctx.now || endsAt.getTime() - ctx.now.getTime() > SECRET_DAYS_AT_MOST * DAY)
    throw kernelFaults.invalid(`A secret ends after today and within ${SECRET_DAYS_AT_MOST} days.`);
  const text = randomBytes(32).toString('base64url');
  const secret = {
    id: newId(),
    displayName: input.displayName,
    hint: text.slice(0, 3),
    startsAt: ctx.now,
    endsAt,
  };
  await insertSecret(ctx, application.id, { ...secret, hash: secretHash(text) });
  note(ctx, 'signin.application-secret-added', application, { keyId: secret.id, endsAt });
  await ctx.announce(TOPICS.applicationsChanged, {});
  return { secret, text };
}

export async function removeSecret(ctx: Context, id: string, secretId: string): Promise<void> {
  await ctx.demand(manageApplications, undefined, 'write');
  const application = await applicationOf(ctx, id);
  if (!(await deleteSecret(ctx, application.id, secretId))) throw kernelFaults.notFound();
  note(ctx, 'signin.application-secret-removed', application, { keyId: secretId });
  await ctx.announce(TOPICS.applicationsChanged, {});
}

/** Lets a program do something by itself, or for everyone. @throws unknown-permission. */
export async function allow(
  ctx: Context,
  servicePrincipalId: string,
  what: { kind: Consent['kind']; accountId: string | null; permissions: readonly string[] },
): Promise<{ consent: Consent; principal: ServicePrincipal }> {
  await ctx.demand(questionOf(what.kind), undefined, 'write');
  const principal = await servicePrincipalOf(ctx, servicePrincipalId);
  for (const name of what.permissions) {
    const permission = findPermission(name);
    if (!permission || (what.kind === 'application' && !permission.isForPrograms))
      throw signinFaults.unknownPermission(name);
  }
  const givenBy = ctx.actor.kind === 'account' ? ctx.actor.userPrincipalName : ctx.actor.kind;
  const consent = await putConsent(ctx, { servicePrincipalId: principal.id, ...what, givenBy });
  noteConsent(ctx, 'signin.consent-given', principal, what);
  await ctx.announce(TOPICS.applicationsChanged, {});
  return { consent, principal };
}

/**
 * Takes back what an application was let do: all of a consent, or one permission of it. Felt at once (IS-13): its
 * refresh tokens are gone, and what its access tokens may do is read anew.
 */
export async function takeBack(
  ctx: Context,
  consentId: string,
  /** One permission alone, of this service principal. */
  one?: { permission: string; servicePrincipalId: string },
): Promise<void> {
  const [consent] = await listConsents(ctx, { id: consentId });
  // One's own consent may be taken back without a role.
  const isOwn = ctx.actor.kind === 'account' && consent?.accountId === ctx.actor.accountId;
  if (isOwn) await ctx.demand(manageOwnSignIn, undefined, 'manage');
  else await ctx.demand(questionOf(consent?.kind ?? 'everyone'), undefined, 'write');
  if (!consent) throw kernelFaults.notFound();
  const isThat =
    !one || (consent.servicePrincipalId === one.servicePrincipalId && consent.permissions.includes(one.permission));
  if (!isThat) throw kernelFaults.notFound();
  const principal = await servicePrincipalOf(ctx, consent.servicePrincipalId);
  const left = one === undefined ? [] : consent.permissions.filter((name) => name !== one.permission);
  if (left.length > 0) await replaceConsentPermissions(ctx, consent.id, left);
  else await deleteConsent(ctx, consent.id);
  const clientId = principal.applicationId;
  await endTokensOf(ctx, consent.accountId === null ? { clientId } : { accountId: consent.accountId, clientId });
  noteConsent(ctx, 'signin.consent-taken-back', principal, {
    ...consent,
    permissions: one ? [one.permission] : consent.permissions,
  });
}

const questionOf = (kind: Consent['kind']) => (kind === 'application' ? empowerPrograms : manageConsents);

/** Switches an application on or off in this tenant. */
export async function switchServicePrincipal(ctx: Context, id: string, isEnabled: boolean): Promise<void> {
  await ctx.demand(manageApplications, undefined, 'write');
  const principal = await servicePrincipalOf(ctx, id);
  await setServicePrincipalEnabled(ctx, principal.id, isEnabled);
  if (!isEnabled) await endTokensOf(ctx, { clientId: principal.applicationId });
  else await ctx.announce(TOPICS.applicationsChanged, {});
  ctx.record({
    action: isEnabled ? 'signin.service-principal-enabled' : 'signin.service-principal-disabled',
    category: 'ApplicationManagement',
    targets: [{ kind: 'service-principal', id: principal.id, displayName: principal.displayName }],
  });
}

/** Removes an application from this tenant with all that was agreed to. */
export async function removeServicePrincipal(ctx: Context, id: string): Promise<void> {
  await ctx.demand(manageApplications, undefined, 'write');
  const principal = await servicePrincipalOf(ctx, id);
  await deleteServicePrincipal(ctx, principal.id);
  await endTokensOf(ctx, { clientId: principal.applicationId });
  ctx.record({
    action: 'signin.service-principal-removed',
    category: 'ApplicationManagement',
    targets: [
      { kind: 'service-principal', id: principal.id, displayName: principal.displayName },
      { kind: 'application', id: principal.applicationId },
    ],
  });
}

export async function applicationOf(ctx: Context, id: string): Promise<Application> {
  const application = await findApplication(ctx, id);
  if (!application) throw kernelFaults.notFound();
  return application;
}

export async function servicePrincipalOf(ctx: Context, id: string): Promise<ServicePrincipal> {
  const principal = await findServicePrincipal(ctx, id);
  if (!principal) throw kernelFaults.notFound();
  return principal;
}

export async function endTokensOf(
  ctx: Context,
  of: { clientId: string } | { accountId: string; clientId: string },
): Promise<void> {
  const grants = await deleteArtifacts(ctx, of);
  await insertRevokedGrants(ctx, grants, new Date(ctx.now.getTime() + LONGEST_TOKEN_SECONDS * 1000));
  await ctx.announce(TOPICS.applicationsChanged, {});
}

/** Addresses to return to are taken exactly: nothing that a stranger could stand behind (RFC 9700 §4.1). */
function check(input: ApplicationInput): void {
  const { web, spa, native } = input.redirectUris;
  for (const uri of [...web, ...spa, ...input.logoutUris]) {
    const url = URL.parse(uri);
    const isLocal = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
    if (url?.hash !== '' || uri.includes('*') || !(url.protocol === 'https:' || isLocal))
      throw signinFaults.badRedirect(uri);
  }
  for (const uri of native) {
    const url = URL.parse(uri);
    const isLocal = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
    // RFC 8252 §7.1: a scheme of the application's own is a domain name turned round.
    const isOwnScheme = url !== null && /^[a-z][a-z0-9+-]*\.[a-z0-9.+-]+:$/.test(url.protocol);
    if (!url || !(isLocal || isOwnScheme)) throw signinFaults.badRedirect(uri);
  }
  for (const { name } of input.wantedPermissions) if (!findPermission(name)) throw signinFaults.unknownPermission(name);
}

function note(ctx: Context, action: string, application: Application, facts: Record<string, unknown>): void {
  const { id, displayName } = application;
  ctx.record({
    action,
    category: 'ApplicationManagement',
    targets: [{ kind: 'application', id, displayName }],
    facts,
  });
}

function noteConsent(
  ctx: Context,
  action: string,
  principal: ServicePrincipal,
  what: { kind: string; accountId: string | null; permissions: readonly string[] },
): void {
  ctx.record({
    action,
    category: 'ApplicationManagement',
    targets: [{ kind: 'service-principal', id: principal.id, displayName: principal.displayName }],
    facts: { kind: what.kind, accountId: what.accountId, permissions: what.permissions },
  });
}

export async function listKnownApplications(ctx: Context): Promise<Application[]> {
  await ctx.demand(manageApplications, undefined, 'read');
  return listApplications(ctx);
}

/** The secrets of an application, without their hashes. */
export async function secretsOf(ctx: Context, application: Application): Promise<ApplicationSecret[]> {
  return (await listSecrets(ctx, application.id)).map(({ hash: _hash, ...secret }) => secret);
}

export async function listKnownServicePrincipals(ctx: Context): Promise<ServicePrincipal[]> {
  await ctx.demand(manageApplications, undefined, 'read');
  return listServicePrincipals(ctx);
}

/** What was agreed to, for administrators: of one application or of all. */
export async function listKnownConsents(
  ctx: Context,
  filter: { servicePrincipalId?: string } = {},
): Promise<Consent[]> {
  await ctx.demand(manageApplications, undefined, 'read');
  return listConsents(ctx, filter);
}

/** Those registered here and those let in from elsewhere, each once, and the product's own. Asks nothing; its callers do. */
export async function applicationsKnown(ctx: Context) {
  const registered = await listApplications(ctx);
  const principals = await listServicePrincipals(ctx);
  const known = new Map<string, { id: string; displayName: string; publisherId: TenantId | null }>();
  for (const { id, displayName, tenantId } of registered) known.set(id, { id, displayName, publisherId: tenantId });
  for (const { applicationId: id, displayName, applicationTenantId } of principals)
    if (!known.has(id)) known.set(id, { id, displayName, publisherId: applicationTenantId });
  const own = FIRST_PARTY.map((one) => ({ ...one, publisherId: null }));
  return [...own, ...known.values()];
}

/** What the applications used here are called, by application. Asks nothing; its callers do. */
export async function namesOfApplications(ctx: Context): Promise<ReadonlyMap<unknown, string>> {
  const principals = await listServicePrincipals(ctx);
  return new Map(principals.map(({ applicationId, displayName }) => [applicationId, displayName]));
}

/** What the person themselves agreed to, with the application's name. */
export async function listOwnConsents(ctx: Context): Promise<{ consent: Consent; principal: ServicePrincipal }[]> {
  await ctx.demand(manageOwnSignIn, undefined, 'manage');
  if (ctx.actor.kind !== 'account') return [];
  const consents = await listConsents(ctx, { accountId: ctx.actor.accountId });
  return Promise.all(
    consents.map(async (consent) => ({
      consent,
      principal: await servicePrincipalOf(ctx, consent.servicePrincipalId),
    })),
  );
}
