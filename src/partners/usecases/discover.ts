import { Fault } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { parseKeepable } from '../../kernel/text.ts';
import { SafeFetchError, type SafeRequest, type SafeResponse } from '../../platform/safe-fetch.ts';
import { SignedJsonError, verifyJson } from '../../protocols/signed-json.ts';
import { parseDomainName } from '../../tenants/index.ts';
import { partnersFaults } from '../faults.ts';
import { type SignedDocument, signedDocument } from '../model/organization-document.ts';
import type { Failure } from '../model/record.ts';

export type Fetch = (address: string, asked?: SafeRequest) => Promise<SafeResponse>;

export interface DiscoverPorts {
  /** The organisation on this server that holds a verified domain. */
  readonly tenantOfDomain: (domain: string) => Promise<TenantId | undefined>;
  /** What an organisation on this server says of itself. */
  readonly describeHere: (tenantId: TenantId) => Promise<SignedDocument>;
  /** Reaches public addresses alone, unless the operator allows more. */
  readonly fetch: Fetch;
}

/** What was found behind a domain, before anybody has confirmed anything. */
export interface Discovered {
  readonly foundAt: string;
  readonly isHere: boolean;
  readonly signed: SignedDocument;
  /** Of the domains it lists, those that lead to the same organisation by themselves. */
  readonly proven: readonly string[];
  readonly unproven: readonly string[];
}

const WELL_KNOWN = '/.well-known/entente';
/** Domains looked at one by one. More of them are shown and not proven. */
const PROVEN_AT_MOST = 50;

/**
 * Looks an organisation up by one of its domains. Anybody can list any domain, so each of them must lead to the same
 * organisation by itself before it counts.
 *
 * @param place a domain, with a port where it is not 443: `contoso.example`
 * @throws partners.not-a-place; partners.not-discovered with the step that failed.
 */
export async function discoverOrganization(ports: DiscoverPorts, place: string): Promise<Discovered> {
  const { foundAt, isHere, signed } = await findPublished(ports, place);
  if (isHere) return { foundAt, isHere, signed, proven: signed.document.domains, unproven: [] };
  const { domain, port } = readPlace(foundAt);
  const { domains, tenantId, keys } = signed.document;
  const same = async (other: string) => {
    if (other === domain) return true;
    const found = await fetchDocument(ports, `${other}${port}`).catch(() => undefined);
    return found?.document.tenantId === tenantId && found.document.keys[0]?.x === keys[0]?.x;
  };
  const looked = await Promise.all(domains.map((one, at) => at < PROVEN_AT_MOST && same(one)));
  return {
    foundAt,
    isHere: false,
    signed,
    proven: domains.filter((_one, at) => looked[at]),
    unproven: domains.filter((_one, at) => !looked[at]),
  };
}

/** What is published at one place, by an organisation here or elsewhere. @throws as discovering does. */
export async function findPublished(
  ports: DiscoverPorts,
  place: string,
): Promise<Pick<Discovered, 'foundAt' | 'isHere' | 'signed'>> {
  const { domain, port } = readPlace(place);
  const here = port === '' ? await ports.tenantOfDomain(domain) : undefined;
  if (here !== undefined) return { foundAt: domain, isHere: true, signed: await ports.describeHere(here) };
  const foundAt = `${domain}${port}`;
  return { foundAt, isHere: false, signed: await fetchDocument(ports, foundAt) };
}

/** @throws partners.not-a-place. */
export function readPlace(text: string): { domain: string; port: string } {
  const [, host = '', port = ''] = /^([^:/?#@\s]+)(:\d{1,5})?$/.exec(text.trim()) ?? [];
  const domain = parseDomainName(host);
  if (!domain) throw partnersFaults.notAPlace(text.slice(0, 300));
  return { domain, port: port === ':443' ? '' : port };
}

/**
 * What is published at `place`, with a signature that holds. HTTPS at the domain itself is what proves the domain; one
 * redirect is followed, for those whose web site is elsewhere than their server.
 * @throws partners.not-discovered.
 */
export async function fetchDocument({ fetch }: Pick<DiscoverPorts, 'fetch'>, place: string): Promise<SignedDocument> {
  const { domain } = readPlace(place);
  const fail = (failure: Failure, detail: string) => partnersFaults.notDiscovered(place, failure, detail);
  try {
    let answer = await fetch(`https://${place}${WELL_KNOWN}?domain=${domain}`);
    const { location } = answer.headers;
    if ([301, 302, 307, 308].includes(answer.status) && location !== undefined) {
      const target = URL.parse(location, `https://${place}`);
      target?.searchParams.set('domain', domain);
      answer = await fetch(target?.href ?? location);
    }
    if (answer.status !== 200) throw fail('answer', `It answered with status ${answer.status}.`);
    const signed = signedDocument.parse(parseKeepable(answer.body.toString('utf8')));
    await verifyJson(signed.document, signed.signature, signed.document.keys, 'entente-organization');
    if (!signed.document.domains.includes(domain))
      throw fail('answer', `What is published there is not about ${domain}.`);
    return signed;
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (error instanceof SafeFetchError) throw fail(failureOf(error), error.message);
    if (error instanceof SignedJsonError) throw fail('signature', error.message);
    throw fail('answer', 'What is published there cannot be read.');
  }
}

const CERTIFICATE = /CERT|TLS|SIGNATURE_FAILURE|SSL/;

/** Which step a request to another server failed at. */
export function failureOf(error: SafeFetchError): Failure {
  switch (error.code) {
    case 'unresolved':
      return 'name';
    case 'refused':
      return 'address';
    case 'timeout':
      return 'timeout';
    case 'too-large':
      return 'answer';
    case 'failed': {
      const { code = '' } = (error.cause ?? {}) as NodeJS.ErrnoException;
      return CERTIFICATE.test(code) ? 'certificate' : 'connection';
    }
  }
}
