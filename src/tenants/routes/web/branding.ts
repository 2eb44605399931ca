import { z } from 'zod';
import type { TenantId } from '../../../kernel/ids.ts';
import type { SettingsSnapshot } from '../../../kernel/settings.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { getBranding } from '../../usecases/organization.ts';

/** How a tenant's sign-in page looks, before anyone has signed in. */
export const brandingRoute = (settingsOf: (id: TenantId) => Promise<SettingsSnapshot>): Route =>
  route({
    method: 'GET',
    path: '/:tenant/branding',
    summary: 'Name, colours and texts of an organisation’s sign-in page.',
    wire: 'problem',
    access: { public: 'The sign-in page shows it to people who have not signed in yet.' },
    params: z.object({ tenant: z.string().max(256) }),
    tags: ['organization'],
    handle: (ctx, { params }) => getBranding(ctx, settingsOf, params.tenant),
  });
