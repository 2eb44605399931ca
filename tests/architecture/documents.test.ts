import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { Fault, kernelFaults } from '../../src/kernel/fault.ts';
import type { AnyQuestion } from '../../src/kernel/module.ts';
import type { SettingsDeclaration } from '../../src/kernel/settings.ts';
import { backupFaults } from '../../src/platform/database/backup-protection.ts';
import { GRAPH_CODES, WIRE } from '../../src/platform/faults/wire.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { assertGolden } from '../support/golden.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WRITTEN = (test: string) => `<!-- Written by tests/architecture/${test}; UPDATE_GOLDEN=1 writes it anew. -->`;

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.close());

/** Text fit for a cell of a Markdown table. */
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text: string) => `\`${text}\``;
const table = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
  [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

interface Shape {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Shape>>;
}

const shapeOf = (type: z.ZodType) => z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' }) as Shape;

/** What a value may be, in a few words. */
function values(shape: Shape): string {
  if (shape.anyOf) return shape.anyOf.map(values).join(' or ');
  if ('const' in shape) return code(JSON.stringify(shape.const));
  if (shape.enum) return shape.enum.map((one) => code(String(one))).join(', ');
  if (shape.items) return `list of ${values(shape.items)}`;
  if (shape.properties) return `{ ${Object.keys(shape.properties).join(', ')} }`;
  const range = shape.minimum !== undefined ? ` ${shape.minimum} to ${shape.maximum ?? 'any'}` : '';
  return `${[shape.format ?? shape.type ?? 'any'].flat().join(' or ')}${range}`;
}

function describeSettings(declaration: SettingsDeclaration): string {
  const defaults = declaration.shape.parse({}) as Record<string, unknown>;
  const whose = {
    tenant: 'the organisation',
    partner: 'each partner',
    container: 'each container',
    collection: 'each object by its id',
  };
  const administrators = ['global-administrator', ...(declaration.administrators ?? [])];
  return `## ${declaration.title}

${code(declaration.name)}, for ${whose[declaration.scope]}. ${declaration.sentence} Changed by ${administrators.join(', ')}.

${table(
  ['Setting', 'Values', 'Default', 'Says'],
  Object.entries(declaration.shape.shape as Record<string, z.ZodType>).map(([name, type]) => [
    code(name),
    values(shapeOf(type)),
    code(JSON.stringify(defaults[name])),
    type.description ?? '',
  ]),
)}
`;
}

test('docs/settings.md lists every setting, each with a sentence', () => {
  const declarations = app.modules.flatMap((module) => module.settings ?? []);
  assert.ok(declarations.length >= 3);
  for (const { name, shape } of declarations) {
    for (const [setting, type] of Object.entries(shape.shape as Record<string, z.ZodType>))
      assert.ok(type.description, `${name}.${setting} needs .describe('one sentence')`);
  }
  assertGolden(
    join(ROOT, 'docs', 'settings.md'),
    `${WRITTEN('documents.test.ts')}

# Settings

What an organisation can set. Every group is changed in the web app, by \`entente settings\` or by \`PATCH /admin/settings/{name}\`.

${declarations.map(describeSettings).join('\n')}`,
  );
});

const REMEDIES: Readonly<Record<string, string>> = {
  'sign-in-again': 'the person, by a stronger sign-in',
  owner: 'the owner',
  administrator: 'an administrator here',
  partner: 'the partner',
  operator: 'the operator of the server',
  consent: 'an administrator, by consent',
  nobody: 'nobody',
};

function describeQuestion(question: AnyQuestion): string {
  const input = question.input ? shapeOf(question.input) : undefined;
  const fields = input?.properties
    ? Object.entries(input.properties).map(([name, shape]) => `${code(name)} (${values(shape)})`)
    : input
      ? [values(input)]
      : [];
  const rules = question.ceilings.map(({ name, sentence, remedy }) => [
    code(name),
    sentence,
    REMEDIES[remedy] ?? remedy,
  ]);
  return `## ${question.name}

${question.sentence} Levels: ${question.levels.join(' < ')}.${fields.length > 0 ? ` Asked about ${fields.join(', ')}.` : ''} A missing grant is given by ${REMEDIES[question.grantedBy]}.
${rules.length > 0 ? `\n${table(['Rule', 'Says', 'Raised by'], rules)}\n` : ''}`;
}

test('docs/questions.md lists every question with its rules and who can raise them', () => {
  const questions = app.modules
    .flatMap((module) => module.questions ?? [])
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  assert.equal(new Set(questions.map(({ name }) => name)).size, questions.length, 'every question is listed once');
  assertGolden(
    join(ROOT, 'docs', 'questions.md'),
    `${WRITTEN('documents.test.ts')}

# Questions

Every decision of access is the answer to one of these: the lowest rule over the best grant. \`entente explain\` and
\`POST /admin/explain\` answer any of them for anybody, with each rule laid open.

${questions.map(describeQuestion).join('\n')}`,
  );
});

/** Stands for an argument of which only the name is known. */
function argument(name: string): never {
  const text = `{${name}}`;
  return new Proxy(() => text, {
    get: (_target, key) => {
      if (key === Symbol.toPrimitive || key === 'toString' || key === 'join' || key === 'toJSON') return () => text;
      if (key === Symbol.iterator) return [text][Symbol.iterator].bind([text]);
      if (key === 'length') return 1;
      return argument(`${name}.${String(key)}`);
    },
  }) as never;
}

/** The names of a function's parameters, read from its text. */
function parametersOf(act: (...args: never[]) => unknown): string[] {
  const list = /^(?:async\s*)?\(?([^)=]*)/.exec(String(act))?.[1] ?? '';
  return list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !/^[{}]/.test(part));
}

