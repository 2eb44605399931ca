import type { FastifyRequest } from 'fastify';
import { signinFaults } from '../../faults.ts';

/**
 * A form on somebody else's page cannot send JSON without asking first, and a browser says where a request comes from:
 * both must be ours (OWASP, cross-site request forgery).
 */
export function demandOwnPage(request: FastifyRequest): void {
  const { origin } = request.headers;
  const isJson = /^application\/json\b/.test(request.headers['content-type'] ?? '');
  const isOurs = origin === undefined || URL.parse(origin)?.host === request.host;
  const site = request.headers['sec-fetch-site'];
  if (!isJson || !isOurs || (site !== undefined && site !== 'same-origin')) throw signinFaults.fromElsewhere();
}
