import { z } from 'zod';

/** Graph: the body of `assignLicense`, of a person and of a group. */
export const licenceChanges = z.strictObject({
  addLicenses: z
    .array(z.object({ skuId: z.string().max(100), disabledPlans: z.array(z.string().max(100)).default([]) }))
    .default([]),
  removeLicenses: z.array(z.string().max(100)).default([]),
});
