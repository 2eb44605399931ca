import type { Context } from '../../kernel/context.ts';
import type { Outsider, Tie } from '../../kernel/module.ts';
import type { SettingsRegistry } from '../model/settings-registry.ts';
import { listStoredSettings } from '../store/settings.ts';
import { removeSettings } from './change-settings.ts';

/** What stays set so that nobody of theirs comes in again. */
const KEPT: readonly string[] = ['partners.partner-access'];

/** Whatever any module has set for a partner, but the door that was shut. What an agreement holds goes with it. */
export function partnerSettingsTie(registry: () => SettingsRegistry): Tie {
  async function rowsFor(ctx: Context, { tenantId, domains, accountId }: Outsider) {
    if (accountId !== null) return [];
    return (await listStoredSettings(ctx)).filter(
      ({ declaration, target, agreementId }) =>
        agreementId === null &&
        !KEPT.includes(declaration) &&
        registry().find(declaration)?.scope === 'partner' &&
        (target === tenantId || domains.includes(target)),
    );
  }
  const idOf = ({ declaration, target }: { declaration: string; target: string }) => `${declaration} ${target}`;
  return {
    name: 'tenants.partner-settings',
    titles: { 'tenants.partner-setting': 'What was set for the partner' },
    stage: 'revoke',
    async list(ctx, outsider, { limit, except }) {
      const groups = Map.groupBy(await rowsFor(ctx, outsider), idOf);
      return [...groups]
        .filter(([id]) => !except.includes(id))
        .slice(0, limit)
        .map(([id, rows]) => ({
          id,
          kind: 'tenants.partner-setting',
          subject: rows[0]!.target,
          object: registry().find(rows[0]!.declaration)?.title ?? rows[0]!.declaration,
        }));
    },
    async end(ctx, outsider, items) {
      const groups = Map.groupBy(await rowsFor(ctx, outsider), idOf);
      for (const { id } of items) {
        const [row] = groups.get(id) ?? [];
        const declaration = row && registry().find(row.declaration);
        // Some of a group may be an agreement's: those are not ours to take.
        if (row && declaration) await removeSettings(ctx, declaration, row.target);
      }
      return items.map(({ id }) => ({ id, outcome: 'revoked' }));
    },
  };
}
