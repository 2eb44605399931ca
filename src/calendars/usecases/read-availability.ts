import { findAddressHolders, listMembers } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import {
  ENTITIES_AT_MOST,
  ENTRIES_AT_MOST,
  type FreeBusyLevel,
  type MailboxError,
  mergedView,
  type Schedule,
  type ScheduleItem,
} from '../model/availability.ts';
import type { Calendar, Mailbox, Owner } from '../model/calendar.ts';
import type { Occurrence } from '../model/occurrence.ts';
import { partnerAccess } from '../model/partner-access.ts';
import { listMailboxes } from '../store/calendars.ts';
import { listForLookup } from '../store/lookups.ts';
import { beyondKept } from './beyond-kept.ts';
import { type Asker, askerOf, freeBusyRead, type Gathered, gather, isClosed, ownerOf } from './free-busy.ts';
import { newMailbox } from './mailboxes.ts';

export interface LookedUp {
  /** As they were written, each once answered in its place. */
  readonly addresses: readonly string[];
  readonly from: Date;
  /** Less than 62 days after `from`. */
  readonly to: Date;
  /** Of one slot of the view. */
  readonly minutes: number;
}

/**
 * When people and rooms of this tenant are free, each as far as the asker may see it: one question for each mailbox,
 * all of them from the same few statements. Answers in the order of the addresses; what is wrong with one stands there.
 */
export async function readAvailability(ctx: Context, asked: LookedUp): Promise<Schedule[]> {
  if (asked.addresses.length === 0) return [];
  const [asker, found] = await Promise.all([askerOf(ctx, ctx.actor), findAddressHolders(ctx, asked.addresses)]);
  const holders = new Map(found.map((one) => [one.address, one] as const));
  const holderOf = (address: string) => holders.get(address.toLowerCase());
  // Who is not let in learns neither whether a group exists nor how large it is.
  const mayExpand = !asker.rules || (partnerAccess(asker.rules, undefined).isOpen && !isClosed(asker));

  const groups = new Map<string, readonly Owner[] | 'too-many'>();
  let entities = asked.addresses.filter((address) => holderOf(address)?.kind !== 'group').length;
  for (const address of asked.addresses) {
    const holder = holderOf(address);
    if (holder?.kind !== 'group' || !mayExpand || groups.has(holder.id)) continue;
    const members = (await listMembers(ctx, holder.id, { transitive: true })).filter(({ kind }) => kind !== 'group');
    if (entities + members.length > ENTITIES_AT_MOST) groups.set(holder.id, 'too-many');
    else {
      entities += members.length;
      groups.set(
        holder.id,
        members.flatMap(({ kind, id }) => (kind === 'account' ? [{ kind, id } as const] : [])),
      );
    }
  }

  const people = asked.addresses.flatMap((address) => {
    const holder = holderOf(address);
    return (holder && ownerOf(holder)) ?? [];
  });
  const members = [...groups.values()].flatMap((found) => (found === 'too-many' ? [] : found));
  const owners = [...new Map([...people, ...members].map((owner) => [owner.id, owner] as const)).values()];
  const gathered = await gather(ctx, asker, owners);
  const askAbout = (owner: Owner | undefined, address: string) =>
    ctx.ask({ ...freeBusyRead, facts: () => gathered.factsOf(owner) }, { address });

  const levels = new Map<string, FreeBusyLevel>();
  const groupRefusals = new Map<string, string>();
  const refusals = new Map<string, { error: MailboxError; reference: string }>();
  for (const address of asked.addresses) {
    const holder = holderOf(address);
    const expanded = holder?.kind === 'group' ? groups.get(holder.id) : undefined;
    if (expanded) {
      if (expanded === 'too-many') continue;
      // A group of nobody whose time is told is refused like a person.
      for (const owner of expanded.length > 0 ? expanded : [undefined]) {
        if (owner && levels.has(owner.id)) continue;
        const { level, decisionId } = await askAbout(owner, address);
        if (owner) levels.set(owner.id, level);
        if (level === 'none') groupRefusals.set(address, decisionId);
      }
      continue;
    }
    const owner = holder && ownerOf(holder);
    const { level, decisionId } = await askAbout(owner, address);
    if (owner) levels.set(owner.id, level);
    if (level === 'none') refusals.set(address, { error: refusalOf(asker, owner), reference: decisionId });
  }

  const seen = owners.filter(({ id }) => (levels.get(id) ?? 'none') !== 'none');
  const [items, kept] = await Promise.all([
    readItems(ctx, asked, seen, gathered.calendarOf, (owner) => levels.get(owner.id) ?? 'none'),
    listMailboxes(ctx, seen),
  ]);
  const mailboxes = new Map(kept.map((one) => [one.owner.id, one] as const));

  return asked.addresses.map((address): Schedule => {
    const holder = holderOf(address);
    const refused = refusals.get(address);
    if (refused) return { address, ...refused };
    const expanded = holder?.kind === 'group' ? groups.get(holder.id) : undefined;
    if (expanded === 'too-many') return { address, error: 'ErrorFreeBusyDLLimitReached' };
    if (expanded) return scheduleOfGroup(address, asked, expanded, items, groupRefusals.get(address));
    const owner = { kind: 'account', id: holder?.id ?? '' } as const;
    const found = items.get(owner.id);
    if (typeof found !== 'object') return { address, error: found ?? 'ErrorFreeBusyGenerationFailed' };
    const workingHours = hoursOf(mailboxes.get(owner.id) ?? newMailbox(ctx, owner));
    return { address, view: mergedView(found, asked), items: found, workingHours };
  });
}

