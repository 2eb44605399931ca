/** Files too large for one request: they come in pieces, to an address that is its own key. */
import { Readable } from 'node:stream';
import type { Actor, Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId, parseId, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { type BlobStore, tenantBlobs } from '../../platform/blobs/index.ts';
import { calendarsFaults } from '../faults.ts';
import { calendarDefaults } from '../settings.ts';
import { findCalendar } from '../store/calendars.ts';
import { findObject } from '../store/objects.ts';
import {
  countUploads,
  eraseEndedUploads,
  eraseUpload,
  insertUpload,
  lockUpload,
  notePiece,
  type Upload,
} from '../store/uploads.ts';
import { addAttachment, type EventPath, isFresh, type SeenAttachment } from './attachments.ts';
import { readEvent } from './events.ts';
import { hashToken, newToken } from './links.ts';
import { holdCalendar } from './objects.ts';

export interface UploadPorts {
  readonly run: Run;
  readonly blobs: BlobStore;
}

const OPEN_HOURS = 24;
const SESSIONS_AT_MOST = 10;
/** Bytes of one piece at most, as the reference product says. */
export const PIECE_AT_MOST = 4 * 1024 * 1024;

const prefixOf = (tenantId: TenantId) => `${tenantBlobs(tenantId)}calendars/uploads/`;
const pieceOf = (tenantId: TenantId, id: string, start: number) => `${prefixOf(tenantId)}${id}/${start}`;

/** How far an upload is. */
export interface UploadState {
  readonly size: number;
  readonly received: number;
  readonly expiresAt: Date;
}

/**
 * Begins an upload to an event that whoever asks may change.
 * @returns the name in its address, which is told once. Whoever has it adds this one file in their name, for a day.
 * @throws calendars.attachment-too-large, .too-many-attachments; not-found, access.refused.
 */
export async function beginUpload(
  ctx: Context,
  path: EventPath,
  file: { readonly name: string; readonly contentType: string; readonly size: number },
): Promise<UploadState & { readonly address: string }> {
  const largest = ctx.settings.tenant(calendarDefaults).largestUploadKilobytes * 1024;
  if (file.size > largest) throw calendarsFaults.attachmentTooLarge(largest);
  const { objectId, recurrenceId } = path;
  const { calendar, whole } = await readEvent(ctx, path.whose, { objectId, recurrenceId }, path.calendarId);
  if (!whole) throw kernelFaults.notFound();
  await holdCalendar(ctx, calendar.id, 'write');
  if ((await countUploads(ctx, path.objectId)) >= SESSIONS_AT_MOST) {
    throw calendarsFaults.tooManyAttachments(SESSIONS_AT_MOST);
  }
  const token = newToken();
  const expiresAt = new Date(ctx.now.getTime() + OPEN_HOURS * 3_600_000);
  const id = newId();
  await insertUpload(ctx, {
    id,
    tokenHash: hashToken(token),
    actor: ctx.actor,
    objectId,
    recurrenceId,
    ...file,
    expiresAt,
  });
  return { address: `${ctx.tenantId}.${token}`, size: file.size, received: 0, expiresAt };
}

/** How far an upload is. @throws not-found for an address of nothing, or of one that is over. */
export const readUpload = (ctx: Context, ports: UploadPorts, address: string): Promise<UploadState> =>
  within(ctx, ports, address, async (_inside, upload) => upload);

/** Gives an upload up; what came of it is thrown away. @throws not-found. */
export async function dropUpload(ctx: Context, ports: UploadPorts, address: string): Promise<void> {
  const { tenantId, upload } = await within(ctx, ports, address, async (inside, upload) => {
    await eraseUpload(inside, upload.id);
    return { tenantId: inside.tenantId, upload };
  });
  await erasePieces(ports, tenantId, upload);
}

/** Bytes of a file, from the first of `total` that is not there yet. */
export interface Piece {
  readonly start: number;
  readonly total: number;
  readonly bytes: Buffer;
}

/**
 * Takes the next piece. Its bytes are kept before it is said that they came; with the last one the file is added to the
 * event, in one transaction with the end of the upload, so that it is there once.
 * @returns how far it is, the file once it is whole, or `misplaced` for a piece that is not the next.
 */
export async function takePiece(
  ctx: Context,
  ports: UploadPorts,
  address: string,
  { start, total, bytes }: Piece,
  origin: string,
): Promise<{ state: UploadState; misplaced?: true; added?: SeenAttachment; objectId?: string; ownerId?: string }> {
  const taken = await within(ctx, ports, address, async (inside, upload) => {
    const { tenantId } = inside;
    if (
      start !== upload.received ||
      start + bytes.length > upload.size ||
      total !== upload.size ||
      bytes.length === 0
    ) {
      return { state: upload, misplaced: true as const };
    }
    await ports.blobs.put(pieceOf(tenantId, upload.id, start), Readable.from([bytes]));
    await notePiece(inside, upload, bytes.length);
    const state = { ...upload, received: start + bytes.length, pieces: [...upload.pieces, start] };
    if (state.received < upload.size) return { state };
    const object = await findObject(inside, { id: upload.objectId });
    const calendar = object && (await findCalendar(inside, object.calendarId));
    if (!calendar) throw kernelFaults.notFound();
    const { objectId, recurrenceId, name, contentType, size } = upload;
    const open = () => Readable.from(bytesOf(ports, tenantId, state));
    const file = { name, contentType, size, open, origin, isUpload: true };
    const added = await addAttachment(inside, ports, { objectId, recurrenceId, whose: calendar.owner }, file);
    await eraseUpload(inside, upload.id);
    return { state, added, objectId, ownerId: calendar.owner.id, tenantId };
  });
  if (taken.tenantId) await erasePieces(ports, taken.tenantId, taken.state);
  return taken;
}

async function* bytesOf({ blobs }: UploadPorts, tenantId: TenantId, { id, pieces }: Pick<Upload, 'id' | 'pieces'>) {
  for (const start of pieces) yield* await blobs.get(pieceOf(tenantId, id, start));
}

/** What is left of them, should the server die here, goes with the daily sweep. */
async function erasePieces({ blobs }: UploadPorts, tenantId: TenantId, upload: Pick<Upload, 'id' | 'pieces'>) {
  for (const start of upload.pieces) await blobs.delete(pieceOf(tenantId, upload.id, start));
}

/** Works on the upload that an address is the key of, in the name of who began it. */
async function within<T>(
  { correlationId, clientAddress }: Context,
  { run }: UploadPorts,
  address: string,
  act: (inside: Context, upload: Upload) => Promise<T>,
): Promise<T> {
  const [text = '', token = ''] = address.split('.');
  const tenantId = parseId<'tenant'>(text);
  if (!tenantId || token === '') throw kernelFaults.notFound();
  const key = hashToken(token);
  const finder = { kind: 'system', name: 'calendars.uploads' } as const;
  const work = { tenantId, correlationId, clientAddress };
  const begun = await run({ ...work, actor: finder }, (ctx) => lockUpload(ctx, key));
  if (!begun) throw kernelFaults.notFound();
  return run({ ...work, actor: actorFrom(begun.actor) }, async (inside) => {
    const upload = await lockUpload(inside, key);
    if (!upload) throw kernelFaults.notFound();
    return act(inside, upload);
  });
}

/** As it was kept: JSON has no dates. */
const actorFrom = (kept: unknown): Actor => {
  const actor = kept as Actor;
  return actor.kind === 'account' ? { ...actor, authenticatedAt: new Date(actor.authenticatedAt) } : actor;
};

/** Forgets uploads whose time is over, and pieces that no upload is left of. */
export async function sweepUploads(ctx: Context, { blobs }: Pick<UploadPorts, 'blobs'>): Promise<void> {
  const left = await eraseEndedUploads(ctx);
  const prefix = prefixOf(ctx.tenantId);
  for await (const { key } of blobs.list(prefix)) {
    const [id = ''] = key.slice(prefix.length).split('/');
    if (!left.has(id) && !isFresh(ctx, id)) await blobs.delete(key);
  }
}
