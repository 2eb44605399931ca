/** What the server says of calendars, in Microsoft Graph's words (v1.0), as far as these pages read it. */

export interface Moment {
  /** Wall clock without an offset, in `timeZone`. */
  readonly dateTime: string;
  readonly timeZone: string;
}

export interface Address {
  readonly name?: string | null;
  readonly address?: string | null;
}

export interface Calendar {
  readonly id: string;
  readonly name: string;
  readonly color?: string;
  readonly hexColor?: string;
  readonly isDefaultCalendar?: boolean;
  readonly canEdit?: boolean;
  readonly canShare?: boolean;
  readonly canViewPrivateItems?: boolean;
  readonly isRemovable?: boolean;
  readonly owner?: Address;
}

export type ShowAs = 'free' | 'tentative' | 'busy' | 'oof' | 'workingElsewhere' | 'unknown';
export type Sensitivity = 'normal' | 'personal' | 'private' | 'confidential';
export type ResponseKind = 'none' | 'organizer' | 'tentativelyAccepted' | 'accepted' | 'declined' | 'notResponded';

export interface Attendee {
  readonly type?: 'required' | 'optional' | 'resource';
  readonly emailAddress: Address;
  readonly status?: { readonly response?: ResponseKind; readonly time?: string };
}

export type Weekday = 'sunday' | 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday';
export const WEEKDAYS: readonly Weekday[] = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
];

export type WeekIndex = 'first' | 'second' | 'third' | 'fourth' | 'last';

export interface Recurrence {
  readonly pattern: {
    readonly type: 'daily' | 'weekly' | 'absoluteMonthly' | 'relativeMonthly' | 'absoluteYearly' | 'relativeYearly';
    readonly interval: number;
    readonly daysOfWeek?: readonly Weekday[];
    readonly dayOfMonth?: number;
    readonly month?: number;
    readonly index?: WeekIndex;
    readonly firstDayOfWeek?: Weekday;
  };
  readonly range: {
    readonly type: 'endDate' | 'noEnd' | 'numbered';
    readonly startDate: string;
    readonly endDate?: string;
    readonly numberOfOccurrences?: number;
    readonly recurrenceTimeZone?: string;
  };
}

export interface CalendarEvent {
  readonly id: string;
  readonly iCalUId?: string;
  readonly subject?: string | null;
  readonly bodyPreview?: string;
  readonly body?: { readonly contentType: 'text' | 'html'; readonly content: string };
  readonly start: Moment;
  readonly end: Moment;
  readonly isAllDay?: boolean;
  readonly isCancelled?: boolean;
  readonly isOrganizer?: boolean;
  readonly showAs?: ShowAs;
  readonly sensitivity?: Sensitivity;
  readonly type?: 'singleInstance' | 'occurrence' | 'exception' | 'seriesMaster';
  readonly seriesMasterId?: string | null;
  readonly location?: { readonly displayName?: string; readonly locationEmailAddress?: string };
  readonly organizer?: { readonly emailAddress: Address };
  readonly attendees?: readonly Attendee[];
  readonly categories?: readonly string[];
  readonly recurrence?: Recurrence | null;
  readonly isReminderOn?: boolean;
  readonly reminderMinutesBeforeStart?: number;
  readonly responseStatus?: { readonly response?: ResponseKind };
  readonly hasAttachments?: boolean;
  readonly originalStartTimeZone?: string;
  readonly '@odata.etag'?: string;
}

export interface Attachment {
  readonly id: string;
  readonly name: string;
  readonly contentType?: string;
  readonly size?: number;
  readonly contentBytes?: string;
}

export interface WorkingHours {
  readonly daysOfWeek?: readonly Weekday[];
  readonly startTime?: string;
  readonly endTime?: string;
  readonly timeZone?: { readonly name?: string };
}

export interface MailboxSettings {
  readonly timeZone?: string;
  readonly workingHours?: WorkingHours;
}

