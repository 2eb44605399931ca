import { operateServer } from '../../kernel/administration.ts';
import type { Answer, Context } from '../../kernel/context.ts';
import type { Fault } from '../../kernel/fault.ts';
import { tenantsFaults } from '../faults.ts';
import {
  findPlan,
  findSku,
  identitySeats,
  type LicenceAssignment,
  type LicenceFacts,
  planLevels,
  type ServicePlan,
  type Sku,
  type Subscription,
  type SubscriptionState,
  subscriptionState,
} from '../model/licence.ts';
import { administerLicenses, LICENSED } from '../questions.ts';
import {
  deleteAssignments,
  deleteSubscription,
  listAssignments,
  listSubscriptions,
  listSubscriptionsHeld,
  putAssignment,
  putSubscription,
} from '../store/licences.ts';
import { authorOf } from './change-settings.ts';

/** What keeps groups tells of them. */
export interface LicencePorts {
  /** The accounts at home here that are in a group, also through groups in it; guests need no licence of their own. */
  groupMembers(ctx: Context, groupId: string): Promise<readonly string[]>;
}

/** Whom a licence is given to. */
export type LicenceSubject =
  | {
      readonly kind: 'account';
      readonly id: string;
      readonly displayName: string;
      readonly usageLocation: string | null;
    }
  | { readonly kind: 'group'; readonly id: string; readonly displayName: string };

/** SKUs and plans by name or by their ids on the wire. */
export interface LicenceChanges {
  readonly addLicenses: readonly { readonly skuId: string; readonly disabledPlans?: readonly string[] }[];
  readonly removeLicenses: readonly string[];
}

export interface SubscribedSku {
  readonly sku: Sku;
  readonly subscription: Subscription;
  readonly state: SubscriptionState;
  readonly consumed: number;
}

/** What a question asks of licences. */
export const gatherLicence = async (ctx: Context, person: LicencePerson): Promise<LicenceFacts> =>
  licenceNow(ctx, await readLicences(ctx, person));

/** Whose licences; `groupIds` are all groups the person is in, also through other groups. */
export interface LicencePerson {
  readonly accountId: string;
  readonly isGuest: boolean;
  readonly groupIds: readonly string[];
}

/** What there is of licences for somebody, whatever the time. */
export interface LicencesRead extends Awaited<ReturnType<typeof listSubscriptionsHeld>> {
  readonly isGuest: boolean;
}

/** Reads what `licenceNow` judges. */
export async function readLicences(
  ctx: Context,
  { accountId, isGuest, groupIds }: LicencePerson,
): Promise<LicencesRead> {
  return { isGuest, ...(await listSubscriptionsHeld(ctx, isGuest ? [] : [accountId, ...groupIds])) };
}

/** What licences are worth at the time of the context: they begin to close by themselves. */
export function licenceNow(ctx: Context, { isGuest, subscriptions, assignments }: LicencesRead): LicenceFacts {
  const tenant = planLevels(subscriptions, 'tenant', ctx.now);
  const person = isGuest ? {} : planLevels(subscriptions, assignments, ctx.now);
  return { tenantId: ctx.tenantId, isGuest, person, tenant };
}

/** The same of many at once; `groupsOf` tells which of these groups, that hold licences, each person is in. */
export async function gatherLicences(
  ctx: Context,
  people: readonly { readonly accountId: string; readonly isGuest: boolean }[],
  groupsOf: (
    accountIds: readonly string[],
    groupIds: readonly string[],
  ) => Promise<ReadonlyMap<string, readonly string[]>>,
): Promise<ReadonlyMap<string, LicenceFacts>> {
  const [subscriptions, assignments] = [await listSubscriptions(ctx), await listAssignments(ctx, {})];
  const licensedGroups = [
    ...new Set(assignments.flatMap(({ subject }) => (subject.kind === 'group' ? subject.id : []))),
  ];
  const atHome = people.filter(({ isGuest }) => !isGuest).map(({ accountId }) => accountId);
  const groups = await groupsOf(atHome, licensedGroups);
  const bySubject = Map.groupBy(assignments, ({ subject }) => subject.id);
  const tenant = planLevels(subscriptions, 'tenant', ctx.now);
  return new Map(
    people.map(({ accountId, isGuest }) => {
      const held = [accountId, ...(groups.get(accountId) ?? [])].flatMap((id) => bySubject.get(id) ?? []);
      const person = isGuest ? {} : planLevels(subscriptions, held, ctx.now);
      return [accountId, { tenantId: ctx.tenantId, isGuest, person, tenant }];
    }),
  );
}

/** The identity licences of the context's tenant. Asks nothing; its callers do. */
export const countIdentitySeats = async (ctx: Context, atHome: number): Promise<number> =>
  identitySeats(await listSubscriptions(ctx), atHome, ctx.now);

