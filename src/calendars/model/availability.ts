import { z } from 'zod';
import type { Weekday } from './calendar.ts';
import { SHOW_AS, type ShowAs } from './occurrence.ts';

/** What is told of somebody's time, lowest first: nothing, its times, subject and place too, private ones as well. */
export const FREE_BUSY_LEVELS = ['none', 'busy-only', 'limited', 'full'] as const;
export type FreeBusyLevel = (typeof FREE_BUSY_LEVELS)[number];

/** As many people as one lookup takes, members of groups counted one by one. */
export const ENTITIES_AT_MOST = 20;
/** The longest time that is looked up, in milliseconds, is just under this. */
export const WINDOW_BELOW = 62 * 86_400_000;
export const ENTRIES_AT_MOST = 1_000;

/** What may be wrong with one mailbox of a lookup; the others are answered all the same. Words of the reference. */
export const MAILBOX_ERRORS = {
  ErrorMailRecipientNotFound: 'There is no mailbox of this address.',
  ErrorNoFreeBusyAccess: 'You have no right to see when this person is free.',
  ErrorInvalidOrganizationRelationshipForFreeBusy:
    'Your organisation has a relationship with this one that does not look up when people are free.',
  ErrorProxyRequestNotAllowed: 'The other organisation does not accept the request.',
  ErrorProxyRequestProcessingFailed: 'The other organisation did not answer in time.',
  ErrorServiceDiscoveryFailed: 'Nobody knows where the calendars of this domain are.',
  ErrorFreeBusyDLLimitReached: `The group has more members than the ${ENTITIES_AT_MOST} people that a lookup takes.`,
  ErrorResultSetTooBig: `There are more than ${ENTRIES_AT_MOST} entries in this time.`,
  ErrorFreeBusyGenerationFailed: 'The calendar could not be read.',
} as const;
export type MailboxError = keyof typeof MAILBOX_ERRORS;
export const MAILBOX_ERROR_CODES = Object.keys(MAILBOX_ERRORS) as MailboxError[];

export interface ScheduleItem {
  readonly status: ShowAs;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** Absent where only times are told. */
  readonly isPrivate?: boolean;
  readonly subject?: string;
  readonly location?: string;
}

export interface TimedWorkingHours {
  readonly daysOfWeek: readonly Weekday[];
  readonly startTime: string;
  readonly endTime: string;
  /** An IANA name. */
  readonly timeZone: string;
}

/** What one address of a lookup is answered. */
export type Schedule =
  | {
      readonly address: string;
      readonly error: MailboxError;
      /** Under which the refusal is found in the audit of whoever refused. */
      readonly reference?: string;
      /** The domain of the other organisation that refused; absent where ours did. */
      readonly refusedBy?: string;
    }
  | {
      readonly address: string;
      readonly error?: undefined;
      readonly view: string;
      readonly items: readonly ScheduleItem[];
      /** Absent for a group. */
      readonly workingHours?: TimedWorkingHours;
    };

const DIGITS: Readonly<Record<ShowAs, string>> = {
  free: '0',
  tentative: '1',
  busy: '2',
  oof: '3',
  workingElsewhere: '4',
};
/** Which of several in one slot is told: out of office over busy over tentative over elsewhere over free. */
const STRENGTH: Readonly<Record<ShowAs, number>> = { free: 0, workingElsewhere: 1, tentative: 2, busy: 3, oof: 4 };
const BY_STRENGTH = (['free', 'workingElsewhere', 'tentative', 'busy', 'oof'] as const).map((one) => DIGITS[one]);

/** One digit for each slot of `minutes` from `from` on; what overlaps a slot marks it, the strongest wins. */
export function mergedView(
  items: readonly Pick<ScheduleItem, 'status' | 'startsAt' | 'endsAt'>[],
  { from, to, minutes }: { from: Date; to: Date; minutes: number },
): string {
  const [start, length] = [from.getTime(), minutes * 60_000];
  const slots = new Uint8Array(Math.ceil((to.getTime() - start) / length));
  for (const { status, startsAt, endsAt } of items) {
    const first = Math.max(0, Math.floor((startsAt.getTime() - start) / length));
    const last = Math.min(slots.length, Math.ceil((endsAt.getTime() - start) / length));
    const strength = STRENGTH[status];
    for (let slot = first; slot < last; slot += 1) if (slots[slot]! < strength) slots[slot] = strength;
  }
  return Array.from(slots, (strength) => BY_STRENGTH[strength]).join('');
}

