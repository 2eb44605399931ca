import type { z } from 'zod';
import { kernelFaults } from '../../kernel/fault.ts';
import type { SettingsDeclaration, SettingsSnapshot } from '../../kernel/settings.ts';
import { isKeepable } from '../../kernel/text.ts';

/** One stored value. `target` is '' for the whole tenant. */
export interface SettingRow {
  readonly declaration: string;
  readonly target: string;
  readonly name: string;
  readonly value: unknown;
}

const NONE: ReadonlyMap<string, unknown> = new Map();

/** Every declaration of the product, by name. Filled once by the composition root. */
export class SettingsRegistry {
  readonly #declarations = new Map<string, SettingsDeclaration>();
  readonly #defaults = new Map<string, Record<string, unknown>>();

  constructor(declarations: readonly SettingsDeclaration[]) {
    for (const declaration of declarations) {
      if (this.#declarations.has(declaration.name))
        throw new Error(`Settings "${declaration.name}" are declared twice.`);
      this.#declarations.set(declaration.name, declaration);
      // Fails at start when a setting lacks its default.
      this.#defaults.set(declaration.name, Object.freeze(declaration.shape.parse({})));
    }
  }

  all(): readonly SettingsDeclaration[] {
    return [...this.#declarations.values()];
  }

  find(name: string): SettingsDeclaration | undefined {
    return this.#declarations.get(name);
  }

  defaultsOf(name: string): Record<string, unknown> {
    return this.#defaults.get(name) ?? {};
  }

  /** The snapshot of one tenant's rows. A stored value that no longer fits its declaration counts as unset. */
  snapshot(rows: readonly SettingRow[]): SettingsSnapshot {
    const groups = new Map<string, Map<string, Record<string, unknown>>>();
    for (const row of rows) {
      const declaration = this.#declarations.get(row.declaration);
      const type = (declaration?.shape.shape as Record<string, z.ZodType> | undefined)?.[row.name];
      const parsed = type?.safeParse(row.value);
      if (!parsed?.success) continue;
      const targets = groups.get(row.declaration) ?? new Map<string, Record<string, unknown>>();
      groups.set(row.declaration, targets);
      const values = targets.get(row.target) ?? { ...this.#defaults.get(row.declaration) };
      targets.set(row.target, values);
      values[row.name] = parsed.data;
    }
    const read = (declaration: SettingsDeclaration, target: string) =>
      groups.get(declaration.name)?.get(target) ?? this.#defaults.get(declaration.name);
    return {
      tenant: (declaration) => read(declaration, '') as never,
      partner: (declaration, partner) => read(declaration, partner) as never,
      partners: (declaration) => [...(groups.get(declaration.name)?.keys() ?? [])].filter((target) => target !== ''),
      collection: (declaration) => (groups.get(declaration.name) ?? NONE) as never,
    };
  }
}

export interface ValueProblem {
  readonly name: string;
  readonly problem: string;
}

/**
 * The whole group of values after `changes` to `before`; `null` in a change returns that name to its default. With what
 * is wrong with it: then nothing is right.
 */
export function readChanges(
  declaration: SettingsDeclaration,
  before: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>>,
): { readonly after: Record<string, unknown>; readonly problems: readonly ValueProblem[] } {
  const known = declaration.shape.shape as Record<string, z.ZodType>;
  const problems: ValueProblem[] = [];
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(changes)) {
    const type = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!type) {
      problems.push({ name, problem: `There is no setting of this name in ${declaration.name}.` });
      continue;
    }
    const parsed = type.safeParse(value === null ? undefined : value);
    if (parsed.success && !isKeepable(parsed.data))
      problems.push({ name, problem: 'It has characters that are no text.' });
    else if (parsed.success) after[name] = parsed.data;
    else problems.push({ name, problem: parsed.error.issues.map((issue) => issue.message).join(' ') });
  }
  const conflict = problems.length === 0 ? declaration.check?.(after as never) : undefined;
  if (conflict) problems.push({ name: declaration.name, problem: conflict });
  return { after, problems };
}

/** The same. @throws invalid, naming each wrong value. */
export function applyChanges(
  declaration: SettingsDeclaration,
  before: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { after, problems } = readChanges(declaration, before, changes);
  const first = problems[0];
  if (first) throw kernelFaults.invalid(`"${first.name}": ${first.problem}`, { problems });
  return after;
}
