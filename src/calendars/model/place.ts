import { z } from 'zod';

const ids = z.array(z.uuid()).max(500);

/** The rules by which a room books itself: the words and defaults of Set-CalendarProcessing. */
export const bookingShape = z.object({
  automateProcessing: z
    .enum(['autoAccept', 'autoUpdate', 'none'])
    .default('autoAccept')
    .describe('Whether it answers by itself, keeps requests for its delegates, or does nothing.'),
  allowConflicts: z.boolean().default(false).describe('Whether two meetings may have it at once.'),
  bookingWindowInDays: z.int().min(0).max(1080).default(180).describe('How far ahead it can be booked, in days.'),
  enforceSchedulingHorizon: z
    .boolean()
    .default(true)
    .describe('Whether a series that goes on beyond that is declined; otherwise it is not looked at there.'),
  maximumDurationInMinutes: z
    .int()
    .min(0)
    .max(1_440_000)
    .default(1440)
    .describe('How long a meeting may take, in minutes; 0: as long as it likes.'),
  allowRecurringMeetings: z.boolean().default(true).describe('Whether series are taken.'),
  conflictPercentageAllowed: z
    .int()
    .min(0)
    .max(100)
    .default(0)
    .describe('How many instances of a series may be taken by others, in percent, for the rest to be accepted.'),
  maximumConflictInstances: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe('How many instances of a series may be taken by others, for the rest to be accepted.'),
  processExternalMeetingMessages: z
    .boolean()
    .default(false)
    .describe('Whether people of other organisations may book it.'),
  partnerDomains: z
    .array(z.string().max(253).toLowerCase())
    .max(200)
    .default([])
    .describe('Domains of partners whose people may book it, although others from outside may not.'),
  allBookInPolicy: z.boolean().default(true).describe('Whether everybody at home books it at once.'),
  bookInPolicy: ids.default([]).describe('Accounts and groups that book it at once although not everybody does.'),
  allRequestInPolicy: z.boolean().default(false).describe('Whether everybody at home may ask its delegates for it.'),
  requestInPolicy: ids.default([]).describe('Accounts and groups that may ask its delegates for it.'),
  allRequestOutOfPolicy: z
    .boolean()
    .default(false)
    .describe('Whether everybody at home may ask for what its limits forbid.'),
  resourceDelegates: z.array(z.uuid()).max(50).default([]).describe('The accounts that decide on requests.'),
  deleteSubject: z.boolean().default(true).describe('Whether the subject is taken from what stands in its calendar.'),
  addOrganizerToSubject: z.boolean().default(true).describe("Whether the organiser's name stands as the subject."),
  deleteComments: z.boolean().default(true).describe('Whether the text is taken from what stands in its calendar.'),
  deleteAttachments: z.boolean().default(true).describe('Whether attachments are taken from its calendar.'),
  removePrivateProperty: z.boolean().default(true).describe('Whether a private meeting stands there as an open one.'),
  tentativePendingApproval: z.boolean().default(true).describe('Whether it is held while its delegates decide.'),
});
export type BookingRules = z.output<typeof bookingShape>;

/** A room, or equipment. Its name and address are its account's. */
export interface Place {
  readonly accountId: string;
  readonly kind: 'room' | 'equipment';
  readonly capacity: number | null;
  readonly building: string | null;
  readonly floorLabel: string | null;
  readonly label: string | null;
  readonly phone: string | null;
  readonly tags: readonly string[];
  readonly audioDevice: string | null;
  readonly videoDevice: string | null;
  readonly displayDevice: string | null;
  readonly isWheelchairAccessible: boolean;
  /** Graph physicalAddress. */
  readonly address: Readonly<Record<string, unknown>> | null;
  /** Graph outlookGeoCoordinates. */
  readonly geo: Readonly<Record<string, unknown>> | null;
  readonly booking: BookingRules;
}

/** What the rules must know of a request. */
export interface BookingRequest {
  readonly origin: 'home' | 'partner' | 'mail';
  /** Lower case. */
  readonly sender: string;
  /** Everything the sender acts as at home: account and groups. */
  readonly subjects: readonly string[];
  readonly isSeries: boolean;
  /** When it takes place; of an endless series what is known of it. */
  readonly instances: readonly { readonly recurrenceId: string; readonly startsAt: Date; readonly endsAt: Date }[];
  readonly isEndless: boolean;
  /** The instances in which somebody else has it. */
  readonly taken: ReadonlySet<string>;
  readonly now: Date;
}

export const BOOKING_REASONS = [
  'booked',
  'pending',
  'taken',
  'outside',
  'window',
  'duration',
  'series',
  'policy',
] as const;
export type BookingReason = (typeof BOOKING_REASONS)[number];

export interface BookingAnswer {
  readonly word: 'ACCEPTED' | 'TENTATIVE' | 'DECLINED';
  readonly reason: BookingReason;
  /** Instances of an accepted series that somebody else has. */
  readonly except: readonly string[];
}

const DAY = 86_400_000;

/** What a place answers to a request, by its rules alone. */
export function answerBooking(rules: BookingRules, request: BookingRequest): BookingAnswer {
  const decline = (reason: BookingReason) => ({ word: 'DECLINED', reason, except: [] }) as const;
  const isAllowedOutside =
    rules.processExternalMeetingMessages ||
    (request.origin === 'partner' &&
      rules.partnerDomains.includes(request.sender.slice(request.sender.lastIndexOf('@') + 1)));
  if (request.origin !== 'home' && !isAllowedOutside) return decline('outside');

  const broken = brokenLimit(rules, request);
  if (broken && !(rules.allRequestOutOfPolicy && request.origin === 'home')) return decline(broken);

  const { taken, instances } = request;
  if (!rules.allowConflicts && taken.size > 0) {
    const percentage = (100 * taken.size) / instances.length;
    const isTooMany = taken.size > rules.maximumConflictInstances || percentage > rules.conflictPercentageAllowed;
    if (!request.isSeries || isTooMany || taken.size === instances.length) return decline('taken');
  }
  const except = rules.allowConflicts ? [] : [...taken];
  const isIn = (list: readonly string[]) => request.subjects.some((id) => list.includes(id));
  if (!broken && (rules.allBookInPolicy || isIn(rules.bookInPolicy)))
    return { word: 'ACCEPTED', reason: 'booked', except };
  if (broken || rules.allRequestInPolicy || isIn(rules.requestInPolicy)) {
    return { word: 'TENTATIVE', reason: 'pending', except };
  }
  return decline('policy');
}

function brokenLimit(rules: BookingRules, request: BookingRequest): BookingReason | undefined {
  const { instances, now } = request;
  if (request.isSeries && !rules.allowRecurringMeetings) return 'series';
  const horizon = now.getTime() + rules.bookingWindowInDays * DAY;
  const isBeyond = ({ startsAt }: { startsAt: Date }) => startsAt.getTime() > horizon;
  if (request.isSeries && !rules.enforceSchedulingHorizon) {
    if (instances.every(isBeyond)) return 'window';
  } else if (request.isEndless || instances.some(isBeyond)) return 'window';
  const longest = rules.maximumDurationInMinutes * 60_000;
  if (longest > 0 && instances.some(({ startsAt, endsAt }) => endsAt.getTime() - startsAt.getTime() > longest)) {
    return 'duration';
  }
  // What is over cannot be booked.
  return instances.every(({ endsAt }) => endsAt <= now) ? 'window' : undefined;
}
