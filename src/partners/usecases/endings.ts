import { z } from 'zod';
import type { Actor, Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId, parseId, type TenantId } from '../../kernel/ids.ts';
import { inNameOf, inPlace } from '../../kernel/in-place.ts';
import type { Job, Outsider, Tie, TiedItem, Trial } from '../../kernel/module.ts';
import { partnersFaults } from '../faults.ts';
import { AGREEMENT, type Ending, type EndingItem, targetOf } from '../model/ending.ts';
import type { SignedDocument } from '../model/organization-document.ts';
import { administerPartners, partWithPartners } from '../questions/agreements.ts';
import {
  findEnding,
  findEndingOf,
  findRunning,
  insertEnding,
  insertItems,
  isPartingWith,
  listEndings,
  listIrrecoverable,
  listRunning,
  lockEndings,
  takeOverItems,
  updateEnding,
} from '../store/endings.ts';
import { listPartners } from '../store/records.ts';
import type { EndingPorts } from './ending-ports.ts';
import { issueReceipt, TELL } from './tell-of-ending.ts';

/** With whom to part: an organisation by its id or one of its domains, or one guest. */
export const partingShape = z.strictObject({
  partner: z.string().trim().min(1).max(253).optional(),
  accountId: z.guid().optional(),
  newOwnerId: z.guid().nullable().default(null),
  reason: z.string().max(1_000).nullable().default(null),
});
export type Parting = z.output<typeof partingShape>;

const END = 'partners.end';
/** Seconds until a parting goes on by itself whose beginning was broken off. */
const BROKEN_OFF = 30;
const SYSTEM: Actor = { kind: 'system', name: END };
/** How many things end in one transaction. */
const AT_ONCE = 200;
const EVERYTHING = 1_000_000;

/**
 * Parts with an organisation, or with one guest: the doors are shut before this returns, and a job ends all that stands
 * between us, however often it is broken off. Where one is under way already, that one is answered.
 * Call it outside a transaction.
 * @throws partners.part-with-whom; not-found for a guest or new owner who is none; access.sign-in-again.
 */
export async function beginEnding(ctx: Context, ports: EndingPorts, asked: Parting): Promise<Ending> {
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  await ctx.demand(administerPartners, undefined, 'write');
  const outsider = await whoIs(ctx, ports, asked);
  const id = await ports.run({ tenantId, actor, correlationId, clientAddress }, async (inside) => {
    if (outsider.accountId === null)
      await inside.demand(partWithPartners, { hasSecondFactor: await ports.hasSecondFactor(inside) }, 'end');
    else await inside.demand(administerPartners, undefined, 'write');
    return start(inside, ports, asked, outsider, await openAgreements(inside, ports, outsider));
  });
  // Before the doors are shut, so that no agreement holds one open. In the name of whoever parts, who is asked no more.
  await endAgreementsOf(ctx, ports, { ...outsider, agreementId: null, reason: asked.reason });
  await ports.run({ tenantId, actor: SYSTEM, correlationId }, async (inside) => {
    await shutDoors(inside, ports, id);
    await inside.defer(END, { endingId: id }, { key: `${END}:${id}`, maxAttempts: 25 });
  });
  return ports.run(
    { tenantId, actor, correlationId, readOnly: true },
    async (inside) => (await findEnding(inside, id))!,
  );
}

/** What an organisation has agreed with us, as long as it is not over: with a parting it is. */
export const openAgreements = async (
  ctx: Context,
  ports: Pick<EndingPorts, 'agreements'>,
  { tenantId, accountId }: Outsider,
): Promise<readonly TiedItem[]> =>
  tenantId === null || accountId !== null ? [] : ports.agreements.listOpen(ctx, tenantId as TenantId);

const endAgreementsOf = async (
  ctx: Context,
  ports: Pick<EndingPorts, 'agreements'>,
  { tenantId, accountId, agreementId, reason }: Pick<Ending, 'tenantId' | 'accountId' | 'agreementId' | 'reason'>,
): Promise<void> => {
  if (tenantId !== null && accountId === null && agreementId === null)
    await ports.agreements.end(ctx, tenantId as TenantId, reason);
};

type Leaving = Outsider & { readonly displayName: string; readonly agreementId?: string | null };

