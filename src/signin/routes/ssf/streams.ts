import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import type { TenantId } from '../../../kernel/ids.ts';
import { created, noContent, Reply, type Route, route } from '../../../platform/http/route.ts';
import { SIGNAL_TYPES } from '../../model/security-event.ts';
import type { SendPorts } from '../../usecases/send-signals.ts';
import {
  changeStream,
  createStream,
  endStream,
  listOwnStreams,
  pollOwnStream,
  readStream,
  type Stream,
  setSubject,
  verifyStream,
} from '../../usecases/signal-streams.ts';

/** Where receivers manage their streams. */
export const PATHS = {
  streams: '/ssf/streams',
  status: '/ssf/status',
  add: '/ssf/subjects/add',
  remove: '/ssf/subjects/remove',
  verify: '/ssf/verify',
  poll: '/ssf/poll',
} as const;

const PUSH = 'urn:ietf:rfc:8935';
const POLL = 'urn:ietf:rfc:8936';
const tags = ['sign-in'];

const delivery = z.discriminatedUnion('method', [
  z.object({
    method: z.literal(PUSH),
    endpoint_url: z.url({ protocol: /^https?$/ }).max(2_000),
    authorization_header: z.string().max(4_000).optional(),
  }),
  z.object({ method: z.literal(POLL) }),
]);
const configuration = z.object({
  delivery: delivery.default({ method: POLL }),
  events_requested: z.array(z.string().max(300)).max(50).default([]),
  description: z.string().max(500).nullish(),
});
const changes = z.object({
  stream_id: z.uuid(),
  delivery: delivery.optional(),
  events_requested: z.array(z.string().max(300)).max(50).optional(),
  description: z.string().max(500).nullish(),
});
const byId = z.object({ stream_id: z.uuid() });
const subject = z.object({
  stream_id: z.uuid(),
  subject: z.discriminatedUnion('format', [
    z.object({ format: z.literal('email'), email: z.string().max(320) }),
    z.object({ format: z.literal('opaque'), id: z.string().max(100) }),
  ]),
  verified: z.boolean().optional(),
});

type StreamPorts = SendPorts & { readonly httpsOrigin: () => string };

