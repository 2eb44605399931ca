import { type Route, route } from '../../../platform/http/route.ts';
import { type ApplicationPorts, listKnownApplications } from '../../usecases/known-applications.ts';

/** What the cross-tenant access policy can name by more than an id. */
export const knownApplicationsRoute = (ports: ApplicationPorts): Route =>
  route({
    method: 'GET',
    path: '/admin/partners/access/applications',
    summary: 'The applications registered or used here, with who registered them: what the access policy can name.',
    wire: 'problem',
    access: 'asks',
    tags: ['partners'],
    handle: async (ctx) => ({ value: await listKnownApplications(ctx, ports) }),
  });
