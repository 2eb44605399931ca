import { z } from 'zod';
import { defineSettings } from '../kernel/settings.ts';
import { isZone } from '../protocols/icalendar/index.ts';
import { parseDomainName } from '../tenants/index.ts';
import { calendarsFaults } from './faults.ts';
import { WEEKDAYS } from './model/calendar.ts';
import {
  ANONYMOUS_CAPABILITIES,
  type CapabilityName,
  capability,
  DOMAINS_AT_MOST,
  FREE_BUSY_ACCESS,
  MAIL_TIPS_ACCESS,
  NAME_AT_MOST,
  PARTNER_CAPABILITIES,
} from './model/relationship.ts';
import { BUILT_IN_POLICY, parseRule, parseRules, printRule, SharingRuleError } from './model/sharing-policy.ts';

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
      .describe('How large the text of one event may be, with what lies within it, in kilobytes.'),
    largestAttachmentKilobytes: z
      .int()
      .min(0)
      .max(10_240)
      .default(3_072)
      .describe('How large one file of an event may be, in kilobytes.'),
    largestUploadKilobytes: z
      .int()
      .min(0)
      .max(51_200)
      .default(25_600)
      .describe('How large one file of an event may be that is sent in pieces, in kilobytes.'),
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
  admits({ name, isDefault }, { others }) {
    for (const other of others.values()) {
      if (other.name.toLowerCase() === name.toLowerCase()) throw calendarsFaults.sharingPolicyExists(other.name);
      if (isDefault && other.isDefault) throw calendarsFaults.twoDefaultSharingPolicies(name, other.name);
    }
  },
  fixedIds: { [BUILT_IN_POLICY.name]: BUILT_IN_POLICY.id },
});
const POLICY = {
  administrators: ['exchange-administrator'],
  permissions: { read: ['OrganizationSettings.Read.All'], write: ['OrganizationSettings.ReadWrite.All'] },
} as const;

const domainName = z.string().transform((text, check) => {
  const domain = parseDomainName(text);
  if (domain !== undefined) return domain as string;
  check.addIssue({ code: 'custom', message: `"${text}" is not a domain name of an organisation.` });
  return z.NEVER;
});

/** Where a partner is reached. Which machines it may lead to is checked when it is set, and again when it is used. */
const endpoint = z
  .url()
  .max(2_048)
  .refine((text) => {
    const url = URL.parse(text);
    return url?.protocol === 'https:' && url.username === '' && url.password === '';
  }, 'Write an https address without a name or password.')
  .nullable()
  .default(null);

const group = z.guid().nullable().default(null);

/** One partner organisation and what its people may look up here. Fields and defaults of New-OrganizationRelationship. */
export const organizationRelationships = defineSettings({
  name: 'calendars.organization-relationships',
  scope: 'collection',
  title: 'Organization relationships',
  sentence: 'Which organisations may look up when our people are free, and what else of their mailboxes.',
  ...POLICY,
  shape: z.object({
    name: z.string().trim().max(NAME_AT_MOST).default('').describe('How the relationship is called here.'),
    domainNames: z
      .array(domainName)
      .max(DOMAINS_AT_MOST)
      .transform((domains) => [...new Set(domains)])
      .default([])
      .describe("The partner's domains, each subdomain by itself."),
    partnerTenantId: z
      .guid()
      .nullable()
      .default(null)
      .describe('The organisation whose domains they were when they were confirmed; nobody else is let in by them.'),
    enabled: z.boolean().default(true).describe('Whether anything under this relationship works.'),
    freeBusyAccessEnabled: z.boolean().default(false).describe('Whether times are looked up under it at all.'),
    freeBusyAccessLevel: z
      .enum(FREE_BUSY_ACCESS)
      .default('None')
      .describe('The most that the partner is told: nothing, times alone, or subject and place too.'),
    freeBusyAccessScope: group.describe('Only members of this group are told of; nothing: everybody.'),
    mailTipsAccessEnabled: z.boolean().default(false).describe('Whether the partner is told of our recipients.'),
    mailTipsAccessLevel: z.enum(MAIL_TIPS_ACCESS).default('None').describe('Which tips the partner is given.'),
    mailTipsAccessScope: group.describe('Only members of this group are told of one by one; nothing: everybody.'),
    deliveryReportEnabled: z.boolean().default(false).describe('Whether messages are traced across the pair.'),
    photosEnabled: z.boolean().default(false).describe('Whether the partner may see photos of our people.'),
    organizationContact: z.email().nullable().default(null).describe('Whom to write to at the partner.'),
    targetApplicationUri: z.url().max(2_048).nullable().default(null).describe('What the partner calls its service.'),
    targetAutodiscoverEpr: endpoint.describe('Where to ask for the address of the partner.'),
    targetSharingEpr: endpoint.describe('The address of the partner; where it is set, nobody is asked for it.'),
    targetOwaUrl: endpoint.describe('Where people go who moved to the partner.'),
    archiveAccessEnabled: z.boolean().default(false).describe('Whether the partner keeps our archives.'),
    mailboxMoveEnabled: z.boolean().default(false).describe('Whether mailboxes may move between the two.'),
    mailboxMoveCapability: z
      .enum(['Inbound', 'Outbound', 'RemoteInbound', 'RemoteOutbound'])
      .nullable()
      .default(null)
      .describe('In which direction mailboxes move.'),
    mailboxMovePublishedScopes: z.array(z.guid()).max(100).default([]).describe('Groups whose members may move out.'),
    oauthApplicationId: z.guid().nullable().default(null).describe('The application that moves them.'),
  }),
  check({ name, domainNames }) {
    if (name === '') return 'A relationship needs a name.';
    return domainNames.length === 0 ? 'A relationship needs at least one domain.' : undefined;
  },
  admits({ name, domainNames }, { others, ownDomains }) {
    const own = domainNames.filter((domain) => ownDomains.includes(domain));
    if (own.length > 0) throw calendarsFaults.ownDomain(own);
    for (const other of others.values()) {
      if (other.name.toLowerCase() === name.toLowerCase()) throw calendarsFaults.relationshipNameInUse(other.name);
      const shared = domainNames.find((domain) => other.domainNames.includes(domain));
      if (shared !== undefined) throw calendarsFaults.domainInOtherRelationship(shared, other.name);
    }
  },
});

