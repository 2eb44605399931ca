import type { Context } from '../../../kernel/context.ts';
import { Fault, kernelFaults } from '../../../kernel/fault.ts';
import { type Asked, contextOf, optionsOf, select, withOptions } from '../../../platform/http/odata.ts';
import { Reply } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { printEventId } from '../../usecases/events.ts';
import { beginFollowingEvents, type EventsState, followEvents } from '../../usecases/follow-events.ts';
import {
  beginFollowing,
  FOLLOWED_DAYS,
  type Followed,
  followView,
  type ViewState,
} from '../../usecases/follow-view.ts';
import type { OpenCalendar } from '../../usecases/open-calendars.ts';
import { preferencesOf } from './preferences.ts';
import { presentEvent } from './present-event.ts';
import { readWindow } from './times.ts';

const PAGE = 100;

/** What is followed, and how. */
export interface Following<State extends object> {
  /** What its tokens are good for, within a calendar. */
  readonly name: string;
  begin(): Promise<State>;
  follow(state: State, limit: number): Promise<Followed<State>>;
}

/** Graph `calendarView/delta`: the view first, then what has changed in it. The window is in the token. */
export const viewOf = (
  ctx: Context,
  open: OpenCalendar,
  window: Parameters<typeof readWindow>[0],
): Following<ViewState> => ({
  name: 'view',
  begin: () => beginFollowing(ctx, open, readWindow(window)),
  follow: (state, limit) => followView(ctx, open, state, limit),
});

/** Graph `events/delta`: every event first, a series as one, then what has changed among them. */
export const eventsOf = (ctx: Context, open: OpenCalendar): Following<EventsState> => ({
  name: 'events',
  begin: () => beginFollowingEvents(ctx, open),
  follow: (state, limit) => followEvents(ctx, open, state, limit),
});

/** Tells a follower the next part. They follow the links and add nothing. */
export function answerDelta<State extends object>(
  ctx: Context,
  request: Asked,
  vault: Vault,
  { calendar }: OpenCalendar,
  following: Following<State>,
): Promise<Reply> {
  return withOptions(async () => {
    const options = optionsOf(request);
    const preferences = preferencesOf(request.headers);
    const scope = `${following.name}:${ctx.tenantId}:${calendar.id}`;
    const token = options.deltaToken ?? options.skipToken;
    const link = new URL(request.raw.url, request.origin);
    link.searchParams.delete('$deltatoken');
    link.searchParams.delete('$skiptoken');
    const limit = pageSize(request) ?? Math.min(options.top ?? PAGE, 999);
    const page = await orStartAnew(link, async () => {
      const from = token ? openState<State>(ctx, vault, token, scope) : await following.begin();
      return following.follow(from, limit);
    });
    const sealed = vault.seal(JSON.stringify({ ...page.state, at: ctx.now.getTime() }), scope).toString('base64url');
    link.searchParams.set(page.isDone ? '$deltatoken' : '$skiptoken', sealed);
    const wanted = options.select && { ...options, select: [...options.select, ['id'], ['seriesMasterId']] };
    const body = {
      '@odata.context': contextOf(request, 'Collection(event)'),
      [page.isDone ? '@odata.deltaLink' : '@odata.nextLink']: link.href,
      value: page.rows.map((one) =>
        'isGone' in one
          ? { id: printEventId(one), '@removed': { reason: 'deleted' } }
          : select(presentEvent(one, preferences), wanted ?? options),
      ),
    };
    return new Reply(200, body, preferences.applied);
  });
}

/** Programs ask for pages of a size by `Prefer: odata.maxpagesize=2`. */
function pageSize({ headers }: Asked): number | undefined {
  const asked = /odata\.maxpagesize\s*=\s*"?(\d{1,4})/i.exec([headers.prefer ?? []].flat().join(','))?.[1];
  return asked === undefined ? undefined : Math.min(Math.max(1, Number(asked)), 999);
}

/** A token that fits no more answers 410 with the address to begin anew at. */
async function orStartAnew<T>(link: URL, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'gone') throw error;
    throw kernelFaults.resyncRequired(link.href);
  }
}

function openState<State>(ctx: Context, vault: Vault, token: string, scope: string): State {
  let state: State & { at: number };
  try {
    state = JSON.parse(vault.open(Buffer.from(token, 'base64url'), scope)) as State & { at: number };
  } catch {
    throw kernelFaults.resyncRequired();
  }
  if (state.at < ctx.now.getTime() - FOLLOWED_DAYS * 86_400_000) throw kernelFaults.resyncRequired();
  return state;
}
