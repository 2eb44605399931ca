/** Which domains guests may come from: anybody's, all but those listed, or only those listed. */
import { domainToASCII } from 'node:url';
import { z } from 'zod';

const NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/** A domain of the list, as A-labels; a bare name means that name alone. */
export const listedDomain = z
  .union([
    z.string().transform((domain) => ({ domain, includeSubdomains: false })),
    z.object({ domain: z.string(), includeSubdomains: z.boolean().default(false) }),
  ])
  .transform((entry, check) => {
    const domain = domainToASCII(entry.domain.trim()).toLowerCase().replace(/\.$/, '');
    if (!NAME.test(domain)) {
      check.addIssue({ code: 'custom', message: `"${entry.domain}" is not a domain name.` });
      return z.NEVER;
    }
    return { domain, includeSubdomains: entry.includeSubdomains };
  });
export type ListedDomain = z.output<typeof listedDomain>;

/** The list of one mode is in force; the other one is empty. */
export interface DomainRestriction {
  readonly domainRestriction: 'any' | 'deny' | 'allow';
  readonly blockedDomains: readonly ListedDomain[];
  readonly allowedDomains: readonly ListedDomain[];
}

/** Lists are long and asked often; a settings snapshot never changes, so what is built from one stays true. */
const indexes = new WeakMap<readonly ListedDomain[], { exact: Set<string>; above: Set<string> }>();

function indexOf(list: readonly ListedDomain[]) {
  let index = indexes.get(list);
  if (!index) {
    index = {
      exact: new Set(list.map((entry) => entry.domain)),
      above: new Set(list.filter((entry) => entry.includeSubdomains).map((entry) => entry.domain)),
    };
    indexes.set(list, index);
  }
  return index;
}

/** Whether a list names the domain: exactly, or as a subdomain of an entry that includes them. */
export function isListed(list: readonly ListedDomain[], domain: string): boolean {
  const { exact, above } = indexOf(list);
  if (exact.has(domain)) return true;
  if (above.size === 0) return false;
  for (let dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
    if (above.has(domain.slice(dot + 1))) return true;
  }
  return false;
}

/** Whether people of `domain` (A-labels, lower case) may be guests under a restriction. */
export function permitsDomain(restriction: DomainRestriction, domain: string): boolean {
  switch (restriction.domainRestriction) {
    case 'any':
      return true;
    case 'deny':
      return !isListed(restriction.blockedDomains, domain);
    case 'allow':
      return isListed(restriction.allowedDomains, domain);
  }
}

/** The setting that holds the list in force. */
export const listInForce = (restriction: Pick<DomainRestriction, 'domainRestriction'>) =>
  restriction.domainRestriction === 'allow' ? 'allowedDomains' : 'blockedDomains';
