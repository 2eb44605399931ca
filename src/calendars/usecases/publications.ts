import { type Grant, listGrants, putGrant } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { calendarsFaults } from '../faults.ts';
import { GRANTS } from '../grants.ts';
import type { Calendar } from '../model/calendar.ts';
import { DETAIL_LEVEL_WORDS, DETAIL_LEVELS, type DetailLevel, type RangeWord } from '../model/link.ts';
import { isAtLeast } from '../model/roles.ts';
import { type Link, listLinks, putLink } from '../store/links.ts';
import { calendarPermissions, calendarShare } from './asked.ts';
import { endShares, feedUrl, issueLink, type LinkPorts, pageUrl, tokenOf } from './links.ts';
import { readOwner } from './owners.ts';
import { demandWrite, refusalIn, sharingRefused } from './permissions.ts';

/** How a calendar is published: at two addresses, to whoever has one of them. */
export interface Publication {
  readonly isPublished: boolean;
  readonly detailLevel: DetailLevel;
  readonly allowedDetailLevels: readonly DetailLevel[];
  readonly from: RangeWord;
  readonly to: RangeWord;
  readonly isSearchable: boolean;
  readonly pageUrl: string | null;
  readonly feedUrl: string | null;
}

export interface PublicationChanges {
  readonly detailLevel?: DetailLevel | undefined;
  readonly from?: RangeWord | undefined;
  readonly to?: RangeWord | undefined;
  readonly isSearchable?: boolean | undefined;
}

/** To whomever anything is published. */
const ANYBODY = { kind: 'anyone', id: 'anyone' } as const;

/** @throws not-found for whoever may not see with whom the calendar is shared. */
export async function readPublication(ctx: Context, ports: LinkPorts, calendar: Calendar): Promise<Publication> {
  const { level } = await ctx.ask(calendarPermissions, { calendarId: calendar.id });
  if (level === 'none') throw kernelFaults.notFound();
  return present(ctx, ports, calendar);
}

/**
 * Publishes a calendar, or changes how; its addresses stay the same.
 * @throws calendars.external-sharing-not-allowed without a rule for everybody, .permission-not-allowed (EX-43).
 */
export async function publish(
  ctx: Context,
  ports: LinkPorts,
  calendar: Calendar,
  changes: PublicationChanges,
): Promise<Publication> {
  await demandWrite(ctx, calendar);
  const { grant: before, link: known } = await findPublication(ctx, calendar);
  const detailLevel = changes.detailLevel ?? levelOf(before) ?? 'AvailabilityOnly';
  await demandLevel(ctx, calendar, detailLevel);
  const level = DETAIL_LEVELS[detailLevel];
  const { id: grantId } = await putGrant(ctx, {
    kind: GRANTS.calendar.kind,
    subject: ANYBODY,
    object: { kind: GRANTS.calendar.objectKind, id: calendar.id },
    level,
    path: 'link',
    givenBy: ctx.actor.kind === 'account' ? ctx.actor.accountId : ctx.actor.kind,
    sponsorId: ctx.actor.kind === 'account' ? ctx.actor.accountId : null,
  });
  const isSearchable = changes.isSearchable ?? (known ? known.publicName !== null : false);
  const about = {
    calendarId: calendar.id,
    grantId,
    publicName: isSearchable ? await publicNameOf(ctx, calendar) : null,
    rangeFrom: changes.from ?? known?.rangeFrom ?? 'ThreeMonths',
    rangeTo: changes.to ?? known?.rangeTo ?? 'ThreeMonths',
  } as const;
  if (known) await putLink(ctx, { ...known, ...about });
  else await issueLink(ctx, ports, about);
  record(ctx, calendar, before ? 'publication-changed' : 'calendar-published', before?.level ?? null, level);
  return present(ctx, ports, calendar);
}

/** Its addresses answer from now on like one that never was (EX-44). */
export async function unpublish(ctx: Context, calendar: Calendar): Promise<void> {
  await demandWrite(ctx, calendar);
  const { grant } = await findPublication(ctx, calendar);
  if (!grant) return;
  await endShares(ctx, [grant.id]);
  record(ctx, calendar, 'calendar-unpublished', grant.level, null);
}

