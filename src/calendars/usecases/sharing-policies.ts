import { createHash } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId, parseId } from '../../kernel/ids.ts';
import { changeSettings, listSettings, lockSettings, readStored, removeSettings } from '../../tenants/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { Owner } from '../model/calendar.ts';
import type { Role } from '../model/roles.ts';
import {
  ANONYMOUS,
  ANY_ORGANISATION,
  calendarRoleOf,
  printRule,
  type SharingAction,
  type SharingPolicy,
  type SharingRule,
} from '../model/sharing-policy.ts';
import { administerCalendars } from '../questions/calendars.ts';
import { sharingPolicies } from '../settings.ts';
import { assignPolicy, countAssigned, listAssigned } from '../store/sharing.ts';
import { ensureMailbox } from './mailboxes.ts';
import { ENFORCE_SHARING, type Policies, type PolicyValues, policiesAmong, policiesOf, policyOf } from './policies.ts';

export interface KeptPolicy {
  readonly policy: SharingPolicy;
  readonly isDefault: boolean;
  /** Mailboxes that are assigned it by themselves. */
  readonly assigned: number;
  readonly etag: string;
}

export interface WrittenPolicy {
  readonly name?: string | undefined;
  readonly rules?: readonly string[] | undefined;
  readonly enabled?: boolean | undefined;
  readonly isDefault?: boolean | undefined;
}

const etagOf = ({ id, name, isEnabled, rules }: SharingPolicy, isDefault: boolean) =>
  `W/"${createHash('sha256')
    .update(JSON.stringify([id, name, isEnabled, rules.map(printRule), isDefault]))
    .digest('hex')
    .slice(0, 16)}"`;

const kept = ({ standard }: Policies, policy: SharingPolicy, assigned: number): KeptPolicy => ({
  policy,
  isDefault: policy.id === standard.id,
  assigned,
  etag: etagOf(policy, policy.id === standard.id),
});

export async function listSharingPolicies(ctx: Context): Promise<KeptPolicy[]> {
  await ctx.demand(administerCalendars, undefined, 'read');
  const policies = policiesOf(ctx.settings);
  const counts = await countAssigned(ctx);
  return policies.all.map((policy) => kept(policies, policy, counts.get(policy.id) ?? 0));
}

/** @throws not-found. */
export async function getSharingPolicy(ctx: Context, id: string): Promise<KeptPolicy> {
  const found = (await listSharingPolicies(ctx)).find(({ policy }) => policy.id === id);
  if (!found) throw kernelFaults.notFound();
  return found;
}

/** @throws request.invalid naming an unknown action or a domain with two rules; calendars.sharing-policy-exists. */
export async function createSharingPolicy(ctx: Context, written: WrittenPolicy): Promise<KeptPolicy> {
  await ctx.demand(administerCalendars, undefined, 'write');
  await lockSettings(ctx);
  return keepPolicy(ctx, newId(), written);
}

/** @throws as making one; not-found; stale when `ifMatch` is not its ETag; calendars.default-sharing-policy. */
export async function changeSharingPolicy(
  ctx: Context,
  id: string,
  written: WrittenPolicy,
  ifMatch?: string,
): Promise<KeptPolicy> {
  await ctx.demand(administerCalendars, undefined, 'write');
  await requireUnchanged(ctx, id, ifMatch);
  return keepPolicy(ctx, id, written);
}

/**
 * Ends a policy that nobody has.
 * @throws calendars.sharing-policy-assigned with the number of mailboxes; calendars.default-sharing-policy; not-found; stale.
 */
export async function deleteSharingPolicy(ctx: Context, id: string, ifMatch?: string): Promise<void> {
  await ctx.demand(administerCalendars, undefined, 'write');
  const { isDefault } = await requireUnchanged(ctx, id, ifMatch);
  if (isDefault) throw calendarsFaults.defaultSharingPolicy();
  const assigned = (await countAssigned(ctx)).get(id) ?? 0;
  if (assigned > 0) throw calendarsFaults.sharingPolicyAssigned(assigned);
  await removeSettings(ctx, sharingPolicies, id);
}

