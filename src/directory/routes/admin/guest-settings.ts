import { z } from 'zod';
import { type Route, route } from '../../../platform/http/route.ts';
import { listedDomain } from '../../model/domain-list.ts';
import { changeGuestDomains, getGuestDomains } from '../../usecases/guest-domains.ts';

const domains = z.array(listedDomain).max(100_000);

/** The one list of domains that guests may or may not come from. */
export const guestDomainRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/admin/guest-domains',
    summary: 'The list of domains in force.',
    wire: 'problem',
    access: 'asks',
    tags: ['guests'],
    handle: (ctx) => getGuestDomains(ctx),
  }),
  route({
    method: 'PUT',
    path: '/admin/guest-domains',
    canBeTried: true,
    summary: 'Sets the blocked or the allowed domains, or neither.',
    wire: 'problem',
    access: 'asks',
    tags: ['guests'],
    body: z.strictObject({
      blockedDomains: domains.optional(),
      allowedDomains: domains.optional(),
      discardOtherList: z.boolean().default(false),
    }),
    handle: (ctx, { body }) => changeGuestDomains(ctx, body),
  }),
];
