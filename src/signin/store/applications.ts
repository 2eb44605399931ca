import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { Context, Tx } from '../../kernel/context.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type {
  Application,
  ApplicationSecret,
  Consent,
  ServicePrincipal,
  WantedPermission,
} from '../model/application.ts';

interface ApplicationsTable {
  tenant_id: TenantId;
  id: string;
  object_id: string;
  display_name: string;
  redirect_uris: Application['redirectUris'];
  logout_uris: string[];
  wanted_permissions: unknown;
  audience: Application['audience'];
  created_at: Date;
  created_by: string;
  deleted_at: Date | null;
}

interface SecretsTable {
  tenant_id: string;
  application_id: string;
  id: string;
  display_name: string | null;
  hint: string;
  hash: Buffer;
  starts_at: Date;
  ends_at: Date;
}

interface ServicePrincipalsTable {
  tenant_id: string;
  id: string;
  application_id: string;
  application_tenant_id: TenantId;
  display_name: string;
  is_enabled: boolean;
  created_at: Date;
}

interface ConsentsTable {
  tenant_id: string;
  id: string;
  service_principal_id: string;
  kind: Consent['kind'];
  account_id: string | null;
  permissions: string[];
  given_by: string;
  given_at: Date;
}

interface Tables {
  'signin.applications': ApplicationsTable;
  'signin.application_secrets': SecretsTable;
  'signin.service_principals': ServicePrincipalsTable;
  'signin.consents': ConsentsTable;
}

/** A secret's hash: it has 256 random bits, so nothing slower than SHA-256 protects it better. */
export const secretHash = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export async function insertApplication(ctx: Context, application: Application, createdBy: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('signin.applications')
    .values({
      tenant_id: ctx.tenantId,
      id: application.id,
      object_id: application.objectId,
      created_at: ctx.now,
      created_by: createdBy,
      deleted_at: null,
      ...columns(application),
    })
    .execute();
}

export async function updateApplication(ctx: Context, application: Application): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('signin.applications')
    .set(columns(application))
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', application.id)
    .execute();
}

function columns(application: Application) {
  return {
    display_name: application.displayName,
    redirect_uris: JSON.stringify(application.redirectUris) as never,
    logout_uris: [...application.logoutUris],
    wanted_permissions: JSON.stringify(application.wantedPermissions),
    audience: application.audience,
  };
}

/** By client id or by the object's id. */
export async function findApplication(ctx: Context, id: string): Promise<Application | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('signin.applications')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('deleted_at', 'is', null)
    .where((where) => where.or([where('id', '=', id), where('object_id', '=', id)]))
    .executeTakeFirst();
  return row && applicationFrom(row);
}

export async function listApplications(ctx: Context): Promise<Application[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('signin.applications')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('deleted_at', 'is', null)
    .orderBy('display_name')
    .orderBy('id')
    .execute();
  return rows.map(applicationFrom);
}

export async function deleteApplication(ctx: Context, id: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('signin.applications')
    .set({ deleted_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
  await sqlOf<Tables>(ctx)
    .deleteFrom('signin.application_secrets')
    .where('tenant_id', '=', ctx.tenantId)
    .where('application_id', '=', id)
    .execute();
}

/** Where an application is registered, before its tenant's rows can be read. */
export async function findTenantOfApplication(where: { tx: Tx }, id: string): Promise<TenantId | undefined> {
  const { rows } = await sql<{ tenant: TenantId | null }>`
    select signin.tenant_of_application(${id}) as tenant`.execute(sqlOf(where));
  return rows[0]?.tenant ?? undefined;
}

export async function insertSecret(
  ctx: Context,
  applicationId: string,
  secret: ApplicationSecret & { readonly hash: Buffer },
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('signin.application_secrets')
    .values({
      tenant_id: ctx.tenantId,
      application_id: applicationId,
      id: secret.id,
      display_name: secret.displayName,
      hint: secret.hint,
      hash: secret.hash,
      starts_at: secret.startsAt,
      ends_at: secret.endsAt,
    })
    .execute();
}

export async function listSecrets(
  ctx: Context,
  applicationId: string,
): Promise<(ApplicationSecret & { readonly hash: Buffer })[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('signin.application_secrets')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('application_id', '=', applicationId)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    displayName: row.display_name,
    hint: row.hint,
    hash: row.hash,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
  }));
}

