import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { CalendarId } from '../model/calendar.ts';
import type { RangeWord } from '../model/link.ts';
import type { CalendarsTables } from './tables.ts';

/** An address at which a calendar is read without signing in. */
export interface Link {
  readonly id: string;
  readonly calendarId: CalendarId;
  readonly grantId: string;
  readonly tokenHash: Buffer;
  readonly tokenSealed: Buffer;
  readonly publicName: string | null;
  readonly rangeFrom: RangeWord;
  readonly rangeTo: RangeWord;
}

/** The organisation of a link, by the hash of its token or by its published name. For a context of no organisation. */
export async function findTenantOfLink(
  where: Pick<Context, 'tx'>,
  asked: { readonly tokenHash: Buffer; readonly publicName: string },
): Promise<TenantId | undefined> {
  const { rows } = await sql<{ id: TenantId | null }>`
    select calendars.tenant_of_link(${asked.tokenHash}, ${asked.publicName}) as id`.execute(sqlOf(where));
  return rows[0]?.id ?? undefined;
}

export async function listLinks(
  ctx: Context,
  filter: {
    readonly ids?: readonly string[];
    readonly grantIds?: readonly string[];
    readonly tokenHash?: Buffer;
    readonly publicName?: string;
  },
): Promise<Link[]> {
  if (filter.ids?.length === 0 || filter.grantIds?.length === 0) return [];
  let query = sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.links')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId);
  if (filter.ids !== undefined) query = query.where('id', 'in', filter.ids);
  if (filter.grantIds !== undefined) query = query.where('grant_id', 'in', filter.grantIds);
  if (filter.tokenHash !== undefined) query = query.where('token_hash', '=', filter.tokenHash);
  if (filter.publicName !== undefined) query = query.where('public_name', '=', filter.publicName);
  return (await query.execute()).map(fromRow);
}

/** Keeps a link in place of the one of the same grant. */
export async function putLink(ctx: Context, link: Link): Promise<void> {
  const values = {
    token_hash: link.tokenHash,
    token_sealed: link.tokenSealed,
    public_name: link.publicName,
    range_from: link.rangeFrom,
    range_to: link.rangeTo,
  };
  await sqlOf<CalendarsTables>(ctx)
    .insertInto('calendars.links')
    .values({
      tenant_id: ctx.tenantId,
      id: link.id,
      calendar_id: link.calendarId,
      grant_id: link.grantId,
      created_at: ctx.now,
      ...values,
    })
    .onConflict((conflict) => conflict.constraint('links_grant_key').doUpdateSet(values))
    .execute();
}

/** Destroys the links and the invitations that stand on grants. */
export async function eraseLinks(ctx: Context, grantIds: readonly string[]): Promise<void> {
  if (grantIds.length === 0) return;
  const db = sqlOf<CalendarsTables>(ctx);
  for (const table of ['calendars.links', 'calendars.invitations'] as const) {
    await db.deleteFrom(table).where('tenant_id', '=', ctx.tenantId).where('grant_id', 'in', grantIds).execute();
  }
}

const fromRow = (row: Selectable<CalendarsTables['calendars.links']>): Link => ({
  id: row.id,
  calendarId: row.calendar_id,
  grantId: row.grant_id,
  tokenHash: row.token_hash,
  tokenSealed: row.token_sealed,
  publicName: row.public_name,
  rangeFrom: row.range_from,
  rangeTo: row.range_to,
});
