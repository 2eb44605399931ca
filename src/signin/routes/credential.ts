import type { FastifyRequest } from 'fastify';
import { isFromThisMachine } from '../../platform/http/near.ts';
import type { Presented } from '../usecases/authenticator.ts';

/** The credential that a request shows (RFC 6750 §2.1), or undefined when it shows none of ours. */
export function readCredential(request: FastifyRequest): Presented | undefined {
  const [scheme, bearer] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !bearer) return undefined;
  const actIn = request.headers['entente-tenant'];
  return {
    bearer,
    isLoopback: isFromThisMachine(request),
    actIn: typeof actIn === 'string' ? actIn : undefined,
    wantsOperator: request.url.startsWith('/operator'),
  };
}
