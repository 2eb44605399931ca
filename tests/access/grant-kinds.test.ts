import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What the compiler says about a module of ours that would hold `text`, without the complaints about other files. */
function complaints(text: string): string[] {
  const file = join(ROOT, 'src', 'access', 'imagined.ts');
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT);
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  host.getSourceFile = (name, version, ...rest) =>
    name === file ? ts.createSourceFile(name, text, version, true) : getSourceFile(name, version, ...rest);
  const program = ts.createProgram([file], { ...options, types: [] }, host);
  return program
    .getSemanticDiagnostics(program.getSourceFile(file))
    .map((found) => ts.flattenDiagnosticMessageText(found.messageText, '\n'));
}

const KIND = `
import type { GrantKind, NewGrant, Revokers } from './grants.ts';
declare module './grants.ts' { interface GrantKinds { 'files.link': true } }
`;

test('beyond 3.3: a kind of grant that nobody can revoke does not compile', () => {
  const found = complaints(`${KIND} export const revokers: Revokers = {};`);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? '', /'files\.link'|"files\.link"/);
});

test('a kind of grant with its revoker compiles', () => {
  const text = `${KIND} export const revokers: Revokers = { 'files.link': { title: 'Link', revoke: async () => {} } };`;
  assert.deepEqual(complaints(text), []);
});

test('a grant of a kind that no module declared does not compile', () => {
  const given = (kind: string) =>
    `${KIND} export const kind: NewGrant['kind'] = '${kind}'; export const known: GrantKind = kind;`;
  assert.deepEqual(complaints(given('files.link')), []);
  assert.match(complaints(given('files.lynk')).join(), /files\.lynk/);
});