/** The same in the caller's transaction, for who has decided already: the job shuts the doors first of all. */
async function start(
  ctx: Context,
  ports: Pick<EndingPorts, 'ties'>,
  { reason }: Pick<Parting, 'reason'>,
  leaving: Leaving,
  agreements: readonly TiedItem[] = [],
): Promise<string> {
  const outsider = { agreementId: null, kinds: null, ...leaving };
  await lockEndings(ctx, outsider);
  const running = await findRunning(ctx, outsider);
  if (running) {
    await ctx.defer(END, { endingId: running.id }, { key: `${END}:${running.id}`, maxAttempts: 25 });
    return running.id;
  }
  const id = newId();
  const { actor } = ctx;
  const isAll = outsider.accountId === null && outsider.agreementId === null;
  await insertEnding(ctx, {
    ...outsider,
    id,
    reason,
    askedBy:
      actor.kind === 'account'
        ? actor.userPrincipalName
        : 'displayName' in actor
          ? actor.displayName
          : 'name' in actor
            ? actor.name
            : actor.kind,
    found: {},
    // A guest's own organisation is told by what their account here was.
    notice: outsider.accountId === null && outsider.tenantId !== null ? 'outstanding' : 'none',
  });
  const found = isAll && outsider.tenantId !== null ? await takeOverItems(ctx, id, outsider.tenantId) : {};
  for (const [kind, n] of Object.entries(await countTied(ctx, ports, outsider))) found[kind] = (found[kind] ?? 0) + n;
  if (agreements.length > 0) {
    // No receipt is signed before they have ended.
    const ended = agreements.map((one): EndingItem => ({ ...one, tie: AGREEMENT, outcome: 'revoked' }));
    await insertItems(ctx, id, ended);
    found[AGREEMENT] = ended.length;
  }
  await updateEnding(ctx, id, { found });
  ctx.record({
    action: 'partners.ending-begun',
    category: 'Policy',
    targets: [targetOf(outsider)],
    facts: {
      endingId: id,
      ...(reason === null ? {} : { reason }),
      ...(outsider.agreementId === null ? {} : { agreementId: outsider.agreementId }),
    },
  });
  // With a whole organisation first come its agreements; what began it has the job go on before that, unless it dies.
  const later = isAll ? { runAt: new Date(ctx.now.getTime() + BROKEN_OFF * 1_000) } : {};
  await ctx.defer(END, { endingId: id }, { key: `${END}:${id}`, maxAttempts: 25, ...later });
  return id;
}

/** Ends what stood on an agreement that is over, with a receipt. In the caller's transaction; the job does the work. */
export async function endStandingOn(
  ctx: Context,
  ports: Pick<EndingPorts, 'ties' | 'settingsNow'>,
  { kinds, ...leaving }: Leaving & { readonly agreementId: string; readonly kinds: readonly string[] },
): Promise<void> {
  if (kinds.length === 0) return;
  // A parting with the whole organisation ends these as well, and its receipt has them.
  if (await isPartingWith(ctx, leaving.tenantId as TenantId)) return;
  const id = await start(ctx, ports, { reason: null }, { ...leaving, kinds: [...new Set(kinds)].sort() });
  if (ctx.isTrial) await endInPlace(ctx, ports, id);
}

/** Parting with one guest, for the modules that look after guests. */
export interface GuestParting {
  /** In the caller's transaction. Returns the id of the parting. */
  part(
    ctx: Context,
    guest: Omit<Outsider, 'kinds'> & { readonly accountId: string; readonly displayName: string },
    reason: string | null,
  ): Promise<string>;
  read(ctx: Context, accountId: string): Promise<Ending | undefined>;
}

/** One guest, parted with by who has decided already: when the transaction commits, nothing of theirs stands. */
export async function partWithGuest(
  ctx: Context,
  ports: Pick<EndingPorts, 'ties' | 'settingsNow'>,
  guest: Parameters<GuestParting['part']>[1],
  reason: string | null,
): Promise<string> {
  const id = await start(ctx, ports, { reason }, guest);
  await endInPlace(ctx, ports, id);
  return id;
}

/**
 * Whatever people of these domains have here: rights, guests, invitations, letters on their way. What is set for their
 * organisations, and agreed with them, stays. For who has decided already; when the transaction commits, nothing stands.
 * Returns how many things ended.
 */
export async function partWithPeople(
  ctx: Context,
  ports: Pick<EndingPorts, 'ties' | 'settingsNow'>,
  domains: readonly string[],
): Promise<number> {
  const kinds = ports.ties().flatMap(({ isOfPeople, titles }) => (isOfPeople ? Object.keys(titles) : []));
  const people = {
    tenantId: null,
    domains: [...domains].sort(),
    accountId: null,
    newOwnerId: null,
    kinds: kinds.sort(),
  };
  return endInPlace(
    ctx,
    ports,
    await start(ctx, ports, { reason: null }, { ...people, displayName: domains.join(', ') }),
  );
}

/** Ends everything in the caller's transaction; the receipt is the job's. Returns how many things ended. */
async function endInPlace(ctx: Context, ports: Pick<EndingPorts, 'ties' | 'settingsNow'>, id: string): Promise<number> {
  await shutDoors(ctx, ports, id);
  const ending = (await findEnding(ctx, id, { lock: true }))!;
  let ended = 0;
  for (const tie of tiesOf(ports, ending))
    for (let some = 1; some > 0; ended += some) some = await step(ctx, ports, ending, tie);
  return ended;
}

