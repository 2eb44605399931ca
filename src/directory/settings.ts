import { z } from 'zod';
import { defineSettings } from '../kernel/settings.ts';
import { listedDomain } from './model/domain-list.ts';
import { DEFAULT_MAPPINGS, filter, mapping } from './model/synchronization.ts';

/** How far a guest sees into the directory, by the reference product's role ids. */
export const GUEST_LEVELS = {
  sameAsMember: 'a0b1b346-4d3e-4e8b-98f8-753987be4970',
  limited: '10dae51f-b6af-4016-8d66-8c2a99b929b3',
  mostRestricted: '2af84b1e-32c8-42b7-82bc-daa82404023b',
} as const;

const SCHEME = /^[a-z][a-z0-9+.-]*$/;
/** Schemes by which a link can run code or read the reader's disk. */
const NEVER_A_TARGET = ['javascript', 'data', 'vbscript', 'file', 'blob', 'about', 'http', 'ws', 'wss', 'ftp'];

const days = (most: number) => z.number().int().min(1).max(most);

/** Who may become a guest, who may ask them in, and how long they stay. */
export const externalCollaboration = defineSettings({
  name: 'directory.external-collaboration',
  scope: 'tenant',
  title: 'External collaboration',
  sentence: 'Who may invite guests, from where, what guests see, and how long they stay.',
  administrators: ['security-administrator'],
  shape: z.object({
    allowInvitesFrom: z
      .enum(['everyone', 'adminsGuestInvitersAndAllMembers', 'adminsAndGuestInviters', 'none'])
      .default('everyone')
      .describe('Who may invite: everyone (guests too), all members, only administrators and inviters, or nobody.'),
    guestUserRoleId: z
      .enum([GUEST_LEVELS.sameAsMember, GUEST_LEVELS.limited, GUEST_LEVELS.mostRestricted])
      .default(GUEST_LEVELS.limited)
      .describe('What guests see of the directory: as much as members, limited, or only themselves.'),
    domainRestriction: z
      .enum(['any', 'deny', 'allow'])
      .default('any')
      .describe('Guests may come from any domain, from all but the blocked ones, or only from the allowed ones.'),
    blockedDomains: z.array(listedDomain).max(100_000).default([]).describe('Domains that no guest may come from.'),
    allowedDomains: z.array(listedDomain).max(100_000).default([]).describe('The only domains guests may come from.'),
    emailPasscode: z
      .boolean()
      .default(true)
      .describe('Guests without another way to sign in get a code by mail each time.'),
    guestsMayLeave: z.boolean().default(true).describe('Guests may leave this organisation by themselves.'),
    privacyContact: z
      .email()
      .nullable()
      .default(null)
      .describe('The address that answers questions about personal data. Shown to guests.'),
    privacyStatementUrl: z
      .url({ protocol: /^https$/ })
      .nullable()
      .default(null)
      .describe('The privacy statement that invitations and the consent page link to.'),
    notificationLanguage: z
      .enum(['en', 'sv', 'zh'])
      .default('en')
      .describe('Language of mail to people whose own language is not known.'),
    guestStayDays: days(3650).default(365).describe('Days a new guest may stay where the inviter sets no end.'),
    guestRatio: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe('At most this many guests for each paid identity licence (5 is usual); null: no limit.'),
    defaultSponsorId: z
      .guid()
      .nullable()
      .default(null)
      .describe('The account that answers for guests whom an application invites without naming a sponsor.'),
    appSchemes: z
      .array(z.string().regex(SCHEME))
      .default([])
      .describe('App schemes besides https that an invitation may lead to, such as "fabrikam-app".'),
  }),
  check(values) {
    const { domainRestriction: mode, blockedDomains, allowedDomains } = values;
    if (blockedDomains.length > 0 && mode !== 'deny')
      return 'Only one list of domains can be set: blocked domains need the restriction "deny".';
    if (allowedDomains.length > 0 && mode !== 'allow')
      return 'Only one list of domains can be set: allowed domains need the restriction "allow".';
    if (!values.guestsMayLeave && values.privacyContact === null)
      return 'Publish a privacy contact first: guests who may not leave by themselves must know whom to ask.';
    const scheme = values.appSchemes.find((name) => NEVER_A_TARGET.includes(name));
    return scheme === undefined ? undefined : `An invitation cannot lead to "${scheme}:".`;
  },
});

