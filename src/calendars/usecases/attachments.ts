import type { Readable } from 'node:stream';
import ICAL from 'ical.js';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId, parseId } from '../../kernel/ids.ts';
import { type BlobStore, tenantBlobs } from '../../platform/blobs/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { CalendarId } from '../model/calendar.ts';
import { calendarDefaults } from '../settings.ts';
import {
  type Attachment,
  eraseUnnamedAttachments,
  findAttachment,
  insertAttachment,
  knownAttachments,
  listAttachments,
} from '../store/attachments.ts';
import { changeEvent, type EventKey, readEvent, type SeenEvent } from './events.ts';
import { readWhole } from './objects.ts';
import type { Whose } from './open-calendars.ts';

export interface AttachmentPorts {
  readonly blobs: BlobStore;
}

/** An event's file as it stands in its text. */
export interface SeenAttachment {
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  /** Bytes; null: it lies elsewhere. */
  readonly size: number | null;
  readonly changedAt: Date;
  /** `kept` in our store, `within` the text itself, or at an `address` elsewhere. */
  readonly place: 'kept' | 'within' | 'address';
  readonly address: string | null;
  /** Of one within the text. */
  readonly bytes: Buffer | null;
}

/** An event that is asked about, with the calendar that its address names. */
export type EventPath = EventKey & { readonly whose: Whose; readonly calendarId?: CalendarId | undefined };

const MOST = 50;
const blobOf = (ctx: Context, id: string) => `${tenantBlobs(ctx.tenantId)}calendars/attachments/${id}`;

/** Where programs that read calendars fetch a file, with their own credential. */
export const attachmentPath = (id: string) => `/calendars/attachments/${id}`;

/** The files of an event that the reader may read whole. @throws not-found. */
export async function readAttachments(ctx: Context, path: EventPath): Promise<SeenAttachment[]> {
  const { objectId, recurrenceId } = path;
  return attachmentsOf(ctx, await readEvent(ctx, path.whose, { objectId, recurrenceId }, path.calendarId));
}

/** The files of an event that is read already. @throws not-found for who may not read it whole. */
export async function attachmentsOf(ctx: Context, { whole, objectId }: SeenEvent): Promise<SeenAttachment[]> {
  if (!whole) throw kernelFaults.notFound();
  const properties = whole.component.getAllProperties('attach');
  if (properties.length === 0) return [];
  const kept = new Map((await listAttachments(ctx, objectId)).map((one) => [one.id, one]));
  return properties.map((property, n) => seen(property, n, kept, whole.object.changedAt));
}

function seen(
  property: ICAL.Property,
  n: number,
  kept: ReadonlyMap<string, Attachment>,
  changedAt: Date,
): SeenAttachment {
  const known = kept.get(managedId(property));
  if (known) {
    const { id, name, contentType, size, createdAt } = known;
    return { id, name, contentType, size, changedAt: createdAt, place: 'kept', address: null, bytes: null };
  }
  const value = property.getFirstValue();
  const text = String(property.getFirstParameter('filename') ?? property.getFirstParameter('x-filename') ?? '');
  const shared = { id: `at-${n}`, contentType: String(property.getFirstParameter('fmttype') ?? BINARY), changedAt };
  if (property.type === 'binary' || value instanceof ICAL.Binary) {
    const bytes = Buffer.from(value instanceof ICAL.Binary ? value.value : String(value), 'base64');
    return { ...shared, name: text || 'attachment', size: bytes.length, place: 'within', address: null, bytes };
  }
  return { ...shared, name: text || String(value), size: null, place: 'address', address: String(value), bytes: null };
}

const BINARY = 'application/octet-stream';
const managedId = (property: ICAL.Property) => String(property.getFirstParameter('managed-id') ?? '');

/** One of an event's files. @throws not-found. */
export async function readAttachment(ctx: Context, path: EventPath, id: string): Promise<SeenAttachment> {
  const found = (await readAttachments(ctx, path)).find((one) => one.id === id.toLowerCase());
  if (!found) throw kernelFaults.notFound();
  return found;
}

/** The bytes of a file that is kept or within the text; undefined: it lies elsewhere. */
export async function bytesOf(ctx: Context, ports: AttachmentPorts, one: SeenAttachment): Promise<Buffer | undefined> {
  if (one.place === 'within') return one.bytes ?? undefined;
  if (one.place === 'address') return undefined;
  return Buffer.concat(await (await ports.blobs.get(blobOf(ctx, one.id))).toArray());
}

