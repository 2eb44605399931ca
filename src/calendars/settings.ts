import { z } from 'zod';
import { defineSettings } from '../kernel/settings.ts';
import { isZone } from '../protocols/icalendar/index.ts';
import { WEEKDAYS } from './model/calendar.ts';

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Write a time of day as 08:00.');

/** What a new mailbox begins with; its owner changes it. */
export const calendarDefaults = defineSettings({
  name: 'calendars.defaults',
  scope: 'tenant',
  title: 'Calendars',
  sentence: 'What a calendar begins with, and how much it takes.',
  shape: z.object({
    timeZone: z
      .string()
      .refine(isZone, 'There is no time zone of this name.')
      .default('UTC')
      .describe('The time zone of new calendars, until their owner changes it.'),
    workingDays: z
      .array(z.enum(WEEKDAYS))
      .min(1)
      .default(['monday', 'tuesday', 'wednesday', 'thursday', 'friday'])
      .describe('The days on which people work, until they say otherwise.'),
    workingHoursStart: clock.default('08:00').describe('When the working day begins.'),
    workingHoursEnd: clock.default('17:00').describe('When the working day ends.'),
    defaultPermission: z
      .enum(['none', 'freeBusyRead', 'limitedRead', 'read', 'write'])
      .default('freeBusyRead')
      .describe('What everybody at home sees of a new primary calendar, until its owner changes it.'),
    largestObjectKilobytes: z
      .int()
      .min(16)
      .max(10_240)
      .default(1_024)
      .describe('How large one event with its attachments may be, in kilobytes.'),
  }),
  permissions: { read: ['Calendars.Read'], write: [] },
  check: ({ workingHoursStart, workingHoursEnd }) =>
    workingHoursStart < workingHoursEnd ? undefined : 'The working day ends after it begins.',
});
