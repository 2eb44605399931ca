import { type ColumnType, type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import { type BookingRules, bookingShape, type Place } from '../model/place.ts';

type Json<T> = ColumnType<T | null, string | null, string | null>;

interface Tables {
  'calendars.places': {
    tenant_id: TenantId;
    account_id: string;
    kind: Place['kind'];
    capacity: number | null;
    building: string | null;
    floor_label: string | null;
    label: string | null;
    phone: string | null;
    tags: string[];
    audio_device: string | null;
    video_device: string | null;
    display_device: string | null;
    is_wheelchair_accessible: boolean;
    address: Json<Record<string, unknown>>;
    geo: Json<Record<string, unknown>>;
    booking: ColumnType<Partial<BookingRules>, string, string>;
    created_at: Date;
    version: ColumnType<number, never, never>;
  };
}

/** Rooms and equipment, those of certain accounts where given. */
export async function listPlaces(
  ctx: Context,
  filter: { accountIds?: readonly string[]; kind?: Place['kind'] } = {},
): Promise<Place[]> {
  if (filter.accountIds?.length === 0) return [];
  let query = sqlOf<Tables>(ctx)
    .selectFrom('calendars.places')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('account_id');
  if (filter.accountIds) query = query.where('account_id', '=', sql<string>`any(${filter.accountIds}::uuid[])`);
  if (filter.kind) query = query.where('kind', '=', filter.kind);
  return (await query.execute()).map(fromRow);
}

/** Whoever books places waits for who books one of them, in one order, so that nobody waits in a circle. */
export async function lockPlaces(ctx: Context, accountIds: readonly string[]): Promise<Place[]> {
  if (accountIds.length === 0) return [];
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('calendars.places')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', sql<string>`any(${accountIds}::uuid[])`)
    .orderBy('account_id')
    .forUpdate()
    .execute();
  return rows.map(fromRow);
}

/** Writes a place, new or in place of what it was. */
export async function putPlace(ctx: Context, place: Place): Promise<void> {
  const values = {
    kind: place.kind,
    capacity: place.capacity,
    building: place.building,
    floor_label: place.floorLabel,
    label: place.label,
    phone: place.phone,
    tags: [...place.tags],
    audio_device: place.audioDevice,
    video_device: place.videoDevice,
    display_device: place.displayDevice,
    is_wheelchair_accessible: place.isWheelchairAccessible,
    address: place.address && JSON.stringify(place.address),
    geo: place.geo && JSON.stringify(place.geo),
    booking: JSON.stringify(place.booking),
  };
  await sqlOf<Tables>(ctx)
    .insertInto('calendars.places')
    .values({ tenant_id: ctx.tenantId, account_id: place.accountId, created_at: ctx.now, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'account_id']).doUpdateSet(values))
    .execute();
}

export async function deletePlace(ctx: Context, accountId: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('calendars.places')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .execute();
}

const fromRow = (row: Selectable<Tables['calendars.places']>): Place => ({
  accountId: row.account_id,
  kind: row.kind,
  capacity: row.capacity,
  building: row.building,
  floorLabel: row.floor_label,
  label: row.label,
  phone: row.phone,
  tags: row.tags,
  audioDevice: row.audio_device,
  videoDevice: row.video_device,
  displayDevice: row.display_device,
  isWheelchairAccessible: row.is_wheelchair_accessible,
  address: row.address,
  geo: row.geo,
  // Rules that came later have their defaults.
  booking: bookingShape.parse(row.booking),
});
