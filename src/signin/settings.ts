import { z } from 'zod';
import { defineSettings } from '../kernel/settings.ts';

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
