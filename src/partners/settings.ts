import { z } from 'zod';
import { defineSettings } from '../kernel/settings.ts';
import { ALL_USERS, ALLOW_ALL, accessSetting, BLOCK_ALL } from './model/access-setting.ts';

const trust = z.strictObject({
  isMfaAccepted: z.boolean().nullish().transform(Boolean),
  isCompliantDeviceAccepted: z.boolean().nullish().transform(Boolean),
  isHybridAzureADJoinedDeviceAccepted: z.boolean().nullish().transform(Boolean),
});
const consent = z.strictObject({
  inboundAllowed: z.boolean().nullish().transform(Boolean),
  outboundAllowed: z.boolean().nullish().transform(Boolean),
});
const synchronization = z.strictObject({
  displayName: z.string().max(256).nullish(),
  userSyncInbound: z.strictObject({ isSyncAllowed: z.boolean().default(false) }).prefault({}),
});

const NO_TRUST = {
  isMfaAccepted: false,
  isCompliantDeviceAccepted: false,
  isHybridAzureADJoinedDeviceAccepted: false,
};
const NO_CONSENT = { inboundAllowed: false, outboundAllowed: false };

const SENTENCES = {
  b2bCollaborationInbound: 'Whose people may be guests here, and for which applications.',
  b2bCollaborationOutbound: 'Which of our people may be guests elsewhere, and for which applications.',
  b2bDirectConnectInbound: 'Whose people may use our shared things without becoming guests.',
  b2bDirectConnectOutbound: 'Which of our people may use shared things elsewhere without becoming guests.',
  inboundTrust: 'Which proof given at home counts here, so that it is not asked for again.',
  automaticUserConsentSettings: 'Whether invitations are accepted without a letter and a question, both ways.',
  tenantRestrictions: 'What accounts of other organisations may do from our network.',
} as const;

const WRITERS = ['security-administrator'] as const;
const permissions = { read: [], write: ['Policy.ReadWrite.CrossTenantAccess'] };

/** What holds for every organisation that has no entry of its own, and for each part that an entry leaves out. */
export const accessDefaults = defineSettings({
  name: 'partners.access-defaults',
  scope: 'tenant',
  title: 'Cross-tenant access: everybody',
  sentence: 'How people of other organisations work here and ours there, where nothing else is said of one.',
  administrators: WRITERS,
  permissions,
  shape: z.object({
    displayName: z.string().min(1).max(256).default('CrossTenantAccessPolicy').describe('The name of the policy.'),
    b2bCollaborationInbound: accessSetting.default(ALLOW_ALL).describe(SENTENCES.b2bCollaborationInbound),
    b2bCollaborationOutbound: accessSetting.default(ALLOW_ALL).describe(SENTENCES.b2bCollaborationOutbound),
    b2bDirectConnectInbound: accessSetting.default(BLOCK_ALL).describe(SENTENCES.b2bDirectConnectInbound),
    b2bDirectConnectOutbound: accessSetting.default(BLOCK_ALL).describe(SENTENCES.b2bDirectConnectOutbound),
    inboundTrust: trust.default(NO_TRUST).describe(SENTENCES.inboundTrust),
    automaticUserConsentSettings: consent.default(NO_CONSENT).describe(SENTENCES.automaticUserConsentSettings),
    tenantRestrictions: accessSetting.default(BLOCK_ALL).describe(SENTENCES.tenantRestrictions),
  }),
  check(values) {
    // Ids of people are of one directory, and the defaults are for all.
    for (const name of ['b2bCollaborationInbound', 'b2bDirectConnectInbound', 'tenantRestrictions'] as const)
      if (values[name].usersAndGroups.targets.some(({ target }) => target !== ALL_USERS))
        return `"${name}" can name all users here. Name people and groups in the entry of their organisation.`;
    return undefined;
  },
});

/** What holds for one organisation, by its tenant id. A part left out is as for everybody, whole. */
export const partnerAccess = defineSettings({
  name: 'partners.partner-access',
  scope: 'partner',
  title: 'Cross-tenant access: one organisation',
  sentence: 'How people of one organisation work here and ours there, more open or more closed than for everybody.',
  administrators: [...WRITERS, 'partner-administrator'],
  permissions,
  shape: z.object({
    b2bCollaborationInbound: accessSetting.nullable().default(null).describe(SENTENCES.b2bCollaborationInbound),
    b2bCollaborationOutbound: accessSetting.nullable().default(null).describe(SENTENCES.b2bCollaborationOutbound),
    b2bDirectConnectInbound: accessSetting.nullable().default(null).describe(SENTENCES.b2bDirectConnectInbound),
    b2bDirectConnectOutbound: accessSetting.nullable().default(null).describe(SENTENCES.b2bDirectConnectOutbound),
    inboundTrust: trust.nullable().default(null).describe(SENTENCES.inboundTrust),
    automaticUserConsentSettings: consent.nullable().default(null).describe(SENTENCES.automaticUserConsentSettings),
    tenantRestrictions: accessSetting.nullable().default(null).describe(SENTENCES.tenantRestrictions),
    isServiceProvider: z.boolean().default(false).describe('Whether this organisation runs services for ours.'),
    identitySynchronization: synchronization
      .nullable()
      .default(null)
      .describe('Whether this organisation may bring its people here by itself.'),
  }),
});

/** How often partnerships are tested by the clock. */
export const partnerTests = defineSettings({
  name: 'partners.tests',
  scope: 'tenant',
  title: 'Tests of partnerships',
  sentence: 'How often each partnership is tested, so that what fails is told to the administrators of both sides.',
  administrators: ['security-administrator', 'partner-administrator'],
  shape: z.object({
    minutesBetween: z
      .int()
      .min(0)
      .max(1_440)
      .default(5)
      .describe('Minutes between two tests of one partnership, in steps of five; 0: none is made by the clock.'),
  }),
});
