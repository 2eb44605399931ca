import { redact } from '../model/redact.ts';
import { detailFor, isAtLeast, type Role } from '../model/roles.ts';
import { isPrivate } from './objects.ts';

/** An object as somebody of a role is told of it. */
export interface Told {
  readonly content: string;
  readonly etag: string;
  /** Whether anything was left out. */
  readonly isRedacted: boolean;
}

/** Roles that are told everything, whatever stands in an event: then nobody need look into it. */
export const seesEverything = (role: Role): boolean => isAtLeast(role, 'delegateWithPrivateEventAccess');

/** Undefined: they are told nothing of it. What is left out changes the ETag, so that a wider view is fetched anew. */
export function tell(role: Role, object: { readonly content: string; readonly etag: string }): Told | undefined {
  if (seesEverything(role)) return { ...object, isRedacted: false };
  const detail = detailFor(role, isPrivate(object));
  if (detail === 'none') return undefined;
  if (detail === 'full') return { content: object.content, etag: object.etag, isRedacted: false };
  return { content: redact(object.content, detail), etag: `${object.etag}-${detail}`, isRedacted: true };
}
