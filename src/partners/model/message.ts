import { z } from 'zod';
import { domainOf } from '../../tenants/index.ts';

/** Not plain JSON, so that the very bytes that were signed reach whoever checks them. */
export const CONTENT_TYPE = 'application/vnd.entente.request+json';

/** The id of the organisation that sends. Signed. */
export const FROM = 'entente-from';
/** Where its document is found, for those who do not know it yet. Signed. */
export const FOUND_AT = 'entente-found-at';

/** What one organisation's server sends to another's, around what is asked. */
/** One name at one domain as it is written everywhere else: what is compared with it is compared as text. */
const isPlainAddress = (text: string): boolean =>
  /^[^\s@\p{C}]+@[^@]+$/u.test(text) && domainOf(text) === text.slice(text.indexOf('@') + 1);

export const partnerMessage = z.object({
  v: z.literal(1),
  /** On whose behalf; in a verified domain of the sender. */
  address: z.string().max(320).toLowerCase().refine(isPlainAddress),
  displayName: z.string().max(256),
  correlationId: z.guid(),
  /** Of this request, however often it is sent; both sides write it down. */
  exchangeId: z.guid().optional(),
  asked: z.unknown(),
});

export type PartnerMessage = z.output<typeof partnerMessage>;
