import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { Job } from '../../kernel/module.ts';
import { readObject } from '../../protocols/icalendar/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { Calendar, CalendarId, Category, Mailbox, ObjectId, Owner } from '../model/calendar.ts';
import { expandAround } from '../model/occurrence.ts';
import { listCalendars, listMailboxes, updateMailbox } from '../store/calendars.ts';
import { findObject, listObjects, writeObject } from '../store/objects.ts';
import { ensureMailbox, ownMailboxOwner } from './mailboxes.ts';
import { holdCalendarOf, ownerOf, type Whose } from './open-calendars.ts';
import { readOwner } from './owners.ts';

export type MailboxChanges = Partial<
  Pick<Mailbox, 'timeZone' | 'workingHours' | 'automaticReplies' | 'categories' | 'availability'>
>;

/** The mailbox of oneself, or of somebody of whose calendars one is the owner: a program is. @throws not-found. */
export async function readMailbox(ctx: Context, whose: Whose, wanted: 'read' | 'write' = 'read'): Promise<Mailbox> {
  const owner = ownerOf(ctx, whose);
  if (whose) {
    const { role } = await holdCalendarOf(ctx, whose, undefined, 'freeBusyRead');
    if (role !== 'owner') throw kernelFaults.notFound();
  } else await ownMailboxOwner(ctx, wanted);
  await ensureMailbox(ctx, owner);
  // Read again: somebody may have been faster in making it.
  return (await listMailboxes(ctx, [owner]))[0] as Mailbox;
}

/** Changes what a mailbox is set to. @throws request.invalid, not-found, access.refused. */
export async function changeMailbox(ctx: Context, whose: Whose, changes: MailboxChanges): Promise<Mailbox> {
  const before = await readMailbox(ctx, whose, 'write');
  const { owner } = before;
  const hours = changes.workingHours;
  if (hours && hours.startTime >= hours.endTime) throw kernelFaults.invalid('The working day ends after it begins.');
  // Hours that are said here count from now on, and not what another program said in more words.
  const said = hours ? { ...changes, availability: changes.availability ?? null } : changes;
  const after = (await updateMailbox(ctx, owner, said)) ?? before;
  ctx.record({
    action: 'calendars.mailbox-changed',
    category: 'Calendar',
    targets: [
      {
        kind: owner.kind,
        id: owner.id,
        changes: (Object.keys(changes) as (keyof MailboxChanges)[])
          // What somebody writes to those who write to them is nobody else's.
          .filter((name) => name !== 'automaticReplies' && name !== 'availability')
          .map((name) => ({ name, old: before[name], new: after[name] })),
      },
    ],
  });
  if (after.timeZone !== before.timeZone) await ctx.defer(PLACE_ANEW, { ...owner, after: null });
  return after;
}

const PLACE_ANEW = 'calendars.place-anew';
const AT_ONCE = 200;

/** Whole days lie elsewhere in time when their owner's zone changes. */
type PlaceAnew = Owner & { readonly after: ObjectId | null; readonly calendarId?: CalendarId };

/** Places the events of one calendar anew, since its own zone has changed. */
export const placeCalendarAnew = (ctx: Context, { id, owner }: Pick<Calendar, 'id' | 'owner'>): Promise<void> =>
  ctx.defer(PLACE_ANEW, { ...owner, after: null, calendarId: id });

export const placeAnewJob: Job = {
  name: PLACE_ANEW,
  async run(ctx, payload) {
    const { kind, id, after, calendarId } = payload as unknown as PlaceAnew;
    const calendars = await listCalendars(ctx, { owners: [{ kind, id }] });
    const concerned = calendars.filter((one) => (calendarId ? one.id === calendarId : !one.hasOwnTimeZone));
    const objects = await listObjects(ctx, {
      calendarIds: concerned.map((calendar) => calendar.id),
      ...(after ? { after } : {}),
      limit: AT_ONCE,
    });
    const addresses = (await readOwner(ctx, { kind, id }))?.addresses ?? [];
    for (const { id: objectId } of objects) {
      // As it is now: somebody may have changed it since.
      const object = await findObject(ctx, { id: objectId }, { lock: true });
      const calendar = concerned.find((one) => one.id === object?.calendarId);
      if (!object || !calendar) continue;
      const expanded = expandAround(readObject(object.content), ctx.now, { timeZone: calendar.timeZone, addresses });
      await writeObject(ctx, object, expanded, false);
    }
    const last = objects.at(-1);
    if (last && objects.length === AT_ONCE) await ctx.defer(PLACE_ANEW, { ...payload, after: last.id });
  },
};

const CATEGORIES_AT_MOST = 200;

/** Adds a category. @throws calendars.category-exists. */
export async function addCategory(ctx: Context, whose: Whose, category: Omit<Category, 'id'>): Promise<Category> {
  const { categories } = await readMailbox(ctx, whose, 'write');
  const name = category.displayName.toLowerCase();
  if (categories.some((one) => one.displayName.toLowerCase() === name))
    throw calendarsFaults.categoryExists(category.displayName);
  if (categories.length >= CATEGORIES_AT_MOST)
    throw kernelFaults.invalid(`There are at most ${CATEGORIES_AT_MOST} categories.`);
  const added = { id: newId(), ...category };
  await changeMailbox(ctx, whose, { categories: [...categories, added] });
  return added;
}

/** @throws not-found. */
export async function readCategory(ctx: Context, whose: Whose, id: string): Promise<Category> {
  const { categories } = await readMailbox(ctx, whose);
  const found = categories.find((one) => one.id === id);
  if (!found) throw kernelFaults.notFound();
  return found;
}

/** A category keeps its name: events are sorted by it. @throws not-found. */
export async function recolorCategory(ctx: Context, whose: Whose, id: string, color: string): Promise<Category> {
  const changed = { ...(await readCategory(ctx, whose, id)), color };
  const { categories } = await readMailbox(ctx, whose, 'write');
  await changeMailbox(ctx, whose, { categories: categories.map((one) => (one.id === id ? changed : one)) });
  return changed;
}

/** Removes a category; events keep its name. @throws not-found. */
export async function removeCategory(ctx: Context, whose: Whose, id: string): Promise<void> {
  await readCategory(ctx, whose, id);
  const { categories } = await readMailbox(ctx, whose, 'write');
  await changeMailbox(ctx, whose, { categories: categories.filter((one) => one.id !== id) });
}