/** A new address in place of the one that got around. @throws not-found when the calendar is not published. */
export async function resetPublication(ctx: Context, ports: LinkPorts, calendar: Calendar): Promise<Publication> {
  await demandWrite(ctx, calendar);
  const { grant, link } = await findPublication(ctx, calendar);
  if (!grant || !link) throw kernelFaults.notFound();
  await issueLink(ctx, ports, link);
  record(ctx, calendar, 'publication-changed', grant.level, grant.level);
  return present(ctx, ports, calendar);
}

async function findPublication(ctx: Context, calendar: Calendar): Promise<{ grant?: Grant; link?: Link }> {
  const object = { kind: GRANTS.calendar.objectKind, id: calendar.id };
  const [grant] = await listGrants(ctx, { kind: GRANTS.calendar.kind, object, subjects: [ANYBODY] });
  if (!grant) return {};
  const [link] = await listLinks(ctx, { grantIds: [grant.id] });
  return link ? { grant, link } : { grant };
}

const levelOf = (grant: Grant | undefined): DetailLevel | undefined =>
  DETAIL_LEVEL_WORDS.find((word) => DETAIL_LEVELS[word] === grant?.level);

async function allowedLevels(ctx: Context, calendar: Calendar): Promise<DetailLevel[]> {
  const { level } = await ctx.ask(calendarShare, { calendarId: calendar.id, isPublic: true }, { quiet: true });
  return DETAIL_LEVEL_WORDS.filter((word) => isAtLeast(level, DETAIL_LEVELS[word]));
}

async function demandLevel(ctx: Context, calendar: Calendar, wanted: DetailLevel): Promise<void> {
  const about = { calendarId: calendar.id, isPublic: true };
  const answer = await ctx.ask(calendarShare, about, { wanted: DETAIL_LEVELS[wanted] });
  if (isAtLeast(answer.level, DETAIL_LEVELS[wanted])) return;
  const refusal = refusalIn(answer.because.map((reason) => ('name' in reason ? reason.name : '')));
  const { decisionId, because } = answer;
  const facts = { allowedDetailLevels: await allowedLevels(ctx, calendar), decisionId, because };
  if (!refusal) throw kernelFaults.refused(facts);
  // Nobody is named, so nobody is refused: without a rule for everybody, publishing is not allowed at all.
  throw sharingRefused(
    refusal === 'ErrorUserNotAllowedByPolicy' ? 'ErrorNotAllowedExternalSharingByPolicy' : refusal,
    facts,
  );
}

/** `ann@fabrikam.example`, and `ann@fabrikam.example~holidays` for another than the default calendar. */
async function publicNameOf(ctx: Context, calendar: Calendar): Promise<string> {
  const address = (await readOwner(ctx, calendar.owner))?.address;
  if (address === undefined) throw calendarsFaults.nobodyToPublishFor();
  return calendar.isDefault ? address : `${address}~${encodeURIComponent(calendar.slug).toLowerCase()}`;
}

async function present(ctx: Context, ports: LinkPorts, calendar: Calendar): Promise<Publication> {
  const { grant, link } = await findPublication(ctx, calendar);
  const name = link && (link.publicName ?? tokenOf(ports, link));
  return {
    isPublished: link !== undefined,
    detailLevel: levelOf(grant) ?? 'AvailabilityOnly',
    allowedDetailLevels: await allowedLevels(ctx, calendar),
    from: link?.rangeFrom ?? 'ThreeMonths',
    to: link?.rangeTo ?? 'ThreeMonths',
    isSearchable: link !== undefined && link.publicName !== null,
    pageUrl: name === undefined ? null : pageUrl(ports, name),
    feedUrl: name === undefined ? null : feedUrl(ports, name),
  };
}

function record(ctx: Context, calendar: Calendar, what: string, old: string | null, level: string | null): void {
  ctx.record({
    action: `calendars.${what}`,
    category: 'Calendar',
    targets: [
      {
        kind: 'calendar',
        id: calendar.id,
        displayName: calendar.name,
        changes: [{ name: 'detailLevel', old, new: level }],
      },
    ],
    facts: { ownerKind: calendar.owner.kind, ownerId: calendar.owner.id },
  });
}
