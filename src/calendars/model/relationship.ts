import { z } from 'zod';

export const FREE_BUSY_ACCESS = ['None', 'AvailabilityOnly', 'LimitedDetails'] as const;
export type FreeBusyAccess = (typeof FREE_BUSY_ACCESS)[number];
export const MAIL_TIPS_ACCESS = ['None', 'Limited', 'All'] as const;
export type MailTipsAccess = (typeof MAIL_TIPS_ACCESS)[number];

/** More domains than one organisation has (New-OrganizationRelationship). */
export const DOMAINS_AT_MOST = 238;
export const NAME_AT_MOST = 64;

/** What a tenant decided about one partner, whom it names by the partner's domains. */
export interface Relationship {
  readonly name: string;
  /** Exact matches: a subdomain is a domain of its own (EX-5). */
  readonly domainNames: readonly string[];
  /** Whose domains they were when they were confirmed; null: typed in by hand, whoever holds them. */
  readonly partnerTenantId: string | null;
  readonly enabled: boolean;
  readonly freeBusyAccessEnabled: boolean;
  readonly freeBusyAccessLevel: FreeBusyAccess;
  /** Only members of this group are told of; null: everybody. */
  readonly freeBusyAccessScope: string | null;
  readonly mailTipsAccessEnabled: boolean;
  readonly mailTipsAccessLevel: MailTipsAccess;
  readonly mailTipsAccessScope: string | null;
  /** Whether each may ask the other what became of a message. Counts where both say so (EX-17). */
  readonly deliveryReportEnabled: boolean;
}

/** A relationship that holds a domain. */
export interface FoundRelationship<R extends Relationship = Relationship> {
  readonly id: string;
  readonly values: R;
}

const indexes = new WeakMap<ReadonlyMap<string, Relationship>, ReadonlyMap<string, FoundRelationship>>();

/**
 * The relationship that holds a domain. Where several do, which no check lets in, the enabled one that is oldest counts:
 * ids are in the order of creation.
 */
export function relationshipFor(
  relationships: ReadonlyMap<string, Relationship>,
  domain: string,
): FoundRelationship | undefined {
  let index = indexes.get(relationships);
  if (!index) {
    const byDomain = new Map<string, FoundRelationship>();
    for (const [id, values] of [...relationships].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      for (const one of values.domainNames) {
        const known = byDomain.get(one);
        if (!known || (!known.values.enabled && values.enabled)) byDomain.set(one, { id, values });
      }
    }
    index = byDomain;
    indexes.set(relationships, index);
  }
  return index.get(domain.toLowerCase());
}

/** When an object of a collection was made, read from its id (UUID version 7, RFC 9562 §5.7). */
export function createdAtOf(id: string): Date | null {
  return id[14] === '7' ? new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)) : null;
}

const scoped = z.object({
  resourceId: z.string().min(1).max(100),
  resourceType: z.enum(['user', 'group']).default('user'),
});

/** Whether something is open to other organisations, and for whom at home (Graph `m365CapabilityBase.inboundAccess`). */
export const capability = z
  .object({
    isAllowed: z.boolean(),
    /** Ids of people and groups, or `All`. */
    included: z.array(scoped).max(1_000).default([]),
    /** Beats what is included (EX-22). */
    excluded: z.array(scoped).max(1_000).default([]),
    changedAt: z.iso.datetime().nullable().default(null),
  })
  .nullable()
  .default(null);
export type Capability = z.output<typeof capability>;

export const PARTNER_CAPABILITIES = [
  'crossTenantCalendarAvailabilityBasic',
  'crossTenantCalendarAvailabilityLimitedDetails',
  'crossTenantCalendarSharingFreeBusySimple',
  'crossTenantCalendarSharingFreeBusyDetail',
  'crossTenantCalendarSharingFreeBusyReviewer',
  'crossTenantMailTipsLimited',
  'crossTenantMailTipsAll',
] as const;
/** Those of people who are nobody's: no partner has them. */
export const ANONYMOUS_CAPABILITIES = [
  'anonymousCalendarSharingFreeBusySimple',
  'anonymousCalendarSharingFreeBusyDetail',
  'anonymousCalendarSharingFreeBusyReviewer',
] as const;
export type PartnerCapability = (typeof PARTNER_CAPABILITIES)[number];
export type CapabilityName = PartnerCapability | (typeof ANONYMOUS_CAPABILITIES)[number];
export type Capabilities = Readonly<Partial<Record<CapabilityName, Capability>>>;

/** What decides about one capability for one partner: the partner's own entry, else everybody's, else nothing. */
export const capabilityFor = (
  name: CapabilityName,
  { partner, byDefault }: { partner: Capabilities; byDefault: Capabilities },
): Capability => partner[name] ?? byDefault[name] ?? null;

/** Whether a person of our own is in what a capability reaches. `groups` are all that they are in. */
export function reaches(found: NonNullable<Capability>, accountId: string, groups: ReadonlySet<string>): boolean {
  const names = ({ resourceId, resourceType }: z.output<typeof scoped>) =>
    resourceId === 'All' || (resourceType === 'group' ? groups.has(resourceId) : resourceId === accountId);
  return found.included.some(names) && !found.excluded.some(names);
}

/** Whether a capability is not the same for everybody. */
export const namesSome = (found: Capability | undefined): boolean =>
  found != null && (found.excluded.length > 0 || !found.included.every(({ resourceId }) => resourceId === 'All'));

/** The groups that capabilities name, to be looked up together. */
export const groupsNamedIn = (capabilities: readonly Capability[]): string[] =>
  capabilities.flatMap((one) =>
    one
      ? [...one.included, ...one.excluded].flatMap((named) =>
          named.resourceType === 'group' ? [named.resourceId] : [],
        )
      : [],
  );