/** What parting with one guest left: how far it is, and the receipt. For who has asked already. */
export const endingOfGuest = (ctx: Context, accountId: string): Promise<Ending | undefined> =>
  findEndingOf(ctx, accountId);

/** @throws not-found. */
export async function readEnding(ctx: Context, id: string): Promise<Ending> {
  await ctx.demand(administerPartners, undefined, 'read');
  const found = await findEnding(ctx, id);
  if (!found) throw kernelFaults.notFound();
  return found;
}

export async function readEndings(ctx: Context, page: { before?: string; limit: number }): Promise<Ending[]> {
  await ctx.demand(administerPartners, undefined, 'read');
  return listEndings(ctx, page);
}

/** Whom a parting is about. Call it outside a transaction. @throws partners.part-with-whom; not-found. */
export async function whoIs(ctx: Context, ports: EndingPorts, asked: Parting) {
  const { tenantId, correlationId } = ctx;
  const look = <T>(act: (inside: Context) => Promise<T>) =>
    ports.run({ tenantId, actor: SYSTEM, correlationId, readOnly: true }, act);
  return outsiderOf(asked, ports, look);
}

/** Whom a parting is about; `look` reads in the context's organisation. */
async function outsiderOf(
  { partner, accountId, newOwnerId }: Pick<Parting, 'partner' | 'accountId' | 'newOwnerId'>,
  ports: EndingPorts,
  look: <T>(act: (inside: Context) => Promise<T>) => Promise<T>,
): Promise<Outsider & { readonly displayName: string }> {
  if ((partner === undefined) === (accountId === undefined)) throw partnersFaults.partWithWhom();
  if (accountId !== undefined) {
    const guest = await look((inside) => ports.findGuest(inside, accountId));
    if (!guest) throw kernelFaults.notFound();
    const { displayName, homeTenantId, homeDomain } = guest;
    return {
      tenantId: homeTenantId,
      domains: homeDomain === null ? [] : [homeDomain],
      accountId,
      newOwnerId,
      displayName,
    };
  }
  const named = partner!.toLowerCase();
  const records = await look(listPartners);
  const id = parseId<'tenant'>(named);
  const record = records.find((one) => one.tenantId === id || one.domains.includes(named));
  const here = record?.tenantId ?? id ?? (await ports.tenantOfDomain(named));
  const isHere = here !== undefined && (await ports.isHere(here));
  const document = isHere ? (await ports.describeHere(here)).document : undefined;
  if (id !== undefined && !record && !document) throw kernelFaults.notFound();
  const domains = [...(record?.domains ?? []), ...(document?.domains ?? []), ...(id === undefined ? [named] : [])];
  return {
    tenantId: record?.tenantId ?? document?.tenantId ?? null,
    domains: [...new Set(domains)].sort(),
    accountId: null,
    newOwnerId,
    displayName: record?.displayName ?? document?.displayName ?? named,
  };
}

const STAGES: readonly Tie['stage'][] = ['hand-over', 'revoke', 'remove'];

/** The ties that count, in the order in which they end. */
function tiesOf({ ties }: Pick<EndingPorts, 'ties'>, { kinds }: Pick<Outsider, 'kinds'>): readonly Tie[] {
  const all = ties().filter(({ titles }) => !kinds || kinds.some((kind) => kind in titles));
  return STAGES.flatMap((stage) => all.filter((tie) => tie.stage === stage));
}

/** How many things of each kind stand between us, agreements apart. */
export async function countTied(ctx: Context, ports: Pick<EndingPorts, 'ties'>, outsider: Outsider) {
  const ids = new Map<string, Set<string>>();
  for (const tie of tiesOf(ports, outsider)) {
    // What is handed over is revoked otherwise: it is counted once.
    for (const { id, kind } of await tie.list(ctx, outsider, { limit: EVERYTHING, except: [] }))
      ids.set(kind, (ids.get(kind) ?? new Set()).add(id));
  }
  return Object.fromEntries([...ids].map(([kind, found]) => [kind, found.size]));
}

async function shutDoors(ctx: Context, ports: Pick<EndingPorts, 'ties'>, id: string): Promise<void> {
  const ending = await findEnding(ctx, id, { lock: true });
  if (ending?.state !== 'running') return;
  for (const tie of tiesOf(ports, ending)) await tie.closeAtOnce?.(ctx, ending);
}