/** Nobody whom nothing is told learns whether an address exists: then no access and no mailbox are one answer (EX-57). */
function refusalOf(asker: Asker, owner: Owner | undefined): MailboxError {
  const { actor, rules } = asker;
  if (owner) return 'ErrorNoFreeBusyAccess';
  const mayKnow = rules
    ? partnerAccess(rules, undefined).isOpen && partnerAccess(rules, undefined).level !== 'none' && !isClosed(asker)
    : actor.kind !== 'account' || actor.userType === 'Member';
  return mayKnow ? 'ErrorMailRecipientNotFound' : 'ErrorNoFreeBusyAccess';
}

const hoursOf = ({ workingHours, timeZone }: Mailbox) => ({ ...workingHours, timeZone });

/** A group has one view of all whose times may be seen, and no details. */
function scheduleOfGroup(
  address: string,
  asked: LookedUp,
  members: readonly Owner[],
  items: ReadonlyMap<string, readonly ScheduleItem[] | MailboxError>,
  reference: string | undefined,
): Schedule {
  const readable = members.flatMap(({ id }) => {
    const found = items.get(id);
    return typeof found === 'object' ? [found] : [];
  });
  if (readable.length === 0)
    return { address, error: 'ErrorNoFreeBusyAccess', ...(reference === undefined ? {} : { reference }) };
  const times = readable
    .flat()
    .map(({ status, startsAt, endsAt }) => ({ status, startsAt, endsAt }))
    .toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime());
  return { address, view: mergedView(times, asked), items: times };
}

/** What stands in the primary calendars of people, told as far as each level goes. */
async function readItems(
  ctx: Context,
  { from, to }: LookedUp,
  owners: readonly Owner[],
  calendarOf: Gathered['calendarOf'],
  levelFor: (owner: Owner) => FreeBusyLevel,
): Promise<Map<string, readonly ScheduleItem[] | MailboxError>> {
  const calendars = owners.flatMap((owner) => calendarOf(owner) ?? []);
  const calendarIds = calendars.map(({ id }) => id);
  const limit = ENTRIES_AT_MOST + 1;
  const [kept, beyond] = await Promise.all([
    calendarIds.length === 0 ? [] : listForLookup(ctx, { calendarIds, from, to, limit }),
    beyondKept(ctx, calendars, { from, to }),
  ]);
  const byCalendar = Map.groupBy(kept, ({ calendarId }) => calendarId);

  const items = new Map<string, readonly ScheduleItem[] | MailboxError>();
  for (const owner of owners) {
    const calendar = calendarOf(owner);
    if (!calendar) {
      items.set(owner.id, []);
      continue;
    }
    try {
      const known = (byCalendar.get(calendar.id) ?? []).filter(({ objectId }) => !beyond.ids.has(objectId));
      const computed = (await beyond.in(calendar)).filter(({ isCancelled }) => !isCancelled);
      const found: Occurrence[] = [...known, ...computed];
      const isTooMuch = found.length > ENTRIES_AT_MOST;
      items.set(owner.id, isTooMuch ? 'ErrorResultSetTooBig' : tell(found, calendar, levelFor(owner)));
    } catch {
      // One calendar that cannot be read does not keep the others from being answered.
      items.set(owner.id, 'ErrorFreeBusyGenerationFailed');
    }
  }
  return items;
}

function tell(found: readonly Occurrence[], calendar: Calendar, level: FreeBusyLevel): ScheduleItem[] {
  return found
    .toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime() || a.endsAt.getTime() - b.endsAt.getTime())
    .map(({ startsAt, endsAt, showAs, isPrivate, subject, location }) => {
      const times = { status: calendar.isTransparent ? ('free' as const) : showAs, startsAt, endsAt };
      if (level === 'busy-only') return times;
      if (isPrivate && level !== 'full') return { ...times, isPrivate };
      return {
        ...times,
        isPrivate,
        ...(subject === null ? {} : { subject }),
        ...(location === null ? {} : { location }),
      };
    });
}
