import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Followed, Run } from '../../kernel/module.ts';
import type { Bus } from '../../platform/bus.ts';
import type { Log } from '../../platform/log.ts';
import { PERSON_NOTICE, THING_CHANGED, TOPICS } from '../events.ts';
import type { Authenticator } from '../usecases/authenticator.ts';
import { createFollowing } from '../usecases/following.ts';

const SECONDS_TO_AUTHENTICATE = 10;
/** Announcements close a connection at once; this catches what ends by the clock, or an announcement that was lost. */
const CHECK_SECONDS = 10;
/** RFC 6455 §7.4.2 leaves 4000 and up to applications. */
const CLOSED_UNAUTHENTICATED = 4401;
const NAMES_AT_MOST = 100;

const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('authenticate'), token: z.string().max(8192) }),
  z.object({
    type: z.literal('follow'),
    name: z.string().max(100),
    of: z.array(z.string().max(320)).max(NAMES_AT_MOST),
  }),
]);

interface Live {
  token: string;
  tenantId: TenantId;
  accountId: string;
}

export interface LivePorts {
  readonly authenticator: Authenticator;
  readonly bus: Bus;
  readonly run: Run;
  readonly followed: () => readonly Followed[];
  readonly log: Log;
}

/**
 * `/live`: what concerns a person, as it happens. A page sends `{ type: 'authenticate', token }` first, and again with
 * each new token. With `{ type: 'follow', name, of }` it names what it shows, in place of what it named before, and is
 * told which of it is followed (`following`), and from then on when something in it changed (`changed`): where, never
 * what. The connection ends within seconds when the session, the guest or the token does.
 */
export function mountLive(fastify: FastifyInstance, ports: LivePorts): void {
  const { authenticator, bus } = ports;
  fastify.register(websocket, { options: { maxPayload: 64 * 1024 } });
  fastify.register(async (app) => {
    app.get('/live', { websocket: true }, (socket) => {
      let live: Live | undefined;
      const send = (told: object) => socket.send(JSON.stringify(told));
      const refuse = () => socket.close(CLOSED_UNAUTHENTICATED, 'Sign in again.');
      const deadline = setTimeout(refuse, SECONDS_TO_AUTHENTICATE * 1000);
      const actorNow = async (token: string): Promise<{ actor: Actor; tenantId: TenantId }> =>
        authenticator.authenticate({ bearer: token, isLoopback: false, actIn: undefined, wantsOperator: false });

      async function check(token: string): Promise<void> {
        try {
          const { actor, tenantId } = await actorNow(token);
          if (actor.kind !== 'account') return refuse();
          const isFirst = live === undefined;
          live = { token, tenantId, accountId: actor.accountId };
          clearTimeout(deadline);
          if (isFirst) send({ type: 'ready' });
        } catch {
          refuse();
        }
      }
      const again = () => live && void check(live.token);
      const timer = setInterval(again, CHECK_SECONDS * 1000);
      const isMine = (tenantId: string, accountId: unknown) =>
        live !== undefined && live.tenantId === tenantId && live.accountId === accountId;
      const following = createFollowing({
        followed: ports.followed,
        // Who they are is asked each time: what they may know is decided for who they are now.
        run: async (act) => {
          if (!live) return undefined;
          const { actor, tenantId } = await actorNow(live.token);
          return ports.run({ actor, tenantId, readOnly: true }, act);
        },
        tell: send,
        log: ports.log,
      });
      const stops = [
        bus.on(TOPICS.accountChanged, ({ tenantId, payload }) => isMine(tenantId, payload.accountId) && again()),
        bus.on(TOPICS.applicationsChanged, ({ tenantId }) => live?.tenantId === tenantId && again()),
        bus.onGap(() => {
          again();
          following.missed();
        }),
        bus.on(PERSON_NOTICE, ({ tenantId, payload }) => {
          if (isMine(tenantId, payload.accountId)) send({ type: 'notice', ...payload });
        }),
        bus.on(THING_CHANGED, ({ tenantId, payload }) => {
          if (live?.tenantId === tenantId) following.changed(String(payload.name), payload.ids as readonly string[]);
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
        if (!parsed.success)
          socket.close(1008, 'Send { type: "authenticate", token } or { type: "follow", name, of }.');
        else if (parsed.data.type === 'authenticate') void check(parsed.data.token);
        else if (live) following.follow(parsed.data.name, parsed.data.of);
        else refuse();
      });
      socket.on('close', () => {
        clearTimeout(deadline);
        clearInterval(timer);
        following.end();
        for (const stop of stops) stop();
      });
    });
  });
}