/** The tenant's subscriptions with what is used of each. */
export async function listSubscribedSkus(ctx: Context, ports: LicencePorts): Promise<SubscribedSku[]> {
  await ctx.demand(administerLicenses, undefined, 'read');
  return countSubscribedSkus(ctx, ports);
}

/** The same for the operator's usage page; the caller has asked. */
export async function countSubscribedSkus(ctx: Context, ports: LicencePorts): Promise<SubscribedSku[]> {
  const subscribed: SubscribedSku[] = [];
  for (const subscription of await listSubscriptions(ctx)) {
    const sku = findSku(subscription.sku);
    if (!sku) continue;
    const consumed = await countConsumed(ctx, ports, subscription.sku);
    subscribed.push({ sku, subscription, state: subscriptionState(subscription, ctx.now), consumed });
  }
  return subscribed;
}

/** One SKU as it serves a person. */
export interface HeldLicence {
  readonly sku: Sku;
  /** Plans of the SKU that this person does not get: switched off for them, or the subscription is over. */
  readonly disabledPlans: readonly ServicePlan[];
}

/**
 * The SKUs that serve a person: their own, those of their groups, and those that serve everybody at home. It says what
 * `gatherLicence` decides by. A guest holds only what was given to them by name, and is not decided by it (XC-3).
 */
export async function listHeldLicences(
  ctx: Context,
  person: { readonly accountId: string; readonly isGuest: boolean; readonly groupIds: readonly string[] },
): Promise<HeldLicence[]> {
  const subjectIds = person.isGuest ? [person.accountId] : [person.accountId, ...person.groupIds];
  const assignments = await listAssignments(ctx, { subjectIds });
  return (await listSubscriptions(ctx)).flatMap((subscription) => {
    const sku = findSku(subscription.sku);
    const isGiven = assignments.some((assignment) => assignment.sku === subscription.sku);
    if (!sku || !(isGiven || (sku.serves === 'company' && !person.isGuest))) return [];
    const levels = planLevels([subscription], assignments, ctx.now);
    return [{ sku, disabledPlans: sku.plans.filter((plan) => (levels[plan] ?? 'none') === 'none') }];
  });
}

/**
 * Gives and takes licences, all or none. Whoever already has a SKU has it on the new terms afterwards.
 * @throws tenants.usage-location-missing, tenants.unknown-sku, tenants.unknown-plan, tenants.subscription-closed,
 *   tenants.no-free-licence, tenants.licence-not-assigned, tenants.licence-given-and-taken.
 */
export async function assignLicense(
  ctx: Context,
  ports: LicencePorts,
  subject: LicenceSubject,
  changes: LicenceChanges,
): Promise<LicenceAssignment[]> {
  await ctx.demand(administerLicenses, undefined, 'write');
  if (subject.kind === 'account' && changes.addLicenses.length > 0 && !subject.usageLocation) {
    throw tenantsFaults.usageLocationMissing();
  }
  const added = changes.addLicenses.map(({ skuId, disabledPlans = [] }) => {
    const sku = requiredSku(skuId);
    return { sku: sku.partNumber, subject, disabledPlans: disabledPlans.map((plan) => requiredPlan(sku, plan)) };
  });
  const removed = changes.removeLicenses.map((name) => requiredSku(name).partNumber);
  const both = added.find(({ sku }) => removed.includes(sku));
  if (both) throw tenantsFaults.licenceGivenAndTaken(both.sku);

  // Held before counting: two that want the last licence must come one after the other.
  const held = await listSubscriptions(ctx, { skus: added.map(({ sku }) => sku), hold: true });
  const gone = await deleteAssignments(ctx, subject, removed);
  const missing = removed.find((sku) => !gone.includes(sku));
  if (missing) throw tenantsFaults.licenceNotAssigned(missing);
  for (const assignment of added) {
    const subscription = held.find(({ sku }) => sku === assignment.sku);
    if (!subscription) throw tenantsFaults.unknownSku(assignment.sku);
    if (!['Enabled', 'Warning'].includes(subscriptionState(subscription, ctx.now))) {
      throw tenantsFaults.subscriptionClosed(assignment.sku);
    }
    await putAssignment(ctx, assignment, authorOf(ctx.actor));
  }
  for (const subscription of held) await requireUnits(ctx, ports, subscription);

  const { kind, id, displayName } = subject;
  ctx.record({
    action: 'tenants.licence-changed',
    category: kind === 'account' ? 'UserManagement' : 'GroupManagement',
    targets: [{ kind, id, displayName }],
    facts: { added: added.map(({ sku, disabledPlans }) => ({ sku, disabledPlans })), removed },
  });
  return listAssignments(ctx, { subjectIds: [subject.id] });
}

/**
 * For whoever adds members to groups, afterwards and in the same transaction: the groups' licences must suffice for
 * all of their members.
 * @throws tenants.no-free-licence.
 */
