import { z } from 'zod';
import { defineSettings } from '../kernel/settings.ts';

const color = (sentence: string) =>
  z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'A colour is written like #0f6cbd.')
    .nullable()
    .default(null)
    .describe(sentence);
const text = (length: number, sentence: string) => z.string().max(length).default('').describe(sentence);
const address = (sentence: string) => z.email().nullable().default(null).describe(sentence);
// Only what a browser may safely open from the sign-in page.
const link = (sentence: string) =>
  z
    .url({ protocol: /^https?$/ })
    .max(1024)
    .nullable()
    .default(null)
    .describe(sentence);

const permissions = { read: ['Organization.Read.All'], write: ['Organization.ReadWrite.All'] };

/** What an organisation says of itself, to its own people and on the Graph wire. */
export const organizationSettings = defineSettings({
  name: 'tenants.organization',
  scope: 'tenant',
  permissions,
  title: 'Organisation profile',
  sentence: 'Whom the organisation names for technical, security and privacy matters.',
  shape: z.object({
    technicalNotificationMails: z.array(z.email()).max(20).default([]).describe('Who hears of technical trouble.'),
    securityComplianceNotificationMails: z
      .array(z.email())
      .max(20)
      .default([])
      .describe('Who hears of security matters.'),
    privacyContactEmail: address('Whom to ask about privacy.'),
    privacyStatementUrl: link('Where the privacy statement stands. Guests see it before they consent.'),
    preferredLanguage: z
      .string()
      .regex(/^[a-z]{2}(-[A-Z]{2})?$/, 'A language is written like sv or sv-SE.')
      .default('en')
      .describe('The language of mail to people whose own is not known.'),
    countryLetterCode: z
      .string()
      .regex(/^[A-Z]{2}$/, 'A country has two letters, like SE (ISO 3166-1).')
      .nullable()
      .default(null)
      .describe('The country of the organisation, and of its people where theirs is not known.'),
  }),
});

/** How the organisation's sign-in page looks. Public by nature. */
export const brandingSettings = defineSettings({
  name: 'tenants.branding',
  scope: 'tenant',
  permissions,
  title: 'Sign-in page',
  sentence: 'How the sign-in page of the organisation looks. Everyone can see it.',
  shape: z.object({
    bannerColor: color('Colour of the banner.'),
    backgroundColor: color('Colour behind the form.'),
    bannerLogoText: text(64, 'Text in the place of the logo; empty shows the name of the organisation.'),
    signInPageText: text(1024, 'Shown under the form, as plain text.'),
    contact: text(256, 'Whom to ask when signing in fails.'),
  }),
});
