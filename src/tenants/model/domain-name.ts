import { domainToASCII } from 'node:url';

/** A DNS name of an organisation: lower case, A-labels (RFC 5891), no trailing dot. */
export type DomainName = string & { readonly __domain: never };

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
/** Under these words many registries let strangers register side by side: `co.uk`, `com.au`. Nobody owns them. */
const SHARED_SECOND_LEVEL = new Set(['ac', 'co', 'com', 'edu', 'gov', 'net', 'org']);

/**
 * The domain name in `text`, or undefined when it is none that an organisation can own: an address of a machine, a
 * single label, a registry's own suffix, or a name the DNS cannot carry (RFC 1035 §2.3.4, RFC 5890).
 */
export function parseDomainName(text: string): DomainName | undefined {
  const ascii = domainToASCII(text.trim().replace(/\.$/, '')).toLowerCase();
  const labels = ascii.split('.');
  const top = labels.at(-1) ?? '';
  if (ascii.length > 253 || labels.length < 2 || !labels.every((label) => LABEL.test(label))) return undefined;
  if (!/^(xn--[a-z0-9-]+|[a-z]{2,})$/.test(top)) return undefined;
  if (labels.length === 2 && top.length === 2 && SHARED_SECOND_LEVEL.has(labels[0] ?? '')) return undefined;
  return ascii as DomainName;
}

/** The names above a name, nearest first, as far as one that an organisation can own. */
export function parentDomains(name: DomainName): DomainName[] {
  const labels = name.split('.');
  return labels
    .slice(1)
    .map((_, index) => parseDomainName(labels.slice(index + 1).join('.')))
    .filter((parent) => parent !== undefined);
}

/** The domain part of an address or sign-in name, or undefined when it has none. */
export function domainOf(address: string): DomainName | undefined {
  const at = address.lastIndexOf('@');
  return at < 1 ? undefined : parseDomainName(address.slice(at + 1));
}
