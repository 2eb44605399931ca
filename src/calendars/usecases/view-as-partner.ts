import { type Grant, listGrants } from '../../access/index.ts';
import { findAddressHolders, listAccounts } from '../../directory/index.ts';
import type { Actor, Context } from '../../kernel/context.ts';
import { type Explanation, explain } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { organisationOfDomain } from '../../partners/index.ts';
import type { ListQuery } from '../../platform/listing.ts';
import { domainOf, parseDomainName } from '../../tenants/index.ts';
import { GRANTS } from '../grants.ts';
import type { CalendarId } from '../model/calendar.ts';
import { relationshipFor } from '../model/relationship.ts';
import { administerCalendars } from '../questions/calendars.ts';
import { organizationRelationships } from '../settings.ts';
import { listCalendars } from '../store/calendars.ts';
import { calendarUse } from './asked.ts';
import { explainFreeBusy } from './free-busy.ts';
import { mailTipsRead } from './mail-tips.ts';
import { readOwner } from './owners.ts';

/** Somebody of another organisation, as if they asked now. */
export interface Visitor {
  /** Null: nobody in particular. What an organisation is let see is then shown, and what is shared with any of them. */
  readonly address: string | null;
  readonly domain: string;
  /** Null: no organisation that we reach holds the domain. */
  readonly tenantId: TenantId | null;
}

export interface PartnerView {
  readonly visitor: Visitor;
  /** The guest account here of whom it is about: what that may do is another matter. */
  readonly guestId: string | null;
  readonly relationship: { readonly id: string; readonly name: string } | null;
  /** What they are told of recipients in general. */
  readonly mailTips: Explanation<string>;
  readonly calendars: readonly SharedWithThem[];
}

/** A calendar that is shared with them by name, and what they may do with it now. */
export interface SharedWithThem {
  readonly grantId: string;
  readonly calendarId: string;
  readonly calendarName: string;
  readonly ownerName: string;
  readonly recipient: string;
  readonly since: Date;
  readonly endsAt: Date | null;
  readonly explanation: Explanation<string>;
}

/** One of our mailboxes, and how much of its time they are told. */
export interface MailboxSeen {
  readonly id: string;
  readonly displayName: string;
  readonly address: string;
  readonly explanation: Explanation<string>;
}

/** An organisation that anything here is about: it has a relationship with ours, or something is shared with its people. */
export interface KnownPartner {
  readonly domain: string;
  readonly relationship: string | null;
  readonly people: readonly string[];
}

/** Those that can be looked at without writing their domain. */
export async function listKnownPartners(ctx: Context): Promise<KnownPartner[]> {
  await ctx.demand(administerCalendars, undefined, 'read');
  const relationships = ctx.settings.collection(organizationRelationships);
  const shares = Map.groupBy(await listShares(ctx), ({ homeDomain }) => homeDomain ?? '');
  const related = [...relationships.values()].flatMap(({ domainNames }) => domainNames);
  const domains = [...new Set([...related, ...shares.keys()])].filter((domain) => domain !== '').sort();
  return domains.map((domain) => ({
    domain,
    relationship: relationshipFor(relationships, domain)?.values.name ?? null,
    people: [...new Set((shares.get(domain) ?? []).map(({ subject }) => subject.id))].sort(),
  }));
}

/**
 * What somebody of another organisation is let see of ours, each with the explanation of the very question that would
 * be asked if they came. Nothing of the other organisation's own rules is known here.
 * @throws request.invalid for what is neither a domain nor an address of somebody else.
 */
export async function viewAsPartner(ctx: Context, from: string): Promise<PartnerView> {
  await ctx.demand(administerCalendars, undefined, 'read');
  const visitor = await visitorOf(ctx, from);
  const asked = { address: '', isPersonal: false, ...askedFrom(visitor) };
  const found = relationshipFor(ctx.settings.collection(organizationRelationships), visitor.domain);
  const [holder] = visitor.address === null ? [] : await findAddressHolders(ctx, [visitor.address]);
  return {
    visitor,
    guestId: holder?.kind === 'account' && !holder.isMember ? holder.id : null,
    relationship: found ? { id: found.id, name: found.values.name } : null,
    mailTips: explain(mailTipsRead, await mailTipsRead.facts(ctx, asked)),
    calendars: await calendarsSharedWith(ctx, visitor),
  };
}

