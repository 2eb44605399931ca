import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { newId, parseId } from '../../kernel/ids.ts';
import type { Trial } from '../../kernel/module.ts';
import type { SettingsDeclaration } from '../../kernel/settings.ts';
import { tenantsFaults } from '../faults.ts';
import {
  changesFor,
  type Difference,
  differencesIn,
  objectName,
  type SetValue,
  type TargetChange,
  understood,
  type Wanted,
} from '../model/settings-plan.ts';
import { Named, type PrintedGroup, printSettings, printValue, textsIn } from '../model/settings-text.ts';
import { administerSettings } from '../questions.ts';
import { listSettings, lockSettings } from '../store/settings.ts';
import { putReference } from '../store/settings-references.ts';
import { authorOf, changeSettingsTogether } from './change-settings.ts';
import { getDeclaration, readable } from './read-settings.ts';
import { type ReadText, readText, settingsTextInvalid } from './read-settings-text.ts';
import type { SettingsTextPorts } from './settings-text-ports.ts';

/** Everything that is set and that the asker may read, as a text. The same settings give the same bytes. */
export async function exportSettings(ctx: Context, ports: SettingsTextPorts): Promise<string> {
  const stored = await listSettings(ctx);
  const groups = new Map<SettingsDeclaration, Map<string, SetValue[]>>();
  const ids = new Set<string>();
  for (const { declaration } of await readable(ctx, ports.registry())) {
    if (declaration.setBy === 'agreement') continue;
    const own = stored.filter((row) => row.declaration === declaration.name && row.agreementId === null);
    const targets = Map.groupBy(understood(declaration, own), ({ target }) => target);
    groups.set(declaration, targets);
    for (const [target, rows] of targets)
      for (const text of [target, ...textsIn(rows.map(({ value }) => value))]) {
        const id = parseId(text);
        if (id === text) ids.add(id);
      }
  }
  const nameOf = await namer(ctx, ports, ids);
  const printed = [...groups].map(([declaration, targets]): PrintedGroup => {
    const { name, title, sentence, scope, shape } = declaration;
    const sentences = Object.fromEntries(
      Object.entries(shape.shape).map(([one, type]) => [one, (type as z.ZodType).description ?? '']),
    );
    const keys = new Set<string>();
    const found = [...targets].map(([target, rows]) => {
      const key = keyOf(declaration, target, rows, nameOf);
      const text = key instanceof Named ? `!${key.kind} ${key.name}` : (key ?? '');
      if (keys.has(text.toLowerCase())) throw tenantsFaults.settingsTextAmbiguous(title, text);
      keys.add(text.toLowerCase());
      const values = Object.fromEntries(
        rows.flatMap((row) => (scope === 'collection' && row.name === 'name' ? [] : [[row.name, row.value]])),
      );
      return { key, values };
    });
    return { name, title, sentence, scope, sentences, targets: found };
  });
  return printSettings(ctx.tenant.initialDomain, printed, nameOf);
}

export const namer = async (ctx: Context, { names }: SettingsTextPorts, ids: ReadonlySet<string>) => {
  const known = await names.namesOf(ctx, [...ids]);
  return (id: string): Named | undefined => {
    const found = known.get(id);
    return found && new Named(found.kind, found.name);
  };
};

/** What a target is called in a text. */
function keyOf(
  { scope }: SettingsDeclaration,
  target: string,
  rows: readonly SetValue[],
  nameOf: (id: string) => Named | undefined,
): string | Named | undefined {
  if (scope === 'tenant') return undefined;
  if (scope === 'collection') return objectName(rows);
  if (scope === 'partner' && parseId(target) === undefined) return new Named('domain', target);
  const named = nameOf(target);
  return named?.kind === 'organization' ? named.name : target;
}

/** One change that a text would make, with the setting's address. */
export interface PlannedChange {
  readonly group: string;
  readonly title: string;
  /** Null: the whole organisation, or an object that is yet to be made. */
  readonly target: string | null;
  /** What the target is called in texts. */
  readonly targetName: string | null;
  readonly name: string;
  /** Null: not set. */
  readonly old: unknown;
  readonly new: unknown;
  /** As texts have it. */
  readonly oldText: string | null;
  readonly newText: string | null;
}

export interface SettingsPlan {
  /** Names exactly these changes in exactly this world; who applies them says which. */
  readonly digest: string;
  readonly changes: readonly PlannedChange[];
  /** Whether the asker may make them. */
  readonly mayApply: boolean;
  /** The question to what-if, followed under its id; null where there is nothing to ask, or the asker may not know. */
  readonly whatIf: unknown;
}

