import { Readable } from 'node:stream';
import type { Attachment as GraphAttachment } from '@microsoft/microsoft-graph-types';
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { presentCollection } from '../../../platform/http/collection.ts';
import {
  contextOf,
  type Asked as Listed,
  optionsOf,
  type Row,
  select,
  withOptions,
} from '../../../platform/http/odata.ts';
import { noContent, Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import {
  type AttachmentPorts,
  addAttachment,
  attachmentPath,
  bytesOf,
  openAttachment,
  readAttachment,
  readAttachments,
  removeAttachment,
  type SeenAttachment,
} from '../../usecases/attachments.ts';
import {
  beginUpload,
  dropUpload,
  PIECE_AT_MOST,
  readUpload,
  takePiece,
  type UploadPorts,
  type UploadState,
} from '../../usecases/upload-sessions.ts';
import { EVENT_PLACES, type EventPlace } from './paths.ts';

const FILE = '#microsoft.graph.fileAttachment';

const newAttachment = z.object({
  '@odata.type': z.literal(FILE, `Only a file can be added: "@odata.type" is "${FILE}".`).default(FILE),
  name: z.string().trim().min(1).max(255),
  contentType: z
    .string()
    .regex(/^[\w.+-]{1,60}\/[\w.+-]{1,60}$/, 'Write the kind of a file as application/pdf.')
    .nullish(),
  contentBytes: z.base64(),
});

const BINARY = 'application/octet-stream';

/** Base64 of the largest that a tenant can allow, and the words around it. */
const BODY_AT_MOST = 15 * 1024 * 1024;

export const presentAttachment = (one: SeenAttachment): Row =>
  ({
    '@odata.type': one.place === 'address' ? '#microsoft.graph.referenceAttachment' : FILE,
    id: one.id,
    name: one.name,
    contentType: one.contentType,
    size: one.size ?? 0,
    isInline: false,
    lastModifiedDateTime: one.changedAt.toISOString(),
    ...(one.place === 'address' ? { sourceUrl: one.address } : {}),
  }) satisfies GraphAttachment & Row;

const newUpload = z.object({
  AttachmentItem: z.object({
    attachmentType: z.literal('file', 'Only a file can be added: "attachmentType" is "file".'),
    name: newAttachment.shape.name,
    size: z.int().min(1),
    contentType: newAttachment.shape.contentType,
  }),
});

/** Where pieces are sent. The last part of an address is a key: no other credential is asked for. */
const UPLOADS = '/v1.0/attachmentUploads';
const byKey = { public: 'Whoever holds the address adds this one file, in the name of who was given it.' } as const;

const presentUpload = ({ received, size, expiresAt }: UploadState) => ({
  expirationDateTime: expiresAt.toISOString(),
  nextExpectedRanges: received < size ? [`${received}-`] : [],
});

function uploadRoutes(ports: UploadPorts): Route[] {
  const upload = {
    wire: 'graph',
    access: byKey,
    tags: ['calendars'],
    transaction: 'none',
    path: `${UPLOADS}/:key`,
    params: z.object({ key: z.string().max(200) }),
  } as const;
  return [
    route({
      ...upload,
      method: 'GET',
      summary: 'How far an upload is, and what is expected next.',
      handle: async (ctx, { params }) => presentUpload(await readUpload(ctx, ports, params.key)),
    }),
    route({
      ...upload,
      method: 'DELETE',
      summary: 'Gives an upload up.',
      async handle(ctx, { params }) {
        await dropUpload(ctx, ports, params.key);
        return noContent();
      },
    }),
    route({
      ...upload,
      method: 'PUT',
      summary: 'Sends the next piece of a file, of at most 4 MB; with the last the file is added.',
      body: z.instanceof(Buffer, { error: 'Send the bytes as application/octet-stream.' }),
      bodyLimit: PIECE_AT_MOST,
      async handle(ctx, request) {
        const [, first, last, total] =
          /^bytes (\d+)-(\d+)\/(\d+)$/.exec(String(request.headers['content-range'])) ?? [];
        const start = Number(first);
        if (first === undefined || Number(last) - start + 1 !== request.body.length) {
          throw kernelFaults.invalid('Say which bytes these are: Content-Range: bytes 0-1048575/3145728.');
        }
        const piece = { start, total: Number(total), bytes: request.body };
        const taken = await takePiece(ctx, ports, request.params.key, piece, request.origin);
        if (taken.misplaced) {
          const message = `These are not the bytes that come next: ${presentUpload(taken.state).nextExpectedRanges[0]}.`;
          return new Reply(416, { error: { code: 'ErrorInvalidRange', message }, ...presentUpload(taken.state) });
        }
        if (!taken.added) return presentUpload(taken.state);
        const location = `${request.origin}/v1.0/users/${taken.ownerId}/events/${taken.objectId}/attachments/${taken.added.id}`;
        return new Reply(201, undefined, { location });
      },
    }),
  ];
}

// A calendar is made for whoever comes the first time.
const graph = { wire: 'graph', access: 'asks', tags: ['calendars'], transaction: 'write' } as const;
type Asked = Listed & Pick<Request<unknown, unknown, unknown>, 'params'>;

/** Nothing of a stranger's file is shown as a page of ours. */
const download = (name: string, contentType: string, bytes: Buffer) =>
  new Reply(200, bytes, {
    'content-type': contentType,
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
    'content-security-policy': "default-src 'none'; sandbox",
  });

/** Graph: the files of events; and each of them by its own address, for programs that read calendars. */
export const attachmentRoutes = (ports: AttachmentPorts & UploadPorts): readonly Route[] => [
  ...uploadRoutes(ports),
  ...EVENT_PLACES.flatMap((place) => of(ports, place)),
  route({
    method: 'GET',
    path: attachmentPath(':attachmentId'),
    summary: 'A file of an event, for whoever may read the event.',
    wire: 'dav',
    access: 'asks',
    tags: ['calendars'],
    params: z.object({ attachmentId: z.string().max(300) }),
    async handle(ctx, { params }) {
      const { attachment, bytes } = await openAttachment(ctx, ports, params.attachmentId);
      return download(attachment.name, attachment.contentType, bytes);
    },
  }),
];

function of(ports: AttachmentPorts & UploadPorts, { path, withEvent: params, eventIn }: EventPlace): Route[] {
  const below = `${path}/events/:eventId/attachments`;
  const withFile = z.object({ ...params.shape, attachmentId: z.string().max(300) });
  const fileIn = ({ params: given }: Asked) => (given as { attachmentId: string }).attachmentId;
  const withBytes = async (ctx: Context, one: SeenAttachment): Promise<Row> => {
    const bytes = await bytesOf(ctx, ports, one);
    return { ...presentAttachment(one), ...(bytes ? { contentBytes: bytes.toString('base64') } : {}) };
  };
  return [
    route({
      ...graph,
      method: 'GET',
      path: below,
      summary: 'The files of an event.',
      params,
      async handle(ctx, request) {
        const found = await readAttachments(ctx, await eventIn(ctx, request));
        return presentCollection(request, 'attachments', found.map(presentAttachment), {
          name: { kind: 'string' },
          contentType: { kind: 'string' },
          size: { kind: 'number' },
        });
      },
    }),
    route({
      ...graph,
      method: 'POST',
      path: below,
      summary: 'Adds a file to an event.',
      params,
      body: newAttachment,
      bodyLimit: BODY_AT_MOST,
      async handle(ctx, request) {
        const { name, contentType, contentBytes } = request.body;
        const bytes = Buffer.from(contentBytes, 'base64');
        const added = await addAttachment(ctx, ports, await eventIn(ctx, request), {
          name,
          contentType: contentType ?? BINARY,
          size: bytes.length,
          open: () => Readable.from([bytes]),
          origin: request.origin,
        });
        return new Reply(201, {
          '@odata.context': contextOf(request, 'attachments/$entity'),
          ...presentAttachment(added),
        });
      },
    }),
    route({
      ...graph,
      method: 'POST',
      path: `${below}/createUploadSession`,
      summary: 'Begins to send a file of an event in pieces.',
      params,
      body: newUpload,
      async handle(ctx, request) {
        const { name, size, contentType } = request.body.AttachmentItem;
        const file = { name, size, contentType: contentType ?? BINARY };
        const { address, ...state } = await beginUpload(ctx, await eventIn(ctx, request), file);
        const uploadUrl = `${request.origin}${UPLOADS}/${address}`;
        return new Reply(201, {
          '@odata.context': contextOf(request, 'microsoft.graph.uploadSession'),
          uploadUrl,
          ...presentUpload(state),
        });
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${below}/:attachmentId`,
      summary: 'A file of an event, with its bytes.',
      params: withFile,
      handle: (ctx, request) =>
        withOptions(async () => {
          const one = await readAttachment(ctx, await eventIn(ctx, request), fileIn(request));
          const context = contextOf(request, 'attachments/$entity');
          return { '@odata.context': context, ...select(await withBytes(ctx, one), optionsOf(request)) };
        }),
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${below}/:attachmentId/$value`,
      summary: 'The bytes of a file of an event.',
      params: withFile,
      async handle(ctx, request) {
        const one = await readAttachment(ctx, await eventIn(ctx, request), fileIn(request));
        const bytes = await bytesOf(ctx, ports, one);
        if (!bytes) throw kernelFaults.notFound();
        return download(one.name, one.contentType, bytes);
      },
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: `${below}/:attachmentId`,
      summary: 'Takes a file out of an event.',
      params: withFile,
      async handle(ctx, request) {
        await removeAttachment(ctx, await eventIn(ctx, request), fileIn(request));
        return noContent();
      },
    }),
  ];
}
