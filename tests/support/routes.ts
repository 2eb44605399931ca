import { Readable } from 'node:stream';
import type { AccountActor, Actor } from '../../src/kernel/context.ts';
import { newId, type TenantId } from '../../src/kernel/ids.ts';
import type { Route } from '../../src/platform/http/route.ts';
import { createHttpServer } from '../../src/platform/http/server.ts';
import { createLog } from '../../src/platform/log.ts';
import { fingerprintOfSettings, SettingsRegistry, type TenantsPorts, tenantsModule } from '../../src/tenants/index.ts';
import type { TestApp } from './app.ts';

/** Somebody at home in a tenant who holds these administrative roles, without the sign-in that would prove it. */
export function anActor(userPrincipalName: string, tenantId: TenantId, ...roles: string[]): AccountActor {
  return {
    kind: 'account',
    accountId: newId<'account'>(),
    displayName: userPrincipalName.split('@')[0] ?? '',
    userPrincipalName,
    homeTenantId: tenantId,
    userType: 'Member',
    roles,
    scopes: 'all',
    applicationId: null,
    sessionId: null,
    methods: ['pwd'],
    authenticatedAt: new Date(),
  };
}

export interface CalledRoute {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects.
  readonly body: any;
}

/** Routes of one module on a port of their own, over the app's real transactions; the caller says who asks. */
export async function serveRoutes(app: TestApp, routes: readonly Route[]) {
  const callers = new Map<string, { actor: Actor; tenantId: TenantId }>();
  const server = createHttpServer(
    routes,
    {
      authenticate: async (request) => callers.get(String(request.headers['x-caller'])),
      // The question was put when the handler returned or refused; the app's own wrapper counts them.
      open: async (work, act) => ({
        result: await app.run(
          { ...work, readOnly: work.mode === 'read', ...(work.mode === 'none' ? { transaction: 'none' } : {}) },
          act,
        ),
        asked: 1,
      }),
      now: () => app.clock.now,
      log: createLog(process.env.ENTENTE_TEST_LOG ?? 'silent'),
    },
    { host: '127.0.0.1', port: 0 },
  );
  const { port } = await server.listen();
  return {
    close: () => server.close(),
    /** Calls one route as an actor in a tenant, or as nobody. */
    async call(
      who: { actor: Actor; tenantId: TenantId } | undefined,
      method: string,
      path: string,
      body?: unknown,
    ): Promise<CalledRoute> {
      const headers: Record<string, string> = {};
      if (who) {
        const key = newId();
        callers.set(key, who);
        headers['x-caller'] = key;
      }
      const isFile = body instanceof Uint8Array;
      if (body !== undefined) headers['content-type'] = isFile ? 'text/csv' : 'application/json';
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: isFile ? Buffer.from(body) : JSON.stringify(body) }),
      });
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.includes('json');
      return { status: answer.status, headers: answer.headers, body: isJson && text ? JSON.parse(text) : text };
    },
  };
}

/** The routes of tenants/ with what a test says of the world around it. */
export function tenantsRoutes(app: TestApp, ports: Partial<TenantsPorts>): readonly Route[] {
  const module = tenantsModule({
    registry: () => new SettingsRegistry(module.settings ?? []),
    settingsOf: (tenantId) => app.run({ tenantId, actor: { kind: 'anonymous' } }, async (ctx) => ctx.settings),
    hostname: 'collaborate.example',
    resolver: { txt: async () => [] },
    domainReferences: async () => [],
    renameDomainReferences: async () => {},
    groupMembers: async () => [],
    run: app.run,
    blobs: {} as never,
    isSetupCode: app.setupCode.isRight,
    isBehindProxy: false,
    createFirstAdministrator: async () => ({ accountId: newId(), userPrincipalName: 'x@x.example', password: null }),
    countPeople: async () => ({ accounts: 0, guests: 0 }),
    health: async () => [],
    rules: () => [],
    names: { namesOf: async () => new Map(), idsOf: async () => [] },
    worldOf: fingerprintOfSettings,
    askWhatIf: async () => undefined,
    administratorsOf: async () => [],
    agreementDrift: async () => [],
    exportTenant: () => Readable.from([]),
    ...ports,
  });
  return module.routes ?? [];
}
