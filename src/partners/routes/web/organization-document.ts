import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import type { TenantId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { type DescribePorts, describeOrganization } from '../../usecases/describe-organization.ts';

export interface DocumentPorts extends DescribePorts {
  readonly run: Run;
  readonly tenantOfDomain: (domain: string) => Promise<TenantId | undefined>;
}

/** RFC 8615: how another organisation finds ours. The domain is the host's, unless one of ours is named. */
export const organizationDocumentRoute = (ports: DocumentPorts): Route =>
  route({
    method: 'GET',
    path: '/.well-known/entente',
    summary: 'What the organisation behind a domain says of itself to others, signed.',
    wire: 'problem',
    access: { public: 'An organisation publishes it so that others can find it.' },
    tags: ['partners'],
    transaction: 'none',
    query: z.object({ domain: z.string().max(253).toLowerCase().optional() }),
    async handle(ctx, { query, raw }) {
      const tenantId = await ports.tenantOfDomain(query.domain ?? raw.hostname.toLowerCase());
      if (!tenantId) throw kernelFaults.notFound();
      const actor = { kind: 'system', name: 'partners.document' } as const;
      const { correlationId } = ctx;
      const document = await ports.run({ tenantId, actor, correlationId, readOnly: true }, async (inside) => {
        if (inside.tenant.state === 'deleted') throw kernelFaults.notFound();
        return describeOrganization(inside, ports);
      });
      return new Reply(200, document, { 'cache-control': 'public, max-age=300' });
    },
  });
