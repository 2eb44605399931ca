import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { SettingsDeclaration } from '../../kernel/settings.ts';
import type { SettingsRegistry } from '../model/settings-registry.ts';
import { administerSettings } from '../questions.ts';
import { listSettingChanges, listStoredSettings, type SettingChange, type StoredSetting } from '../store/settings.ts';
import { parseTarget, valuesOf } from './change-settings.ts';

/** One setting as an administrator sees it. */
export interface SettingView {
  readonly name: string;
  readonly sentence: string;
  /** JSON Schema (draft 2020-12) of its value, for the form. */
  readonly schema: unknown;
  readonly default: unknown;
  readonly value: unknown;
  readonly isSet: boolean;
  readonly changedAt: Date | null;
  readonly changedBy: string | null;
  readonly agreementId: string | null;
}

/** One group of settings, for the tenant or for one target. */
export interface SettingsView {
  readonly name: string;
  readonly scope: SettingsDeclaration['scope'];
  readonly title: string;
  readonly sentence: string;
  readonly mayChange: boolean;
  readonly target: string | null;
  /** The partners or containers for which something is set. */
  readonly targets: readonly string[];
  readonly settings: readonly SettingView[];
}

/** The groups of settings that the asker may read, in the order of declaration. */
export async function listSettingsViews(ctx: Context, registry: SettingsRegistry): Promise<SettingsView[]> {
  const stored = await listStoredSettings(ctx);
  return (await readable(ctx, registry)).map(({ declaration, level }) =>
    viewOf(declaration, stored, declaration.scope === 'tenant' ? '' : null, level),
  );
}

/** One group; for one target where it has targets and one is named. */
export async function getSettingsView(
  ctx: Context,
  registry: SettingsRegistry,
  name: string,
  target: string | undefined,
): Promise<SettingsView> {
  const declaration = getDeclaration(registry, name);
  const { level } = await ctx.demand(administerSettings(declaration), undefined, 'read');
  const place = declaration.scope !== 'tenant' && target === undefined ? null : parseTarget(declaration, target);
  return viewOf(declaration, await listStoredSettings(ctx, { declaration: name }), place, level);
}

/** Who changed what, newest first; `next` is the `after` of the following page. */
export async function listSettingsHistory(
  ctx: Context,
  registry: SettingsRegistry,
  name: string,
  page: { target?: string; after?: string; limit: number },
): Promise<{ changes: SettingChange[]; next: string | null }> {
  const declaration = getDeclaration(registry, name);
  await ctx.demand(administerSettings(declaration), undefined, 'read');
  const changes = await listSettingChanges(ctx, { ...page, declaration: name, limit: page.limit + 1 });
  const isLast = changes.length <= page.limit;
  return { changes: changes.slice(0, page.limit), next: isLast ? null : (changes[page.limit - 1]?.id ?? null) };
}

/** The declarations that the asker may read; whoever may read none is refused. */
export async function readable(ctx: Context, registry: SettingsRegistry) {
  const allowed: { declaration: SettingsDeclaration; level: 'read' | 'write' }[] = [];
  for (const declaration of registry.all()) {
    const { level } = await ctx.ask(administerSettings(declaration), undefined, { quiet: true });
    if (level !== 'none') allowed.push({ declaration, level });
  }
  if (allowed.length === 0) throw kernelFaults.refused({});
  return allowed;
}

/** @throws not-found for a name that no module declared. */
export function getDeclaration(registry: SettingsRegistry, name: string): SettingsDeclaration {
  const declaration = registry.find(name);
  if (!declaration) throw kernelFaults.notFound();
  return declaration;
}

/** `place` is where to read: '' for the tenant, a target, or null for a group of targets with none chosen. */
function viewOf(
  declaration: SettingsDeclaration,
  stored: readonly StoredSetting[],
  place: string | null,
  level: 'none' | 'read' | 'write',
): SettingsView {
  const own = stored.filter((row) => row.declaration === declaration.name);
  const here = own.filter((row) => row.target === place);
  const values = valuesOf(declaration, here);
  const defaults = valuesOf(declaration, []);
  return {
    name: declaration.name,
    scope: declaration.scope,
    title: declaration.title,
    sentence: declaration.sentence,
    mayChange: level === 'write',
    target: place || null,
    targets: [...new Set(own.map((row) => row.target))].filter((target) => target !== '').sort(),
    settings: Object.entries(declaration.shape.shape).map(([name, type]) => {
      const row = here.find((one) => one.name === name);
      return {
        name,
        sentence: (type as z.ZodType).description ?? '',
        schema: z.toJSONSchema(type as z.ZodType, { io: 'input', unrepresentable: 'any' }),
        default: defaults[name],
        value: values[name],
        isSet: row !== undefined,
        changedAt: row?.changedAt ?? null,
        changedBy: row?.changedBy ?? null,
        agreementId: row?.agreementId ?? null,
      };
    }),
  };
}
