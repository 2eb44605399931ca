import { type Grant, listGrants } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { type Explanation, explain } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { GRANTS } from '../grants.ts';
import type { Calendar, CalendarId } from '../model/calendar.ts';
import type { Role } from '../model/roles.ts';
import { administerCalendars } from '../questions/calendars.ts';
import { listCalendars } from '../store/calendars.ts';
import { type Link, listLinks } from '../store/links.ts';
import { calendarUse, linkRead } from './asked.ts';
import { tellEnded } from './enforce-sharing.ts';
import type { LinkPorts } from './links.ts';
import { readOwner } from './owners.ts';
import { removePermission } from './permissions.ts';
import { resetPublication, unpublish } from './publications.ts';

/** A calendar that is open to somebody outside: to whoever has its address, or to one person by name. */
export interface OutsideShare {
  readonly grantId: string;
  readonly calendarId: string;
  readonly calendarName: string;
  readonly owner: {
    readonly kind: string;
    readonly id: string;
    readonly name: string;
    readonly address: string | null;
  };
  /** Null: anybody who has the address. */
  readonly recipient: string | null;
  /** Whether it is read at an address, without signing in. */
  readonly isLink: boolean;
  /** Whether its address can be guessed from the owner's. */
  readonly isSearchable: boolean;
  readonly since: Date;
  readonly endsAt: Date | null;
  /** When it was last read at its address, to the hour; null: not since that is noted. */
  readonly lastReadAt: Date | null;
  /** What it shows now, and by which rules. */
  readonly explanation: Explanation<Role>;
}

/** Everything that is open to people outside, the newest first. The addresses stay their owners' secret. */
export async function listOutsideShares(ctx: Context): Promise<OutsideShare[]> {
  await ctx.demand(administerCalendars, undefined, 'read');
  return present(ctx, (await listGrants(ctx, { kind: GRANTS.calendar.kind })).filter(isOutside).reverse());
}

/** Ends one of them; its owner is told by a letter. @throws not-found. */
export async function endOutsideShare(ctx: Context, grantId: string): Promise<void> {
  await ctx.demand(administerCalendars, undefined, 'write');
  const { grant, calendar } = await requireShare(ctx, grantId);
  if (grant.subject.kind === 'anyone') await unpublish(ctx, calendar);
  else await removePermission(ctx, calendar, grant.id);
  await tellEnded(
    ctx,
    calendar.owner,
    [{ grant, shared: { kind: 'calendar', ...calendar }, from: grant.level as Role, to: 'none' }],
    'administrator',
  );
}

/**
 * Gives a published calendar new addresses, which its owner finds where it is published. What is sent to one person is
 * ended instead, and shared anew by its owner.
 * @throws not-found.
 */
export async function resetOutsideShare(ctx: Context, ports: LinkPorts, grantId: string): Promise<OutsideShare> {
  await ctx.demand(administerCalendars, undefined, 'write');
  const { grant, calendar } = await requireShare(ctx, grantId);
  if (grant.subject.kind !== 'anyone') throw kernelFaults.notFound();
  await resetPublication(ctx, ports, calendar);
  const [shown] = await present(ctx, [grant]);
  return shown!;
}

const isOutside = ({ subject }: Grant) => subject.kind === 'anyone' || subject.kind === 'contact';

async function requireShare(ctx: Context, grantId: string): Promise<{ grant: Grant; calendar: Calendar }> {
  const [grant] = (await listGrants(ctx, { id: grantId, kind: GRANTS.calendar.kind })).filter(isOutside);
  const [calendar] = grant ? await listCalendars(ctx, { id: grant.object.id as CalendarId }) : [];
  if (!grant || !calendar) throw kernelFaults.notFound();
  return { grant, calendar };
}

async function present(ctx: Context, grants: readonly Grant[]): Promise<OutsideShare[]> {
  const ids = [...new Set(grants.map(({ object }) => object.id as CalendarId))];
  const calendars = new Map((await listCalendars(ctx, { ids })).map((one) => [one.id as string, one]));
  const links = new Map(
    (await listLinks(ctx, { grantIds: grants.map(({ id }) => id) })).map((one) => [one.grantId, one]),
  );
  const shares: OutsideShare[] = [];
  for (const grant of grants) {
    const calendar = calendars.get(grant.object.id);
    if (!calendar) continue;
    const link = links.get(grant.id);
    const card = await readOwner(ctx, calendar.owner);
    shares.push({
      grantId: grant.id,
      calendarId: calendar.id,
      calendarName: calendar.name,
      owner: { ...calendar.owner, name: card?.displayName ?? '', address: card?.address ?? null },
      recipient: grant.subject.kind === 'anyone' ? null : grant.subject.id,
      isLink: link !== undefined,
      isSearchable: link !== undefined && link.publicName !== null,
      since: grant.givenAt,
      endsAt: grant.endsAt,
      lastReadAt: grant.lastUsedAt,
      explanation: await explainShare(ctx, calendar, grant, link),
    });
  }
  return shares;
}

/** By the question that is asked when it is read: about its link, or about the calendar by whom it is shared with. */
async function explainShare(
  ctx: Context,
  calendar: Calendar,
  { subject, homeTenantId }: Grant,
  link: Link | undefined,
): Promise<Explanation<Role>> {
  if (link) return explain(linkRead, await linkRead.facts(ctx, { linkId: link.id }));
  const { id: address } = subject;
  const actor = {
    kind: 'visitor',
    homeTenantId: homeTenantId ?? ('' as TenantId),
    address,
    displayName: address,
  } as const;
  return explain(calendarUse, await calendarUse.facts({ ...ctx, actor }, { calendarId: calendar.id }));
}
