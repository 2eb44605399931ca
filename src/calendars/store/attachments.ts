import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { ObjectId } from '../model/calendar.ts';

/** A file of an event. */
export interface Attachment {
  /** The MANAGED-ID of RFC 8607. */
  readonly id: string;
  readonly objectId: ObjectId;
  readonly name: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly createdAt: Date;
}

interface Tables {
  'calendars.attachments': {
    tenant_id: TenantId;
    id: string;
    object_id: ObjectId;
    name: string;
    content_type: string;
    size: number;
    sha256: string;
    created_at: Date;
  };
}

export async function insertAttachment(ctx: Context, attachment: Omit<Attachment, 'createdAt'>): Promise<Attachment> {
  const { id, objectId, name, contentType, size, sha256 } = attachment;
  await sqlOf<Tables>(ctx)
    .insertInto('calendars.attachments')
    .values({
      tenant_id: ctx.tenantId,
      id,
      object_id: objectId,
      name,
      content_type: contentType,
      size,
      sha256,
      created_at: ctx.now,
    })
    .execute();
  return { ...attachment, createdAt: ctx.now };
}

/** The files of an event, in the order in which they were added. */
export async function listAttachments(ctx: Context, objectId: ObjectId): Promise<Attachment[]> {
  return find(ctx, (query) => query.where('object_id', '=', objectId));
}

export async function findAttachment(ctx: Context, id: string): Promise<Attachment | undefined> {
  return (await find(ctx, (query) => query.where('id', '=', id)))[0];
}

/** Which of these files there are. */
export async function knownAttachments(ctx: Context, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  return new Set((await find(ctx, (query) => query.where('id', 'in', [...ids]))).map(({ id }) => id));
}

/** Removes the files from before a moment that the text of their event does not name any more. */
export async function eraseUnnamedAttachments(ctx: Context, before: Date): Promise<void> {
  await sql`
    delete from calendars.attachments a using calendars.objects o
     where a.tenant_id = ${ctx.tenantId} and a.created_at < ${before}
       and o.tenant_id = a.tenant_id and o.id = a.object_id
       and position(a.id::text in regexp_replace(o.content, E'\\r?\\n[ \\t]', '', 'g')) = 0`.execute(sqlOf(ctx));
}

const all = (ctx: Context) =>
  sqlOf<Tables>(ctx)
    .selectFrom('calendars.attachments')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('created_at')
    .orderBy('id');

async function find(
  ctx: Context,
  narrow: (query: ReturnType<typeof all>) => ReturnType<typeof all>,
): Promise<Attachment[]> {
  const rows = await narrow(all(ctx)).execute();
  return rows.map((row) => ({
    id: row.id,
    objectId: row.object_id,
    name: row.name,
    contentType: row.content_type,
    size: Number(row.size),
    sha256: row.sha256,
    createdAt: row.created_at,
  }));
}
