import { type ColumnType, type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { ObjectId } from '../model/calendar.ts';

/** A file for an event that comes in pieces. */
export interface Upload {
  readonly id: string;
  readonly tokenHash: Buffer;
  /** Who began it, as JSON. */
  readonly actor: unknown;
  readonly objectId: ObjectId;
  readonly recurrenceId: string;
  readonly name: string;
  readonly contentType: string;
  /** Bytes, of the whole. */
  readonly size: number;
  /** Bytes that came, all from the first on. */
  readonly received: number;
  /** Where each piece that came began. */
  readonly pieces: readonly number[];
  readonly expiresAt: Date;
}

interface Tables {
  'calendars.uploads': {
    tenant_id: TenantId;
    id: string;
    token_hash: Buffer;
    actor: ColumnType<unknown, string, never>;
    object_id: ObjectId;
    recurrence_id: string;
    name: string;
    content_type: string;
    size: number;
    received: number;
    pieces: number[];
    expires_at: Date;
    created_at: Date;
  };
}

export async function insertUpload(ctx: Context, upload: Omit<Upload, 'received' | 'pieces'>): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('calendars.uploads')
    .values({
      tenant_id: ctx.tenantId,
      id: upload.id,
      token_hash: upload.tokenHash,
      actor: JSON.stringify(upload.actor),
      object_id: upload.objectId,
      recurrence_id: upload.recurrenceId,
      name: upload.name,
      content_type: upload.contentType,
      size: upload.size,
      received: 0,
      pieces: [],
      expires_at: upload.expiresAt,
      created_at: ctx.now,
    })
    .execute();
}

/** The upload whose token has this hash, unless its time is over; nobody else changes it meanwhile. */
export async function lockUpload(ctx: Context, tokenHash: Buffer): Promise<Upload | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('calendars.uploads')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', ctx.now)
    .forUpdate()
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function countUploads(ctx: Context, objectId: ObjectId): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from calendars.uploads
     where tenant_id = ${ctx.tenantId} and object_id = ${objectId} and expires_at > ${ctx.now}`.execute(sqlOf(ctx));
  return rows[0]?.count ?? 0;
}

/** Notes a piece that came: its bytes are kept already. */
export async function notePiece(ctx: Context, { id, pieces, received }: Upload, length: number): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('calendars.uploads')
    .set({ received: received + length, pieces: [...pieces, received] })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

export async function eraseUpload(ctx: Context, id: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('calendars.uploads')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

/** Removes those whose time is over, and returns the ids of those that are left. */
export async function eraseEndedUploads(ctx: Context): Promise<Set<string>> {
  const db = sqlOf<Tables>(ctx);
  await db
    .deleteFrom('calendars.uploads')
    .where('tenant_id', '=', ctx.tenantId)
    .where('expires_at', '<=', ctx.now)
    .execute();
  const left = await db.selectFrom('calendars.uploads').select('id').where('tenant_id', '=', ctx.tenantId).execute();
  return new Set(left.map(({ id }) => id));
}

const fromRow = (row: Selectable<Tables['calendars.uploads']>): Upload => ({
  id: row.id,
  tokenHash: row.token_hash,
  actor: row.actor,
  objectId: row.object_id,
  recurrenceId: row.recurrence_id,
  name: row.name,
  contentType: row.content_type,
  size: Number(row.size),
  received: Number(row.received),
  pieces: row.pieces.map(Number),
  expiresAt: row.expires_at,
});