/** The changes of a plan, as what-if tries them and as they are made. */
const TRIAL = 'tenants.settings';
const trialInput = z.strictObject({
  changes: z.array(
    z.strictObject({
      group: z.string().max(100),
      target: z.string().max(256).nullable(),
      object: z.string().max(1_000).nullable(),
      values: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
});

/** Tries many settings at once, by the very code that changes them. */
export const settingsTrial = (ports: Pick<SettingsTextPorts, 'registry' | 'rules'>): Trial => ({
  name: TRIAL,
  shape: trialInput,
  act: (ctx, { changes }: z.output<typeof trialInput>) => make(ctx, ports, changes),
});

async function make(
  ctx: Context,
  { registry, rules }: Pick<SettingsTextPorts, 'registry' | 'rules'>,
  changes: readonly TargetChange[],
): Promise<void> {
  await changeSettingsTogether(
    ctx,
    rules(),
    // What goes makes room for what comes.
    changes
      .toSorted((a, b) => Number(a.values !== null) - Number(b.values !== null))
      .map(({ group, target, object, values }) => {
        const declaration = getDeclaration(registry(), group);
        const fixed = object === null ? undefined : declaration.fixedIds?.[object];
        const place = declaration.scope === 'tenant' ? undefined : (target ?? fixed ?? newId());
        return { declaration, target: place, values: values ?? undefined };
      }),
  );
}

/** @throws tenants.settings-text-invalid, naming the line of everything that is wrong. */
async function judge(ctx: Context, ports: SettingsTextPorts, text: string) {
  const read = await readText(ctx, ports, text);
  if (read.problems.length > 0) throw settingsTextInvalid(read.problems);
  const rows = await listSettings(ctx);
  const differences: Difference[] = [];
  for (const [declaration, wanted] of read.groups) {
    const own = rows.filter((row) => row.declaration === declaration.name);
    differences.push(...differencesIn(declaration, wanted, own).differences);
  }
  const changes = changesFor(differences, rows);
  const addresses = differences.map((one) => ({ ...one, declaration: one.declaration.name, new: one.new ?? null }));
  const digest = createHash('sha256')
    .update(JSON.stringify([addresses, await ports.worldOf(ctx)]))
    .digest('base64url');
  return { read, rows, differences, changes, digest };
}

/**
 * What applying a text would change, and who would gain and lose what by it. Nothing is changed. Opens what it needs
 * itself.
 * @throws tenants.settings-text-invalid; what a module refuses of the whole.
 */
export async function planSettings(
  ctx: Context,
  ports: SettingsTextPorts,
  { text, whatIf: isAsked }: { readonly text: string; readonly whatIf: boolean },
): Promise<SettingsPlan> {
  await demandReading(ctx, ports);
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  const work = { tenantId, actor, correlationId, clientAddress };
  const found = await ports.run({ ...work, readOnly: true }, async (inside) => {
    const { changes, differences, digest } = await judge(inside, ports, text);
    let mayApply = true;
    for (const declaration of new Set(differences.map((one) => one.declaration))) {
      const { level } = await inside.ask(administerSettings(declaration), undefined, { quiet: true });
      mayApply &&= level === 'write';
    }
    return { changes, digest, mayApply, shown: await show(inside, ports, differences) };
  });
  const { changes, shown, digest, mayApply } = found;
  if (changes.length > 0 && mayApply)
    await ports.run({ ...work, transaction: 'trial' }, (inside) => make(inside, ports, changes));
  const whatIf =
    isAsked && changes.length > 0 && mayApply
      ? await ports.run(work, (inside) => ports.askWhatIf(inside, TRIAL, { changes }))
      : undefined;
  return { digest, changes: shown, mayApply, whatIf: whatIf ?? null };
}

/**
 * Makes what was planned as `digest`, all or none, and keeps the text as the one that drift is measured against.
 * @throws tenants.settings-plan-outdated where anything has changed since: then it must be planned again; as planning.
 */
export async function applySettings(
  ctx: Context,
  ports: SettingsTextPorts,
  { text, digest }: { readonly text: string; readonly digest: string },
): Promise<{ readonly changes: readonly PlannedChange[] }> {
  await demandReading(ctx, ports);
  await lockSettings(ctx);
  const plan = await judge(ctx, ports, text);
  if (plan.digest !== digest) throw tenantsFaults.settingsPlanOutdated();
  const shown = await show(ctx, ports, plan.differences);
  await make(ctx, ports, plan.changes);
  await keepReferences(ctx, plan.read);
  ctx.record({
    action: 'tenants.settings-text-applied',
    category: 'Policy',
    targets: [...plan.read.groups.keys()].map(({ name, title }) => ({
      kind: 'settings',
      id: name,
      displayName: title,
    })),
    facts: { changes: plan.differences.length, digest },
  });
  return { changes: shown };
}

/** What was just applied, with the ids that new objects were given. */
async function keepReferences(ctx: Context, { groups }: ReadText): Promise<void> {
  const rows = await listSettings(ctx);
  for (const [declaration, wanted] of groups) {
    const { level } = await ctx.ask(administerSettings(declaration), undefined, { quiet: true });
    if (level !== 'write') continue;
    const own = Map.groupBy(
      rows.filter((row) => row.declaration === declaration.name),
      ({ target }) => target,
    );
    const kept = wanted.map(({ target, object, values }): Wanted => {
      const made = [...own].find(([, there]) => objectName(there) === object)?.[0];
      return { target: target ?? made ?? null, object, values };
    });
    await putReference(ctx, declaration.name, { wanted: kept, by: authorOf(ctx.actor) });
  }
}

/** Differences as people read them: with names where there are any. */
export async function show(
  ctx: Context,
  ports: SettingsTextPorts,
  differences: readonly Difference[],
): Promise<PlannedChange[]> {
  const texts = differences.flatMap((one) => [one.target ?? '', ...textsIn([one.old, one.new])]);
  const nameOf = await namer(ctx, ports, new Set(texts.filter((text) => parseId(text) === text)));
  const print = (value: unknown) => (value === undefined ? null : printValue(value, nameOf));
  return differences.map(({ declaration, target, object, name, old, new: wanted }) => ({
    group: declaration.name,
    title: declaration.title,
    target: target || null,
    targetName: object ?? (target ? (nameOf(target)?.name ?? target) : null),
    name,
    old: old ?? null,
    new: wanted ?? null,
    oldText: print(old),
    newText: print(wanted),
  }));
}

/** Whoever may read no group at all learns nothing of texts either, and has none parsed. */
export async function demandReading(ctx: Context, { registry }: SettingsTextPorts): Promise<void> {
  await readable(ctx, registry());
}