const capabilities = <Name extends CapabilityName>(names: readonly Name[]) =>
  z.object(
    Object.fromEntries(names.map((name) => [name, capability.describe(SENTENCES[name])])) as Record<
      Name,
      typeof capability
    >,
  );

const SENTENCES: Readonly<Record<CapabilityName, string>> = {
  crossTenantCalendarAvailabilityBasic: 'Whether times are looked up.',
  crossTenantCalendarAvailabilityLimitedDetails: 'Whether times are looked up with subject and place.',
  crossTenantCalendarSharingFreeBusySimple: 'Whether people may share the times of a calendar.',
  crossTenantCalendarSharingFreeBusyDetail: 'Whether people may share times, subjects and places of a calendar.',
  crossTenantCalendarSharingFreeBusyReviewer: 'Whether people may share a calendar whole.',
  crossTenantMailTipsLimited: 'Whether the few tips on recipients are given that keep mail from failing.',
  crossTenantMailTipsAll: 'Whether every tip on recipients is given.',
  anonymousCalendarSharingFreeBusySimple: 'Whether people may publish the times of a calendar.',
  anonymousCalendarSharingFreeBusyDetail: 'Whether people may publish times, subjects and places of a calendar.',
  anonymousCalendarSharingFreeBusyReviewer: 'Whether people may publish a calendar whole.',
};

/** What every other organisation may, unless a relationship or an entry of its own says otherwise. At first nothing. */
export const defaultCapabilities = defineSettings({
  name: 'calendars.default-capabilities',
  scope: 'tenant',
  title: 'Calendar capabilities of everybody',
  sentence: 'What any other organisation may look up and be given of calendars and recipients.',
  ...POLICY,
  shape: capabilities([...PARTNER_CAPABILITIES, ...ANONYMOUS_CAPABILITIES]),
});

/** What one other organisation may, keyed by its tenant id; each entry stands in place of everybody's. */
export const partnerCapabilities = defineSettings({
  name: 'calendars.partner-capabilities',
  scope: 'partner',
  title: 'Calendar capabilities of a partner',
  sentence: 'What one organisation may look up and be given of calendars and recipients.',
  ...POLICY,
  shape: capabilities(PARTNER_CAPABILITIES),
});

/** What senders are told before they send. Names and defaults of Set-OrganizationConfig. */
export const mailTips = defineSettings({
  name: 'calendars.mail-tips',
  scope: 'tenant',
  title: 'Tips on recipients',
  sentence: 'What people are told of those they are writing to, before they send.',
  ...POLICY,
  shape: z.object({
    allTipsEnabled: z.boolean().default(true).describe('Whether there are tips at all.'),
    groupMetricsEnabled: z.boolean().default(true).describe('Whether it is told how many people are in a group.'),
    mailboxSourcedTipsEnabled: z.boolean().default(true).describe('Whether automatic replies are told.'),
    largestMessageMegabytes: z
      .int()
      .min(1)
      .max(150)
      .default(36)
      .describe('The largest message that recipients here are said to take, in megabytes.'),
  }),
});
