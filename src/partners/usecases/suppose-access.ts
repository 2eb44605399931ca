/** Which sign-ins of late a change of the policy would have blocked (CT-20). Changes nothing. */
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { type AccessSetting, NOBODY_KNOWN, namedIn, permitsAccess, type Who } from '../model/access-setting.ts';
import { inForce } from '../model/cross-tenant-access.ts';
import type { AskHome, PersonAtHome } from '../model/vouched.ts';
import { administerPartners } from '../questions/agreements.ts';
import { administerAccessDefaults } from '../questions/cross-tenant-access.ts';
import { accessDefaults } from '../settings.ts';
import { listPastSignIns, ofLate, type PastSignIns } from './past-sign-ins.ts';

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

/**
 * Opens what it needs itself: call it outside a transaction. `isComplete` is false where there were more sign-ins than
 * are looked at, or where a home that had to be asked about its people did not answer: those are not told of.
 */
export async function supposeAccess(
  ctx: Context,
  ports: SupposePorts,
  asked: { readonly partnerId: TenantId | undefined; readonly supposed: Supposed },
): Promise<{ readonly since: Date; readonly isComplete: boolean; readonly lockedOut: readonly PastSignIns[] }> {
  const { partnerId, supposed } = asked;
  await ctx.demand(partnerId === undefined ? administerAccessDefaults : administerPartners, undefined, 'read');
  const { tenantId, actor, correlationId } = ctx;
  const read = <T>(act: (ctx: Context) => Promise<T>) =>
    ports.run({ tenantId, actor, correlationId, readOnly: true }, act);
  const [came, went] = await read(async (inside) => [
    await listPastSignIns(inside, 'inbound', partnerId),
    await listPastSignIns(inside, 'outbound', partnerId),
  ]);

  const changed = [...came.found, ...went.found].flatMap((tally) => {
    const part = tally.direction === 'inbound' ? 'b2bCollaborationInbound' : 'b2bCollaborationOutbound';
    const before = inForce(ctx.settings, tally.partnerTenantId, part);
    const wanted = supposed[part];
    // What is said of all does not reach a partner that has a word of its own.
    if (wanted === undefined || (partnerId === undefined && before.origin === 'partner')) return [];
    return [{ tally, before: before.value, after: wanted ?? ctx.settings.tenant(accessDefaults)[part] }];
  });
  const lockedOut: PastSignIns[] = [];
  let isAnswered = true;
  const ways = Map.groupBy(changed, ({ tally }) => `${tally.direction} ${tally.partnerTenantId}`);
  for (const some of ways.values()) {
    const [{ tally, before, after }] = some as [(typeof some)[0]];
    const ids = [...new Set(some.map((one) => one.tally.accountId))];
    const homeTenantId = tally.partnerTenantId;
    const people =
      tally.direction === 'outbound'
        ? await read((inside) => ourPeople(inside, ports, ids))
        : await theirPeople(ctx, ports, await read((inside) => ports.homeIdsOf(inside, ids)), {
            homeTenantId,
            among: namedIn([before, after]),
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
  return { since: ofLate(ctx), isComplete: came.isAll && went.isAll && isAnswered, lockedOut };
}

/** @throws request.invalid for what could not be said of everybody. */
export function demandSupposable(partnerId: TenantId | undefined, supposed: Supposed): void {
  if (partnerId !== undefined) return;
  const problem = accessDefaults.check?.({ ...accessDefaults.shape.parse({}), ...dropNulls(supposed) });
  if (problem) throw kernelFaults.invalid(problem);
}

const dropNulls = (supposed: Supposed) =>
  Object.fromEntries(Object.entries(supposed).filter(([, value]) => value !== null && value !== undefined));

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
  asked: { homeTenantId: TenantId; among: ReturnType<typeof namedIn> },
): Promise<ReadonlyMap<string, Who> | undefined> {
  const known = [...homeIds];
  const people = known.map(([, userId]) => ({ userId }));
  if (people.length === 0) return new Map();
  const vouched = await ports.askHome(ctx, { ...asked, application: null, people }).catch(() => undefined);
  return vouched && new Map(known.map(([accountId], index) => [accountId, vouched[index]?.who ?? NOBODY_KNOWN]));
}