export async function deleteSecret(ctx: Context, applicationId: string, id: string): Promise<boolean> {
  const result = await sqlOf<Tables>(ctx)
    .deleteFrom('signin.application_secrets')
    .where('tenant_id', '=', ctx.tenantId)
    .where('application_id', '=', applicationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** The application as this tenant knows it, made on first use. */
export async function ensureServicePrincipal(
  ctx: Context,
  application: { id: string; tenantId: TenantId; displayName: string },
): Promise<ServicePrincipal> {
  await sqlOf<Tables>(ctx)
    .insertInto('signin.service_principals')
    .values({
      tenant_id: ctx.tenantId,
      id: newId(),
      application_id: application.id,
      application_tenant_id: application.tenantId,
      display_name: application.displayName,
      is_enabled: true,
      created_at: ctx.now,
    })
    .onConflict((conflict) => conflict.constraint('service_principals_application_key').doNothing())
    .execute();
  return (await findServicePrincipal(ctx, application.id)) as ServicePrincipal;
}

/** By the application's client id or by its own id. */
export async function findServicePrincipal(ctx: Context, id: string): Promise<ServicePrincipal | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('signin.service_principals')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where((where) => where.or([where('id', '=', id), where('application_id', '=', id)]))
    .executeTakeFirst();
  return row && servicePrincipalFrom(row);
}

export async function listServicePrincipals(ctx: Context): Promise<ServicePrincipal[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('signin.service_principals')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('display_name')
    .orderBy('id')
    .execute();
  return rows.map(servicePrincipalFrom);
}

export async function setServicePrincipalEnabled(ctx: Context, id: string, isEnabled: boolean): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('signin.service_principals')
    .set({ is_enabled: isEnabled })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

export async function deleteServicePrincipal(ctx: Context, id: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('signin.service_principals')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

/** Adds permissions to a consent, making it where there is none. */
export async function putConsent(ctx: Context, consent: Omit<Consent, 'id' | 'givenAt'>): Promise<Consent> {
  const row = await sqlOf<Tables>(ctx)
    .insertInto('signin.consents')
    .values({
      tenant_id: ctx.tenantId,
      id: newId(),
      service_principal_id: consent.servicePrincipalId,
      kind: consent.kind,
      account_id: consent.accountId,
      permissions: [...consent.permissions],
      given_by: consent.givenBy,
      given_at: ctx.now,
    })
    .onConflict((conflict) =>
      conflict.constraint('consents_once').doUpdateSet({
        permissions: sql<string[]>`(select array_agg(distinct one order by one)
          from unnest(consents.permissions || excluded.permissions) as one)`,
        given_by: consent.givenBy,
        given_at: ctx.now,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  return consentFrom(row);
}

export async function replaceConsentPermissions(
  ctx: Context,
  id: string,
  permissions: readonly string[],
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('signin.consents')
    .set({ permissions: [...permissions] })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

export async function listConsents(
  ctx: Context,
  filter: { servicePrincipalId?: string; accountId?: string; id?: string } = {},
): Promise<Consent[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('signin.consents')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('id');
  if (filter.id !== undefined) query = query.where('id', '=', filter.id);
  if (filter.servicePrincipalId !== undefined)
    query = query.where('service_principal_id', '=', filter.servicePrincipalId);
  if (filter.accountId !== undefined) query = query.where('account_id', '=', filter.accountId);
  return (await query.execute()).map(consentFrom);
}

export async function deleteConsent(ctx: Context, id: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('signin.consents')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

const applicationFrom = (row: Selectable<ApplicationsTable>): Application => ({
  id: row.id,
  objectId: row.object_id,
  tenantId: row.tenant_id,
  displayName: row.display_name,
  redirectUris: row.redirect_uris,
  logoutUris: row.logout_uris,
  wantedPermissions: row.wanted_permissions as WantedPermission[],
  audience: row.audience,
  createdAt: row.created_at,
});

const servicePrincipalFrom = (row: Selectable<ServicePrincipalsTable>): ServicePrincipal => ({
  id: row.id,
  applicationId: row.application_id,
  applicationTenantId: row.application_tenant_id,
  displayName: row.display_name,
  isEnabled: row.is_enabled,
  createdAt: row.created_at,
});

const consentFrom = (row: Selectable<ConsentsTable>): Consent => ({
  id: row.id,
  servicePrincipalId: row.service_principal_id,
  kind: row.kind,
  accountId: row.account_id,
  permissions: row.permissions,
  givenBy: row.given_by,
  givenAt: row.given_at,
});