export async function requireLicencesFor(
  ctx: Context,
  ports: LicencePorts,
  groupIds: readonly string[],
): Promise<void> {
  const skus = [...new Set((await listAssignments(ctx, { subjectIds: groupIds })).map(({ sku }) => sku))];
  if (skus.length === 0) return;
  for (const subscription of await listSubscriptions(ctx, { skus, hold: true })) {
    await requireUnits(ctx, ports, subscription);
  }
}

/** Gives back what a deleted account or group held. */
export async function releaseLicences(ctx: Context, subject: LicenceAssignment['subject']): Promise<void> {
  await deleteAssignments(ctx, subject);
}

/**
 * Subscribes the context's tenant to a SKU, or changes the subscription. For the operator.
 * @throws tenants.unknown-sku; tenants.licences-in-use when more are assigned than would be left.
 */
export async function changeSubscription(
  ctx: Context,
  ports: LicencePorts,
  name: string,
  changes: { units?: number | null; isSuspended?: boolean; endsAt?: Date | null },
): Promise<Subscription> {
  await ctx.demand(operateServer, undefined, 'operate');
  const sku = requiredSku(name).partNumber;
  const [before] = await listSubscriptions(ctx, { skus: [sku], hold: true });
  const after: Subscription = {
    sku,
    createdAt: before?.createdAt ?? ctx.now,
    units: changes.units === undefined ? (before?.units ?? null) : changes.units,
    suspendedAt:
      changes.isSuspended === undefined
        ? (before?.suspendedAt ?? null)
        : changes.isSuspended
          ? (before?.suspendedAt ?? ctx.now)
          : null,
    endsAt: changes.endsAt === undefined ? (before?.endsAt ?? null) : changes.endsAt,
  };
  if (after.units !== null) {
    const consumed = await countConsumed(ctx, ports, sku);
    if (consumed > after.units) throw tenantsFaults.licencesInUse(sku, consumed);
  }
  await putSubscription(ctx, after);
  recordSubscription(ctx, before ? 'tenants.subscription-changed' : 'tenants.subscription-added', sku, before, after);
  return after;
}

/** Ends a subscription with all its assignments. What people made with it stays. For the operator. */
export async function removeSubscription(ctx: Context, name: string): Promise<void> {
  await ctx.demand(operateServer, undefined, 'operate');
  const sku = requiredSku(name).partNumber;
  const [before] = await listSubscriptions(ctx, { skus: [sku], hold: true });
  if (!before) throw tenantsFaults.unknownSku(sku);
  await deleteSubscription(ctx, sku);
  recordSubscription(ctx, 'tenants.subscription-removed', sku, before, undefined);
}

/** The fault of a refusal that a licence decided, for the wires that have a word for it; else undefined. */
export function licenceFault(answer: Answer<string>): Fault | undefined {
  const isLicence = answer.because.some((reason) => reason.kind === 'ceiling' && reason.name.startsWith(LICENSED));
  if (!isLicence) return undefined;
  return tenantsFaults.servicePlanDisabled({ decisionId: answer.decisionId, because: answer.because });
}

async function requireUnits(ctx: Context, ports: LicencePorts, subscription: Subscription): Promise<void> {
  if (subscription.units === null) return;
  const consumed = await countConsumed(ctx, ports, subscription.sku);
  if (consumed > subscription.units) throw tenantsFaults.noFreeLicence(subscription.sku, subscription.units);
}

/** How many people a SKU serves by assignment: each once, however many of their groups carry it. */
async function countConsumed(ctx: Context, ports: LicencePorts, sku: string): Promise<number> {
  const people = new Set<string>();
  for (const { subject } of await listAssignments(ctx, { skus: [sku] })) {
    if (subject.kind === 'account') people.add(subject.id);
    else for (const member of await ports.groupMembers(ctx, subject.id)) people.add(member);
  }
  return people.size;
}

function requiredSku(name: string): Sku {
  const sku = findSku(name);
  if (!sku) throw tenantsFaults.unknownSku(name);
  return sku;
}

function requiredPlan(sku: Sku, name: string): ServicePlan {
  const plan = findPlan(name);
  if (!plan || !sku.plans.includes(plan)) throw tenantsFaults.unknownPlan(name, sku.partNumber);
  return plan;
}

function recordSubscription(
  ctx: Context,
  action: string,
  sku: string,
  before: Subscription | undefined,
  after: Subscription | undefined,
): void {
  const changes = (['units', 'suspendedAt', 'endsAt'] as const)
    .map((name) => ({ name, old: before?.[name] ?? null, new: after?.[name] ?? null }))
    .filter((change) => String(change.old) !== String(change.new));
  ctx.record({
    action,
    category: 'TenantManagement',
    targets: [{ kind: 'subscription', id: sku, displayName: sku, changes }],
  });
}