const instant = z.iso.datetime();

/** What one organisation's server asks another's (version 1). */
export const availabilityRequest = z.object({
  v: z.literal(1),
  requester: z.object({ tenantId: z.string().max(100), user: z.string().max(320) }),
  targets: z.array(z.string().max(320)).min(1).max(ENTITIES_AT_MOST),
  start: instant,
  end: instant,
  interval: z.int().min(5).max(1_440),
  /** A wish: the answering side sets the level. */
  wanted: z.enum(['AvailabilityOnly', 'LimitedDetails']),
});
export type AvailabilityRequest = z.output<typeof availabilityRequest>;

/** `08:00:00.0000000` on the wire, `08:00` here. */
const clock = z
  .string()
  .regex(/^\d\d:\d\d(:|$)/)
  .max(20)
  .transform((text) => text.slice(0, 5));
const wireTime = z.object({ dateTime: instant, timeZone: z.literal('UTC') });

/** What it answers: the array of getSchedule, with times in UTC. Read as the word of a stranger. */
export const availabilityAnswer = z.object({
  value: z
    .array(
      z.object({
        scheduleId: z.string().max(320),
        availabilityView: z
          .string()
          .regex(/^[0-4]*$/)
          .max(20_000),
        scheduleItems: z
          .array(
            z.object({
              status: z.enum(SHOW_AS),
              isPrivate: z.boolean().optional(),
              subject: z.string().max(2_000).optional(),
              location: z.string().max(2_000).optional(),
              start: wireTime,
              end: wireTime,
            }),
          )
          .max(ENTITIES_AT_MOST * ENTRIES_AT_MOST),
        workingHours: z
          .object({
            daysOfWeek: z.array(z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'])),
            startTime: clock,
            endTime: clock,
            timeZone: z.object({ name: z.string().max(100) }),
          })
          .optional(),
        error: z
          .object({
            responseCode: z.enum(MAILBOX_ERROR_CODES as [MailboxError, ...MailboxError[]]),
            reference: z.string().max(100).optional(),
          })
          .optional(),
      }),
    )
    .max(ENTITIES_AT_MOST),
});

/** Writes schedules for another organisation's server. */
export function printAnswer(schedules: readonly Schedule[]): z.input<typeof availabilityAnswer> {
  const at = (date: Date) => ({ dateTime: date.toISOString(), timeZone: 'UTC' as const });
  return {
    value: schedules.map((schedule) => {
      const scheduleId = schedule.address;
      if (schedule.error !== undefined) {
        const { error, reference } = schedule;
        const found = { responseCode: error, message: MAILBOX_ERRORS[error], ...(reference ? { reference } : {}) };
        return { scheduleId, availabilityView: '', scheduleItems: [], error: found };
      }
      const { view, items, workingHours } = schedule;
      return {
        scheduleId,
        availabilityView: view,
        scheduleItems: items.map(({ startsAt, endsAt, ...rest }) => ({
          ...rest,
          start: at(startsAt),
          end: at(endsAt),
        })),
        ...(workingHours
          ? {
              workingHours: {
                startTime: `${workingHours.startTime}:00.0000000`,
                endTime: `${workingHours.endTime}:00.0000000`,
                daysOfWeek: [...workingHours.daysOfWeek],
                timeZone: { name: workingHours.timeZone },
              },
            }
          : {}),
      };
    }),
  };
}

/** Reads what another organisation's server wrote. @throws ZodError when it is none of this. */
export function parseAnswer(text: unknown): Schedule[] {
  return availabilityAnswer.parse(text).value.map((one) => {
    const address = one.scheduleId;
    if (one.error) {
      const { responseCode, reference } = one.error;
      return { address, error: responseCode, ...(reference ? { reference } : {}) };
    }
    const items = one.scheduleItems.map(({ start, end, status, isPrivate, subject, location }) => ({
      status,
      startsAt: new Date(start.dateTime),
      endsAt: new Date(end.dateTime),
      ...(isPrivate === undefined ? {} : { isPrivate }),
      ...(subject === undefined ? {} : { subject }),
      ...(location === undefined ? {} : { location }),
    }));
    const hours = one.workingHours;
    return {
      address,
      view: one.availabilityView,
      items,
      ...(hours ? { workingHours: { ...hours, timeZone: hours.timeZone.name } } : {}),
    };
  });
}
