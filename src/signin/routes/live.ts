import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { TenantId } from '../../kernel/ids.ts';
import type { Bus } from '../../platform/bus.ts';
import { TOPICS } from '../events.ts';
import type { Authenticator } from '../usecases/authenticator.ts';

/** Told to a person's own pages: `{ accountId, … }`. Any module may announce it. */
export const PERSON_NOTICE = 'live.person-notice';

const SECONDS_TO_AUTHENTICATE = 10;
/** Announcements close a connection at once; this catches what ends by the clock, or an announcement that was lost. */
const CHECK_SECONDS = 10;
/** RFC 6455 §7.4.2 leaves 4000 and up to applications. */
const CLOSED_UNAUTHENTICATED = 4401;

const message = z.object({ type: z.literal('authenticate'), token: z.string().max(8192) });

interface Live {
  token: string;
  tenantId: TenantId;
  accountId: string;
}

/**
 * `/live`: what concerns a person, as it happens. A page sends `{ type: 'authenticate', token }` first, and again with
 * each new token. The connection ends within seconds when the session, the guest or the token does.
 */
export function mountLive(fastify: FastifyInstance, ports: { authenticator: Authenticator; bus: Bus }): void {
  const { authenticator, bus } = ports;
  fastify.register(websocket, { options: { maxPayload: 16 * 1024 } });
  fastify.register(async (app) => {
    app.get('/live', { websocket: true }, (socket) => {
      let live: Live | undefined;
      const refuse = () => socket.close(CLOSED_UNAUTHENTICATED, 'Sign in again.');
      const deadline = setTimeout(refuse, SECONDS_TO_AUTHENTICATE * 1000);

      async function check(token: string): Promise<void> {
        try {
          const presented = { bearer: token, isLoopback: false, actIn: undefined, wantsOperator: false };
          const { actor, tenantId } = await authenticator.authenticate(presented);
          if (actor.kind !== 'account') return refuse();
          const isFirst = live === undefined;
          live = { token, tenantId, accountId: actor.accountId };
          clearTimeout(deadline);
          if (isFirst) socket.send(JSON.stringify({ type: 'ready' }));
        } catch {
          refuse();
        }
      }
      const again = () => live && void check(live.token);
      const timer = setInterval(again, CHECK_SECONDS * 1000);
      const isMine = (tenantId: string, accountId: unknown) =>
        live !== undefined && live.tenantId === tenantId && live.accountId === accountId;
      const stops = [
        bus.on(TOPICS.accountChanged, ({ tenantId, payload }) => isMine(tenantId, payload.accountId) && again()),
        bus.on(TOPICS.applicationsChanged, ({ tenantId }) => live?.tenantId === tenantId && again()),
        bus.onGap(again),
        bus.on(PERSON_NOTICE, ({ tenantId, payload }) => {
          if (!isMine(tenantId, payload.accountId)) return;
          socket.send(JSON.stringify({ type: 'notice', ...payload }));
        }),
      ];

      socket.on('message', (data: Buffer) => {
        const read = z.string().transform((text, ctx) => {
          try {
            return JSON.parse(text) as unknown;
          } catch {
            ctx.addIssue('not JSON');
            return z.NEVER;
          }
        });
        const parsed = read.pipe(message).safeParse(String(data));
        if (parsed.success) void check(parsed.data.token);
        else socket.close(1008, 'Send { type: "authenticate", token }.');
      });
      socket.on('close', () => {
        clearTimeout(deadline);
        clearInterval(timer);
        for (const stop of stops) stop();
      });
    });
  });
}
