import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import type { TenantId } from '../../../kernel/ids.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { PATHS } from './streams.ts';

export interface MetadataPorts {
  readonly findTenantId: (address: string) => Promise<TenantId | undefined>;
  readonly issuerOf: (tenantId: TenantId) => string;
  readonly httpsOrigin: () => string;
}

/** OpenID Shared Signals Framework 1.0 §7: what a transmitter is and where its endpoints are. */
export const metadataRoutes = (ports: MetadataPorts): Route[] =>
  ['/.well-known/ssf-configuration/:tenant', '/.well-known/ssf-configuration/:tenant/v2.0'].map((path) =>
    route({
      method: 'GET',
      path,
      summary: 'How an organisation tells others what changes about the sign-in of its people.',
      wire: 'problem',
      access: { public: 'Receivers of security signals read it before they have a credential.' },
      tags: ['sign-in'],
      params: z.object({ tenant: z.string().max(253) }),
      transaction: 'none',
      async handle(_ctx, { params }) {
        const tenantId = await ports.findTenantId(params.tenant);
        if (!tenantId) throw kernelFaults.notFound();
        const origin = ports.httpsOrigin();
        const body = {
          spec_version: '1_0',
          issuer: ports.issuerOf(tenantId),
          jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
          delivery_methods_supported: ['urn:ietf:rfc:8935', 'urn:ietf:rfc:8936'],
          configuration_endpoint: `${origin}${PATHS.streams}`,
          status_endpoint: `${origin}${PATHS.status}`,
          add_subject_endpoint: `${origin}${PATHS.add}`,
          remove_subject_endpoint: `${origin}${PATHS.remove}`,
          verification_endpoint: `${origin}${PATHS.verify}`,
          critical_subject_members: [],
          authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6749' }],
          default_subjects: 'NONE',
        };
        return new Reply(200, body, { 'cache-control': 'public, max-age=3600' });
      },
    }),
  );
