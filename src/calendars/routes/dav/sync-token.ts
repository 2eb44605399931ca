/** How far a follower of a collection has come (RFC 6578 §3.2). Opaque to clients; only ours is read. */
export interface SyncToken {
  readonly collectionId: string;
  /** Everything up to it is known. */
  readonly state: number;
  /** Of an answer that was cut: where to go on. */
  readonly after?: { readonly version: number; readonly id: string } | undefined;
}

const PREFIX = 'urn:entente:sync:';
const FORM = /^urn:entente:sync:([0-9a-z-]+):(\d{1,16})(?::(\d{1,16}):([0-9a-f-]{36}))?$/;

export const printSyncToken = ({ collectionId, state, after }: SyncToken): string =>
  `${PREFIX}${collectionId}:${state}${after === undefined ? '' : `:${after.version}:${after.id}`}`;

/** Undefined for what is no token of this collection. */
export function readSyncToken(text: string, collectionId: string): SyncToken | undefined {
  const found = FORM.exec(text.trim());
  if (found?.[1] !== collectionId) return undefined;
  const [, , state, version, id] = found;
  const after = version === undefined || id === undefined ? undefined : { version: Number(version), id };
  return { collectionId, state: Number(state), after };
}