const MAILBOXES_AT_ONCE = 50;

/** How much of the time of our people and rooms they are told, a page at a time in the order of names. `filter` is over accounts. */
export async function viewMailboxesAsPartner(
  ctx: Context,
  asked: Pick<ListQuery, 'filter' | 'after'> & { readonly from: string },
): Promise<{ readonly rows: readonly MailboxSeen[]; readonly next: readonly unknown[] | undefined }> {
  await ctx.demand(administerCalendars, undefined, 'read');
  const visitor = await visitorOf(ctx, asked.from);
  const { rows: found, next } = await listAccounts(ctx, {
    filter: asked.filter,
    orderBy: [{ field: 'displayName', descending: false }],
    top: MAILBOXES_AT_ONCE,
    after: asked.after,
    count: false,
  });
  // Guests have their mailbox at home.
  const rows = found.filter(({ userType }) => userType === 'Member');
  const explanations = await explainFreeBusy(
    ctx,
    visitorActor(visitor),
    rows.map(({ id }) => ({ kind: 'account', id })),
  );
  return {
    next,
    rows: rows.map(({ id, displayName, mail, userPrincipalName }, i) => ({
      id,
      displayName,
      address: mail ?? userPrincipalName,
      explanation: explanations[i]!,
    })),
  };
}

async function visitorOf(ctx: Context, from: string): Promise<Visitor> {
  const text = from.trim().toLowerCase();
  const address = text.includes('@') ? text : null;
  const domain = parseDomainName(address === null ? text : (domainOf(address) ?? ''));
  if (domain === undefined) throw kernelFaults.invalid(`"${from}" is neither a domain nor an address.`);
  if (ctx.tenant.domains.includes(domain)) throw kernelFaults.invalid(`"${domain}" is of this organisation itself.`);
  return { address, domain, tenantId: (await organisationOfDomain(ctx, domain)) ?? null };
}

/** Nobody in particular writes from the same domain: no rule about an organisation asks for more. */
const anybodyAt = (domain: string) => `anybody@${domain}`;

function visitorActor({ address, domain, tenantId }: Visitor): Extract<Actor, { kind: 'visitor' }> {
  const name = address ?? anybodyAt(domain);
  return { kind: 'visitor', homeTenantId: tenantId ?? ('' as TenantId), address: name, displayName: name };
}

const askedFrom = ({ address, domain, tenantId }: Visitor) => ({
  from: address ?? anybodyAt(domain),
  ...(tenantId === null ? {} : { fromTenantId: tenantId }),
});

/** Everything that is shared with people outside by name. */
const listShares = async (ctx: Context): Promise<Grant[]> =>
  (await listGrants(ctx, { kind: GRANTS.calendar.kind })).filter(({ subject }) => subject.kind === 'contact');

async function calendarsSharedWith(ctx: Context, visitor: Visitor): Promise<SharedWithThem[]> {
  const shares = (await listShares(ctx)).filter(({ subject, homeDomain }) =>
    visitor.address === null ? homeDomain === visitor.domain : subject.id === visitor.address,
  );
  const ids = [...new Set(shares.map(({ object }) => object.id as CalendarId))];
  const calendars = new Map((await listCalendars(ctx, { ids })).map((one) => [one.id as string, one]));
  const seen: SharedWithThem[] = [];
  for (const { id, object, subject, givenAt, endsAt } of shares) {
    const calendar = calendars.get(object.id);
    if (!calendar) continue;
    const actor = visitorActor({ ...visitor, address: subject.id });
    const facts = await calendarUse.facts({ ...ctx, actor }, { calendarId: calendar.id });
    seen.push({
      grantId: id,
      calendarId: calendar.id,
      calendarName: calendar.name,
      ownerName: (await readOwner(ctx, calendar.owner))?.displayName ?? '',
      recipient: subject.id,
      since: givenAt,
      endsAt,
      explanation: explain(calendarUse, facts),
    });
  }
  return seen;
}
