/** Which sign-ins of late a change of the policy would have blocked (CT-20). Changes nothing. */
import { type AuditEvent, type EventFilter, listEvents } from '../../audit/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { type AccessSetting, NOBODY_KNOWN, permitsAccess, type Who } from '../model/access-setting.ts';
import { inForce } from '../model/cross-tenant-access.ts';
import type { AskHome, PersonAtHome } from '../model/vouched.ts';
import { administerPartners } from '../questions/agreements.ts';
import { administerAccessDefaults } from '../questions/cross-tenant-access.ts';
import { accessDefaults } from '../settings.ts';

export interface SupposePorts {
  readonly run: Run;
  readonly askHome: AskHome;
  readonly personAtHome: (
    ctx: Context,
    person: PersonAtHome,
  ) => Promise<{ userId: string; groupIds: readonly string[] } | undefined>;
  /** The id that a guest has at home, by their id here. */
  readonly homeIdsOf: (ctx: Context, accountIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Whether an application is one of the product's own. */
  readonly isOwnApplication: (clientId: string) => boolean;
}

/** What is supposed of the sign-in of guests: null, as for everybody. */
export interface Supposed {
  readonly b2bCollaborationInbound?: AccessSetting | null | undefined;
  readonly b2bCollaborationOutbound?: AccessSetting | null | undefined;
}

/** Somebody who signed in and could not any more. */
export interface LockedOut {
  readonly direction: 'inbound' | 'outbound';
  readonly partnerTenantId: string;
  /** Their account here: a guest's, or of one of ours. */
  readonly accountId: string;
  readonly displayName: string;
  readonly userName: string;
  /** Null: what our people use elsewhere was not told to us. */
  readonly applicationId: string | null;
  readonly signIns: number;
  readonly lastAt: Date;
}

const DAYS = 30;
const PAGE = 1_000;
/** Sign-ins looked at, the latest first. */
const MOST = 50_000;

type Tally = Omit<LockedOut, 'signIns' | 'lastAt'> & { signIns: number; lastAt: Date };

/**
 * Opens what it needs itself: call it outside a transaction. `isComplete` is false where there were more sign-ins than
 * are looked at, or where a home that had to be asked about its people did not answer: those are not told of.
 */
export async function supposeAccess(
  ctx: Context,
  ports: SupposePorts,
  asked: { readonly partnerId: TenantId | undefined; readonly supposed: Supposed },
): Promise<{ readonly since: Date; readonly isComplete: boolean; readonly lockedOut: readonly LockedOut[] }> {
  const { partnerId, supposed } = asked;
  await ctx.demand(partnerId === undefined ? administerAccessDefaults : administerPartners, undefined, 'read');
  const { tenantId, actor, correlationId } = ctx;
  const read = <T>(act: (ctx: Context) => Promise<T>) =>
    ports.run({ tenantId, actor, correlationId, readOnly: true }, act);
  const since = new Date(ctx.now.getTime() - DAYS * 86_400_000);
  const { tallies, isAll } = await read((inside) => tallySignIns(inside, partnerId, since));

  const changed = tallies.flatMap((tally) => {
    const part = tally.direction === 'inbound' ? 'b2bCollaborationInbound' : 'b2bCollaborationOutbound';
    const before = inForce(ctx.settings, tally.partnerTenantId, part);
    const wanted = supposed[part];
    // What is said of all does not reach a partner that has a word of its own.
    if (wanted === undefined || (partnerId === undefined && before.origin === 'partner')) return [];
    return [{ tally, before: before.value, after: wanted ?? ctx.settings.tenant(accessDefaults)[part] }];
  });
  const lockedOut: LockedOut[] = [];
  let isAnswered = true;
  const ways = Map.groupBy(changed, ({ tally }) => `${tally.direction} ${tally.partnerTenantId}`);
  for (const some of ways.values()) {
    const [{ tally, before, after }] = some as [(typeof some)[0]];
    const ids = [...new Set(some.map((one) => one.tally.accountId))];
    const homeTenantId = tally.partnerTenantId as TenantId;
    const people =
      tally.direction === 'outbound'
        ? await read((inside) => ourPeople(inside, ports, ids))
        : await theirPeople(ctx, ports, await read((inside) => ports.homeIdsOf(inside, ids)), {
            homeTenantId,
            supposing: [before, after],
          });
    isAnswered &&= people !== undefined;
    for (const { tally: one } of people ? some : []) {
      const person = people?.get(one.accountId) ?? NOBODY_KNOWN;
      const { applicationId: id } = one;
      const which = id === null ? null : { id, isOwn: ports.isOwnApplication(id) };
      if (permitsAccess(before, person, which) && !permitsAccess(after, person, which)) lockedOut.push(one);
    }
  }
  lockedOut.sort((a, b) => b.lastAt.getTime() - a.lastAt.getTime());
  return { since, isComplete: isAll && isAnswered, lockedOut };
}

/** @throws request.invalid for what could not be said of everybody. */
export function demandSupposable(partnerId: TenantId | undefined, supposed: Supposed): void {
  if (partnerId !== undefined) return;
  const problem = accessDefaults.check?.({ ...accessDefaults.shape.parse({}), ...dropNulls(supposed) });
  if (problem) throw kernelFaults.invalid(problem);
}

const dropNulls = (supposed: Supposed) =>
  Object.fromEntries(Object.entries(supposed).filter(([, value]) => value !== null && value !== undefined));

async function tallySignIns(ctx: Context, partnerId: TenantId | undefined, since: Date) {
  const tallies = new Map<string, Tally>();
  let isAll = true;
  const ways: EventFilter['facts'][] =
    partnerId === undefined ? [undefined] : [{ homeTenantId: partnerId }, { resourceTenantId: partnerId }];
  for (const facts of ways) {
    let after: string | undefined;
    for (let looked = 0; ; ) {
      const filter = { action: 'signin.signed-in', since, ...(facts ? { facts } : {}) };
      const page = await listEvents(ctx, filter, { limit: PAGE, ...(after === undefined ? {} : { after }) });
      for (const event of page) count(tallies, ctx.tenantId, event);
      looked += page.length;
      after = page.at(-1)?.id;
      if (page.length < PAGE) break;
      if (looked >= MOST) {
        isAll = false;
        break;
      }
    }
  }
  return { tallies: [...tallies.values()], isAll };
}

function count(tallies: Map<string, Tally>, tenantId: TenantId, { targets, facts, at }: AuditEvent): void {
  const { homeTenantId, resourceTenantId, clientId, elsewhere, userName } = facts as Record<string, string | undefined>;
  const accountId = targets[0]?.id;
  const isOut = typeof resourceTenantId === 'string' && resourceTenantId !== tenantId;
  const partnerTenantId = isOut ? resourceTenantId : homeTenantId;
  if (!accountId || !partnerTenantId) return;
  const direction = isOut ? 'outbound' : 'inbound';
  // At home the client is the organisation visited; what was used there stands beside it.
  const applicationId = (isOut ? elsewhere : clientId) ?? null;
  const key = `${direction} ${partnerTenantId} ${accountId} ${applicationId}`;
  const known = tallies.get(key);
  if (known) {
    known.signIns += 1;
    return;
  }
  const displayName = targets[0]?.displayName ?? userName ?? '';
  tallies.set(key, {
    direction,
    partnerTenantId,
    accountId,
    displayName,
    userName: userName ?? displayName,
    applicationId,
    signIns: 1,
    lastAt: at,
  });
}

async function ourPeople(ctx: Context, ports: SupposePorts, ids: readonly string[]) {
  const people = new Map<string, Who>();
  for (const userId of ids) people.set(userId, (await ports.personAtHome(ctx, { userId })) ?? NOBODY_KNOWN);
  return people;
}

/** As their home vouches for them now; undefined where it does not answer. */
async function theirPeople(
  ctx: Context,
  ports: SupposePorts,
  homeIds: ReadonlyMap<string, string>,
  asked: { homeTenantId: TenantId; supposing: readonly AccessSetting[] },
): Promise<ReadonlyMap<string, Who> | undefined> {
  const known = [...homeIds];
  const people = known.map(([, userId]) => ({ userId }));
  if (people.length === 0) return new Map();
  const vouched = await ports.askHome(ctx, { ...asked, application: null, people }).catch(() => undefined);
  return vouched && new Map(known.map(([accountId], index) => [accountId, vouched[index]?.who ?? NOBODY_KNOWN]));
}
