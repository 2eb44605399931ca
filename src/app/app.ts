import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openUseNotes } from '../access/index.ts';
import { newId, type TenantId } from '../kernel/ids.ts';
import type { Job, Module, Run, Subscriber, Sweep } from '../kernel/module.ts';
import { CHECK_ALL } from '../partners/index.ts';
import { openBlobStore } from '../platform/blobs/index.ts';
import { openBus } from '../platform/bus.ts';
import { startEmbeddedPostgres } from '../platform/database/embedded.ts';
import { type Database, openDatabase } from '../platform/database/index.ts';
import { applicationUrl, migrate } from '../platform/database/migrate.ts';
import type { Route } from '../platform/http/route.ts';
import { createHttpServer, type HttpPorts, type HttpServer } from '../platform/http/server.ts';
import { addJob, type RunnableJob, runJobs } from '../platform/jobs.ts';
import type { Log } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import { openLocalTls, readOwnTls } from '../platform/tls.ts';
import { createVault, secretFile } from '../platform/vault.ts';
import { openSignin, type Signin } from '../signin/index.ts';
import { findTenantByAddress, hasTenants, listTenantIds, SettingsRegistry, TENANT_CHANGED } from '../tenants/index.ts';
import { backupRoutes } from './backups.ts';
import { batchRoute } from './batch.ts';
import { createChangeTeller } from './change-teller.ts';
import type { Configuration } from './configuration.ts';
import { healthRoutes } from './health.ts';
import { asTriedIn, createModules, partnersIn } from './modules.ts';
import { openApiRoute } from './openapi.ts';
import { writeServerFile } from './server-file.ts';
import { isReachedOnlyFromHere, type SetupCode, setupCodeOf } from './setup-code.ts';
import { createTenantStates } from './tenant-states.ts';
import { serveWeb } from './web.ts';
import { createWorkshop, jobOf } from './work.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface App {
  /** Where browsers reach it: `http://localhost:8080`. */
  readonly origin: string;
  /** Where this machine reaches it, whatever name it has elsewhere. */
  readonly loopback: string;
  /** Where programs reach it over HTTPS; the issuer of tokens stands here. */
  readonly httpsOrigin: string;
  readonly run: Run;
  readonly database: Database;
  /** Every route that is served, for the tests that must leave none out. */
  readonly routes: readonly Route[];
  /** Every method and path that the listener answers. */
  readonly served: HttpServer['served'];
  /** Every module with its settings and questions, for generated documents and the same tests. */
  readonly modules: readonly Module<Route>[];
  readonly signin: Signin;
  /** For setting an empty server up from another machine. */
  readonly setupCode: SetupCode;
  close(): Promise<void>;
}

