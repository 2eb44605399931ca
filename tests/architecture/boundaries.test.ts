import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const rules = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  forbidden: never[];
  options: object;
};

async function check(folder: string): Promise<ICruiseResult> {
  const { output } = await cruise([folder], {
    ...rules.options,
    ruleSet: { forbidden: rules.forbidden },
    validate: true,
    baseDir: ROOT,
  });
  return output as ICruiseResult;
}

// A check that reads nothing is always green. These two tests hold the check itself.

test('the boundaries are checked in every file', async () => {
  const { modules, summary } = await check('src');
  const ours = modules.filter((module) => module.source.startsWith('src/')).length;
  const files = globSync('src/**/*.ts', { cwd: ROOT }).length;
  assert.ok(ours >= files, `${ours} of ${files} files were read`);
  assert.deepEqual(
    summary.violations.map((one) => `${one.rule.name}: ${one.from} → ${one.to}`),
    [],
  );
});

test('a broken boundary is found', async () => {
  const folder = await mkdtemp(join(ROOT, 'src/tenants/model/canary-'));
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'breaks.ts'), "export { putGrant } from '../../../access/index.ts';\n");
    const { summary } = await check(folder.slice(ROOT.length));
    const names = summary.violations.map((one) => one.rule.name);
    assert.ok(
      names.some((name) => name.startsWith('rank-')),
      `found only: ${names.join(', ')}`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
