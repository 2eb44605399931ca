import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { SettingsDeclaration } from '../../kernel/settings.ts';
import { readChanges, type SettingRow } from './settings-registry.ts';
import type { TextProblem, WrittenTarget } from './settings-text.ts';

/** What is to be set of one group for one target, with ids in place of names. */
export interface Wanted {
  /** As it is stored: '' for the whole organisation. Null: an object of a collection that is yet to be made. */
  readonly target: string | null;
  /** The object's name in a collection; else null. */
  readonly object: string | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A wanted target with where it stands in its text. */
export interface PlacedWanted extends Wanted {
  readonly line: number;
  readonly lines: Readonly<Record<string, number>>;
}

/** A value that is set, and by which agreement it is held. */
export interface SetValue extends SettingRow {
  readonly agreementId: string | null;
}

/** One value that is not as it is wanted. Undefined: not set. */
export interface Difference {
  readonly declaration: SettingsDeclaration;
  readonly target: string | null;
  readonly object: string | null;
  readonly name: string;
  readonly old: unknown;
  readonly new: unknown;
}

/** What is set as its declaration understands it; what no longer fits counts as unset. */
export function understood<Row extends SettingRow>(declaration: SettingsDeclaration, rows: readonly Row[]): Row[] {
  return rows.flatMap((row) => {
    const value = readValue(declaration, row.name, row.value);
    return value === undefined ? [] : [{ ...row, value }];
  });
}

/** One value as its declaration understands it; undefined where it does not fit. */
export function readValue(declaration: SettingsDeclaration, name: string, value: unknown): unknown {
  const parsed = (declaration.shape.shape as Record<string, z.ZodType>)[name]?.safeParse(value);
  return parsed?.success ? parsed.data : undefined;
}

/** The name of an object of a collection, as it is stored. */
export const objectName = (rows: readonly SettingRow[]): string =>
  String(rows.find(({ name }) => name === 'name')?.value ?? '');

/** Reads what was written for one target: each value as its declaration wants it. */
export function readTarget(
  declaration: SettingsDeclaration,
  written: WrittenTarget,
  values: Readonly<Record<string, unknown>>,
  held: readonly SettingRow[],
): { readonly values: Record<string, unknown>; readonly problems: readonly TextProblem[] } {
  const before = {
    ...declaration.shape.parse({}),
    ...Object.fromEntries(held.map(({ name, value }) => [name, value])),
  };
  const { after, problems } = readChanges(declaration, before, values);
  // Nothing in the place of a value is its default.
  const names = Object.keys(values).filter((name) => values[name] !== null);
  return {
    values: Object.fromEntries(names.map((name) => [name, after[name]])),
    problems: problems.map(({ name, problem }) => ({
      line: written.values.get(name)?.line ?? written.line,
      problem: name === declaration.name ? problem : `"${name}": ${problem}`,
    })),
  };
}

/**
 * How what is set differs from what is wanted of one group. What an agreement holds stays as it is: another value for it
 * is told in `held`.
 */
export function differencesIn(
  declaration: SettingsDeclaration,
  wanted: readonly Wanted[],
  rows: readonly SetValue[],
): { readonly differences: readonly Difference[]; readonly held: readonly Difference[] } {
  const stored = Map.groupBy(understood(declaration, rows), ({ target }) => target);
  const differences: Difference[] = [];
  const held: Difference[] = [];
  const compare = (one: Wanted, there: readonly SetValue[]) => {
    const names = new Set([...Object.keys(one.values), ...there.map(({ name }) => name)]);
    for (const name of [...names].sort()) {
      const row = there.find((found) => found.name === name);
      const isWanted = Object.hasOwn(one.values, name);
      if (row?.agreementId && !isWanted) continue;
      const value = isWanted ? one.values[name] : undefined;
      if (isDeepStrictEqual(row?.value, value)) continue;
      const { target, object } = one;
      (row?.agreementId ? held : differences).push({ declaration, target, object, name, old: row?.value, new: value });
    }
  };
  const found = new Set<string>();
  for (const one of wanted) {
    if (one.target !== null) found.add(one.target);
    compare(one, one.target === null ? [] : (stored.get(one.target) ?? []));
  }
  for (const [target, there] of stored) {
    if (found.has(target)) continue;
    const object = declaration.scope === 'collection' ? objectName(there) : null;
    compare({ target, object, values: {} }, there);
  }
  return { differences, held };
}

/** What a group is changed by for one target. `values` null: everything that is set there goes. */
export interface TargetChange {
  readonly group: string;
  readonly target: string | null;
  readonly object: string | null;
  readonly values: Readonly<Record<string, unknown>> | null;
}

/** The differences as changes, one for each target. */
export function changesFor(differences: readonly Difference[], rows: readonly SetValue[]): TargetChange[] {
  const groups = Map.groupBy(differences, ({ declaration, target, object }) =>
    JSON.stringify([declaration.name, target, target === null ? object : null]),
  );
  return [...groups.values()].map((all) => {
    const { declaration, target, object } = all[0]!;
    const there = rows.filter((row) => row.declaration === declaration.name && row.target === target);
    const unset = all.filter((one) => one.new === undefined).length;
    const isGone = declaration.scope !== 'tenant' && unset === all.length && unset === there.length;
    const values = Object.fromEntries(all.map((one) => [one.name, one.new ?? null]));
    return { group: declaration.name, target, object, values: isGone ? null : values };
  });
}
