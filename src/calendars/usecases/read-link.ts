import { type Grant, listGrants, noteUse } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { textOf } from '../../protocols/icalendar/index.ts';
import type { Feed } from '../model/feed.ts';
import { windowOf } from '../model/link.ts';
import { findCalendar } from '../store/calendars.ts';
import { findTenantOfLink, type Link, listLinks } from '../store/links.ts';
import { listChangedAt } from '../store/sharing.ts';
import { linkRead } from './asked.ts';
import { readInstances, readWhole } from './events.ts';
import { hashToken } from './links.ts';
import { readOwner } from './owners.ts';

/** The name in a link's address: a token, or the published name of a calendar. */
const keyOf = (name: string) => ({ tokenHash: hashToken(name), publicName: name.toLowerCase() });

/** Whose link it is; undefined: nobody's. For a context of no organisation. */
export const organisationOfLink = (ctx: Context, name: string): Promise<TenantId | undefined> =>
  findTenantOfLink(ctx, keyOf(name));

export interface ReadLink {
  readonly feed: Feed;
  /** Whether it may be found by searching. */
  readonly isSearchable: boolean;
  /** The grant it stands on, where it is time to note that it is used. */
  readonly usedGrantId: string | undefined;
}

/** Use is noted to the hour: programs read every few minutes. */
const NOTED_EVERY_MS = 3_600_000;

/**
 * What a link shows now: as much as its grant and the policy of today permit, around the present day.
 * @throws not-found, alike for what is over, what is refused and what never was.
 */
export async function readLink(ctx: Context, name: string): Promise<ReadLink> {
  const { link, grant } = await findLink(ctx, name);
  const { level: role } = await ctx.ask(linkRead, { linkId: link.id });
  const calendar = role === 'none' ? undefined : await findCalendar(ctx, link.calendarId);
  const owner = calendar && (await readOwner(ctx, calendar.owner));
  if (!calendar || !owner) throw kernelFaults.notFound();
  const window = windowOf(ctx.now, { from: link.rangeFrom, to: link.rangeTo });
  const times = await readInstances(ctx, { calendar, role, owner }, window);
  const shown = times.filter(({ told }) => !told.isCancelled && told.detail !== 'none');
  const changed = await listChangedAt(ctx, [...new Set(shown.map(({ objectId }) => objectId))]);
  const events = (await readWhole(ctx, { calendar, owner }, shown)).map(({ objectId, recurrenceId, told, whole }) => ({
    key: `${objectId} ${recurrenceId}`,
    told,
    changedAt: changed.get(objectId) ?? ctx.now,
    description: whole ? textOf(whole.component, 'description') : null,
  }));
  return {
    feed: { linkId: link.id, name: `${calendar.name} (${owner.displayName})`, timeZone: calendar.timeZone, events },
    isSearchable: link.publicName !== null,
    usedGrantId: ctx.now.getTime() - (grant.lastUsedAt?.getTime() ?? 0) < NOTED_EVERY_MS ? undefined : grant.id,
  };
}

/** That a link was read, for those who ask whether anybody still uses it. */
export const noteReadingOfLink = (ctx: Context, grantId: string): Promise<void> => noteUse(ctx, grantId);

async function findLink(ctx: Context, name: string): Promise<{ link: Link; grant: Grant }> {
  const { tokenHash, publicName } = keyOf(name);
  const [link] = [...(await listLinks(ctx, { tokenHash })), ...(await listLinks(ctx, { publicName }))];
  const [grant] = link ? await listGrants(ctx, { id: link.grantId }) : [];
  if (!link || !grant) throw kernelFaults.notFound();
  return { link, grant };
}