/** What happens to guests who never came or no longer come. */
export const staleGuests = defineSettings({
  name: 'directory.stale-guests',
  scope: 'tenant',
  title: 'Stale guests',
  sentence: 'Guests who never came or no longer come are warned about, disabled and then deleted.',
  administrators: ['security-administrator', 'user-administrator'],
  shape: z.object({
    mode: z
      .enum(['off', 'dryRun', 'on'])
      .default('off')
      .describe('off: nothing; dryRun: only write what would be done to the audit; on: do it.'),
    neverRedeemedDays: days(3650).default(30).describe('Days after which an invitation nobody accepted is stale.'),
    inactiveDays: days(3650).default(90).describe('Days without a sign-in after which a guest is stale.'),
    disableAfterDays: days(365).default(14).describe('Days from the warning of the sponsors until sign-in is blocked.'),
    deleteAfterDays: days(365).default(30).describe('Days from the block until the guest is deleted.'),
  }),
});

/** What people at home may do with the directory without a role. */
export const directoryAccess = defineSettings({
  name: 'directory.access',
  scope: 'tenant',
  title: 'Directory access',
  sentence: 'What people without an administrative role may read and create.',
  shape: z.object({
    membersMayReadOthers: z
      .boolean()
      .default(true)
      .describe('People without an administrative role may read other people, groups and contacts.'),
    membersMayCreateGroups: z
      .boolean()
      .default(true)
      .describe('People without an administrative role may create groups.'),
  }),
});

/** Which of our people another organisation gets as members by itself, and what it is told of them (CT-14). */
export const synchronization = defineSettings({
  name: 'directory.synchronization',
  scope: 'partner',
  title: 'Synchronisation of people',
  sentence: 'Which of our people another organisation gets by itself, and what it is told of them.',
  administrators: ['security-administrator', 'partner-administrator'],
  shape: z.object({
    isOn: z
      .boolean()
      .default(false)
      .describe('Whether people are brought there; switched off, those who are there stay.'),
    everyone: z.boolean().default(false).describe('Everybody who is at home here, not only those named.'),
    groups: z.array(z.guid().toLowerCase()).max(200).default([]).describe('Groups whose members are brought.'),
    people: z.array(z.guid().toLowerCase()).max(1_000).default([]).describe('People who are brought.'),
    filters: z
      .array(filter)
      .max(20)
      .default([])
      .describe('What must all be so of a person for them to be brought, however they are named.'),
    bringsGroups: z
      .boolean()
      .default(false)
      .describe(
        'Whether the groups named are there as well, as security groups of those of their people who are there.',
      ),
    bringsManagers: z
      .boolean()
      .default(true)
      .describe('Whether it is told who somebody’s manager is, where the manager is there as well.'),
    createAs: z.enum(['Member', 'Guest']).default('Member').describe('What they are there.'),
    changesType: z.boolean().default(false).describe('Whether guests who are there already become the same.'),
    mappings: z
      .array(mapping)
      .max(40)
      .default([...DEFAULT_MAPPINGS])
      .describe('How what is told of each person is made: as it is here, always the same, or several put together.'),
    deletionThreshold: z
      .number()
      .int()
      .min(0)
      .max(1_000_000)
      .default(500)
      .describe(
        'So many people may leave in one cycle; with more, nobody is removed until an administrator has looked.',
      ),
    minutesBetween: z
      .int()
      .min(0)
      .max(1_440)
      .default(0)
      .describe('So many minutes lie between two cycles; 0: whatever changes is brought at once.'),
  }),
});
