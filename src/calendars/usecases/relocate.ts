import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { calendarsFaults } from '../faults.ts';
import type { StoredObject } from '../model/calendar.ts';
import { eraseObject, findObject, moveObject } from '../store/objects.ts';
import { type Condition, checkCondition, type HeldCalendar, putObject, seesWhole } from './objects.ts';

export interface Relocation {
  readonly from: HeldCalendar;
  readonly name: string;
  readonly to: HeldCalendar;
  readonly newName: string;
  /** Whether what is at the new place may be replaced. */
  readonly overwrite: boolean;
}

/**
 * Copies an object into another calendar, or under another name. Its UID goes with it.
 * @throws not-found, calendars.object-exists, .uid-taken.
 */
export async function copyObject(
  ctx: Context,
  { from, name, to, newName, overwrite }: Relocation,
): Promise<{ isNew: boolean }> {
  const object = await wholeOf(ctx, from, name);
  const text = object.content;
  return putObject(ctx, { calendarId: to.calendar.id, name: newName, text, ifNoneMatch: !overwrite });
}

/**
 * Moves an object between calendars that are held for writing, or gives it another name: it stays the same object, and
 * nobody who is invited hears of it.
 * @throws not-found, calendars.object-changed, .object-exists, .uid-taken.
 */
export async function relocateObject(ctx: Context, relocation: Relocation & Condition): Promise<{ isNew: boolean }> {
  const { from, name, to, newName, overwrite } = relocation;
  const object = await wholeOf(ctx, from, name);
  checkCondition(object, relocation);
  if (!to.calendar.components.includes(object.component)) throw calendarsFaults.componentNotAllowed(object.component);
  const there = await findObject(ctx, { calendarId: to.calendar.id, name: newName }, { lock: true });
  if (there && there.id === object.id) return { isNew: false };
  if (there && !overwrite) throw calendarsFaults.exists();
  if (there) {
    if (!seesWhole(to.role, there)) throw kernelFaults.notFound();
    await eraseObject(ctx, there);
  }
  await moveObject(ctx, object, { calendarId: to.calendar.id, name: newName });
  const { owner } = to.calendar;
  ctx.record({
    action: 'calendars.event-changed',
    category: 'Calendar',
    targets: [{ kind: 'event', id: object.id }],
    facts: { calendarId: to.calendar.id, ownerKind: owner.kind, ownerId: owner.id, uid: object.uid },
  });
  return { isNew: there === undefined };
}

async function wholeOf(ctx: Context, { calendar, role }: HeldCalendar, name: string): Promise<StoredObject> {
  const object = await findObject(ctx, { calendarId: calendar.id, name }, { lock: true });
  if (!object || !seesWhole(role, object)) throw kernelFaults.notFound();
  return object;
}
