import type { Explanation } from '../access/wire.ts';

/** What administrators decide about calendars, as the server says it. */

export type FreeBusyLevel = 'None' | 'AvailabilityOnly' | 'LimitedDetails';
export type MailTipsLevel = 'None' | 'Limited' | 'All';

export interface Relationship {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly domainNames: readonly string[];
  readonly partnerTenantId: string | null;
  readonly freeBusy: { readonly enabled: boolean; readonly level: FreeBusyLevel; readonly scopeGroupId: string | null };
  readonly mailTips: { readonly enabled: boolean; readonly level: MailTipsLevel; readonly scopeGroupId: string | null };
  readonly deliveryReportEnabled: boolean;
  readonly organizationContact: string | null;
  readonly createdAt: string;
  readonly etag: string;
  readonly status: {
    readonly reachable: boolean | 'unknown';
    readonly partnerGrantsUs: boolean | 'unknown';
    readonly lastCheckedAt: string | null;
    readonly proposedDomainNames: readonly string[];
  };
}

/** What really reaches the partner: the master switch counts for more than the level. */
export const levelOf = ({ enabled, freeBusy }: Pick<Relationship, 'enabled' | 'freeBusy'>): FreeBusyLevel =>
  enabled && freeBusy.enabled ? freeBusy.level : 'None';

/** What the organisation behind a domain says of itself. */
export interface Discovered {
  readonly domain: string;
  readonly partnerTenantId: string;
  readonly domainNames: readonly string[];
  readonly partnerGrantsUs: boolean;
}

export interface SharingPolicy {
  readonly '@odata.etag': string;
  readonly id: string;
  readonly name: string;
  /** `contoso.example: CalendarSharingFreeBusySimple`; the domain may be `*` or `Anonymous`. */
  readonly rules: readonly string[];
  readonly enabled: boolean;
  readonly isDefault: boolean;
  readonly assignedMailboxes: number;
}

/** An organisation that calendars have to do with, and the people there with whom something is shared. */
export interface KnownPartner {
  readonly domain: string;
  readonly relationship: string | null;
  readonly people: readonly string[];
}

/** What somebody of another organisation is let see. */
export interface PartnerView {
  readonly visitor: { readonly address: string | null; readonly domain: string; readonly tenantId: string | null };
  readonly guestId: string | null;
  readonly relationship: { readonly id: string; readonly name: string } | null;
  readonly mailTips: Explanation;
  readonly calendars: readonly {
    readonly grantId: string;
    readonly calendarName: string;
    readonly ownerName: string;
    readonly recipient: string;
    readonly endsAt: string | null;
    readonly explanation: Explanation;
  }[];
}

/** A calendar that is open to somebody outside: to anybody by its address, or to one person. */
export interface OutsideShare {
  readonly grantId: string;
  readonly calendarName: string;
  readonly owner: { readonly name: string; readonly address: string | null };
  readonly recipient: string | null;
  readonly isLink: boolean;
  readonly isSearchable: boolean;
  readonly since: string;
  readonly endsAt: string | null;
  readonly lastReadAt: string | null;
  readonly explanation: Explanation;
}
