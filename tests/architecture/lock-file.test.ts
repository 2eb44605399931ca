import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface LockedPackage {
  version?: string;
  integrity?: string;
  resolved?: string;
  optionalDependencies?: Record<string, string>;
}

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const packages: Record<string, LockedPackage> = read('package-lock.json').packages;
const locked = Object.entries(packages).filter(([name]) => name !== '');

test('the lock file holds the package of every platform, so that npm ci works on each', () => {
  assert.ok(locked.length > 100);
  const missing = Object.values(packages)
    .flatMap((one) => Object.keys(one.optionalDependencies ?? {}))
    .filter((name) => !locked.some(([place]) => place.endsWith(`node_modules/${name}`)));
  assert.deepEqual(missing, []);
});

test('the lock file names a hash for every package and no download address', () => {
  assert.deepEqual(
    locked.filter(([, one]) => !one.integrity || one.resolved !== undefined).map(([name]) => name),
    [],
  );
});

test('every direct dependency is pinned to one exact version', () => {
  const { dependencies, devDependencies, optionalDependencies } = read('package.json');
  const loose = Object.entries<string>({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
    ([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  );
  assert.deepEqual(loose, []);
});
