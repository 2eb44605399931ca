import type { FastifyRequest } from 'fastify';
import type { Presented } from '../usecases/authenticator.ts';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** The credential that a request shows (RFC 6750 §2.1), or undefined when it shows none of ours. */
export function readCredential(request: FastifyRequest): Presented | undefined {
  const [scheme, bearer] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !bearer) return undefined;
  const actIn = request.headers['entente-tenant'];
  // Behind a proxy on this machine every caller looks near: what it forwards is not from here.
  const isForwarded = 'x-forwarded-for' in request.headers || 'forwarded' in request.headers;
  return {
    bearer,
    isLoopback: LOOPBACK.test(request.socket.remoteAddress ?? '') && !isForwarded,
    actIn: typeof actIn === 'string' ? actIn : undefined,
    wantsOperator: request.url.startsWith('/operator'),
  };
}