export interface ScheduleItem {
  readonly status: ShowAs;
  readonly isPrivate?: boolean;
  readonly subject?: string;
  readonly location?: string;
  readonly start: Moment;
  readonly end: Moment;
}

export interface Schedule {
  readonly scheduleId: string;
  readonly availabilityView?: string;
  readonly scheduleItems?: readonly ScheduleItem[];
  readonly workingHours?: WorkingHours;
  readonly error?: {
    readonly responseCode: string;
    readonly message: string;
    readonly reference?: string;
    /** The domain of the other organisation that refused. */
    readonly refusedBy?: string;
  };
}

export interface Suggestion {
  readonly confidence: number;
  readonly order?: number;
  readonly organizerAvailability?: ShowAs;
  readonly suggestionReason?: string;
  readonly meetingTimeSlot: { readonly start: Moment; readonly end: Moment };
  readonly attendeeAvailability?: readonly { readonly attendee: Attendee; readonly availability: ShowAs }[];
}

export interface Suggestions {
  readonly emptySuggestionsReason?: string;
  readonly meetingTimeSuggestions: readonly Suggestion[];
}

export interface Place {
  readonly id: string;
  readonly displayName: string;
  readonly emailAddress?: string | null;
  readonly capacity?: number | null;
  readonly building?: string | null;
}

/** What one may do with a calendar, lowest first (`calendarRoleType`). */
export const ROLES = [
  'none',
  'freeBusyRead',
  'limitedRead',
  'read',
  'write',
  'delegateWithoutPrivateEventAccess',
  'delegateWithPrivateEventAccess',
] as const;
export type Role = (typeof ROLES)[number];

export interface Permission {
  readonly id: string;
  readonly emailAddress?: Address | null;
  readonly isInsideOrganization: boolean;
  readonly isRemovable: boolean;
  readonly role: Role;
  readonly allowedRoles: readonly Role[];
  /** Our own: when the share ends by itself. */
  readonly endDateTime?: string | null;
}

/** A message about a meeting. Moments are instants, or days. Our own wire. */
export interface MeetingMessage {
  readonly id: string;
  readonly sender: string;
  readonly eventId: string | null;
  readonly start: string | null;
  readonly end: string | null;
  readonly comment: string | null;
}

/** A reminder that was due and is not put away. Moments are instants. Our own wire. */
export interface DueReminder {
  readonly eventId: string;
  readonly subject: string | null;
  readonly location: string | null;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** A calendar that somebody shares with the reader: at home, or in another organisation. Our own wire. */
export interface SharedCalendar {
  /** Of one of another organisation. */
  readonly id?: string;
  readonly isInside: boolean;
  readonly name: string;
  readonly role: Role;
  readonly owner: { readonly name: string; readonly address: string | null };
  readonly calendarId?: string;
  readonly ownerKind?: 'account' | 'group';
  readonly ownerId?: string;
}

/** An event of a calendar of another organisation. Moments are instants. */
export interface SharedEvent {
  readonly id: string;
  readonly subject: string | null;
  readonly location: string | null;
  readonly description: string | null;
  readonly start: string;
  readonly end: string;
  readonly isAllDay: boolean;
  readonly showAs: ShowAs;
  readonly isCancelled: boolean;
  readonly isPrivate: boolean;
}

/** An address book of one's own. Our own wire, as what follows. */
export interface AddressBook {
  readonly id: string;
  readonly name: string;
}

/** One of another organisation that was opened here. */
export interface ForeignBook extends AddressBook {
  readonly owner: { readonly name: string; readonly address: string | null };
}

export interface AddressBooks {
  readonly own: readonly AddressBook[];
  readonly shared: readonly (ForeignBook & { readonly role: BookShare['role'] })[];
  readonly opened: readonly ForeignBook[];
}

export interface BookShare {
  readonly id: string;
  readonly role: 'read' | 'write';
  readonly name: string;
  readonly address: string | null;
}