/** The stream management API of OpenID Shared Signals Framework 1.0 §8, and polling (RFC 8936). */
export function streamRoutes(ports: StreamPorts): Route[] {
  const present = (ctx: Context, stream: Stream) => presentStream(ports, ctx.tenantId, stream);
  const common = { wire: 'problem', access: 'asks', tags } as const;
  const change = (method: 'PATCH' | 'PUT', summary: string) =>
    route({
      ...common,
      method,
      path: PATHS.streams,
      summary,
      body: method === 'PUT' ? configuration.extend({ stream_id: z.uuid() }) : changes,
      async handle(ctx, { body }) {
        return present(ctx, await changeStream(ctx, ports, body.stream_id, inOurWords(body)));
      },
    });
  return [
    route({
      ...common,
      method: 'POST',
      path: PATHS.streams,
      summary: 'Sets up a stream of signals about people whom the receiver names.',
      body: configuration,
      handle: async (ctx, { body }) => created(present(ctx, await createStream(ctx, ports, inOurWords(body)))),
    }),
    route({
      ...common,
      method: 'GET',
      path: PATHS.streams,
      summary: 'The streams of the program that asks, or all of the organisation for its administrators.',
      query: z.object({ stream_id: z.uuid().optional() }),
      async handle(ctx, { query }) {
        if (query.stream_id !== undefined) return present(ctx, await readStream(ctx, query.stream_id));
        return (await listOwnStreams(ctx)).map((stream) => present(ctx, stream));
      },
    }),
    change('PATCH', 'Changes what is named of a stream.'),
    change('PUT', 'Puts a stream in place of what it was.'),
    route({
      ...common,
      method: 'DELETE',
      path: PATHS.streams,
      summary: 'Ends a stream, with all that waits in it.',
      query: byId,
      async handle(ctx, { query }) {
        await endStream(ctx, query.stream_id);
        return noContent();
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: PATHS.status,
      summary: 'Whether a stream is enabled, paused or disabled.',
      query: byId,
      handle: async (ctx, { query }) => presentStatus(await readStream(ctx, query.stream_id)),
    }),
    route({
      ...common,
      method: 'POST',
      path: PATHS.status,
      summary: 'Enables, pauses or disables a stream. What happens while it is paused is kept.',
      body: z.object({
        stream_id: z.uuid(),
        status: z.enum(['enabled', 'paused', 'disabled']),
        reason: z.string().max(500).nullish(),
      }),
      async handle(ctx, { body }) {
        const { status, reason } = body;
        return presentStatus(await changeStream(ctx, ports, body.stream_id, { status, statusReason: reason ?? null }));
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: PATHS.add,
      summary: 'Names a person the receiver wants to be told about.',
      body: subject,
      async handle(ctx, { body }) {
        await setSubject(ctx, body.stream_id, body.subject, true);
        return new Reply(200, {});
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: PATHS.remove,
      summary: 'Takes a person out of a stream.',
      body: subject,
      async handle(ctx, { body }) {
        await setSubject(ctx, body.stream_id, body.subject, false);
        return noContent();
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: PATHS.verify,
      summary: 'Sends a verification event through the stream, with the state that the receiver gave.',
      body: z.object({ stream_id: z.uuid(), state: z.string().max(500).optional() }),
      async handle(ctx, { body }) {
        await verifyStream(ctx, body.stream_id, body.state);
        return noContent();
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: `${PATHS.poll}/:streamId`,
      summary: 'Fetches what waits in a stream, and acknowledges what was taken.',
      params: z.object({ streamId: z.uuid() }),
      body: z
        .object({
          maxEvents: z.number().int().min(0).max(100).default(50),
          returnImmediately: z.boolean().optional(),
          ack: z.array(z.uuid()).max(500).default([]),
          setErrs: z.record(z.string(), z.unknown()).default({}),
        })
        .default({ maxEvents: 50, ack: [], setErrs: {} }),
      transaction: 'none',
      async handle(ctx, { params, body }) {
        // What a receiver cannot use is not given to it again (RFC 8936 §2.4).
        const acknowledged = [...body.ack, ...Object.keys(body.setErrs).filter((id) => z.uuid().safeParse(id).success)];
        return pollOwnStream(ctx, ports, params.streamId, { acknowledged, most: body.maxEvents });
      },
    }),
  ];
}

function inOurWords(body: {
  delivery?: z.output<typeof delivery> | undefined;
  events_requested?: string[] | undefined;
  description?: string | null | undefined;
}) {
  const { delivery: wanted, events_requested, description } = body;
  return {
    ...(wanted === undefined
      ? {}
      : wanted.method === PUSH
        ? {
            delivery: 'push' as const,
            endpointUrl: wanted.endpoint_url,
            authorization: wanted.authorization_header ?? null,
          }
        : { delivery: 'poll' as const, endpointUrl: null, authorization: null }),
    ...(events_requested === undefined ? {} : { eventsRequested: events_requested }),
    ...(description === undefined ? {} : { description }),
  };
}

function presentStream({ issuerOf, httpsOrigin }: StreamPorts, tenantId: TenantId, stream: Stream) {
  const delivered = stream.partnerTenantId === null ? stream.eventsRequested : SIGNAL_TYPES;
  return {
    stream_id: stream.id,
    iss: issuerOf(tenantId),
    aud: stream.audience,
    delivery:
      stream.delivery === 'poll'
        ? { method: POLL, endpoint_url: `${httpsOrigin()}${PATHS.poll}/${stream.id}` }
        : { method: PUSH, endpoint_url: stream.endpointUrl },
    events_supported: SIGNAL_TYPES,
    events_requested: stream.eventsRequested,
    events_delivered: delivered.filter((type) => SIGNAL_TYPES.includes(type)),
    description: stream.description,
    failure: stream.failure,
  };
}

const presentStatus = ({ id, status, statusReason }: Stream) => ({
  stream_id: id,
  status,
  ...(statusReason === null ? {} : { reason: statusReason }),
});
