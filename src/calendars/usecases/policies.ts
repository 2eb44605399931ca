import type { z } from 'zod';
import type { SettingsSnapshot } from '../../kernel/settings.ts';
import { BUILT_IN_POLICY, parseRules, type SharingPolicy } from '../model/sharing-policy.ts';
import { sharingPolicies } from '../settings.ts';

/** The job and the sweep that take back what a policy permits no more. */
export const ENFORCE_SHARING = 'calendars.enforce-sharing';

export type PolicyValues = z.output<typeof sharingPolicies.shape>;

/** An organisation's policies; exactly one of them is everybody's who has none of their own. */
export interface Policies {
  readonly all: readonly SharingPolicy[];
  readonly standard: SharingPolicy;
}

const known = new WeakMap<ReadonlyMap<string, unknown>, Policies>();
export const policyOf = (id: string, { name, enabled, rules }: PolicyValues): SharingPolicy => ({
  id,
  name,
  isEnabled: enabled,
  rules: parseRules(rules),
});

/** What stands in the settings. Where no policy is the default, the one that every organisation begins with is. */
export function policiesOf(settings: SettingsSnapshot): Policies {
  const kept = settings.collection(sharingPolicies);
  const seen = known.get(kept);
  if (seen) return seen;
  const policies = policiesAmong(kept);
  known.set(kept, policies);
  return policies;
}

/** The same of values that are not in force yet. */
export function policiesAmong(kept: ReadonlyMap<string, PolicyValues>): Policies {
  const all = [...kept].map(([id, values]) => policyOf(id, values));
  const marked = all.find(({ id }) => kept.get(id)?.isDefault);
  if (marked) return { all, standard: marked };
  const standard = all.find(({ id }) => id === BUILT_IN_POLICY.id) ?? BUILT_IN_POLICY;
  return { all: all.includes(standard) ? all : [standard, ...all], standard };
}

/** The policy of a mailbox. Undefined: it is assigned one that is gone, which lets nobody share outside. */
export const policyFor = ({ all, standard }: Policies, assignedId: string | null): SharingPolicy | undefined =>
  assignedId === null ? standard : all.find(({ id }) => id === assignedId);
