import type { FastifyRequest } from 'fastify';
import { isFromThisMachine } from '../../platform/http/near.ts';
import type { Presented } from '../usecases/authenticator.ts';
import type { NameAndPassword } from '../usecases/basic-sign-in.ts';

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

/**
 * The name and the password of a calendar or address book program (RFC 7617), or undefined. Only on the wire that such
 * programs speak: everywhere else a password in a header opens nothing.
 */
export function readNameAndPassword(request: FastifyRequest): NameAndPassword | undefined {
  if (!request.url.startsWith('/dav/')) return undefined;
  const [scheme, encoded] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic' || !encoded) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return { name: text.slice(0, Math.max(colon, 0)), password: text.slice(colon + 1), address: request.ip };
}
