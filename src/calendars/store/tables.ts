import type { ColumnType } from 'kysely';
import type { TenantId } from '../../kernel/ids.ts';
import type { KeptComponent } from '../../protocols/icalendar/index.ts';
import type { AddressBookId, CardId } from '../model/address-book.ts';
import type {
  AutomaticReplies,
  CalendarId,
  Category,
  MeetingSettings,
  ObjectId,
  Owner,
  WorkingHours,
} from '../model/calendar.ts';
import type { RangeWord } from '../model/link.ts';
import type { ShowAs } from '../model/occurrence.ts';
import type { Role } from '../model/roles.ts';

/** Set by the database on every write. */
type Version = ColumnType<number, never, never>;

export interface CalendarsTables {
  'calendars.mailboxes': {
    tenant_id: TenantId;
    owner_kind: Owner['kind'];
    owner_id: string;
    time_zone: string;
    working_hours: ColumnType<WorkingHours, string, string>;
    availability: string | null;
    automatic_replies: ColumnType<AutomaticReplies, string, string>;
    sharing_policy_id: string | null;
    categories: ColumnType<Category[], string | undefined, string>;
    meetings: ColumnType<MeetingSettings, string, string>;
    created_at: Date;
    version: Version;
  };
  'calendars.calendars': {
    tenant_id: TenantId;
    id: CalendarId;
    owner_kind: Owner['kind'];
    owner_id: string;
    name: string;
    slug: string;
    color: string | null;
    description: string | null;
    time_zone: string | null;
    components: KeptComponent[];
    is_default: boolean;
    is_transparent: boolean;
    sort_order: number;
    dead_properties: ColumnType<Record<string, string>, string, string>;
    created_at: Date;
    version: Version;
  };
  'calendars.objects': {
    tenant_id: TenantId;
    id: ObjectId;
    calendar_id: CalendarId;
    name: string;
    uid: string;
    component: KeptComponent;
    content: string;
    etag: string;
    summary: string | null;
    organizer: string | null;
    is_recurring: boolean;
    starts_at: Date | null;
    ends_at: Date | null;
    expanded_from: Date | null;
    expanded_to: Date | null;
    schedule_tag: string | null;
    created_at: Date;
    changed_at: Date;
    version: Version;
  };
  'calendars.removals': {
    tenant_id: TenantId;
    calendar_id: CalendarId;
    object_id: ObjectId;
    name: string;
    uid: string;
    removed_at: Date;
    version: Version;
  };
  'calendars.relationship_checks': {
    tenant_id: TenantId;
    relationship_id: string;
    checked_at: Date;
    is_reachable: boolean;
    partner_grants_us: boolean | null;
    partner_domains: string[];
  };
  'calendars.occurrences': {
    tenant_id: TenantId;
    calendar_id: CalendarId;
    object_id: ObjectId;
    recurrence_id: string;
    /** Written and compared as SQL only. */
    period: string;
    is_all_day: boolean;
    show_as: ShowAs;
    is_cancelled: boolean;
    is_private: boolean;
    subject: string | null;
    location: string | null;
  };
  'calendars.links': {
    tenant_id: TenantId;
    id: string;
    calendar_id: CalendarId;
    grant_id: string;
    token_hash: Buffer;
    token_sealed: Buffer;
    public_name: string | null;
    range_from: RangeWord;
    range_to: RangeWord;
    created_at: Date;
  };
  'calendars.invitations': {
    tenant_id: TenantId;
    id: string;
    calendar_id: CalendarId;
    grant_id: string;
    recipient_address: string;
    token_hash: Buffer;
    created_at: Date;
    expires_at: Date;
    accepted_at: Date | null;
  };
  'calendars.subscriptions': {
    tenant_id: TenantId;
    id: string;
    account_id: string;
    partner_tenant_id: TenantId;
    partner_calendar_id: CalendarId;
    name: string;
    owner_name: string;
    owner_address: string | null;
    organisation_name: string;
    color: string | null;
    role: Role;
    failure: string | null;
    checked_at: Date;
    created_at: Date;
  };
  'calendars.book_subscriptions': {
    tenant_id: TenantId;
    id: string;
    account_id: string;
    partner_tenant_id: TenantId;
    partner_book_id: AddressBookId;
    name: string;
    owner_name: string;
    owner_address: string;
    organisation_name: string;
    created_at: Date;
  };
  'calendars.address_books': {
    tenant_id: TenantId;
    id: AddressBookId;
    account_id: string;
    name: string;
    slug: string;
    description: string | null;
    is_default: boolean;
    dead_properties: ColumnType<Record<string, string>, string, string>;
    created_at: Date;
    version: Version;
  };
  'calendars.cards': {
    tenant_id: TenantId;
    id: CardId;
    book_id: AddressBookId;
    name: string;
    uid: string;
    content: string;
    etag: string;
    full_name: string;
    created_at: Date;
    changed_at: Date;
    version: Version;
  };
  'calendars.card_removals': {
    tenant_id: TenantId;
    book_id: AddressBookId;
    card_id: CardId;
    name: string;
    removed_at: Date;
    version: Version;
  };
}
