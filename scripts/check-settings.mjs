// Whether the server would take these flags, this environment and its file: told before anything long is begun.
import { readConfiguration } from '../src/app/configuration.ts';

try {
  readConfiguration(process.argv.slice(2), process.env);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
