import type { Asked } from '../../../platform/http/odata.ts';

/** What `If-Match` asks for: a tag of ours as it stands in `@odata.etag`. */
export function conditionOf({ headers }: Asked): { ifMatch?: string } {
  const given = headers['if-match'];
  if (typeof given !== 'string') return {};
  return { ifMatch: given === '*' ? '*' : given.trim().replace(/^(?:W\/)?"(.*)"$/, '$1') };
}

/** The header of an answer that tells which version it is. */
export const tagged = (object: { readonly etag: string } | undefined): Record<string, string> =>
  object ? { etag: `W/"${object.etag}"` } : {};