/** A file to be added. */
export interface NewFile {
  readonly name: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  readonly open: () => Readable;
  /** Where programs are told to fetch it. */
  readonly origin: string;
  /** Whether it came in pieces, and may be larger. */
  readonly isUpload?: boolean;
}

/**
 * Adds a file to an event. The bytes are kept before what names them is committed: no event names what is not there.
 * @throws calendars.attachment-too-large, .too-many-attachments, and what `changeEvent` throws.
 */
export async function addAttachment(
  ctx: Context,
  ports: AttachmentPorts,
  path: EventPath,
  file: NewFile,
): Promise<SeenAttachment> {
  const { name, contentType } = file;
  const { largestAttachmentKilobytes, largestUploadKilobytes } = ctx.settings.tenant(calendarDefaults);
  const largest = (file.isUpload ? largestUploadKilobytes : largestAttachmentKilobytes) * 1024;
  if (file.size > largest) throw calendarsFaults.attachmentTooLarge(largest);
  if ((await readAttachments(ctx, path)).length >= MOST) throw calendarsFaults.tooManyAttachments(MOST);
  const id = newId();
  const changed = await changeEvent(ctx, path.whose, path, {}, ({ event }) => {
    const property = new ICAL.Property('attach');
    property.resetType('uri');
    property.setValue(`${file.origin}${attachmentPath(id)}`);
    property.setParameter('managed-id', id);
    property.setParameter('fmttype', contentType);
    property.setParameter('filename', name.replace(/["\r\n]/g, ''));
    property.setParameter('size', String(file.size));
    event.addProperty(property);
  });
  const { size, sha256 } = await ports.blobs.put(blobOf(ctx, id), file.open());
  await insertAttachment(ctx, { id, objectId: path.objectId, name, contentType, size, sha256 });
  const found = (await attachmentsOf(ctx, changed)).find((one) => one.id === id);
  return found as SeenAttachment;
}

/** Takes a file out of an event; its bytes go when nothing names them any more. @throws not-found. */
export async function removeAttachment(ctx: Context, path: EventPath, id: string): Promise<void> {
  const attachments = await readAttachments(ctx, path);
  const at = attachments.findIndex((one) => one.id === id.toLowerCase());
  if (at === -1) throw kernelFaults.notFound();
  await changeEvent(ctx, path.whose, path, {}, ({ event }) => {
    const property = event.getAllProperties('attach')[at];
    if (property) event.removeProperty(property);
  });
}

/** A file by its id alone, for whoever may read the event that names it. @throws not-found. */
export async function openAttachment(ctx: Context, ports: AttachmentPorts, text: string) {
  const id = parseId(text);
  const attachment = id && (await findAttachment(ctx, id));
  // Asked also about nothing, so that an id of nothing and one of another organisation are answered alike.
  const { object } = await readWhole(ctx, { id: attachment?.objectId ?? (newId() as never) });
  if (!attachment || !object.content.replaceAll(/\r\n[ \t]/g, '').includes(attachment.id))
    throw kernelFaults.notFound();
  return { attachment, bytes: Buffer.concat(await (await ports.blobs.get(blobOf(ctx, attachment.id))).toArray()) };
}

const AT_ONCE = 500;
/** Long enough for the slowest request that kept a file and has not named it yet. */
const FRESH_MINUTES = 60;

/** Removes the files that no event names any more, and the bytes that no file is left of. */
export async function sweepAttachments(ctx: Context, ports: AttachmentPorts): Promise<void> {
  const prefix = `${tenantBlobs(ctx.tenantId)}calendars/attachments/`;
  await eraseUnnamedAttachments(ctx, new Date(ctx.now.getTime() - FRESH_MINUTES * 60_000));
  let batch: string[] = [];
  const settle = async () => {
    const known = await knownAttachments(ctx, batch);
    for (const id of batch) {
      if (!known.has(id) && !isFresh(ctx, id)) await ports.blobs.delete(`${prefix}${id}`);
    }
    batch = [];
  };
  for await (const { key } of ports.blobs.list(prefix)) {
    batch.push(key.slice(prefix.length));
    if (batch.length === AT_ONCE) await settle();
  }
  await settle();
}

/** Whether something was made so lately that what names it may not be committed. An id tells when (RFC 9562 §5.7). */
export const isFresh = (ctx: Context, id: string): boolean =>
  Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) >= ctx.now.getTime() - FRESH_MINUTES * 60_000;
