import type { Id } from '../../kernel/ids.ts';
import type { KeptComponent } from '../../protocols/icalendar/index.ts';

export type CalendarId = Id<'calendar'>;
export type ObjectId = Id<'calendar-object'>;

/** Whose calendars they are. Rooms and equipment are accounts that nobody signs in to. */
export interface Owner {
  readonly kind: 'account' | 'group';
  readonly id: string;
}

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface WorkingHours {
  readonly daysOfWeek: readonly Weekday[];
  /** `08:00`, in the mailbox's zone. */
  readonly startTime: string;
  readonly endTime: string;
}

export interface AutomaticReplies {
  readonly status: 'disabled' | 'alwaysEnabled' | 'scheduled';
  readonly externalAudience?: 'none' | 'contactsOnly' | 'all';
  /** HTML. */
  readonly internalReplyMessage?: string;
  readonly externalReplyMessage?: string;
  /** ISO 8601 instants; of a scheduled one. */
  readonly startsAt?: string;
  readonly endsAt?: string;
}

/** A word that somebody sorts events by, with the colour it is shown in: Graph's `preset0` to `preset24`, or `none`. */
export interface Category {
  readonly id: string;
  readonly displayName: string;
  readonly color: string;
}

/** What a person, room or group has once, whatever the number of its calendars. */
export interface Mailbox {
  readonly owner: Owner;
  /** An IANA name. */
  readonly timeZone: string;
  readonly workingHours: WorkingHours;
  /** VAVAILABILITY (RFC 7953) as a client sent it. */
  readonly availability: string | null;
  readonly automaticReplies: AutomaticReplies;
  /** Null: the organisation's default policy. */
  readonly sharingPolicyId: string | null;
  readonly categories: readonly Category[];
  readonly meetings: MeetingSettings;
}

/** How an owner deals with meetings; what is left out is the default. */
export interface MeetingSettings {
  /** Who reads the messages about them, when there are delegates; by default both. */
  readonly deliverTo?: 'sendToDelegateOnly' | 'sendToDelegateAndPrincipal' | 'sendToDelegateAndInformationToPrincipal';
  /** Minutes before the start at which an event without an alarm reminds; null: never. By default 15. */
  readonly reminderMinutes?: number | null;
  /** Whether an invitation stands in the calendar, tentatively, before it is answered. By default so. */
  readonly addNewRequestsTentatively?: boolean;
}

export interface Calendar {
  readonly id: CalendarId;
  readonly owner: Owner;
  readonly name: string;
  /** Its last path segment over CalDAV. */
  readonly slug: string;
  readonly color: string | null;
  readonly description: string | null;
  /** An IANA name: its own, or its mailbox's. */
  readonly timeZone: string;
  readonly hasOwnTimeZone: boolean;
  readonly components: readonly KeptComponent[];
  readonly isDefault: boolean;
  /** Whether its events leave the owner free. */
  readonly isTransparent: boolean;
  readonly sortOrder: number;
  readonly deadProperties: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  /** The transaction that last changed the calendar itself, not what is in it. */
  readonly version: number;
}

/** An event or task as it is kept. */
export interface StoredObject {
  readonly id: ObjectId;
  readonly calendarId: CalendarId;
  /** Its last path segment over CalDAV. */
  readonly name: string;
  readonly uid: string;
  readonly component: KeptComponent;
  readonly content: string;
  readonly etag: string;
  readonly summary: string | null;
  readonly organizer: string | null;
  readonly isRecurring: boolean;
  readonly startsAt: Date | null;
  /** Null: a series without end, or a task without dates. */
  readonly endsAt: Date | null;
  readonly scheduleTag: string | null;
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly version: number;
}
