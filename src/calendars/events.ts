import { findAccount, findAccountByPrincipalName, findGroup } from '../directory/index.ts';
import type { Context } from '../kernel/context.ts';
import { atLeast, decide } from '../kernel/decision.ts';
import { kernelFaults } from '../kernel/fault.ts';
import { parseId } from '../kernel/ids.ts';
import type { ChangeCollection, PublishedEvent, SharedAct, SharedConcern } from '../kernel/module.ts';
import type { CalendarId, Owner } from './model/calendar.ts';
import { findCalendar } from './store/calendars.ts';
import { calendarUse } from './usecases/asked.ts';
import { defaultCalendarOf } from './usecases/open-calendars.ts';

/** What programs can be told about when it changes: the events of one calendar. */
export const calendarChanges: readonly ChangeCollection[] = [
  {
    name: 'events',
    odataType: '#microsoft.graph.event',
    targetKind: 'event',
    actions: {
      'calendars.event-created': 'created',
      'calendars.event-changed': 'updated',
      'calendars.event-deleted': 'deleted',
    },
    place: {
      addresses: ['/me/events', '/users/{id}/events', '/me/calendars/{id}/events', '/groups/{id}/events'],
      find: findPlace,
      // Tasks lie beside events and are none.
      of: ({ facts: { calendarId, component } }) =>
        typeof calendarId === 'string' && component !== 'VTODO' ? calendarId : undefined,
    },
    // Who sees times alone is not told when they change: what would follow is a view of more than they may see.
    async mayRead(ctx, calendarId) {
      if (calendarId === null) return false;
      return atLeast(decide(calendarUse, await calendarUse.facts(ctx, { calendarId })), 'read');
    },
  },
];

/** `me/events`, `users/{id}/calendar/events`, `me/calendars/{id}/events`: the calendar that an address names. */
async function findPlace(ctx: Context, address: readonly string[]): Promise<string | undefined> {
  const [first = '', ...rest] = address;
  const [id, path] = first === 'me' ? [undefined, rest] : [rest[0], rest.slice(1)];
  const [kind, calendarId] = path[0] === 'calendars' ? [path[2], path[1]] : [path.at(-1), undefined];
  const isKnown = ['events', 'calendar/events', `calendars/${calendarId}/events`].includes(path.join('/'));
  if (!['me', 'users', 'groups'].includes(first) || kind !== 'events' || !isKnown) return undefined;
  const owner = await findOwner(ctx, first, id);
  if (calendarId === undefined) return (await defaultCalendarOf(ctx, owner)).id;
  const parsed = parseId<'calendar'>(calendarId);
  const calendar = parsed && (await findCalendar(ctx, parsed as CalendarId));
  if (calendar?.owner.id !== owner.id) throw kernelFaults.notFound();
  // Of one that they see nothing of, nobody learns that it is there.
  const { level } = decide(calendarUse, await calendarUse.facts(ctx, { calendarId: calendar.id }));
  if (level === 'none') throw kernelFaults.notFound();
  return calendar.id;
}

async function findOwner(ctx: Context, kind: string, id: string | undefined): Promise<Owner> {
  if (id === undefined) {
    if (ctx.actor.kind === 'account') return { kind: 'account', id: ctx.actor.accountId };
    throw kernelFaults.notFound();
  }
  if (kind === 'groups') {
    const groupId = parseId<'group'>(id);
    const group = groupId && (await findGroup(ctx, groupId));
    if (!group) throw kernelFaults.notFound();
    return { kind: 'group', id: group.id };
  }
  const accountId = parseId<'account'>(id);
  const account = accountId ? await findAccount(ctx, accountId) : await findAccountByPrincipalName(ctx, id);
  if (!account) throw kernelFaults.notFound();
  return { kind: 'account', id: account.id };
}

/** A calendar shared with somebody elsewhere, and no longer shared, is their organisation's to know, too. */
export const calendarActs: readonly SharedAct[] = [
  'calendars.permission-added',
  'calendars.permission-changed',
  'calendars.permission-removed',
].map((action) => ({ action, concerns: recipientIn }));

async function recipientIn(_ctx: Context, { facts }: PublishedEvent): Promise<SharedConcern | undefined> {
  const subject = facts.subject as { readonly kind: string; readonly id: string } | undefined;
  if (subject?.kind !== 'contact') return undefined;
  return { partner: { domain: subject.id.slice(subject.id.lastIndexOf('@') + 1) }, about: [subject.id] };
}
