import { z } from 'zod';
import { type Route, route } from '../../../platform/http/route.ts';
import { endOutsideRights } from '../../usecases/end-outside-rights.ts';
import type { GrantsTiePorts } from '../../usecases/grants-tie.ts';

/** What people of other organisations were given here, ended at once: beside a rule that lets them in no more. */
export const outsideRightsRoute = (ports: GrantsTiePorts): Route =>
  route({
    method: 'POST',
    path: '/admin/outside-rights/end',
    summary: 'Ends every right that people of these domains have here.',
    wire: 'problem',
    access: 'asks',
    tags: ['access'],
    canBeTried: true,
    body: z.strictObject({ domains: z.array(z.string().trim().toLowerCase().min(1).max(253)).min(1).max(1_000) }),
    handle: async (ctx, { body: { domains } }) => ({ ended: await endOutsideRights(ctx, ports, domains) }),
  });
