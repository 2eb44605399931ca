import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import type { Suggestion } from '../../model/meeting-times.ts';
import { findMeetingTimes, type MeetingPlace } from '../../usecases/find-meeting-times.ts';
import { type LookUpPorts, requireMailboxOf } from '../../usecases/look-up-availability.ts';
import { inCaseOf } from './folded.ts';
import { preferencesOf } from './preferences.ts';
import { dateTimeTimeZone, momentOf, printTime, type ReaderZone } from './times.ts';

const NAMES = [
  ...['attendees', 'emailAddress', 'address', 'name', 'type', 'isOrganizerOptional', 'meetingDuration'],
  ...['locationConstraint', 'isRequired', 'suggestLocation', 'locations', 'displayName', 'locationEmailAddress'],
  ...['resolveAvailability', 'timeConstraint', 'activityDomain', 'timeSlots', 'start', 'end', 'dateTime', 'timeZone'],
  ...['maxCandidates', 'minimumAttendeePercentage', 'returnSuggestionReasons'],
];

/** Samples write numbers and truths as text, too. */
const numeral = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,3}(\.\d+)?$/)
    .transform(Number),
]);
const truth = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

const attendee = z.object({
  type: z.enum(['required', 'optional', 'resource']).nullish(),
  emailAddress: z.object({ address: z.string().trim().min(1).max(320), name: z.string().max(256).nullish() }),
});
const place = z.object({
  displayName: z.string().max(256).nullish(),
  locationEmailAddress: z.string().trim().max(320).nullish(),
  resolveAvailability: truth.nullish(),
});

const body = z.preprocess(
  inCaseOf(NAMES),
  z.object({
    attendees: z.array(attendee).max(100).nullish(),
    isOrganizerOptional: truth.nullish(),
    locationConstraint: z
      .object({
        isRequired: truth.nullish(),
        suggestLocation: truth.nullish(),
        locations: z.array(place).max(20).nullish(),
      })
      .nullish(),
    timeConstraint: z
      .object({
        activityDomain: z.enum(['work', 'personal', 'unrestricted', 'unknown']).nullish(),
        timeSlots: z
          .array(z.object({ start: dateTimeTimeZone, end: dateTimeTimeZone }))
          .max(100)
          .nullish(),
      })
      .nullish(),
    meetingDuration: z.string().max(40).nullish(),
    maxCandidates: numeral.nullish(),
    minimumAttendeePercentage: numeral.nullish(),
    returnSuggestionReasons: truth.nullish(),
  }),
);
type Asked = z.output<typeof body>;

/** Graph: `findMeetingTimes`. */
export function meetingTimesRoutes(ports: LookUpPorts): readonly Route[] {
  const graph = {
    method: 'POST',
    wire: 'graph',
    access: 'asks',
    // Other organisations are asked meanwhile.
    transaction: 'none',
    tags: ['calendars'],
    body,
    summary: 'Times at which people can meet, here and in other organisations.',
  } as const;

  async function answer(
    ctx: Context,
    request: Pick<Request<undefined, undefined, Asked>, 'body' | 'headers' | 'origin'>,
  ) {
    const { zone, applied } = preferencesOf(request.headers);
    const { body: asked, origin } = request;
    const attendees = asked.attendees ?? [];
    const { isRequired, suggestLocation, locations } = asked.locationConstraint ?? {};
    const { activityDomain, timeSlots } = asked.timeConstraint ?? {};
    const { suggestions, emptyReason, places } = await findMeetingTimes(ctx, ports, {
      slots: (timeSlots ?? []).map(({ start, end }) => ({ from: momentOf(start, 'start'), to: momentOf(end, 'end') })),
      minutes: minutesOf(asked.meetingDuration ?? 'PT30M'),
      domain: activityDomain === 'personal' || activityDomain === 'unrestricted' ? activityDomain : 'work',
      isOrganizerOptional: asked.isOrganizerOptional ?? false,
      attendees: attendees.map(({ emailAddress }) => emailAddress.address),
      locations: (locations ?? []).map((one) => ({
        displayName: one.displayName ?? null,
        address: one.locationEmailAddress || null,
        isLookedUp: one.resolveAvailability ?? false,
      })),
      suggestsRooms: suggestLocation ?? false,
      isLocationRequired: isRequired ?? false,
      minimumPercentage: between(asked.minimumAttendeePercentage ?? 50, 0, 100, 'minimumAttendeePercentage'),
      maxCandidates: between(asked.maxCandidates ?? 20, 1, 100, 'maxCandidates'),
    });
    return new Reply(
      200,
      {
        '@odata.context': `${origin}/v1.0/$metadata#microsoft.graph.meetingTimeSuggestionsResult`,
        emptySuggestionsReason: emptyReason,
        meetingTimeSuggestions: suggestions.map((one, i) => ({
          ...present(one, zone, attendees, places),
          order: i + 1,
          suggestionReason: asked.returnSuggestionReasons ? reasonOf(one) : null,
        })),
      },
      applied,
    );
  }

  return [
    route({ ...graph, path: '/v1.0/me/findMeetingTimes', handle: answer }),
    route({
      ...graph,
      path: '/v1.0/users/:id/findMeetingTimes',
      params: z.object({ id: z.string().max(300) }),
      async handle(ctx, request) {
        const { tenantId, actor, correlationId } = ctx;
        const id = await ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) =>
          requireMailboxOf(inside, request.params.id),
        );
        // Nobody organises meetings in another's name.
        if (actor.kind === 'account' && actor.accountId !== id) throw kernelFaults.notFound();
        return answer(ctx, request);
      },
    }),
  ];
}

/** @throws request.invalid. */
function minutesOf(duration: string): number {
  try {
    const minutes = Temporal.Duration.from(duration).total({ unit: 'minutes', relativeTo: '2026-01-01' });
    if (minutes > 0 && minutes <= 62 * 1_440) return minutes;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw kernelFaults.invalid(`"meetingDuration": "${duration}" is no length of a meeting. Write it as PT30M.`);
}

function between(value: number, least: number, most: number, name: string): number {
  if (value >= least && value <= most) return value;
  throw kernelFaults.invalid(`"${name}": Between ${least} and ${most}.`);
}

const reasonOf = ({ confidence, attendees }: Suggestion): string =>
  attendees.length === 0
    ? 'Suggested because it is one of the nearest times when you are free.'
    : confidence === 100
      ? 'Suggested because it is one of the nearest times when all attendees are available.'
      : 'Suggested because it is one of the nearest times when most attendees may be available.';

function present(
  one: Suggestion,
  zone: ReaderZone,
  attendees: NonNullable<Asked['attendees']>,
  places: readonly MeetingPlace[],
) {
  return {
    confidence: one.confidence,
    organizerAvailability: one.organizer,
    attendeeAvailability: attendees.map(({ type, emailAddress }, i) => ({
      availability: one.attendees[i],
      attendee: { type: type ?? 'required', emailAddress },
    })),
    locations: one.locations.map((at) => {
      const { displayName, address } = places[at]!;
      return { displayName, locationEmailAddress: address };
    }),
    meetingTimeSlot: {
      start: printTime(one.from, false, 'UTC', zone),
      end: printTime(one.to, false, 'UTC', zone),
    },
  };
}
