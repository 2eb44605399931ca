import type { FastifyRequest } from 'fastify';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;
/** What proxies put on a request. One on this machine makes every caller look near. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

/** Whether a request was made on this machine and not passed on from elsewhere. */
export function isFromThisMachine(request: Pick<FastifyRequest, 'headers' | 'socket'>): boolean {
  return LOOPBACK.test(request.socket.remoteAddress ?? '') && !FORWARDED.some((name) => name in request.headers);
}
