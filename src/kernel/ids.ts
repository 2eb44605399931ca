import { v7 } from 'uuid';

/** An id that belongs to one kind of thing, so that a group's id cannot be passed where an account's is wanted. */
export type Id<Kind extends string> = string & { readonly __kind: Kind };

export type TenantId = Id<'tenant'>;
export type AccountId = Id<'account'>;
export type GroupId = Id<'group'>;
export type GrantId = Id<'grant'>;
export type EventId = Id<'event'>;
export type DecisionId = Id<'decision'>;
export type SessionId = Id<'session'>;
export type ApplicationId = Id<'application'>;

/**
 * The tenant id under which the host's own events are kept (operator sign-ins, tenants created).
 * It is no organisation: it owns no accounts, domains or grants.
 */
export const HOST = '00000000-0000-0000-0000-000000000000' as TenantId;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A new id whose order is the order of creation (UUID version 7, RFC 9562), so that indexes grow at one end. */
export function newId<Kind extends string>(): Id<Kind> {
  return v7() as Id<Kind>;
}

/** The id in `text`, or undefined when it is not a UUID. Case is folded, since clients send both. */
export function parseId<Kind extends string>(text: string): Id<Kind> | undefined {
  const lower = text.toLowerCase();
  return UUID.test(lower) ? (lower as Id<Kind>) : undefined;
}
