import { z } from 'zod';
import { defineSettings } from '../kernel/settings.ts';

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
