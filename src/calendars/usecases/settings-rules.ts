import type { z } from 'zod';
import { findGroup } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { GroupId } from '../../kernel/ids.ts';
import type { SettingsRule } from '../../kernel/module.ts';
import { calendarsFaults } from '../faults.ts';
import { BUILT_IN_POLICY } from '../model/sharing-policy.ts';
import { organizationRelationships, sharingPolicies } from '../settings.ts';
import { countAssigned } from '../store/sharing.ts';

type Values = z.output<typeof organizationRelationships.shape>;

/**
 * Scopes are security groups at home: one that is nothing would silently keep everybody out.
 * @throws calendars.invalid-scope-group.
 */
export async function requireScopes(
  ctx: Context,
  values: { readonly freeBusyAccessScope?: string | null; readonly mailTipsAccessScope?: string | null },
): Promise<void> {
  for (const id of [values.freeBusyAccessScope, values.mailTipsAccessScope]) {
    if (id === null || id === undefined) continue;
    const group = await findGroup(ctx, id as GroupId);
    if (!group?.securityEnabled) throw calendarsFaults.invalidScopeGroup(id);
  }
}

/** What settings of calendars must be with what is no setting. */
export const settingsRules: readonly SettingsRule[] = [
  {
    declaration: organizationRelationships,
    async verify(ctx, changed: ReadonlyMap<string, Values | undefined>) {
      // One that is off keeps nobody out: whatever became of its group, it can be switched off.
      for (const values of changed.values()) if (values?.enabled) await requireScopes(ctx, values);
    },
  },
  {
    declaration: sharingPolicies,
    async verify(ctx, changed) {
      const gone = [...changed].filter(([, values]) => values === undefined).map(([id]) => id);
      if (gone.length === 0) return;
      const counts = await countAssigned(ctx);
      for (const id of gone) {
        const assigned = counts.get(id) ?? 0;
        if (assigned > 0 && id !== BUILT_IN_POLICY.id) throw calendarsFaults.sharingPolicyAssigned(assigned);
      }
    },
  },
];