/** Locks the settings, so that what was compared is what is changed. */
async function requireUnchanged(ctx: Context, id: string, ifMatch: string | undefined): Promise<KeptPolicy> {
  await lockSettings(ctx);
  const policies = await storedPolicies(ctx);
  const policy = policies.all.find((one) => one.id === id);
  if (!policy) throw kernelFaults.notFound();
  const found = kept(policies, policy, 0);
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== found.etag) throw calendarsFaults.stale();
  return found;
}

/** As they are stored now: a request may have begun before the last change. */
async function storedPolicies(ctx: Context): Promise<Policies> {
  return policiesAmong(await storedValues(ctx));
}

async function storedValues(ctx: Context): Promise<Map<string, PolicyValues>> {
  const rows = (await listSettings(ctx)).filter(({ declaration }) => declaration === sharingPolicies.name);
  const values = new Map<string, PolicyValues>();
  for (const id of new Set(rows.map(({ target }) => target))) {
    const stored = await readStored(ctx, sharingPolicies, id);
    if (stored) values.set(id, stored);
  }
  return values;
}

/** The flag of the default moves in one transaction: there is one before and one after (EX-26). */
async function keepPolicy(ctx: Context, id: string, written: WrittenPolicy): Promise<KeptPolicy> {
  const { values: before, after } = await withWritten(ctx, id, written);
  const wasStandard = policiesAmong(before).standard;
  const standard = written.isDefault ? id : wasStandard.id;
  if (written.isDefault === false && wasStandard.id === id) throw calendarsFaults.defaultSharingPolicy();
  const name = after.name.toLowerCase();
  if (policiesAmong(before).all.some((other) => other.id !== id && other.name.toLowerCase() === name))
    throw calendarsFaults.sharingPolicyExists(after.name);
  if (standard === id && wasStandard.id !== id) {
    await changeSettings(ctx, sharingPolicies, wasStandard.id, { ...valuesOf(wasStandard), isDefault: false });
  }
  const stored = (await changeSettings(ctx, sharingPolicies, id, {
    ...after,
    isDefault: standard === id,
  })) as PolicyValues;
  const policy = policyOf(id, stored);
  const assigned = (await countAssigned(ctx)).get(id) ?? 0;
  return { policy, isDefault: standard === id, assigned, etag: etagOf(policy, standard === id) };
}

const valuesOf = ({ name, isEnabled, rules }: SharingPolicy): Omit<PolicyValues, 'isDefault'> => ({
  name,
  enabled: isEnabled,
  rules: rules.map(printRule),
});

/** The policies with one of them as it would be after a change. @throws request.invalid. */
async function withWritten(ctx: Context, id: string, written: WrittenPolicy) {
  const values = await storedValues(ctx);
  const current = policiesAmong(values).all.find((one) => one.id === id);
  const { isDefault: _, ...changes } = written;
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const parsed = sharingPolicies.shape.safeParse({ ...(current && valuesOf(current)), ...given });
  if (!parsed.success) throw kernelFaults.invalid(parsed.error.issues.map(({ message }) => message).join(' '));
  const problem = sharingPolicies.check?.(parsed.data);
  if (problem !== undefined) throw kernelFaults.invalid(problem);
  return { values, after: parsed.data };
}

/** Every policy as it would stand if one of them were changed so, or made. @throws request.invalid; not-found. */
export async function policiesIf(ctx: Context, id: string | undefined, written: WrittenPolicy): Promise<Policies> {
  const place = id ?? newId();
  const { values, after } = await withWritten(ctx, place, written);
  const before = policiesAmong(values);
  if (id !== undefined && !before.all.some((one) => one.id === id)) throw kernelFaults.notFound();
  const isDefault = written.isDefault ?? before.standard.id === place;
  const next = new Map(
    before.all.map((one): [string, PolicyValues] => [
      one.id,
      { ...valuesOf(one), isDefault: !isDefault && one.id === before.standard.id },
    ]),
  );
  return policiesAmong(next.set(place, { ...after, isDefault }));
}

// ---------------------------------------------------------------------------------------------------------------
// The few switches that most administrators need: they edit the default policy

export interface SharingSwitches {
  readonly externalSharing: boolean;
  readonly anonymousLinks: boolean;
  readonly level: Extract<Role, 'freeBusyRead' | 'limitedRead' | 'read'>;
}

