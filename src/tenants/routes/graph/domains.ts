import { z } from 'zod';
import { presentCollection, presentEntity } from '../../../platform/http/collection.ts';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import { type Domain, type DomainReference, proofText, SUPPORTED_SERVICES } from '../../model/domain.ts';
import {
  addDomain,
  changeDomain,
  type DomainPorts,
  forceRemoveDomain,
  getDomain,
  listDomainReferences,
  listOwnDomains,
  removeDomain,
  verifyDomain,
} from '../../usecases/domains.ts';

/** Where mail and chat for the tenants of this server are delivered. */
export interface DomainRoutePorts extends DomainPorts {
  readonly hostname: string;
}

/** Domains as Microsoft Graph shapes them: the `domain` resource, its DNS records and actions. */
export function domainRoutes(ports: DomainRoutePorts): readonly Route[] {
  const graph = { wire: 'graph', access: 'asks', tags: ['domains'] } as const;
  const params = z.object({ id: z.string().max(256) });
  return [
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/domains',
      summary: 'The domains of the organisation.',
      handle: async (ctx, request) =>
        presentCollection(request, 'domains', (await listOwnDomains(ctx)).map(presentDomain), {
          id: { kind: 'string' },
          isDefault: { kind: 'boolean' },
          isInitial: { kind: 'boolean' },
          isRoot: { kind: 'boolean' },
          isVerified: { kind: 'boolean' },
          supportedServices: { kind: 'string', collection: true },
        }),
    }),
    route({
      ...graph,
      method: 'POST',
      path: '/v1.0/domains',
      summary: 'Claims a domain; its TXT record proves it.',
      body: z.object({ id: z.string().max(256) }),
      handle: async (ctx, { body, origin }) => {
        const domain = await addDomain(ctx, body.id);
        return created(
          { '@odata.context': `${origin}/v1.0/$metadata#domains/$entity`, ...presentDomain(domain) },
          `${origin}/v1.0/domains/${domain.name}`,
        );
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/domains/:id',
      summary: 'One domain.',
      params,
      handle: async (ctx, request) =>
        presentEntity(request, 'domains', presentDomain(await getDomain(ctx, request.params.id))),
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: '/v1.0/domains/:id',
      summary: 'Makes a domain the default one, or says what it is used for.',
      params,
      body: z.strictObject({
        isDefault: z.literal(true).optional(),
        supportedServices: z.array(z.enum(SUPPORTED_SERVICES)).optional(),
      }),
      handle: async (ctx, { params: { id }, body }) => {
        await changeDomain(ctx, id, {
          ...(body.isDefault ? { isDefault: true } : {}),
          ...(body.supportedServices ? { supportedServices: body.supportedServices } : {}),
        });
        return noContent();
      },
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: '/v1.0/domains/:id',
      summary: 'Gives a domain up that nothing uses.',
      params,
      handle: async (ctx, { params: { id } }) => {
        await removeDomain(ctx, ports, id);
        return noContent();
      },
    }),
    route({
      ...graph,
      method: 'POST',
      path: '/v1.0/domains/:id/verify',
      summary: 'Looks for the proof in DNS and makes the domain the organisation’s own.',
      params,
      handle: async (ctx, request) =>
        presentEntity(request, 'domains', presentDomain(await verifyDomain(ctx, ports.dns, request.params.id))),
    }),
    route({
      ...graph,
      method: 'POST',
      path: '/v1.0/domains/:id/forceDelete',
      summary: 'Renames whatever uses the domain to the initial one, then gives it up.',
      params,
      handle: async (ctx, { params: { id } }) => {
        await forceRemoveDomain(ctx, ports, id);
        return noContent();
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/domains/:id/domainNameReferences',
      summary: 'What uses the domain and must be renamed before it can be given up.',
      params,
      handle: async (ctx, request) =>
        presentCollection(
          request,
          'directoryObjects',
          (await listDomainReferences(ctx, ports, request.params.id)).map(presentReference),
          { id: { kind: 'string' }, displayName: { kind: 'string' } },
        ),
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/domains/:id/verificationDnsRecords',
      summary: 'The record to publish as proof.',
      params,
      handle: async (ctx, request) => {
        const domain = await getDomain(ctx, request.params.id);
        const record = dnsRecord(domain, 'Txt', '', { text: proofText(domain) });
        return presentCollection(request, `domains('${domain.name}')/verificationDnsRecords`, [record], {});
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/domains/:id/serviceConfigurationRecords',
      summary: 'The records to publish so that mail and chat find this server.',
      params,
      handle: async (ctx, request) => {
        const domain = await getDomain(ctx, request.params.id);
        const rows = serviceRecords(domain, ports.hostname);
        return presentCollection(request, `domains('${domain.name}')/serviceConfigurationRecords`, rows, {});
      },
    }),
  ];
}

function presentDomain(domain: Domain) {
  return {
    id: domain.name,
    authenticationType: 'Managed',
    availabilityStatus: null,
    isAdminManaged: true,
    isDefault: domain.isDefault,
    isInitial: domain.isInitial,
    // Each name is proven or inherits on its own, so none is managed through another.
    isRoot: true,
    isVerified: domain.verifiedAt !== null,
    supportedServices: domain.supportedServices,
    state: null,
  };
}

const REFERENCE_TYPES: Readonly<Record<string, string>> = {
  account: '#microsoft.graph.user',
  group: '#microsoft.graph.group',
  application: '#microsoft.graph.application',
};

const presentReference = (reference: DomainReference) => ({
  '@odata.type': REFERENCE_TYPES[reference.kind] ?? '#microsoft.graph.directoryObject',
  id: reference.id,
  displayName: reference.displayName,
});

function serviceRecords(domain: Domain, hostname: string) {
  const records = [];
  if (domain.supportedServices.includes('Email')) {
    records.push(
      dnsRecord(domain, 'Mx', 'Email', { mailExchange: hostname, preference: 0 }),
      // RFC 7208: what the hosts named as MX may send.
      dnsRecord(domain, 'Txt', 'Email', { text: 'v=spf1 mx -all' }),
      dnsRecord(domain, 'CName', 'Email', { canonicalName: hostname }, `autodiscover.${domain.name}`),
    );
  }
  if (domain.supportedServices.includes('OfficeCommunicationsOnline')) {
    // RFC 6120 §3.2.1: other servers find the chat of this domain by it.
    const target = {
      nameTarget: hostname,
      port: 5269,
      priority: 0,
      weight: 0,
      protocol: '_tcp',
      service: '_xmpp-server',
    };
    records.push(dnsRecord(domain, 'Srv', 'OfficeCommunicationsOnline', target, `_xmpp-server._tcp.${domain.name}`));
  }
  return records;
}

function dnsRecord(
  domain: Domain,
  recordType: 'Txt' | 'Mx' | 'CName' | 'Srv',
  supportedService: string,
  facts: Readonly<Record<string, unknown>>,
  label: string = domain.name,
) {
  return {
    '@odata.type': `#microsoft.graph.domainDns${recordType === 'CName' ? 'Cname' : recordType}Record`,
    id: `${domain.name}/${recordType}/${label}`,
    isOptional: false,
    label,
    recordType,
    supportedService,
    ttl: 3600,
    ...facts,
  };
}
