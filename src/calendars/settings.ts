import { z } from 'zod';
import { defineSettings } from '../kernel/settings.ts';
import { isZone } from '../protocols/icalendar/index.ts';
import { WEEKDAYS } from './model/calendar.ts';
import { parseRule, parseRules, printRule, SharingRuleError } from './model/sharing-policy.ts';

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

const sharingRule = z
  .string()
  .max(512)
  .transform((text, check) => {
    try {
      return printRule(parseRule(text));
    } catch (error) {
      if (!(error instanceof SharingRuleError)) throw error;
      check.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });

/** One policy of what people may share outside. Fields and defaults of New-SharingPolicy. */
export const sharingPolicies = defineSettings({
  name: 'calendars.sharing-policies',
  scope: 'collection',
  title: 'Sharing policies',
  sentence: 'What people may share of their calendars and contacts with others outside the organisation.',
  administrators: ['exchange-administrator'],
  permissions: { read: ['OrganizationSettings.Read.All'], write: ['OrganizationSettings.ReadWrite.All'] },
  shape: z.object({
    name: z.string().trim().max(64).default('').describe('How the policy is called.'),
    rules: z
      .array(sharingRule)
      .max(1_000)
      .default([])
      .describe('Which domains may be given what: "contoso.example: CalendarSharingFreeBusySimple", * or Anonymous.'),
    enabled: z
      .boolean()
      .default(true)
      .describe('Whether people with this policy share anything outside. What runs ends when it is taken away.'),
    isDefault: z
      .boolean()
      .default(false)
      .describe('Whether it is the policy of every mailbox that has none of its own.'),
  }),
  check({ name, rules }) {
    if (name === '') return 'A sharing policy needs a name.';
    try {
      parseRules(rules);
      return undefined;
    } catch (error) {
      if (error instanceof SharingRuleError) return error.message;
      throw error;
    }
  },
});
