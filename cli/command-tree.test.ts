import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Command } from 'commander';
import { runCommand } from '../tests/support/command.ts';
import { createProgram } from './program.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entente-cli-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Runs the real command where no server is. */
const entente = (words: readonly string[], environment: Record<string, string> = {}) =>
  runCommand(words, { HOME: folder, ENTENTE_DATA: join(folder, 'nothing'), ...environment });

test('config prints every setting with its source, and no secret', async () => {
  const environment = { ENTENTE_DATABASE_URL: 'postgres://me:hidden@host/db', ENTENTE_PORT: '9001' };
  const table = await entente(['config', '--https-port', '9443'], environment);
  assert.equal(table.code, 0, table.err);
  assert.doesNotMatch(table.out, /hidden/);
  assert.match(table.out, /^port +9001 +environment +ENTENTE_PORT +--port +Port for HTTP/m);
  const { out } = await entente(['config', '--https-port', '9443', '--json'], environment);
  const settings = JSON.parse(out) as { name: string; value: unknown; from: string }[];
  const of = (name: string) => settings.find((one) => one.name === name);
  assert.equal(of('databaseUrl')?.value, '***');
  assert.equal(of('httpsPort')?.value, 9443);
  assert.equal(of('httpsPort')?.from, 'flag');
  assert.equal(of('smtpUrl')?.value, null);
});

test('every command has a description and an example', () => {
  const { program } = createProgram([]);
  const walk = (command: Command): Command[] => [command, ...command.commands.flatMap(walk)];
  const commands = walk(program);
  assert.ok(commands.length > 60, `${commands.length} commands`);
  for (const command of commands) {
    let shown = '';
    command.configureOutput({ writeOut: (text) => (shown += text) });
    command.outputHelp();
    assert.notEqual(command.description(), '', command.name());
    assert.match(shown, /Examples?:\n {2}\$ .*entente /, command.name());
  }
});

test('help and version need no server, and help says how a command ends', async () => {
  const { code, out } = await entente(['--help']);
  assert.equal(code, 0);
  assert.match(out, /Exit codes: 0 done, 1 refused or failed, 2 the command was not understood/);
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  assert.deepEqual(await entente(['--version']), { code: 0, out: `${version}\n`, err: '' });
});

test('the shell completes commands and options from the command tree', async () => {
  const { out } = await entente(['completion', 'bash']);
  const script = join(folder, 'completion.bash');
  await writeFile(script, out);
  const complete = async (...words: string[]) => {
    const line = `source ${script}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _entente; echo "\${COMPREPLY[@]}"`;
    const child = spawn('bash', ['-c', line], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    for await (const chunk of child.stdout) printed += chunk;
    return printed.trim().split(/\s+/);
  };
  assert.deepEqual(await complete('entente', 'led'), ['ledger']);
  assert.deepEqual(await complete('entente', 'audit', 'ver'), ['verify']);
  assert.deepEqual(await complete('entente', '--tenant', 'audit', 'demo', 'app'), ['app-password']);
  assert.deepEqual(await complete('entente', 'ledger', 'list', '--out'), ['--outside']);
  for (const shell of ['zsh', 'fish']) {
    const printed = await entente(['completion', shell]);
    assert.equal(printed.code, 0);
    assert.match(printed.out, /app-password/);
  }
  assert.equal((await entente(['completion', 'tcsh'])).code, 2);
});
