import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, startApp } from '../../src/app/app.ts';
import { type Configuration, configurationShape } from '../../src/app/configuration.ts';
import { createLog } from '../../src/platform/log.ts';
import { createTestDatabase } from './database.ts';

export interface TestApp extends App {
  /** The server's clock. Moves only when a test moves it. */
  readonly clock: { now: Date; advance(seconds: number): void };
  readonly adminUrl: string;
  /** The data folder: keys, certificates, the operator's token. */
  readonly data: string;
  /** Ends it and starts it again on what it has stored, under other settings. Closing either closes all. */
  restart(settings: Partial<Configuration>): Promise<TestApp>;
}

/** The whole server on free ports with a database of its own. Close it in `after`. */
export async function startTestApp(settings: Partial<Configuration> = {}): Promise<TestApp> {
  const database = await createTestDatabase();
  const data = await mkdtemp(join(tmpdir(), 'entente-data-'));
  const clock = {
    now: new Date(),
    advance(seconds: number) {
      clock.now = new Date(clock.now.getTime() + seconds * 1000);
    },
  };
  const start = (more: Partial<Configuration>) =>
    startApp({
      configuration: configurationShape.parse({
        data,
        port: 0,
        httpsPort: 0,
        databaseUrl: database.adminUrl,
        databaseConnections: 8,
        logLevel: process.env.ENTENTE_TEST_LOG ?? 'silent',
        ...settings,
        ...more,
      }),
      log: createLog(process.env.ENTENTE_TEST_LOG ?? 'silent'),
      now: () => clock.now,
    });
  let running = await start({});
  const described = (app: App): TestApp => ({
    ...app,
    clock,
    adminUrl: database.adminUrl,
    data,
    async restart(more) {
      await running.close();
      running = await start(more);
      return described(running);
    },
    async close() {
      await running.close();
      await database.drop();
      await rm(data, { recursive: true, force: true });
    },
  });
  return described(running);
}
