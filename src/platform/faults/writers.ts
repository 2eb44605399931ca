import type { Fault } from '../../kernel/fault.ts';
import { GRAPH_CODES, WIRE } from './wire.ts';

/** Who will read the error: someone at home in the tenant that refused sees the facts, anyone else does not. */
export interface Audience {
  readonly isAtHome: boolean;
  readonly requestId: string;
  readonly now: Date;
}

export interface WrittenFault {
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

/**
 * Facts a reader may have: all at home, and to anyone what they need to mend their input or to refer to the refusal.
 * BOUNDARY: the rules behind a refusal never leave the tenant that refused.
 */
function factsFor(fault: Fault, audience: Audience): Readonly<Record<string, unknown>> {
  if (audience.isAtHome || fault.kind === 'invalid') return fault.facts;
  const reference = fault.facts.decisionId;
  return reference === undefined ? {} : { decisionId: reference };
}

/** RFC 9457 problem details. */
export function toProblem(fault: Fault, audience: Audience): WrittenFault {
  const status = WIRE[fault.kind].http;
  return {
    status,
    contentType: 'application/problem+json',
    body: {
      type: `urn:entente:fault:${fault.code}`,
      title: fault.sentence,
      status,
      code: fault.code,
      requestId: audience.requestId,
      ...factsFor(fault, audience),
    },
  };
}

/** The error body of Microsoft Graph: `{ error: { code, message, innerError } }`. */
export function toGraphError(fault: Fault, audience: Audience): WrittenFault {
  return {
    status: WIRE[fault.kind].http,
    contentType: 'application/json',
    body: {
      error: {
        code: GRAPH_CODES[fault.code] ?? WIRE[fault.kind].graph,
        message: fault.sentence,
        innerError: {
          date: audience.now.toISOString().slice(0, 19),
          'request-id': audience.requestId,
          'client-request-id': audience.requestId,
          code: fault.code,
          ...factsFor(fault, audience),
        },
      },
    },
  };
}

const CONDITION = /^\{([^{}<>&"]+)\}([A-Za-z][A-Za-z0-9-]*)$/;

/**
 * RFC 4918 §16: the precondition that failed as an element, and our sentence beside it. A fault names its condition in
 * `facts.condition`, as `{namespace}name`; it says only what the caller did, so anybody may read it.
 */
export function toDavError(fault: Fault, { requestId }: Audience): WrittenFault {
  const named = CONDITION.exec(String(fault.facts.condition ?? ''));
  const condition = named ? `<x:${named[2]} xmlns:x="${named[1]}"/>` : '';
  const { decisionId } = fault.facts;
  const reference = typeof decisionId === 'string' ? ` decision-id="${escapeXml(decisionId)}"` : '';
  const own = `<e:error code="${escapeXml(fault.code)}" request-id="${escapeXml(requestId)}"${reference}>${escapeXml(fault.sentence)}</e:error>`;
  return {
    // A failed precondition of what was sent is 403 there, and 400 is for what could not be read at all.
    status: named && fault.kind === 'invalid' ? 403 : WIRE[fault.kind].http,
    contentType: 'application/xml; charset=utf-8',
    body: `<?xml version="1.0" encoding="utf-8"?>\n<D:error xmlns:D="DAV:" xmlns:e="urn:entente">${condition}${own}</D:error>`,
  };
}

const escapeXml = (text: string) => text.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`);
