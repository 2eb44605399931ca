import { findAddressHolders } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { decide } from '../../kernel/decision.ts';
import { parseId } from '../../kernel/ids.ts';
import type { Followed } from '../../kernel/module.ts';
import { listCalendars } from '../store/calendars.ts';
import { calendarUse } from './asked.ts';
import { freeBusyRead } from './free-busy.ts';

/** What a page calls the list of its reader's own calendars. */
const HOME = 'home';

/**
 * The calendars that open pages show: one by its id, a group's by the id of the group, somebody's time by their address,
 * and as `home` which calendars there are for the reader. Told to whoever may see at least when something is in it.
 */
export const followedCalendars: Followed = {
  name: 'calendars',
  of({ action, targets, facts }) {
    if (action.startsWith('calendars.event-')) return [String(facts.calendarId)];
    // Made, renamed, deleted: another list of calendars for its owner.
    if (/^calendars\.calendar-(created|changed|deleted)$/.test(action)) return [homeOf(String(facts.ownerId))];
    if (!action.startsWith('calendars.permission-')) return [];
    const { kind, id } = (facts.subject ?? {}) as { kind?: string; id?: string };
    const calendars = targets.map((target) => target.id);
    return kind === 'account' && id !== undefined ? [...calendars, homeOf(id)] : calendars;
  },
  async find(ctx, named) {
    if (named === HOME) return ctx.actor.kind === 'account' ? homeOf(ctx.actor.accountId) : undefined;
    return named.includes('@') ? findByAddress(ctx, named) : findById(ctx, named);
  },
};

const homeOf = (accountId: string) => `${HOME}:${accountId}`;

async function findById(ctx: Context, named: string): Promise<string | undefined> {
  const id = parseId<'calendar'>(named);
  if (!id) return undefined;
  const [calendar] = [
    ...(await listCalendars(ctx, { id })),
    ...(await listCalendars(ctx, { owners: [{ kind: 'group', id }], isDefault: true })),
  ];
  const { level } = decide(calendarUse, await calendarUse.facts(ctx, { calendarId: calendar?.id ?? id }));
  return level === 'none' ? undefined : calendar?.id;
}

async function findByAddress(ctx: Context, address: string): Promise<string | undefined> {
  const { level } = decide(freeBusyRead, await freeBusyRead.facts(ctx, { address }));
  if (level === 'none') return undefined;
  const [holder] = await findAddressHolders(ctx, [address]);
  if (holder?.kind !== 'account') return undefined;
  const [calendar] = await listCalendars(ctx, { owners: [{ kind: 'account', id: holder.id }], isDefault: true });
  return calendar?.id;
}
