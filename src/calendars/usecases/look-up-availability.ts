import { findAccount, findAccountByPrincipalName } from '../../directory/index.ts';
import type { Answer, Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { type AccountId, parseId, type TenantId } from '../../kernel/ids.ts';
import type { Envoy, Partners, Run } from '../../kernel/module.ts';
import { domainOf } from '../../tenants/index.ts';
import { calendarsFaults } from '../faults.ts';
import {
  type AvailabilityRequest,
  ENTITIES_AT_MOST,
  type MailboxError,
  parseAnswer,
  printAnswer,
  type Schedule,
  WINDOW_BELOW,
} from '../model/availability.ts';
import { relationshipFor } from '../model/relationship.ts';
import { type LookOutLevel, lookOutQuestion } from '../questions/lookups.ts';
import { organizationRelationships } from '../settings.ts';
import { agreedForAsker, freeBusyTerm } from './agreed.ts';
import { type LookedUp, readAvailability } from './read-availability.ts';

/** The way to other organisations, and to work in our own tenant's name. */
export interface LookUpPorts {
  readonly partners: Partners;
  readonly run: Run;
  /** Milliseconds that another organisation has to answer. */
  readonly partnerDeadline?: number;
}

const PARTNER_DEADLINE = 5_000;

/** Whether somebody may ask when people are free. Needs no transaction. */
export const mayLookOut = lookOutQuestion(async (ctx, { domain }) => {
  const found =
    domain === undefined ? undefined : relationshipFor(ctx.settings.collection(organizationRelationships), domain);
  return {
    actor: ctx.actor,
    tenant: ctx.tenant,
    relationship: found && {
      id: found.id,
      looksUp: found.values.enabled && found.values.freeBusyAccessEnabled,
    },
    agreement: domain === undefined ? undefined : await agreedForAsker(ctx, freeBusyTerm, { domain }),
  };
});

export interface LookUp extends LookedUp {
  /** Whose mailbox a program asks for; a person asks for themselves. */
  readonly onBehalfOf?: AccountId;
}

/**
 * When people, rooms and groups are free, at home and in other organisations. One question for each partner, side by
 * side; a partner that does not answer spoils its own mailboxes alone. Answers in the order of the addresses.
 *
 * Opens what it needs itself: call it outside a transaction.
 * @throws access.refused; calendars.invalid-time-interval, .time-interval-too-big, .invalid-merged-interval,
 *   .too-many-mailboxes; not-found when there is no account to ask on behalf of.
 */
export async function lookUpAvailability(ctx: Context, ports: LookUpPorts, asked: LookUp): Promise<Schedule[]> {
  checkLookUp(asked);
  await ctx.demand(mayLookOut, {}, 'home');
  const { addresses } = asked;
  const isAtHome = (address: string) => ctx.tenant.domains.includes(domainOf(address) ?? '');
  const atHome = addresses.filter(isAtHome);
  const elsewhere = [
    ...Map.groupBy(
      addresses.filter((one) => !isAtHome(one)),
      (one) => domainOf(one) ?? '',
    ),
  ];

  const answers = new Map<string, Schedule>();
  const keep = (schedules: readonly Schedule[]) => {
    for (const one of schedules) answers.set(one.address, one);
  };
  const { actor, tenantId, correlationId, clientAddress } = ctx;
  const outside = await ports.run({ tenantId, actor, correlationId, clientAddress, readOnly: true }, async (inside) => {
    keep(await readAvailability(inside, { ...asked, addresses: atHome }));
    if (elsewhere.length === 0) return undefined;
    const lookOuts = new Map<string, Answer<LookOutLevel>>();
    for (const [domain] of elsewhere) if (domain) lookOuts.set(domain, await inside.ask(mayLookOut, { domain }));
    return { envoy: await envoyOf(inside, asked.onBehalfOf), lookOuts };
  });

  const partners = new Map<TenantId, { targets: string[]; timesAlone: Set<string> }>();
  for (const [domain, found] of elsewhere) {
    const answer = outside?.lookOuts.get(domain);
    const partner = await findPartner(ctx, ports, domain, answer);
    if ('error' in partner) {
      keep(found.map((address) => ({ address, ...partner })));
      continue;
    }
    const { targets, timesAlone } = partners.get(partner.tenantId) ?? { targets: [], timesAlone: new Set() };
    if (answer?.level === 'partner-times') for (const address of found) timesAlone.add(address);
    partners.set(partner.tenantId, { targets: [...targets, ...found], timesAlone });
  }
  const asking = [...partners].map(async ([to, { targets, timesAlone }]) => {
    const found = await askPartner(ports, outside!.envoy, to, targets, asked, timesAlone.size < targets.length);
    keep(found.map((one) => (timesAlone.has(one.address) ? onlyTimes(one) : one)));
  });
  await Promise.all(asking);
  return addresses.map((address) => answers.get(address) ?? { address, error: 'ErrorMailRecipientNotFound' });
}

/** @throws the fault of whatever is wrong with a lookup as a whole. */
function checkLookUp({ addresses, from, to, minutes }: LookedUp): void {
  const length = to.getTime() - from.getTime();
  if (!(length > 0)) throw calendarsFaults.invalidTimeInterval();
  if (length >= WINDOW_BELOW) throw calendarsFaults.timeIntervalTooBig();
  if (!Number.isInteger(minutes) || minutes < 5 || minutes > 1_440) throw calendarsFaults.invalidMergedInterval();
  if (addresses.length > ENTITIES_AT_MOST) throw calendarsFaults.tooManyMailboxes(ENTITIES_AT_MOST);
}

/** Which organisation is behind a domain, if ours looks up anything there. */
async function findPartner(
  ctx: Context,
  { partners }: LookUpPorts,
  domain: string,
  answer: Answer<LookOutLevel> | undefined,
): Promise<{ tenantId: TenantId } | { error: MailboxError; reference?: string }> {
  if (!answer) return { error: 'ErrorMailRecipientNotFound' };
  if (!atLeast(answer, 'partner-times'))
    return { error: 'ErrorInvalidOrganizationRelationshipForFreeBusy', reference: answer.decisionId };
  const tenantId = await partners.findByDomain(ctx.tenantId, domain);
  return tenantId === undefined ? { error: 'ErrorServiceDiscoveryFailed' } : { tenantId };
}

/**
 * The account that a path names, by id or sign-in name.
 * @throws not-found; for a guest, whoever is not themselves.
 */
export async function requireMailboxOf(ctx: Context, idOrName: string): Promise<AccountId> {
  const { actor } = ctx;
  const id = parseId<'account'>(idOrName);
  const account = id ? await findAccount(ctx, id) : await findAccountByPrincipalName(ctx, idOrName);
  const isOwn = actor.kind === 'account' && actor.accountId === account?.id;
  const mayKnow = isOwn || actor.kind !== 'account' || actor.userType === 'Member';
  if (!account || !mayKnow) throw kernelFaults.notFound();
  return account.id;
}

/** Whose name stands under the question to a partner. */
export async function envoyOf(ctx: Context, onBehalfOf?: AccountId): Promise<Envoy> {
  const { actor, tenantId, correlationId } = ctx;
  if (actor.kind === 'account' && onBehalfOf === undefined) {
    const { userPrincipalName, displayName } = actor;
    return { tenantId, correlationId, address: userPrincipalName.toLowerCase(), displayName };
  }
  const account = onBehalfOf && (await findAccount(ctx, onBehalfOf));
  if (!account) throw kernelFaults.notFound();
  const { userPrincipalName, displayName } = account;
  return { tenantId, correlationId, address: userPrincipalName.toLowerCase(), displayName };
}

/** Looks up mailboxes of one organisation that is elsewhere; what goes wrong stands with each of them. */
export async function askPartner(
  ports: LookUpPorts,
  envoy: Envoy,
  to: TenantId,
  targets: readonly string[],
  { from, to: until, minutes }: LookedUp,
  wantsDetails: boolean,
): Promise<Schedule[]> {
  const request: AvailabilityRequest = {
    v: 1,
    requester: { tenantId: envoy.tenantId, user: envoy.address },
    targets: [...targets],
    start: from.toISOString(),
    end: until.toISOString(),
    interval: minutes,
    wanted: wantsDetails ? 'LimitedDetails' : 'AvailabilityOnly',
  };
  try {
    const asking = ports.partners.ask(envoy, to, AVAILABILITY, request);
    const answered = parseAnswer(await within(asking, ports.partnerDeadline ?? PARTNER_DEADLINE));
    const byAddress = new Map(answered.map((one) => [one.address, one] as const));
    // What it says of others than those it was asked about is nobody's business.
    return targets.map((address) =>
      refusedThere(byAddress.get(address) ?? { address, error: 'ErrorProxyRequestProcessingFailed' }),
    );
  } catch (error) {
    const isRefused = error instanceof Fault && (error.kind === 'forbidden' || error.kind === 'unauthenticated');
    const code = isRefused ? 'ErrorProxyRequestNotAllowed' : 'ErrorProxyRequestProcessingFailed';
    const reference = isRefused ? error.facts.decisionId : undefined;
    return targets.map((address) =>
      refusedThere({ address, error: code, ...(typeof reference === 'string' ? { reference } : {}) }),
    );
  }
}

/** A refusal with a reference that the other organisation alone can open. */
const refusedThere = (schedule: Schedule): Schedule =>
  schedule.error === undefined || schedule.reference === undefined
    ? schedule
    : { ...schedule, refusedBy: domainOf(schedule.address) ?? '' };

/** A schedule without what our organisation does not take from the partner, whatever it tells. */
const onlyTimes = (schedule: Schedule): Schedule =>
  schedule.error === undefined
    ? {
        ...schedule,
        items: schedule.items.map(({ status, startsAt, endsAt }) => ({ status, startsAt, endsAt })),
      }
    : schedule;

/** The request that organisations put to each other. */
export const AVAILABILITY = 'calendars.availability';

/** @throws partners.unreachable after `milliseconds`. What comes later is dropped. */
export async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(kernelFaults.partnerUnreachable()), milliseconds);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Answers another organisation's lookup: its word of who asks must be the one that its server vouched for.
 * @throws partners.forged-address; calendars.invalid-time-interval and its like.
 */
export async function answerAvailability(ctx: Context, asked: AvailabilityRequest) {
  const { actor } = ctx;
  const { tenantId, user } = asked.requester;
  if (actor.kind !== 'visitor' || actor.homeTenantId !== tenantId || actor.address !== user.toLowerCase())
    throw kernelFaults.partnerForgedAddress();
  const looked = {
    addresses: asked.targets,
    from: new Date(asked.start),
    to: new Date(asked.end),
    minutes: asked.interval,
  };
  checkLookUp(looked);
  return printAnswer(await readAvailability(ctx, looked));
}
