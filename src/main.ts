import { randomBytes } from 'node:crypto';
import { type App, startApp } from './app/app.ts';
import { ConfigurationError, readConfiguration } from './app/configuration.ts';
import { loadDemo } from './app/demo.ts';
import { partnersIn } from './app/modules.ts';
import { createLog } from './platform/log.ts';

/** A stop that takes longer than this is cut short. */
const STOP_MS = 30_000;

/** Reads the settings, starts, and stops on a signal: requests in work are finished first. */
async function main(): Promise<void> {
  const { configuration } = readConfiguration(process.argv.slice(2), process.env);
  const log = createLog(configuration.logLevel);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const app = await startApp({ configuration, log, say });
  if (configuration.demo) await showDemo(app, configuration.demoPassword, say);
  say(`\nEntente is ready: ${app.origin}\n`);

  let isStopping = false;
  const stop = async (signal: string) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    say(`Stopping (${signal})`);
    // Whatever hangs must not keep the process: everything acknowledged is in the database already.
    setTimeout(() => process.exit(1), STOP_MS).unref();
    await app.close();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Loads the demo into an empty server and says who can sign in. */
async function showDemo(app: App, given: string | undefined, say: (line: string) => void): Promise<void> {
  const password = given ?? randomBytes(9).toString('base64url');
  const { people, isNew } = await loadDemo(
    { run: app.run, agreeing: partnersIn(app.modules).agreeing, origin: app.origin },
    password,
  );
  if (people.length === 0) {
    say('\nThe demo was not loaded: this server has organisations of its own.');
    return;
  }
  say('\nThe demo is loaded. These people can sign in, among others:\n');
  for (const { name, userPrincipalName, what } of people) {
    say(`  ${userPrincipalName.padEnd(26)} ${name}, ${what}`);
  }
  if (isNew) say(`\nTheir password: ${password}`);
  else say('\nTheir password is the one that was set when the demo was loaded.');
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigurationError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
