/** Files of many events: taken in as one, and given out as one. */
import { Readable } from 'node:stream';
import type { Actor, Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import type { Job, Run } from '../../kernel/module.ts';
import { type BlobStore, tenantBlobs } from '../../platform/blobs/index.ts';
import {
  CalendarTextError,
  type Found,
  joinObjects,
  printCalendar,
  type Reader,
  readCalendar,
  readersOf,
  readObject,
} from '../../protocols/icalendar/index.ts';
import { PERSON_NOTICE } from '../../signin/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { CalendarId, StoredObject } from '../model/calendar.ts';
import type { FileImport, Skipped } from '../model/file-import.ts';
import { eraseOldImports, findImport, importsUnderWay, insertImport, updateImport } from '../store/imports.ts';
import { listObjects } from '../store/objects.ts';
import { isFresh } from './attachments.ts';
import { ownMailboxOwner } from './mailboxes.ts';
import { type HeldCalendar, holdCalendar, putObject, seesWhole } from './objects.ts';
import { seesEverything, tell } from './told.ts';

export interface ImportPorts {
  readonly run: Run;
  readonly blobs: BlobStore;
  /** A person as they would ask now; undefined: they are gone. */
  readonly actorOf: (ctx: Context, accountId: string) => Promise<Actor | undefined>;
}

const IMPORT_FILE = 'calendars.import-file';
/** Objects kept in one transaction: progress is told, and a crash undone, in steps of these. */
const AT_ONCE = 50;
/** Skipped objects of which it is told why. */
const TOLD_AT_MOST = 1_000;
const KEPT_DAYS = 30;

const prefixOf = (tenantId: TenantId) => `${tenantBlobs(tenantId)}calendars/imports/`;

/**
 * Takes a file: once this has answered, every event and task in it that can be kept will be, each as an object of its
 * own. One that is there already is changed unless the file's is older (SEQUENCE). Nobody is sent anything.
 * @throws calendars.not-a-calendar-object for a text that holds no calendar; not-found, access.refused.
 */
export async function beginImport(
  ctx: Context,
  ports: Pick<ImportPorts, 'blobs'>,
  { calendarId, text }: { calendarId: CalendarId; text: string },
): Promise<FileImport> {
  const { calendar } = await holdCalendar(ctx, calendarId, 'write');
  const accountId = await ownAccount(ctx, 'write');
  const total = readersIn(text).length;
  if (total === 0) {
    throw calendarsFaults.notACalendarObject('The file holds no event and no task.', 'valid-calendar-data');
  }
  const id = newId();
  // Kept before what names it is committed.
  await ports.blobs.put(`${prefixOf(ctx.tenantId)}${id}`, Readable.from([Buffer.from(text)]));
  const begun = await insertImport(ctx, { id, calendarId, accountId, total });
  await ctx.defer(IMPORT_FILE, { importId: id }, { key: `${IMPORT_FILE}:${id}` });
  ctx.record({
    action: 'calendars.import-begun',
    category: 'Calendar',
    targets: [{ kind: 'calendar', id: calendar.id, displayName: calendar.name }],
    facts: { importId: id, total },
  });
  return begun;
}

/** An import of whoever asks, as far as it is. @throws not-found. */
export async function readImport(ctx: Context, calendarId: CalendarId, id: string): Promise<FileImport> {
  return ownImport(ctx, calendarId, id, 'read');
}

/** Stops an import where it is; what is kept by then stays. One that has ended stays as it ended. @throws not-found. */
export async function cancelImport(ctx: Context, calendarId: CalendarId, id: string): Promise<void> {
  const { state } = await ownImport(ctx, calendarId, id, 'write');
  if (state === 'waiting') await updateImport(ctx, id, { state: 'cancelled', endedAt: ctx.now });
}

async function ownImport(ctx: Context, calendarId: CalendarId, id: string, wanted: 'read' | 'write') {
  const accountId = await ownAccount(ctx, wanted);
  const found = await findImport(ctx, id, { lock: wanted === 'write' });
  if (found?.accountId !== accountId || found.calendarId !== calendarId) throw kernelFaults.notFound();
  return found;
}

async function ownAccount(ctx: Context, wanted: 'read' | 'write'): Promise<string> {
  return (await ownMailboxOwner(ctx, wanted)).id;
}

/**
 * Goes through a file part by part. What a part did and how far it came are one transaction, so a server that dies in
 * between leaves neither duplicates nor gaps: the job begins again and goes on after the last part that is kept.
 */
export const importJob = (ports: ImportPorts): Job => ({
  name: IMPORT_FILE,
  transaction: 'none',
  async run({ tenantId, actor, correlationId }, { importId }) {
    const id = String(importId);
    const by = <T>(who: Actor, act: (ctx: Context) => Promise<T>) =>
      ports.run({ tenantId, actor: who, correlationId }, act);
    const begun = await by(actor, (ctx) => findImport(ctx, id));
    if (begun?.state === 'waiting') {
      try {
        const sender = await by(actor, (ctx) => ports.actorOf(ctx, begun.accountId));
        if (!sender) throw kernelFaults.notFound();
        const bytes = await (await ports.blobs.get(`${prefixOf(tenantId)}${id}`)).toArray();
        const readers = readersIn(Buffer.concat(bytes).toString());
        while (await by(sender, (ctx) => importPart(ctx, id, readers)));
      } catch (error) {
        // The calendar is gone, or is not theirs to write in any more. Whatever else went wrong is tried again.
        if (!(error instanceof Fault && (error.kind === 'not-found' || error.kind === 'forbidden'))) throw error;
        const ended = { state: 'failed', problem: error.sentence } as const;
        await by(actor, (ctx) => updateImport(ctx, id, { ...ended, endedAt: ctx.now }));
      }
    }
    await ports.blobs.delete(`${prefixOf(tenantId)}${id}`);
  },
});

/** Keeps the next objects of a file. False: that was all, or it was cancelled. */
async function importPart(ctx: Context, id: string, readers: readonly Reader[]): Promise<boolean> {
  const known = await findImport(ctx, id, { lock: true });
  if (known?.state !== 'waiting') return false;
  const { calendarId } = known;
  // Asked again for each part: the right to write may have ended since.
  const held = await holdCalendar(ctx, calendarId, 'write');
  const counts = { created: known.created, changed: known.changed, unchanged: known.unchanged };
  const skipped = [...known.skipped];
  const part = readers.slice(known.done, known.done + AT_ONCE).flatMap((read) => read());
  const uids = part.flatMap((one) => ('object' in one ? one.object.uid : []));
  const there = await listObjects(ctx, { calendarIds: [calendarId], uids });
  const byUid = new Map(there.map((one) => [one.uid, one]));
  for (const one of part) {
    const outcome = 'object' in one ? await keep(ctx, held, one, byUid.get(one.object.uid)) : one;
    if (typeof outcome === 'string') counts[outcome] += 1;
    else if (skipped.length < TOLD_AT_MOST) skipped.push(outcome);
  }
  const done = Math.min(known.done + AT_ONCE, known.total);
  const isThrough = done === known.total;
  await updateImport(ctx, id, {
    ...{ ...counts, skipped, done },
    ...(isThrough ? { state: 'done', endedAt: ctx.now } : {}),
  });
  await ctx.announce(PERSON_NOTICE, { accountId: known.accountId, about: 'calendars.import-moved' });
  if (isThrough) {
    ctx.record({
      action: 'calendars.file-imported',
      category: 'Calendar',
      targets: [{ kind: 'calendar', id: held.calendar.id, displayName: held.calendar.name }],
      facts: { ...counts, skipped: skipped.length, importId: id },
    });
  }
  return !isThrough;
}

/** Forgets imports that are long over, and files that no import is left of. */
export async function sweepImports(ctx: Context, { blobs }: Pick<ImportPorts, 'blobs'>): Promise<void> {
  await eraseOldImports(ctx, new Date(ctx.now.getTime() - KEPT_DAYS * 86_400_000));
  const prefix = prefixOf(ctx.tenantId);
  for await (const { key } of blobs.list(prefix)) {
    const id = key.slice(prefix.length);
    if (isFresh(ctx, id) || (await importsUnderWay(ctx, [id])).size > 0) continue;
    await blobs.delete(key);
  }
}

function readersIn(text: string): Reader[] {
  try {
    return readersOf(text);
  } catch (error) {
    if (error instanceof CalendarTextError) throw calendarsFaults.notACalendarObject(error.message, error.rule);
    throw error;
  }
}

async function keep(
  ctx: Context,
  held: HeldCalendar,
  { object, text }: Found,
  before: StoredObject | undefined,
): Promise<'created' | 'changed' | 'unchanged' | Skipped> {
  const summary = object.master?.getFirstPropertyValue('summary') ?? null;
  const left = (reason: string) => ({ uid: object.uid, summary: summary === null ? null : String(summary), reason });
  if (before && essenceOf(before.content) === essenceOf(text)) return 'unchanged';
  if (before && sequenceOf(readObject(before.content).master) > sequenceOf(object.master)) {
    return left('A newer one is in the calendar already.');
  }
  if (before && !seesWhole(held.role, before)) return left('One that you may not see is in the calendar already.');
  try {
    await putObject(ctx, {
      calendarId: held.calendar.id,
      held,
      name: before?.name ?? `${newId()}.ics`,
      text,
      saying: { isSilent: true },
    });
    return before ? 'changed' : 'created';
  } catch (error) {
    // Refused before anything was written: the others can still be kept.
    if (error instanceof Fault && (error.kind === 'invalid' || error.kind === 'too-large')) return left(error.sentence);
    throw error;
  }
}

/** A text without what the server itself writes into a meeting that it keeps. */
function essenceOf(text: string): string {
  const calendar = readCalendar(text);
  for (const part of calendar.getAllSubcomponents()) {
    part.removeAllProperties('dtstamp');
    for (const property of part.getAllProperties()) property.removeParameter('schedule-status');
  }
  return printCalendar(calendar);
}

const sequenceOf = (master: Found['object']['master']): number =>
  Number(master?.getFirstPropertyValue('sequence')) || 0;

/** A calendar as one file with every zone that is named in it, as far as the reader may see. @throws not-found. */
export async function exportFile(ctx: Context, calendarId: CalendarId): Promise<{ name: string; text: string }> {
  const { calendar, role } = await holdCalendar(ctx, calendarId, 'limitedRead');
  const objects = await listObjects(ctx, { calendarIds: [calendarId] });
  const told = seesEverything(role) ? objects : objects.flatMap((one) => tell(role, one) ?? []);
  const text = joinObjects(
    told.map(({ content }) => content),
    { name: calendar.name, timeZone: calendar.timeZone },
  );
  return { name: calendar.name, text };
}
