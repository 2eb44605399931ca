/** Events and tasks as files of a calendar: GET, PUT and DELETE (RFC 4791 §5.3). */
import type { Context } from '../../../kernel/context.ts';
import { Fault, kernelFaults } from '../../../kernel/fault.ts';
import { Reply } from '../../../platform/http/route.ts';
import { exportFile } from '../../usecases/import-file.ts';
import { readMembers } from '../../usecases/members.ts';
import { deleteObject, putObject } from '../../usecases/objects.ts';
import type { Place } from './addresses.ts';
import { namedByMail } from './calendar-users.ts';
import { davFaults } from './faults.ts';
import { calendarAt, type FoundCalendar, membersOf } from './found.ts';
import { httpDate } from './properties.ts';

type EventPlace = Extract<Place, { kind: 'event' }>;
type Headers = Readonly<Record<string, string | string[] | undefined>>;

const CALENDAR_TEXT = 'text/calendar; charset=utf-8';

export async function getEvent(ctx: Context, place: EventPlace, headers: Headers): Promise<Reply> {
  return getMember(ctx, await calendarAt(ctx, place, 'limitedRead'), place.name, headers);
}

/** The whole calendar as one file, for programs that take a calendar by its address alone. */
export async function getCalendar(ctx: Context, place: { ownerId: string; slug: string }): Promise<Reply> {
  const { calendar } = await calendarAt(ctx, place, 'limitedRead');
  const { text } = await exportFile(ctx, calendar.id);
  return new Reply(200, text, { 'content-type': CALENDAR_TEXT });
}

export async function getMember(ctx: Context, found: FoundCalendar, name: string, headers: Headers): Promise<Reply> {
  const [member] = await membersOf(ctx, found, { names: [name], withContent: true });
  if (!member) throw kernelFaults.notFound();
  const content = member.content ?? '';
  const facts = {
    etag: `"${member.etag}"`,
    'last-modified': httpDate(member.changedAt),
    ...(member.scheduleTag === null ? {} : { 'schedule-tag': `"${member.scheduleTag}"` }),
  };
  const known = tagsIn(headers['if-none-match']);
  if (known.includes('*') || known.includes(member.etag)) return new Reply(304, undefined, facts);
  return new Reply(200, content, {
    ...facts,
    'content-type': CALENDAR_TEXT,
    'content-length': String(member.size),
  });
}

export async function putEvent(
  ctx: Context,
  place: EventPlace,
  { body, headers }: { body: string | undefined; headers: Headers },
): Promise<Reply> {
  if (body === undefined) throw davFaults.badRequest('Send the event as text/calendar.');
  const found = await calendarAt(ctx, place, 'write');
  const { calendar } = found;
  const condition = await conditionOf(ctx, found, place.name, headers);
  const wantsWhole = /\breturn=representation\b/i.test(String(headers.prefer ?? ''));
  let kept: Awaited<ReturnType<typeof putObject>>;
  try {
    const text = await namedByMail(ctx, body);
    const put = { calendarId: calendar.id, held: found, name: place.name, text, isAll: true };
    kept = await putObject(ctx, { ...put, ...condition });
  } catch (error) {
    // RFC 8144 §3.2: what is there instead, in one go. Nothing was changed, so nothing is undone.
    if (!(error instanceof Fault && error.kind === 'stale' && wantsWhole)) throw error;
    const [member] = await readMembers(ctx, found, { names: [place.name], withContent: true });
    if (!member) throw error;
    return new Reply(412, member.content ?? '', { ...wholeOf(member), 'last-modified': httpDate(member.changedAt) });
  }
  const { object, isNew } = kept;
  // RFC 4791 §5.3.4: no ETag where what is kept is not what was sent, so that the client reads it again.
  const tags = {
    ...(object.content === body ? { etag: `"${object.etag}"` } : {}),
    ...(object.scheduleTag === null ? {} : { 'schedule-tag': `"${object.scheduleTag}"` }),
  };
  if (wantsWhole) return new Reply(isNew ? 201 : 200, object.content, { ...tags, ...wholeOf(object) });
  return new Reply(isNew ? 201 : 204, undefined, tags);
}

const wholeOf = ({ etag }: { etag: string }) => ({
  etag: `"${etag}"`,
  'content-type': CALENDAR_TEXT,
  'preference-applied': 'return=representation',
});

export async function deleteEvent(ctx: Context, place: EventPlace, headers: Headers): Promise<Reply> {
  const found = await calendarAt(ctx, place, 'write');
  const { calendar } = found;
  const condition = await conditionOf(ctx, found, place.name, headers);
  await deleteObject(ctx, { calendarId: calendar.id, name: place.name, ...condition });
  return new Reply(204);
}

/** What a client says that it knows (RFC 9110 §13.1). Of several ETags, the one that the object has. */
export async function conditionOf(
  ctx: Context,
  found: FoundCalendar,
  name: string,
  headers: Headers,
): Promise<{ ifMatch?: string; ifNoneMatch?: boolean; ifScheduleTagMatch?: string }> {
  const tags = tagsIn(headers['if-match']);
  const scheduleTag = tagsIn(headers['if-schedule-tag-match'])[0];
  const ifMatch = tags.length > 1 ? await heldOf(ctx, found, name, tags) : tags[0];
  return {
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(tagsIn(headers['if-none-match']).includes('*') ? { ifNoneMatch: true } : {}),
    ...(scheduleTag === undefined ? {} : { ifScheduleTagMatch: scheduleTag }),
  };
}

async function heldOf(ctx: Context, found: FoundCalendar, name: string, tags: readonly string[]) {
  const [member] = await readMembers(ctx, found, { names: [name] });
  return tags.find((tag) => tag === member?.etag) ?? tags[0];
}

/** The tags of a header, without quotes; weak ones compare like strong ones, since ours change with every octet. */
export const tagsIn = (header: string | string[] | undefined): string[] =>
  [header ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, '').replace(/^"|"$/g, ''))
    .filter((tag) => tag !== '');