const ACTION_OF = {
  freeBusyRead: 'CalendarSharingFreeBusySimple',
  limitedRead: 'CalendarSharingFreeBusyDetail',
  read: 'CalendarSharingFreeBusyReviewer',
} as const satisfies Record<SharingSwitches['level'], SharingAction>;

const switchesOf = ({ isEnabled, rules }: SharingPolicy): SharingSwitches => {
  const roleFor = (domain: string) => calendarRoleOf(rules.find((rule) => rule.domain === domain));
  const level = [roleFor(ANY_ORGANISATION), roleFor(ANONYMOUS)].find((role) => role !== 'none') ?? 'freeBusyRead';
  return {
    externalSharing: isEnabled && rules.some((rule) => calendarRoleOf(rule) !== 'none'),
    anonymousLinks: isEnabled && roleFor(ANONYMOUS) !== 'none',
    level: level as SharingSwitches['level'],
  };
};

export async function readSharingSwitches(ctx: Context): Promise<SharingSwitches & { readonly policyId: string }> {
  await ctx.demand(administerCalendars, undefined, 'read');
  const { standard } = policiesOf(ctx.settings);
  return { policyId: standard.id, ...switchesOf(standard) };
}

/** Rules about single domains stay as they are. */
export async function changeSharingSwitches(
  ctx: Context,
  changes: { readonly [Name in keyof SharingSwitches]?: SharingSwitches[Name] | undefined },
): Promise<SharingSwitches & { readonly policyId: string }> {
  await ctx.demand(administerCalendars, undefined, 'write');
  await lockSettings(ctx);
  const { standard } = await storedPolicies(ctx);
  const before = switchesOf(standard);
  const externalSharing = changes.externalSharing ?? before.externalSharing;
  const anonymousLinks = changes.anonymousLinks ?? before.anonymousLinks;
  const action = ACTION_OF[changes.level ?? before.level];
  const withAction = (domain: string, isOn: boolean): SharingRule[] => {
    const contacts = standard.rules
      .filter((rule) => rule.domain === domain)
      .flatMap(({ actions }) => actions.filter((one) => one === 'ContactsSharing'));
    const actions = [...(isOn ? [action] : []), ...contacts];
    return actions.length === 0 ? [] : [{ domain, actions }];
  };
  const rules = [
    ...standard.rules.filter(({ domain }) => domain !== ANY_ORGANISATION && domain !== ANONYMOUS),
    ...withAction(
      ANY_ORGANISATION,
      externalSharing || standard.rules.some(({ domain }) => domain === ANY_ORGANISATION),
    ),
    ...withAction(ANONYMOUS, anonymousLinks),
  ];
  const { policy } = await keepPolicy(ctx, standard.id, { enabled: externalSharing, rules: rules.map(printRule) });
  return { policyId: policy.id, ...switchesOf(policy) };
}

// ---------------------------------------------------------------------------------------------------------------
// Whose policy it is

/** The mailboxes that are assigned a policy. @throws not-found. */
export async function listPolicyAssignments(ctx: Context, id: string): Promise<Owner[]> {
  await getSharingPolicy(ctx, id);
  return listAssigned(ctx, id);
}

/** Gives mailboxes a policy of their own, or with null the organisation's default one. @throws not-found. */
export async function assignSharingPolicy(
  ctx: Context,
  id: string | null,
  owners: readonly Owner[],
): Promise<{ readonly mailboxes: number }> {
  await ctx.demand(administerCalendars, undefined, 'write');
  if (id !== null) {
    await lockSettings(ctx);
    const policies = await storedPolicies(ctx);
    if (!parseId(id) || !policies.all.some((one) => one.id === id)) throw kernelFaults.notFound();
  }
  for (const owner of owners) await ensureMailbox(ctx, owner);
  const changed = await assignPolicy(ctx, owners, id);
  if (changed.length > 0) {
    ctx.record({
      action: 'calendars.sharing-policy-assigned',
      category: 'Policy',
      targets: changed.map(({ owner, before }) => ({
        ...owner,
        changes: [{ name: 'sharingPolicyId', old: before, new: id }],
      })),
      facts: { policyId: id },
    });
    await ctx.defer(ENFORCE_SHARING, {}, { key: `${ENFORCE_SHARING}:${ctx.tenantId}` });
  }
  return { mailboxes: owners.length };
}