/** Starts everything in order and returns once it serves. `close` stops in the opposite order. */
export async function startApp(options: {
  configuration: Configuration;
  log: Log;
  now?: () => Date;
  /** Says what is going on to the person who started it. */
  say?: (line: string) => void;
}): Promise<App> {
  const { configuration, log, now = () => new Date(), say = () => {} } = options;
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.reverse())
      await closer().catch((error) => log.error({ err: error }, 'closing failed'));
    closers.length = 0;
  };

  try {
    await mkdir(configuration.data, { recursive: true, mode: 0o700 });
    const { adminUrl, url } = await provideDatabase(configuration, log, say, closers);
    const database = await openDatabase({
      url,
      connections: configuration.databaseConnections,
      onError: (error) => log.warn({ err: error }, 'a database connection was lost'),
    });
    closers.push(() => database.close());
    const blobs = await openBlobStore(configuration.blobs ?? join(configuration.data, 'blobs'));
    closers.push(async () => blobs.close?.());
    const bus = await openBus({ url: adminUrl, log });
    closers.push(() => bus.close());
    const metrics = createMetrics(database);

    // Free ports are known once we listen; nobody asks for an address before that.
    let listening: { origin: string; httpsOrigin: string; loopback: string } | undefined;
    const place = () => {
      if (!listening) throw new Error('The server does not listen yet.');
      return listening;
    };
    const addresses = {
      origin: () => place().origin,
      httpsOrigin: () => place().httpsOrigin,
      loopback: () => place().loopback,
      isHttpsOnly: configuration.publicUrl?.startsWith('https:') ?? false,
    };
    const masterSecret = await secretFile(join(configuration.data, 'master.secret'));
    const vault = createVault(masterSecret);
    const setupCode = setupCodeOf(masterSecret);
    const later: Run = (work, act) => run(work, act);
    const signin = await openSignin({
      run: later,
      // Both know each other: the modules are made with the sign-in in hand.
      arrivals: {
        askHome: (ctx, asked) => partnersIn(modules).arrivals.askHome(ctx, asked),
        mayUseFromNetwork: (header, asked) => partnersIn(modules).arrivals.mayUseFromNetwork(header, asked),
      },
      homes: {
        find: (asking, named) => partnersIn(modules).homes.find(asking, named),
        keyOf: (tenantId) => partnersIn(modules).homes.keyOf(tenantId),
        ask: (envoy, to, request, asked) => partnersIn(modules).homes.ask(envoy, to, request, asked),
        fetch: (address, asked) => partnersIn(modules).homes.fetch(address, asked),
      },
      database,
      tenantOf: async (id) => (await states.stateOf(id)).tenant,
      bus,
      log,
      now,
      vault,
      addresses,
      trustProxy: configuration.trustProxy,
      data: configuration.data,
      demo: configuration.demo,
      followed: () => followed,
    });
    const tls = await provideTls(configuration, now());
    const modules = createModules({
      configuration,
      database,
      adminUrl,
      certificate: () => tls.cert,
      bus,
      log,
      now,
      vault,
      setupCode,
      blobs,
      run: later,
      registry: () => registry,
      addresses,
      signin,
      stateOf: (id) => states.stateOf(id),
    });
    closers.push(async () => {
      for (const module of modules) await module.close?.();
    });
    const registry: SettingsRegistry = new SettingsRegistry(modules.flatMap((module) => module.settings ?? []));
    const states = createTenantStates({
      database,
      bus,
      registry,
      onUnsound(tenantId) {
        const actor = { kind: 'system', name: CHECK_ALL } as const;
        const key = `${CHECK_ALL}:${tenantId}`;
        later({ tenantId, actor }, (ctx) => ctx.defer(CHECK_ALL, {}, { key })).catch((err: unknown) =>
          log.error({ err, tenantId }, 'an agreement is not what was signed, and could not be looked at'),
        );
      },
    });
    const followed = modules.flatMap((module) => module.followed ?? []);
    const changes = createChangeTeller({ database, followed, log });
    closers.push(() => changes.close());
    const subscribers = modules.flatMap((module) => module.subscribers ?? []);
    const uses = openUseNotes({ run: later, log });
    closers.push(() => uses.close());
    const subscribersByAction = new Map<string, readonly Subscriber[]>();
    const workshop = createWorkshop({
      database,
      tenantState: states.stateOf,
      subscribersOf(action) {
        const found = subscribersByAction.get(action) ?? subscribers.filter((one) => wants(one, action));
        subscribersByAction.set(action, found);
        return found;
      },
      onCommitted(topic, tenantId, payload) {
        if (topic === TENANT_CHANGED) states.forget((payload.tenantId ?? tenantId) as TenantId);
        signin.hear({ topic, tenantId, payload });
      },
      onRecorded: changes.recorded,
      onUsed: uses.note,
      now,
      log,
    });
    const run: Run = async (work, act) => {
      const opened = await workshop.open(
        {
          actor: work.actor,
          tenantId: work.tenantId,
          mode: work.transaction ?? (work.readOnly ? 'read' : 'write'),
          requestId: newId(),
          correlationId: work.correlationId ?? newId(),
          clientAddress: work.clientAddress ?? null,
        },
        act,
      );
      return opened.result;
    };

    // The queue tells of a job as soon as it is committed: what it follows from must have been heard before it.
    const runAfterNews: Run = async (work, act) => {
      await bus.caughtUp();
      return run(work, act);
    };
    const sweeps = modules.flatMap((module) => module.sweeps ?? []);
    const jobs = [...runnable(modules, subscribers, runAfterNews), ...sweeping(sweeps, database, runAfterNews)];
    const jobRunner = await runJobs({
      adminUrl,
      jobs,
      cron: sweeps.map(({ name, cron }) => ({ name: `sweeps:${name}`, match: cron })),
      concurrency: configuration.jobConcurrency,
      log,
    });
    closers.push(() => jobRunner.stop());

    const httpPorts: HttpPorts = {
      authenticate: signin.authenticate,
      open: workshop.open,
      now,
      log,
      asTried: asTriedIn(modules),
      onAnswered: metrics.answered,
    };
    const routes: readonly Route[] = [
      ...healthRoutes({ database, metrics, token: configuration.metricsToken }),
      openApiRoute(() => routes),
      ...backupRoutes({
        adminUrl,
        data: configuration.data,
        blobs,
        run,
        sealing: { vault, columns: modules.flatMap((module) => module.sealed ?? []) },
        findTenant: (address) => database.outside((tx) => findTenantByAddress({ tx }, address)),
      }),
      batchRoute(() => server.fastify),
      ...modules.flatMap((module) => module.routes ?? []),
    ];
    const server = createHttpServer(routes, httpPorts, {
      host: configuration.host,
      port: configuration.port,
      tls: { ...tls, port: configuration.httpsPort },
      trustProxy: configuration.trustProxy,
      publicUrl: configuration.publicUrl,
    });
    signin.mount(server.fastify);
    closers.push(() => server.close());
    await serveWeb(server.fastify);
    const { port, httpsPort } = await server.listen();
    const near = nearHost(configuration.host);
    closers.push(
      await writeServerFile(configuration.data, {
        origin: `http://${near}:${port}`,
        httpsOrigin: `https://${near}:${httpsPort}`,
        pid: process.pid,
      }),
    );
    listening = {
      origin: configuration.publicUrl ?? `http://localhost:${port}`,
      httpsOrigin: configuration.publicUrl ?? `https://localhost:${httpsPort}`,
      loopback: `http://${/^(0\.0\.0\.0|::)$/.test(configuration.host) ? '127.0.0.1' : configuration.host}:${port}`,
    };
    // With the demo the server is not empty for long.
    if (!isReachedOnlyFromHere(configuration) && !configuration.demo) {
      const isEmpty = await database.outside(async (tx) => !(await hasTenants({ tx })));
      if (isEmpty) say(`To set this server up from another machine, give the code ${setupCode.text}`);
    }
    return { ...listening, run, database, routes, served: server.served, modules, signin, setupCode, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A database brought up to date: the one configured, or our own in the data folder. */
async function provideDatabase(
  configuration: Configuration,
  log: Log,
  say: (line: string) => void,
  closers: (() => Promise<unknown>)[],
): Promise<{ adminUrl: string; url: string }> {
  const folder = join(ROOT, 'migrations');
  if (configuration.databaseUrl !== undefined) {
    say('Bringing the database up to date');
    await migrate({ adminUrl: configuration.databaseUrl, folder });
    return { adminUrl: configuration.databaseUrl, url: applicationUrl(configuration.databaseUrl) };
  }
  say('Starting the database');
  const postgres = await startEmbeddedPostgres({
    folder: join(configuration.data, 'postgres'),
    log: (line) => log.debug({ line }, 'postgres'),
  });
  closers.push(() => postgres.stop());
  const password = await secretFile(join(configuration.data, 'database.secret'));
  await migrate({ adminUrl: postgres.url, folder, applicationPassword: password });
  return { adminUrl: postgres.url, url: applicationUrl(postgres.url, password) };
}

/** The operator's own certificate, or one of the local authority whose `ca.pem` lies in the data folder. */
async function provideTls(configuration: Configuration, now: Date): Promise<{ key: string; cert: string }> {
  const { tlsKey: key, tlsCert: cert, data, host, publicUrl } = configuration;
  if (key !== undefined && cert !== undefined) return readOwnTls({ key, cert });
  const publicName = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  return openLocalTls({ folder: data, names: ['localhost', '127.0.0.1', '::1', host, ...publicName], now });
}

/** How this machine reaches a server that listens on `host`; the local certificate names it, too. */
function nearHost(host: string): string {
  if (/^(127\.|0\.0\.0\.0$|::1?$|localhost$)/.test(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function wants(subscriber: Subscriber, action: string): boolean {
  return subscriber.to.some((wanted) =>
    wanted.endsWith('.*') ? action.startsWith(wanted.slice(0, -1)) : wanted === action,
  );
}

/** Jobs and subscribers as the queue runs them: each in a transaction in the tenant's name that queued it. */
function runnable(modules: readonly Module<Route>[], subscribers: readonly Subscriber[], run: Run): RunnableJob[] {
  const inTenant = (
    name: string,
    act: (ctx: Parameters<Job['run']>[0], payload: Record<string, unknown>) => Promise<void>,
    transaction?: Job['transaction'],
  ) => ({
    name,
    run: (payload: Record<string, unknown>) =>
      run(
        {
          tenantId: payload.tenantId as TenantId,
          actor: { kind: 'system', name },
          correlationId: payload.correlationId as string,
          ...(transaction === 'none' ? { transaction } : {}),
        },
        (ctx) => act(ctx, payload),
      ),
  });
  return [
    ...modules.flatMap((module) => (module.jobs ?? []).map((job) => inTenant(job.name, job.run, job.transaction))),
    ...subscribers.map((one) => inTenant(jobOf(one), (ctx, payload) => one.handle(ctx, payload.event as never))),
  ];
}

/**
 * A sweep is two jobs: one by the clock that queues the other for each tenant. So a tenant whose sweep fails is tried
 * again alone, and many nodes share the work.
 */
function sweeping(sweeps: readonly Sweep[], database: Database, run: Run): RunnableJob[] {
  return sweeps.flatMap((sweep) => [
    {
      name: `sweeps:${sweep.name}`,
      run: () =>
        database.outside(async (tx) => {
          for (const tenantId of await listTenantIds({ tx })) {
            const key = `sweep:${sweep.name}:${tenantId}`;
            await addJob(tx, `sweep:${sweep.name}`, { tenantId }, { key, maxAttempts: 3 });
          }
        }),
    },
    {
      name: `sweep:${sweep.name}`,
      run: (payload: Record<string, unknown>) =>
        run({ tenantId: payload.tenantId as TenantId, actor: { kind: 'system', name: sweep.name } }, (ctx) =>
          sweep.run(ctx),
        ),
    },
  ]);
}
