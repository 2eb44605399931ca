import { z } from 'zod';
import { defineSettings } from '../kernel/settings.ts';
import { isNetwork } from './model/device.ts';

/** How people of other organisations sign in here. */
export const guestSignIn = defineSettings({
  name: 'signin.guests',
  scope: 'tenant',
  title: 'Sign-in of guests',
  sentence: 'What people of other organisations show before they come in.',
  administrators: ['security-administrator'],
  shape: z.object({
    requireSecondFactor: z
      .boolean()
      .default(false)
      .describe('Guests show a second factor: at home where that is trusted, else here.'),
    requireCompliantDevice: z
      .boolean()
      .default(false)
      .describe('Guests use a device that their home looks after and says so, where its word on that is trusted.'),
  }),
});

/** Which devices are the organisation's own. Its people are met by other organisations as it says here (CT-11). */
export const deviceSettings = defineSettings({
  name: 'signin.devices',
  scope: 'tenant',
  title: 'Devices',
  sentence: 'Which devices the organisation looks after; other organisations may want such a one of our people.',
  administrators: ['security-administrator'],
  shape: z.object({
    compliantNetworks: z
      .array(z.string().max(50).refine(isNetwork, 'This is no network: "10.1.0.0/16".'))
      .max(200)
      .default([])
      .describe(
        'Networks that only devices reach which the organisation looks after. Empty: no device counts as such.',
      ),
  }),
});

/** What people may let applications do, without asking an administrator. */
export const consentSettings = defineSettings({
  name: 'signin.consent',
  scope: 'tenant',
  title: 'Consent to applications',
  sentence: 'Whether people may let an application act for them.',
  shape: z.object({
    userConsent: z
      .enum(['allowed', 'administrators-only'])
      .default('allowed')
      .describe('Whether people may agree to permissions that need no administrator, or nobody but administrators.'),
  }),
});
