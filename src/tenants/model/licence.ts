import { v5 } from 'uuid';
import type { TenantId } from '../../kernel/ids.ts';

/** The services that a licence can hold. */
export const SERVICE_PLANS = [
  'mail',
  'calendar',
  'files',
  'sites',
  'groups',
  'teams',
  'chat',
  'calls',
  'community',
  'bi',
  'identityP1',
  'identityP2',
] as const;
export type ServicePlan = (typeof SERVICE_PLANS)[number];

/** What can be subscribed to. `company` SKUs serve every member at home without being assigned. */
export interface Sku {
  readonly partNumber: string;
  readonly plans: readonly ServicePlan[];
  readonly serves: 'person' | 'company';
}

const BASE = ['mail', 'calendar', 'files', 'sites', 'groups', 'chat'] as const;
const TOGETHER = [...BASE, 'teams', 'calls', 'community'] as const;

/** Shared groups come with Business Essentials, Business Premium, Education, E1, E3 and E5. */
export const SKUS: readonly Sku[] = [
  { partNumber: 'ENTENTE_UNLIMITED', plans: SERVICE_PLANS, serves: 'company' },
  { partNumber: 'ENTENTE_KIOSK', plans: ['mail', 'calendar', 'chat'], serves: 'person' },
  { partNumber: 'ENTENTE_BUSINESS_ESSENTIALS', plans: [...BASE, 'teams'], serves: 'person' },
  { partNumber: 'ENTENTE_BUSINESS_PREMIUM', plans: [...TOGETHER, 'identityP1'], serves: 'person' },
  { partNumber: 'ENTENTE_EDUCATION', plans: TOGETHER, serves: 'person' },
  { partNumber: 'ENTENTE_E1', plans: TOGETHER, serves: 'person' },
  { partNumber: 'ENTENTE_E3', plans: [...TOGETHER, 'identityP1'], serves: 'person' },
  { partNumber: 'ENTENTE_E5', plans: SERVICE_PLANS, serves: 'person' },
  { partNumber: 'ENTENTE_BI', plans: ['bi'], serves: 'person' },
];

/** What a tenant gets that is told nothing else: everything, for everyone. */
export const DEFAULT_SKU = 'ENTENTE_UNLIMITED';

const NAMESPACE = '5d1a7a5e-0a6f-4c1c-9e0e-7c5d2f0b9a31';
/** The id of a SKU on the wire; the same on every server. */
export const skuId = (partNumber: string): string => v5(`sku:${partNumber}`, NAMESPACE);
/** The id of a service plan on the wire; the same on every server. */
export const planId = (plan: ServicePlan): string => v5(`plan:${plan}`, NAMESPACE);

/** The SKU by its part number or its id on the wire. */
export const findSku = (name: string): Sku | undefined =>
  SKUS.find((sku) => sku.partNumber === name || skuId(sku.partNumber) === name.toLowerCase());
/** The plan by its name or its id on the wire. */
export const findPlan = (name: string): ServicePlan | undefined =>
  SERVICE_PLANS.find((plan) => plan === name || planId(plan) === name.toLowerCase());

export interface Subscription {
  readonly sku: string;
  /** Null: as many as wanted. */
  readonly units: number | null;
  readonly createdAt: Date;
  readonly suspendedAt: Date | null;
  /** From then on it counts as suspended. */
  readonly endsAt: Date | null;
}

export type SubscriptionState = 'Enabled' | 'Warning' | 'Suspended' | 'LockedOut';

/** How long a suspended subscription can still be read, in days; the data is kept beyond (XC-4). */
export const GRACE_DAYS = 30;
const GRACE = GRACE_DAYS * 86_400_000;

/** The state that follows from the dates: `Warning` in the last 30 days before its end, `Suspended` for 30 after it. */
export function subscriptionState(subscription: Subscription, now: Date): SubscriptionState {
  const { suspendedAt, endsAt } = subscription;
  const closes = Math.min(suspendedAt?.getTime() ?? Infinity, endsAt?.getTime() ?? Infinity);
  if (now.getTime() >= closes) return now.getTime() < closes + GRACE ? 'Suspended' : 'LockedOut';
  return endsAt && now.getTime() >= endsAt.getTime() - GRACE ? 'Warning' : 'Enabled';
}

/** The plans that make a licence one of identity; the rest is free of it (ID §1.15). */
const IDENTITY: readonly ServicePlan[] = ['identityP1', 'identityP2'];

/**
 * How many identity licences the tenant has and may use: the units bought, given to somebody or not, and one for each
 * account at home where a SKU serves everyone or has as many units as wanted.
 */
export function identitySeats(subscriptions: readonly Subscription[], atHome: number, now: Date): number {
  let seats = 0;
  for (const subscription of subscriptions) {
    const sku = findSku(subscription.sku);
    const isOpen = LEVEL_OF[subscriptionState(subscription, now)] === 'write';
    if (!sku || !isOpen || !sku.plans.some((plan) => IDENTITY.includes(plan))) continue;
    seats += sku.serves === 'company' ? atHome : (subscription.units ?? atHome);
  }
  return seats;
}

/** How far a service may be used. */
export type LicenceLevel = 'none' | 'read' | 'write';
const LEVELS: readonly LicenceLevel[] = ['none', 'read', 'write'];
const LEVEL_OF: Readonly<Record<SubscriptionState, LicenceLevel>> = {
  Enabled: 'write',
  Warning: 'write',
  Suspended: 'read',
  LockedOut: 'none',
};

/** A SKU given to a person, or to a group and so to each of its members. */
export interface LicenceAssignment {
  readonly sku: string;
  readonly subject: { readonly kind: 'account' | 'group'; readonly id: string };
  readonly disabledPlans: readonly ServicePlan[];
}

export type PlanLevels = Readonly<Partial<Record<ServicePlan, LicenceLevel>>>;

/** What a ceiling needs to know of licences: the tenant's own, and the person's in this tenant alone (XC-3). */
export interface LicenceFacts {
  readonly tenantId: TenantId;
  readonly isGuest: boolean;
  /** By assignment here, or because the tenant's SKU serves everyone at home. A plan left out is not held. */
  readonly person: PlanLevels;
  readonly tenant: PlanLevels;
}

/** The best level at which each plan is held. `assignments` are the person's own and those of the person's groups. */
export function planLevels(
  subscriptions: readonly Subscription[],
  assignments: readonly LicenceAssignment[] | 'tenant',
  now: Date,
): PlanLevels {
  const held: Partial<Record<ServicePlan, LicenceLevel>> = {};
  for (const subscription of subscriptions) {
    const sku = findSku(subscription.sku);
    if (!sku) continue;
    const level = LEVEL_OF[subscriptionState(subscription, now)];
    for (const plan of enabledPlans(sku, assignments)) {
      if (LEVELS.indexOf(level) > LEVELS.indexOf(held[plan] ?? 'none')) held[plan] = level;
    }
  }
  return held;
}

function enabledPlans(sku: Sku, assignments: readonly LicenceAssignment[] | 'tenant'): readonly ServicePlan[] {
  if (assignments === 'tenant') return sku.plans;
  const own = assignments.filter((assignment) => assignment.sku === sku.partNumber);
  // Whoever is given a SKU that serves everyone is given it on these terms instead.
  if (own.length === 0) return sku.serves === 'company' ? sku.plans : [];
  return sku.plans.filter((plan) => own.some((assignment) => !assignment.disabledPlans.includes(plan)));
}