/** What of a tie still stands and has not been tried in vain. */
async function listStanding(
  ctx: Context,
  ports: Pick<EndingPorts, 'settingsNow'>,
  ending: Ending,
  tie: Tie,
  limit: number,
): Promise<readonly TiedItem[]> {
  const there = { ...ctx, settings: await ports.settingsNow(ctx) };
  return tie.list(there, ending, { limit, except: await listIrrecoverable(ctx, ending.id, tie.name) });
}

/** Ends the next few things of a tie. Returns how many they were. */
async function step(ctx: Context, ports: Pick<EndingPorts, 'settingsNow'>, ending: Ending, tie: Tie): Promise<number> {
  const items = await listStanding(ctx, ports, ending, tie, AT_ONCE);
  if (items.length === 0) return 0;
  const there = { ...ctx, settings: await ports.settingsNow(ctx) };
  const outcomes = new Map((await tie.end(there, ending, items)).map((one) => [one.id, one]));
  const ended = items.map((item): EndingItem => ({ ...item, ...outcomes.get(item.id)!, tie: tie.name }));
  await insertItems(ctx, ending.id, ended);
  return items.length;
}

/**
 * Ends everything, a few things in each transaction with the note that they ended: whoever goes on after a crash finds
 * what still stands, and nothing that ended stands again.
 */
export const endJob = (ports: EndingPorts): Job => ({
  name: END,
  transaction: 'none',
  async run(ctx, payload) {
    const { tenantId, correlationId } = ctx;
    const id = payload.endingId as string;
    const within = <T>(act: (inside: Context) => Promise<T>) =>
      ports.run({ tenantId, actor: SYSTEM, correlationId }, act);
    const due = await within((inside) => findEnding(inside, id));
    if (due?.state === 'running') await endAgreementsOf(ctx, ports, due);
    const begun = await within(async (inside) => {
      await shutDoors(inside, ports, id);
      return findEnding(inside, id);
    });
    // Taken over by another one meanwhile, which ends what this one would have.
    if (!begun) return;
    const organization = await ports.describeHere(tenantId);
    // Somebody may have given meanwhile what was looked at before.
    for (let isOver = false; !isOver; ) {
      for (const tie of tiesOf(ports, begun)) {
        for (let ended = 1; ended > 0; ) {
          ended = await within(async (inside) => {
            // Two that work on one at the same time take turns.
            const ending = await findEnding(inside, id, { lock: true });
            return ending?.state === 'running' ? step(inside, ports, ending, tie) : 0;
          });
        }
      }
      isOver = await within((inside) => finish(inside, ports, id, organization));
    }
  },
});

/** Whatever became of the jobs: a parting that was begun goes on until it is over, and a partner is told in the end. */
export async function sweepEndings(ctx: Context): Promise<void> {
  for (const id of await listRunning(ctx)) await ctx.defer(END, { endingId: id }, { key: `${END}:${id}` });
}

/** @returns false while something stands. */
async function finish(ctx: Context, ports: EndingPorts, id: string, organization: SignedDocument): Promise<boolean> {
  const ending = await findEnding(ctx, id, { lock: true });
  if (ending?.state !== 'running') return true;
  for (const tie of tiesOf(ports, ending))
    if ((await listStanding(ctx, ports, ending, tie, 1)).length > 0) return false;
  const done: Ending = { ...ending, state: 'done', endedAt: ctx.now };
  const { counts } = await issueReceipt(ctx, ports, done, organization);
  ctx.record({
    action: 'partners.ended',
    category: 'Policy',
    targets: [targetOf(done)],
    facts: { endingId: id, ...counts },
  });
  if (done.notice === 'outstanding') await ctx.defer(TELL, { endingId: id }, { key: `${TELL}:${id}` });
  return true;
}

/** Parting, tried out: everything it would end is ended in a transaction that is undone. */
export const endTrial = (ports: EndingPorts): Trial => ({
  name: END,
  shape: partingShape,
  // It asks for a fresh proof, and leaves a receipt.
  isRehearsal: () => true,
  async act(ctx, asked: Parting) {
    await ctx.demand(administerPartners, undefined, 'write');
    const outsider = await outsiderOf(asked, ports, (act) => act(ctx));
    if (outsider.accountId === null && outsider.tenantId !== null)
      await ports.agreements.end(ctx, outsider.tenantId as TenantId, asked.reason, inPlace(ctx));
    const there = inNameOf(ctx, SYSTEM);
    for (const tie of tiesOf(ports, outsider)) await tie.closeAtOnce?.(there, outsider);
    for (const tie of tiesOf(ports, outsider)) {
      const except: string[] = [];
      for (;;) {
        const now = { ...there, settings: await ports.settingsNow(there) };
        const items = await tie.list(now, outsider, { limit: AT_ONCE, except });
        if (items.length === 0) break;
        for (const { id, outcome } of await tie.end(now, outsider, items))
          if (outcome === 'irrecoverable') except.push(id);
      }
    }
  },
});
