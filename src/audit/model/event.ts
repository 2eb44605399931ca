import canonicalize from 'canonicalize';
import type { EventTarget } from '../../kernel/context.ts';
import { hashLeaf } from '../../protocols/merkle.ts';

/** An event as it is stored, read and exported. */
export interface AuditEvent {
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly category: string;
  readonly actor: { readonly kind: string; readonly id: string | null; readonly displayName: string };
  readonly targets: readonly EventTarget[];
  readonly result: 'success' | 'failure';
  readonly reason: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
  readonly requestId: string;
  readonly clientAddress: string | null;
  /** Its place in the sealed log; null until the sealer has given it one. */
  readonly sequence: number | null;
}

/** The record that is sealed: canonical JSON (RFC 8785), so that any tool computes the same bytes. */
export function recordOf(event: AuditEvent): Buffer {
  const { sequence: _, ...sealed } = event;
  return Buffer.from(canonicalize({ ...sealed, at: event.at.toISOString() }) ?? '');
}

export function leafOf(event: AuditEvent): Buffer {
  return Buffer.from(hashLeaf(recordOf(event)));
}
