import type { Context } from '../../../kernel/context.ts';
import { Fault, kernelFaults } from '../../../kernel/fault.ts';
import { type Asked, contextOf, optionsOf, select, withOptions } from '../../../platform/http/odata.ts';
import { Reply } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { printEventId } from '../../usecases/events.ts';
import { beginFollowing, FOLLOWED_DAYS, followView, type ViewState } from '../../usecases/follow-view.ts';
import type { OpenCalendar } from '../../usecases/open-calendars.ts';
import { preferencesOf } from './preferences.ts';
import { presentEvent } from './present-event.ts';
import { readWindow } from './times.ts';

const PAGE = 100;

/**
 * Graph `calendarView/delta`: the view first, then what has changed in it. The window is in the token: a follower
 * follows the links and adds nothing.
 */
export function answerDelta(
  ctx: Context,
  request: Asked,
  vault: Vault,
  open: OpenCalendar,
  window: Parameters<typeof readWindow>[0],
): Promise<Reply> {
  return withOptions(async () => {
    const options = optionsOf(request);
    const preferences = preferencesOf(request.headers);
    const scope = `view:${ctx.tenantId}:${open.calendar.id}`;
    const token = options.deltaToken ?? options.skipToken;
    const link = new URL(request.raw.url, request.origin);
    link.searchParams.delete('$deltatoken');
    link.searchParams.delete('$skiptoken');
    const limit = pageSize(request) ?? Math.min(options.top ?? PAGE, 999);
    const page = await orStartAnew(link, async () => {
      const from = token ? openState(ctx, vault, token, scope) : await beginFollowing(ctx, open, readWindow(window));
      return followView(ctx, open, from, limit);
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

function openState(ctx: Context, vault: Vault, token: string, scope: string): ViewState {
  let state: ViewState & { at: number };
  try {
    state = JSON.parse(vault.open(Buffer.from(token, 'base64url'), scope)) as ViewState & { at: number };
  } catch {
    throw kernelFaults.resyncRequired();
  }
  if (state.at < ctx.now.getTime() - FOLLOWED_DAYS * 86_400_000) throw kernelFaults.resyncRequired();
  return state;
}
