import pg from 'pg';
import { putGrant } from '../../src/access/index.ts';
import type { Configuration } from '../../src/app/configuration.ts';
import { createAccount, GRANTS, loadActorFacts } from '../../src/directory/index.ts';
import type { AccountActor, Actor, Context } from '../../src/kernel/context.ts';
import { type AccountId, newId, type TenantId } from '../../src/kernel/ids.ts';
import { startTestApp, type TestApp } from './app.ts';

/** Does work as somebody of one tenant. */
export type As = <T>(act: (ctx: Context) => Promise<T>) => Promise<T>;

export interface CastTenant {
  readonly id: TenantId;
  readonly domain: string;
  readonly asOperator: As;
  readonly asNobody: As;
  /** Runs as this account, with the roles it holds at that moment. */
  readonly as: (id: AccountId) => As;
}

export interface Cast {
  readonly app: TestApp;
  readonly fabrikam: CastTenant & { ann: As; anders: As; annId: AccountId; andersId: AccountId };
  readonly contoso: CastTenant & { carla: As; bob: As; carlaId: AccountId; bobId: AccountId };
}

/** The whole server with Fabrikam (Ann administrator, Anders member) and Contoso (Carla administrator, Bob member). */
export async function startCast(settings: Partial<Configuration> = {}): Promise<Cast> {
  const app = await startTestApp(settings);
  try {
    return await fill(app);
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function fill(app: TestApp): Promise<Cast> {
  const fabrikam = await aTenant(app, 'fabrikam.example', 'Fabrikam');
  const contoso = await aTenant(app, 'contoso.example', 'Contoso');
  const annId = await aPerson(fabrikam, 'ann', 'Ann', 'global-administrator');
  const andersId = await aPerson(fabrikam, 'anders', 'Anders');
  const carlaId = await aPerson(contoso, 'carla', 'Carla', 'global-administrator');
  const bobId = await aPerson(contoso, 'bob', 'Bob');
  return {
    app,
    fabrikam: { ...fabrikam, annId, andersId, ann: fabrikam.as(annId), anders: fabrikam.as(andersId) },
    contoso: { ...contoso, carlaId, bobId, carla: contoso.as(carlaId), bob: contoso.as(bobId) },
  };
}

/** A tenant with one verified domain. */
export async function aTenant(app: TestApp, domain: string, displayName: string): Promise<CastTenant> {
  const id = newId<'tenant'>();
  const initial = domain.replace('.example', '.entente.example');
  const client = new pg.Client({ connectionString: app.adminUrl });
  await client.connect();
  try {
    await client.query(
      'insert into tenants.tenants (tenant_id, display_name, initial_domain, created_at) values ($1, $2, $3, now())',
      [id, displayName, initial],
    );
    await client.query(
      `insert into tenants.domains (tenant_id, name, proof, verified_at, is_initial, is_default, created_at)
       values ($1, $2, 'initial', now(), true, false, now()), ($1, $3, 'proven', now(), false, true, now())`,
      [id, initial, domain],
    );
  } finally {
    await client.end();
  }
  const run = <T>(actor: Actor, act: (ctx: Context) => Promise<T>) => app.run({ tenantId: id, actor }, act);
  return {
    id,
    domain,
    asOperator: (act) => run({ kind: 'operator', displayName: 'Operator', accountId: null }, act),
    asNobody: (act) => run({ kind: 'anonymous' }, act),
    as: (accountId) => async (act) =>
      run(await run({ kind: 'system', name: 'test' }, (ctx) => actorOf(ctx, accountId)), act),
  };
}

async function actorOf(ctx: Context, accountId: AccountId): Promise<AccountActor> {
  const facts = await loadActorFacts(ctx, accountId);
  if (!facts) throw new Error(`There is no account ${accountId}.`);
  return {
    kind: 'account',
    accountId,
    displayName: facts.displayName,
    userPrincipalName: facts.userPrincipalName,
    homeTenantId: facts.homeTenantId ?? ctx.tenantId,
    userType: facts.userType,
    roles: facts.roles,
    scopes: 'all',
    applicationId: null,
    sessionId: null,
    methods: ['pwd'],
    authenticatedAt: ctx.now,
  };
}

async function aPerson(tenant: CastTenant, name: string, displayName: string, role?: string): Promise<AccountId> {
  return tenant.asOperator(async (ctx) => {
    const address = `${name}@${tenant.domain}`;
    const { id } = await createAccount(ctx, { userPrincipalName: address, displayName, mail: address });
    if (role) {
      await putGrant(ctx, {
        kind: GRANTS.role.kind,
        subject: { kind: 'account', id },
        object: { kind: GRANTS.role.objectKind, id: role },
        level: GRANTS.role.level,
        givenBy: 'operator',
      });
    }
    return id;
  });
}
