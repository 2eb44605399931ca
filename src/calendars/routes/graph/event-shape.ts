import { z } from 'zod';
import { recurrenceShape } from './recurrence.ts';
import { dateTimeTimeZone } from './times.ts';

const text = z.string().max(1_000);
const emailAddress = z.object({ name: z.string().max(256).nullish(), address: z.string().max(320).nullish() });

export const RESPONSES = ['none', 'organizer', 'tentativelyAccepted', 'accepted', 'declined', 'notResponded'] as const;

const location = z.object({
  displayName: text.nullish(),
  locationType: z.string().max(40).nullish(),
  locationUri: text.nullish(),
  locationEmailAddress: z.string().max(320).nullish(),
  uniqueId: text.nullish(),
  uniqueIdType: z.string().max(40).nullish(),
  address: z
    .object({
      street: text.nullish(),
      city: text.nullish(),
      state: text.nullish(),
      countryOrRegion: text.nullish(),
      postalCode: text.nullish(),
    })
    .nullish(),
  coordinates: z
    .object({ latitude: z.number().min(-90).max(90).nullish(), longitude: z.number().min(-180).max(180).nullish() })
    .nullish(),
});

/** What a program may say of an event. What else Graph's event has is read-only and left aside, as programs send it back. */
const fields = {
  subject: z.string().max(255).nullish(),
  body: z.object({ contentType: z.enum(['text', 'html']).nullish(), content: z.string().nullish() }).nullish(),
  start: dateTimeTimeZone.nullish(),
  end: dateTimeTimeZone.nullish(),
  isAllDay: z.boolean().nullish(),
  location: location.nullish(),
  locations: z.array(location).max(50).nullish(),
  attendees: z
    .array(
      z.object({
        type: z.enum(['required', 'optional', 'resource']).nullish(),
        emailAddress,
        status: z.object({ response: z.enum(RESPONSES).nullish() }).nullish(),
      }),
    )
    .max(500)
    .nullish(),
  recurrence: recurrenceShape.nullish(),
  showAs: z.enum(['free', 'tentative', 'busy', 'oof', 'workingElsewhere', 'unknown']).nullish(),
  sensitivity: z.enum(['normal', 'personal', 'private', 'confidential']).nullish(),
  importance: z.enum(['low', 'normal', 'high']).nullish(),
  categories: z.array(z.string().min(1).max(255)).max(50).nullish(),
  isReminderOn: z.boolean().nullish(),
  reminderMinutesBeforeStart: z.int().min(0).max(2_628_000).nullish(),
  isOnlineMeeting: z.boolean().nullish(),
  onlineMeetingUrl: z.url().max(2_000).nullish(),
  onlineMeeting: z.object({ joinUrl: z.url().max(2_000).nullish() }).nullish(),
  allowNewTimeProposals: z.boolean().nullish(),
  hideAttendees: z.boolean().nullish(),
  responseRequested: z.boolean().nullish(),
};

export const eventChanges = z.object(fields);
export const newEvent = z.object({
  ...fields,
  start: dateTimeTimeZone,
  end: dateTimeTimeZone,
  transactionId: z.string().min(1).max(128).nullish(),
});
export type EventBody = z.output<typeof eventChanges>;
