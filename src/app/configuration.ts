import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

const flag = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0', '']).transform((text) => text !== 'false' && text !== '0'),
]);
const port = z.coerce.number().int().min(0).max(65_535);
const list = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
]);

/** Every setting of the server itself, with its default and one sentence. `entente config` prints exactly this. */
export const configurationShape = z.object({
  data: z
    .string()
    .default(join(homedir(), '.entente'))
    .describe('Folder for the database, files, keys and certificates.'),
  host: z.string().default('127.0.0.1').describe('Address to listen on. Anything but loopback needs a public URL.'),
  port: port.default(8080).describe('Port for HTTP. 0 takes a free one.'),
  httpsPort: port.default(8443).describe('Port for HTTPS. 0 takes a free one.'),
  publicUrl: z.url().optional().describe('The address people use, where a proxy stands in front: https://host.'),
  trustProxy: flag.default(false).describe('Believe X-Forwarded-* headers. Only behind a proxy that sets them.'),
  databaseUrl: z
    .string()
    .optional()
    .describe('PostgreSQL 15 or newer, as its owner. Without it, one is started in the data folder.'),
  databaseConnections: z.coerce
    .number()
    .int()
    .min(2)
    .max(500)
    .default(20)
    .describe('Database connections of this process.'),
  jobConcurrency: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(4)
    .describe('Background jobs run at once by this process.'),
  blobs: z
    .string()
    .optional()
    .describe(
      'Where files are kept: a folder, or s3://key:secret@host:port/bucket?region=… (s3+http:// without TLS). Default: in the data folder.',
    ),
  smtpUrl: z
    .string()
    .optional()
    .describe(
      'Mail server for outgoing mail: smtp://user:password@host:587. Without it, mail waits and is readable by an operator.',
    ),
  mailFrom: z.string().default('no-reply@localhost').describe('Sender address of mail that the server itself writes.'),
  dnsServers: list
    .default([])
    .describe("Name servers for domain proofs, host or host:port, separated by commas. Default: the system's."),
  tlsCert: z
    .string()
    .optional()
    .describe('Certificate file for HTTPS (PEM, with its chain). Without it, a local authority issues one.'),
  tlsKey: z.string().optional().describe('Key file that belongs to tlsCert (PEM).'),
  privateNetworks: list
    .default([])
    .describe('Networks that webhooks and partners may be in although they are private, as CIDR: 10.1.0.0/16.'),
  trustedAuthorities: z
    .string()
    .optional()
    .describe("File of certificate authorities (PEM) trusted for partners' servers beside those of the machine."),
  metricsToken: z
    .string()
    .min(16)
    .optional()
    .describe(
      'Lets whoever shows it as a bearer token read /metrics from other machines. Without it, only this machine does.',
    ),
  logLevel: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info').describe('How much is logged.'),
  demo: flag
    .default(false)
    .describe('Load Fabrikam, Contoso and Tailspin if the server is empty. For trying, never for real people.'),
  demoPassword: z
    .string()
    .min(8)
    .optional()
    .describe("Password of the demo's people. Without it, a random one is printed."),
});

export type Configuration = z.output<typeof configurationShape>;

export interface ConfiguredValue {
  readonly name: string;
  readonly value: unknown;
  readonly from: 'default' | 'file' | 'environment' | 'flag';
  readonly sentence: string;
  readonly environment: string;
  readonly flag: string;
}

/** Settings whose values are secrets, or may hold one in a URL. Printed as `***`. */
export const SECRET_SETTINGS: ReadonlySet<string> = new Set([
  'databaseUrl',
  'smtpUrl',
  'blobs',
  'demoPassword',
  'metricsToken',
]);

const environmentName = (name: string) => `ENTENTE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
const flagName = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export class ConfigurationError extends Error {}

/**
 * Reads the settings: a flag wins over the environment, the environment over the file (`--config FILE`, else
 * `entente.yaml` in the data folder), the file over the default.
 * @throws ConfigurationError with a sentence for each wrong value and where it came from.
 */
export function readConfiguration(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { configuration: Configuration; values: ConfiguredValue[] } {
  const names = Object.keys(configurationShape.shape);
  const flags = readFlags(args, new Map(names.map((name) => [flagName(name), name])));
  const fromEnvironment: Record<string, unknown> = {};
  for (const name of names) {
    const value = environment[environmentName(name)];
    if (value !== undefined && value !== '') fromEnvironment[name] = value;
  }
  const data = String(flags.values.data ?? fromEnvironment.data ?? configurationShape.shape.data.parse(undefined));
  const file = flags.file ?? join(resolve(data), 'entente.yaml');
  const fromFile = readFile(file, flags.file !== undefined, names);

  const given: Record<string, unknown> = { ...fromFile, ...fromEnvironment, ...flags.values };
  const source = (name: string): ConfiguredValue['from'] =>
    name in flags.values ? 'flag' : name in fromEnvironment ? 'environment' : name in fromFile ? 'file' : 'default';
  const parsed = configurationShape.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const where = { flag: flagName(name), environment: environmentName(name), file, default: name }[source(name)];
      return `${name} (from ${where}): ${issue.message}`;
    });
    throw new ConfigurationError(lines.join('\n'));
  }
  const configuration = { ...parsed.data, data: resolve(parsed.data.data) };
  const values = names.map((name) => ({
    name,
    value: configuration[name as keyof Configuration],
    from: source(name),
    sentence: configurationShape.shape[name as keyof Configuration].description ?? '',
    environment: environmentName(name),
    flag: flagName(name),
  }));
  return { configuration, values };
}

function readFlags(args: readonly string[], names: ReadonlyMap<string, string>) {
  const values: Record<string, unknown> = {};
  let file: string | undefined;
  for (let i = 0; i < args.length; i += 1) {
    const [word = '', inline] = (args[i] ?? '').split(/=(.*)/s);
    const name = word === '--config' ? 'config' : names.get(word);
    if (name === undefined) throw new ConfigurationError(`There is no setting "${word}". "entente config" lists them.`);
    let value: unknown = inline;
    if (value === undefined) {
      const next = args[i + 1];
      const isSwitch = name === 'demo' || name === 'trustProxy';
      if (next !== undefined && !next.startsWith('--') && !(isSwitch && !/^(true|false|0|1)$/.test(next))) {
        value = next;
        i += 1;
      } else if (isSwitch) value = true;
      else throw new ConfigurationError(`${word} needs a value.`);
    }
    if (name === 'config') file = String(value);
    else values[name] = value;
  }
  return { values, file };
}

function readFile(file: string, isWanted: boolean, names: readonly string[]): Record<string, unknown> {
  if (!existsSync(file)) {
    if (isWanted) throw new ConfigurationError(`The settings file ${file} does not exist.`);
    return {};
  }
  let content: unknown;
  try {
    content = parseYaml(readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    throw new ConfigurationError(`The settings file ${file} is not YAML: ${(error as Error).message}`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigurationError(`The settings file ${file} must hold names and values.`);
  }
  const unknown = Object.keys(content).filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new ConfigurationError(`The settings file ${file} has no setting called "${unknown[0]}".`);
  return content as Record<string, unknown>;
}
