import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { directoryFaults } from '../faults.ts';

// RFC 5321 §4.1.2 dot-string with the letters of RFC 6531; no quoted strings, which nobody can type into a form.
const LOCAL_PART = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;

/**
 * The parts of a mail address or sign-in name, the domain lower case and as A-labels.
 * @throws not-an-address.
 */
export function parseAddress(text: string): { local: string; domain: string; address: string } {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const domain = at > 0 ? domainToASCII(text.slice(at + 1)).toLowerCase() : '';
  if (!LOCAL_PART.test(local) || !domain.includes('.') || local.length > 64 || text.length > 254) {
    throw directoryFaults.notAnAddress(text);
  }
  return { local, domain, address: `${local}@${domain}` };
}

/** An address as a field of a body, written the one way it is kept. */
export const addressField = z.string().transform((text, check) => {
  try {
    return parseAddress(text).address;
  } catch {
    check.addIssue({ code: 'custom', message: `"${text}" is not an address.` });
    return z.NEVER;
  }
});
