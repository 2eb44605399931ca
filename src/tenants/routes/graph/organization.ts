import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { presentCollection, presentEntity } from '../../../platform/http/collection.ts';
import { noContent, type Route, route } from '../../../platform/http/route.ts';
import { changeOrganization, getOrganization, type Organization } from '../../usecases/organization.ts';

/** The caller's own organisation as Microsoft Graph shapes it. */
export function organizationRoutes(): readonly Route[] {
  const graph = { wire: 'graph', access: 'asks', tags: ['organization'] } as const;
  const params = z.object({ id: z.string().max(64) });
  return [
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/organization',
      summary: 'The organisation of the caller, alone in a list.',
      handle: async (ctx, request) =>
        presentCollection(request, 'organization', [presentOrganization(await getOrganization(ctx))], {
          id: { kind: 'string' },
          displayName: { kind: 'string' },
        }),
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/organization/:id',
      summary: 'The organisation of the caller.',
      params,
      handle: async (ctx, request) => {
        const organization = await getOrganization(ctx);
        if (request.params.id.toLowerCase() !== ctx.tenantId) throw kernelFaults.notFound();
        return presentEntity(request, 'organization', presentOrganization(organization));
      },
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: '/v1.0/organization/:id',
      summary: 'Renames the organisation or changes its profile.',
      params,
      body: z.strictObject({
        displayName: z.string().optional(),
        technicalNotificationMails: z.array(z.string()).optional(),
        securityComplianceNotificationMails: z.array(z.string()).optional(),
        preferredLanguage: z.string().optional(),
        countryLetterCode: z.string().nullable().optional(),
        privacyProfile: z
          .strictObject({
            contactEmail: z.string().nullable().optional(),
            statementUrl: z.string().nullable().optional(),
          })
          .optional(),
      }),
      handle: async (ctx, { params: { id }, body }) => {
        if (id.toLowerCase() !== ctx.tenantId) {
          // Asked first, so that an id that is not one's own is no way around the question.
          await getOrganization(ctx);
          throw kernelFaults.notFound();
        }
        const { displayName, privacyProfile, ...rest } = body;
        const profile = Object.fromEntries(
          Object.entries({
            ...rest,
            privacyContactEmail: privacyProfile?.contactEmail,
            privacyStatementUrl: privacyProfile?.statementUrl,
          }).filter(([, value]) => value !== undefined),
        );
        await changeOrganization(ctx, {
          ...(displayName === undefined ? {} : { displayName }),
          ...(Object.keys(profile).length === 0 ? {} : { profile }),
        });
        return noContent();
      },
    }),
  ];
}

function presentOrganization({ tenant, domains, ...profile }: Organization) {
  return {
    id: tenant.id,
    displayName: tenant.displayName,
    createdDateTime: tenant.createdAt.toISOString(),
    deletedDateTime: null,
    tenantType: 'AAD',
    countryLetterCode: profile.countryLetterCode,
    preferredLanguage: profile.preferredLanguage,
    technicalNotificationMails: profile.technicalNotificationMails,
    securityComplianceNotificationMails: profile.securityComplianceNotificationMails,
    privacyProfile: { contactEmail: profile.privacyContactEmail, statementUrl: profile.privacyStatementUrl },
    verifiedDomains: domains.map((domain) => ({
      name: domain.name,
      capabilities: domain.supportedServices.join(', '),
      isDefault: domain.isDefault,
      isInitial: domain.isInitial,
      type: 'Managed',
    })),
  };
}