/** Every fault of the catalogues, with the names of what a sentence is filled with. */
async function listFaults(): Promise<Fault[]> {
  const catalogues: object[] = [kernelFaults, backupFaults];
  for (const file of globSync('src/*/faults{.ts,/*.ts}', { cwd: ROOT }))
    catalogues.push(...Object.values((await import(pathToFileURL(join(ROOT, file)).href)) as object));
  return catalogues.flatMap((catalogue) =>
    Object.values(catalogue).flatMap((make: unknown) => {
      if (typeof make !== 'function') return [];
      const fault = make(...parametersOf(make as () => unknown).map(argument));
      return fault instanceof Fault ? [fault] : [];
    }),
  );
}

/** Faults made where they are thrown, which only the listener itself may do. */
function listStrayCodes(): { file: string; code: string }[] {
  return globSync('src/**/*.ts', { cwd: ROOT })
    .filter((file) => !/faults(\.ts|\/)|\.test\.ts$/.test(file) && file !== join('src', 'kernel', 'fault.ts'))
    .flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/new Fault\(\s*[^,]+,\s*['`]([^'`]+)['`]/g)].map((match) => ({
        file,
        code: match[1] as string,
      })),
    );
}

test('docs/faults.md lists every fault with how it looks on each wire', async () => {
  const stray = listStrayCodes().filter(({ code }) => !/^(request|odata|backup)\./.test(code));
  assert.deepEqual(stray, [], 'faults are declared in the faults.ts of their module');

  const faults = new Map<string, Fault>();
  for (const fault of await listFaults()) {
    const known = faults.get(fault.code);
    assert.ok(!known || known.kind === fault.kind, `${fault.code} has one kind`);
    faults.set(fault.code, known ?? fault);
  }
  assert.ok(faults.size > 30);
  for (const { code, sentence } of faults.values()) {
    assert.match(code, /^[a-z]+\.[a-z0-9-]+$/);
    assert.match(String(sentence), /^["A-Z{].*[.:?}]$/s, `${code} speaks in a sentence`);
  }
  for (const graph of Object.keys(GRAPH_CODES).filter((code) => !code.startsWith('odata.')))
    assert.ok(faults.has(graph), `${graph} has a code on the Graph wire and is no fault`);

  const rows = [...faults.values()]
    .toSorted((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code: name, kind, sentence }) => [
      code(name),
      String(WIRE[kind].http),
      code(GRAPH_CODES[name] ?? WIRE[kind].graph),
      String(sentence),
    ]);
  assertGolden(
    join(ROOT, 'docs', 'faults.md'),
    `${WRITTEN('documents.test.ts')}

# Faults

What the server can refuse, and how. A code never changes its meaning; words in braces are filled in. On our own wires a
fault is a problem (RFC 9457) with this \`code\`; on the Graph wire \`error.code\` is the reference product's and
\`error.innerError.code\` is this one.

${table(['Code', 'HTTP', 'Graph', 'Says'], rows)}
`,
  );
});
