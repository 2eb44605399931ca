import { z } from 'zod';
import { type Route, route } from '../../../platform/http/route.ts';
import { endOutsideRights, type OutsidePorts } from '../../usecases/end-outside-rights.ts';

/** What people of other organisations were given here, ended at once: beside a rule that lets them in no more. */
export const outsideRightsRoute = (ports: OutsidePorts): Route =>
  route({
    method: 'POST',
    path: '/admin/outside-rights/end',
    summary: 'Ends whatever people of these domains have here: rights, guests, invitations. A receipt says what.',
    wire: 'problem',
    access: 'asks',
    tags: ['access'],
    canBeTried: true,
    body: z.strictObject({ domains: z.array(z.string().trim().toLowerCase().min(1).max(253)).min(1).max(1_000) }),
    handle: async (ctx, { body: { domains } }) => ({ ended: await endOutsideRights(ctx, ports, domains) }),
  });
