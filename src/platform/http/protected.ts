import { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** What the operator says of the wire in front of us. */
export interface WireInFront {
  /** One proxy sets `X-Forwarded-Proto`, and is believed. */
  readonly trustProxy: boolean;
  /** People reach the server by an address with `https:`, so something in front of us ends TLS. */
  readonly isHttpsOnly: boolean;
}

/**
 * Whether nobody on the way can read what a request carries: it came over HTTPS, or it never left this machine.
 * Requests of the server to itself (a batch) come by no wire at all.
 */
export function isProtected(request: FastifyRequest, inFront: WireInFront): boolean {
  const socket: unknown = request.raw.socket;
  if (!(socket instanceof Socket) || 'encrypted' in socket) return true;
  if (inFront.trustProxy && request.headers['x-forwarded-proto'] !== undefined) return request.protocol === 'https';
  return inFront.isHttpsOnly || LOOPBACK.test(socket.remoteAddress ?? '');
}
