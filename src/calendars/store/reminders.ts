import type { Selectable } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { CalendarId, ObjectId } from '../model/calendar.ts';

interface Tables {
  'calendars.reminders': {
    tenant_id: TenantId;
    object_id: ObjectId;
    alarm: number;
    recurrence_id: string;
    calendar_id: CalendarId;
    account_id: string;
    kind: 'display' | 'email';
    due_at: Date | null;
    shown_at: Date | null;
    starts_at: Date;
    ends_at: Date;
    subject: string | null;
    location: string | null;
    is_put_off: boolean;
  };
}

/** One alarm of an event for one instance: the next that it is due for, or one that it was shown for. */
export interface Reminder {
  readonly objectId: ObjectId;
  /** Which alarm of the event, as they stand in it. */
  readonly alarm: number;
  readonly recurrenceId: string;
  readonly calendarId: CalendarId;
  readonly accountId: string;
  readonly kind: 'display' | 'email';
  /** Null: nothing more is due of it. */
  readonly dueAt: Date | null;
  /** When it was shown last, and not put away since. */
  readonly shownAt: Date | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly subject: string | null;
  readonly location: string | null;
  /** Whether the reader chose when it is due, instead of the alarm. */
  readonly isPutOff: boolean;
}

/** Puts reminders in place of all that an event has. */
export async function writeReminders(ctx: Context, objectId: ObjectId, reminders: readonly Reminder[]): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('calendars.reminders')
    .where('tenant_id', '=', ctx.tenantId)
    .where('object_id', '=', objectId)
    .execute();
  await putReminders(ctx, reminders);
}

/** Writes reminders, each new or in place of what it was. */
export async function putReminders(
  ctx: Pick<Context, 'tx' | 'tenantId'>,
  reminders: readonly Reminder[],
): Promise<void> {
  if (reminders.length === 0) return;
  await sqlOf<Tables>(ctx)
    .insertInto('calendars.reminders')
    .values(reminders.map((one) => toRow(ctx, one)))
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'object_id', 'alarm', 'recurrence_id']).doUpdateSet((eb) => ({
        due_at: eb.ref('excluded.due_at'),
        shown_at: eb.ref('excluded.shown_at'),
        starts_at: eb.ref('excluded.starts_at'),
        ends_at: eb.ref('excluded.ends_at'),
        subject: eb.ref('excluded.subject'),
        location: eb.ref('excluded.location'),
        is_put_off: eb.ref('excluded.is_put_off'),
      })),
    )
    .execute();
}

/** Forgets those that are over, or were never put away, of what ended before a moment. */
export async function eraseOldReminders(ctx: Context, before: Date): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('calendars.reminders')
    .where('tenant_id', '=', ctx.tenantId)
    .where('due_at', 'is', null)
    .where('ends_at', '<', before)
    .execute();
}

/** Those that are due, each for one runner alone: whoever reads them settles them in the same transaction. */
export async function takeDueReminders(ctx: Context, limit: number): Promise<Reminder[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('calendars.reminders')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('due_at', '<=', ctx.now)
    .orderBy('due_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map(fromRow);
}

/** The reminders of an event, or those that somebody was shown and has not put away, the earliest start first. */
export async function listReminders(
  ctx: Context,
  filter: { objectId: ObjectId } | { accountId: string },
): Promise<Reminder[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('calendars.reminders')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('starts_at')
    .limit(200);
  query =
    'objectId' in filter
      ? query.where('object_id', '=', filter.objectId)
      : query.where('account_id', '=', filter.accountId).where('shown_at', 'is not', null);
  return (await query.execute()).map(fromRow);
}

const toRow = (ctx: Pick<Context, 'tenantId'>, one: Reminder) => ({
  tenant_id: ctx.tenantId,
  object_id: one.objectId,
  alarm: one.alarm,
  recurrence_id: one.recurrenceId,
  calendar_id: one.calendarId,
  account_id: one.accountId,
  kind: one.kind,
  due_at: one.dueAt,
  shown_at: one.shownAt,
  starts_at: one.startsAt,
  ends_at: one.endsAt,
  subject: one.subject,
  location: one.location,
  is_put_off: one.isPutOff,
});

const fromRow = (row: Selectable<Tables['calendars.reminders']>): Reminder => ({
  objectId: row.object_id,
  alarm: row.alarm,
  recurrenceId: row.recurrence_id,
  calendarId: row.calendar_id,
  accountId: row.account_id,
  kind: row.kind,
  dueAt: row.due_at,
  shownAt: row.shown_at,
  startsAt: row.starts_at,
  endsAt: row.ends_at,
  subject: row.subject,
  location: row.location,
  isPutOff: row.is_put_off,
});
