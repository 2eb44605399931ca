import { isDeepStrictEqual } from 'node:util';
import type { HeldSettings } from '../../kernel/agreement.ts';
import type { Context } from '../../kernel/context.ts';
import { TENANT_CHANGED } from '../events.ts';
import type { SettingsRegistry } from '../model/settings-registry.ts';
import { administerSettings } from '../questions.ts';
import { listStoredSettings, lockSettings, writeSetting } from '../store/settings.ts';
import { authorOf, changeSettings, parseTarget } from './change-settings.ts';

export interface HoldPorts {
  /** Every module's settings. */
  readonly registry: () => SettingsRegistry;
}

/**
 * Makes the settings that one agreement holds exactly these, whatever it held before: what it holds no more goes back to
 * its default. Doing it twice changes nothing the second time. Returns whether anything changed.
 * @throws request.invalid; tenants.setting-held-by-agreement where another agreement holds one of them.
 */
export async function holdSettings(
  ctx: Context,
  { registry }: HoldPorts,
  agreementId: string,
  wanted: readonly HeldSettings[],
): Promise<boolean> {
  await lockSettings(ctx);
  const places = new Set(
    wanted.flatMap(({ declaration, target, values }) =>
      Object.keys(values).map((name) => placeOf(declaration.name, parseTarget(declaration, target), name)),
    ),
  );
  const held = await listStoredSettings(ctx, { agreementId });
  const over = held.filter(({ declaration, target, name }) => !places.has(placeOf(declaration, target, name)));
  for (const rows of Map.groupBy(over, ({ declaration, target }) => `${declaration} ${target}`).values()) {
    const { declaration: group, target } = rows[0]!;
    const declaration = registry().find(group);
    if (declaration) await ctx.demand(administerSettings(declaration), undefined, 'write');
    for (const { name, value } of rows) {
      const by = authorOf(ctx.actor);
      await writeSetting(ctx, { declaration: group, target, name, old: value, new: undefined, by, agreementId });
    }
    const changes = rows.map(({ name, value }) => ({ name, old: value, new: null }));
    ctx.record({
      action: 'tenants.setting-changed',
      category: 'Policy',
      targets: [{ kind: 'settings', id: group, displayName: declaration?.title ?? group, changes }],
      facts: { target, agreementId },
    });
    await ctx.announce(TENANT_CHANGED, {});
  }
  let isChanged = over.length > 0;
  for (const { declaration, target, values } of wanted) {
    const place = parseTarget(declaration, target);
    const before = new Map(
      held.filter((row) => row.declaration === declaration.name && row.target === place).map((row) => [row.name, row]),
    );
    const isSame = Object.entries(values).every(([name, value]) => isDeepStrictEqual(before.get(name)?.value, value));
    if (isSame) continue;
    await changeSettings(ctx, declaration, target, values, { agreementId });
    isChanged = true;
  }
  return isChanged;
}

const placeOf = (declaration: string, target: string, name: string) => JSON.stringify([declaration, target, name]);
