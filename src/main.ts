import { startApp } from './app/app.ts';
import { ConfigurationError, readConfiguration } from './app/configuration.ts';
import { createLog } from './platform/log.ts';

/** Reads the settings, starts, and stops on a signal: requests in work are finished first. */
async function main(): Promise<void> {
  const { configuration } = readConfiguration(process.argv.slice(2), process.env);
  const log = createLog(configuration.logLevel);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const app = await startApp({ configuration, log, say });
  say(`\nEntente is ready: ${app.origin}\n`);

  let isStopping = false;
  const stop = async (signal: string) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    say(`Stopping (${signal})`);
    await app.close();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigurationError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
