/** What a guest's home tells of them, and what follows here. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import {
  carryOutEnd,
  endGuestSessions,
  findAccount,
  findGuestAtHome,
  listBoundGuests,
  noteHomeState,
} from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { heard } from '../../kernel/heard.ts';
import { type AccountId, parseId, type TenantId } from '../../kernel/ids.ts';
import type { Job, PartnerRequest, Partners, Run, Subscriber, Sweep } from '../../kernel/module.ts';
import { type GuestParting, serverEnvoy } from '../../partners/index.ts';
import { signinFaults } from '../faults.ts';
import { issuerIn, readSignal, SIGNALS, type SignalClaims, SignalError } from '../model/security-event.ts';
import { listSessions } from '../store/sessions.ts';
import {
  deleteOldSignals,
  deleteWatchedGuests,
  listWatchedGuests,
  listWatchedHomes,
  putWatchedGuests,
  takeOnce,
  type WatchedGuest,
} from '../store/signals.ts';
import { endSessionsOf } from './end-sessions.ts';
import { ISSUER, POLL, PUSH, STATES, WATCH } from './send-signals.ts';

export interface TakePorts {
  readonly run: Run;
  readonly partners: Partners;
  readonly guestParting: GuestParting;
  readonly now: () => Date;
}

const WATCH_GUESTS = 'signin.watch-guests';
const POLL_HOME = 'signin.poll-signals';

/** Signals wait this long for a receiver that is away, and one that comes again is known as long. */
const KEPT_DAYS = 14;
const POLLED_AT_ONCE = 50;
const ROUNDS_AT_MOST = 100;
const WATCHED_AT_ONCE = 500;

// ---------------------------------------------------------------------------------------------------------------
// Taking a signal

export interface Reception {
  /**
   * Takes a token that another organisation issued, in the name of the one it is meant for. Taken twice, it changes
   * nothing. Needs no transaction. @throws SignalError.
   */
  take(ctx: Context, issuer: TenantId, token: string): Promise<void>;
}

interface Issuer {
  readonly issuer: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
}

const ISSUERS_KEPT = 1_000;
const ISSUER_KEPT_MILLISECONDS = 5 * 60_000;
/** A key that is not known is looked for once, and then not again for so long, whatever anybody sends. */
const LOOKED_AGAIN_AFTER_MILLISECONDS = 10_000;

const issuerAnswer = z.object({
  issuer: z.url().max(500),
  keys: z.array(z.looseObject({ kid: z.string().max(100), kty: z.literal('EC'), crv: z.literal('P-256') })).max(20),
});

export function createReception(ports: TakePorts): Reception {
  const issuers = new LRUCache<string, { at: number; issuer: Promise<Issuer> }>({
    max: ISSUERS_KEPT,
    ttl: ISSUER_KEPT_MILLISECONDS,
  });

  async function ask(ctx: Context, issuer: TenantId): Promise<Issuer> {
    const answer = heard(issuerAnswer, await ports.partners.ask(serverEnvoy(ctx), issuer, ISSUER, { v: 1 }));
    const keys = answer.keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk as never, format: 'jwk' })] as const);
    return { issuer: answer.issuer, keys: new Map(keys) };
  }

  function issuerOf(ctx: Context, issuer: TenantId, options: { notBefore?: number } = {}): Promise<Issuer> {
    const key = `${ctx.tenantId} ${issuer}`;
    const known = issuers.get(key);
    if (known && known.at >= (options.notBefore ?? 0)) return known.issuer;
    const asked = { at: Date.now(), issuer: ask(ctx, issuer) };
    issuers.set(key, asked);
    asked.issuer.catch(() => issuers.get(key) === asked && issuers.delete(key));
    return asked.issuer;
  }

  return {
    async take(ctx, issuer, token) {
      const known = await issuerOf(ctx, issuer);
      const keyOf = async (kid: string) =>
        known.keys.get(kid) ??
        // Its keys may have changed since.
        (await issuerOf(ctx, issuer, { notBefore: Date.now() - LOOKED_AGAIN_AFTER_MILLISECONDS })).keys.get(kid);
      const expected = { issuer: known.issuer, audience: ctx.tenantId, now: ports.now() };
      const claims = await readSignal(token, expected, keyOf);
      const { tenantId } = ctx;
      const actor = { kind: 'system', name: 'signin.signals' } as const;
      await ports.run({ tenantId, actor, correlationId: claims.txn ?? ctx.correlationId }, async (inside) => {
        if (await takeOnce(inside, issuer, claims.jti)) await follow(inside, ports, issuer, known.issuer, claims);
      });
    },
  };
}

/** Does what a signal asks for. One about somebody who is no guest here, or of another kind, asks for nothing. */
async function follow(
  ctx: Context,
  ports: Pick<TakePorts, 'guestParting'>,
  home: TenantId,
  issuer: string,
  claims: SignalClaims,
): Promise<void> {
  const { sub_id: subject, events, jti } = claims;
  const homeAccountId =
    subject.format === 'iss_sub' && subject.iss === issuer ? parseId<'account'>(subject.sub) : undefined;
  const guest = homeAccountId && (await findGuestAtHome(ctx, home, homeAccountId));
  if (!guest) return;
  for (const [type, event] of Object.entries(events)) {
    const effect = await followOne(ctx, ports, guest.id, type, event, claims.iat);
    ctx.record({
      action: 'signin.signal-taken',
      category: 'Security',
      targets: [{ kind: 'account', id: guest.id, displayName: guest.displayName }],
      facts: { type, homeTenantId: home, signalId: jti, effect },
    });
  }
}

async function followOne(
  ctx: Context,
  { guestParting }: Pick<TakePorts, 'guestParting'>,
  guestId: AccountId,
  type: string,
  event: Readonly<Record<string, unknown>>,
  signedAt: number,
) {
  // How long ago it was, by the home's clock alone: whoever has signed in since has proven themselves since.
  const secondsAgo = typeof event.event_timestamp === 'number' ? signedAt - event.event_timestamp - 1 : 0;
  const at = new Date(ctx.now.getTime() - Math.max(0, secondsAgo) * 1000);
  switch (type) {
    case SIGNALS.accountPurged: {
      // Gone at home for good, as home says: nothing is theirs here any more (beyond 3.10).
      await endSince(ctx, guestId, ctx.now, type);
      const guest = await findAccount(ctx, guestId);
      if (!guest) return 'none';
      await carryOutEnd(ctx, { guestParting }, guest, { reason: 'gone-at-home' });
      return 'parted';
    }
    case SIGNALS.accountDisabled:
      await noteHomeState(ctx, guestId, 'disabled');
      await endSince(ctx, guestId, ctx.now, type);
      return 'blocked';
    case SIGNALS.accountEnabled:
      await noteHomeState(ctx, guestId, 'enabled');
      return 'unblocked';
    case SIGNALS.sessionRevoked:
      await endSince(ctx, guestId, at, type);
      return 'sessions-ended';
    case SIGNALS.credentialChange:
      if (event.change_type === 'create') return 'none';
      await endSince(ctx, guestId, at, type);
      return 'sessions-ended';
    case SIGNALS.assuranceLevelChange:
      if (event.change_direction === 'increase') return 'none';
      await endSince(ctx, guestId, at, type);
      return 'sessions-ended';
    default:
      return 'none';
  }
}

/** Ends what the guest has open from before a moment: sessions, tokens, live connections. */
async function endSince(ctx: Context, guestId: AccountId, at: Date, reason: string): Promise<void> {
  await endGuestSessions(ctx, guestId, at);
  const earlier = (await listSessions(ctx, guestId)).filter(({ authenticatedAt }) => authenticatedAt <= at);
  await endSessionsOf(ctx, guestId, { ids: earlier.map(({ id }) => id) }, reason.slice(reason.lastIndexOf('/') + 1));
}

// ---------------------------------------------------------------------------------------------------------------
// How signals come

const pushed = z.object({ set: z.string().max(20_000) });

/** The home hands over one signal (as RFC 8935 has it, over the way that organisations have to each other). */
export const pushRequest = (reception: Reception): PartnerRequest => ({
  name: PUSH,
  shape: pushed,
  transaction: 'none',
  async answer(ctx, { set }: z.output<typeof pushed>) {
    if (ctx.actor.kind !== 'visitor') throw kernelFaults.notFound();
    try {
      await reception.take(ctx, ctx.actor.homeTenantId, set);
    } catch (error) {
      if (error instanceof SignalError) throw signinFaults.signalNotGood(error.code, error.message);
      throw error;
    }
    return {};
  },
});

/** From whom a token says it is, for tokens that come by themselves. @throws SignalError for an issuer of no shape we know. */
export function homeIn(token: string): TenantId {
  const issuer = issuerIn(token);
  const id =
    issuer === undefined ? undefined : parseId<'tenant'>(/\/([0-9a-fA-F-]{36})\/v2\.0$/.exec(issuer)?.[1] ?? '');
  if (!id) throw new SignalError('invalid_issuer', 'The issuer is not one that sends signals here.');
  return id;
}

const polled = z.object({ sets: z.record(z.string().max(100), z.string().max(20_000)), moreAvailable: z.boolean() });

/** Fetches what could not be handed over (RFC 8936): once a minute, of each home that tells us of somebody. */
export const pollSweep: Sweep = {
  name: 'signin.poll-signals',
  cron: '* * * * *',
  async run(ctx) {
    for (const home of await listWatchedHomes(ctx))
      await ctx.defer(POLL_HOME, { home }, { key: `${POLL_HOME}:${ctx.tenantId}:${home}`, maxAttempts: 1 });
  },
};

export const pollJob = (ports: TakePorts, reception: Reception): Job => ({
  name: POLL_HOME,
  transaction: 'none',
  async run(ctx, payload) {
    const home = payload.home as TenantId;
    const taken = new Set<string>();
    let ack: string[] = [];
    for (let rounds = 1; ; rounds += 1) {
      // What is left after so many comes with the next poll: a home that never ends has no more than its share of time.
      const maxEvents = rounds > ROUNDS_AT_MOST ? 0 : POLLED_AT_ONCE;
      const sets = await askHome(async () => {
        const answer = await ports.partners.ask(serverEnvoy(ctx), home, POLL, { ack, maxEvents });
        return heard(polled, answer).sets;
      });
      if (!sets || maxEvents === 0) return;
      ack = [];
      for (const [id, token] of Object.entries(sets)) {
        try {
          await reception.take(ctx, home, token);
        } catch (error) {
          // One that is not good keeps nobody from the next ones; the home hears nothing of it and keeps it.
          if (!(error instanceof SignalError)) throw error;
          continue;
        }
        ack.push(id);
      }
      // One that gives what was acknowledged already gives nothing more.
      if (ack.every((id) => taken.has(id))) return;
      for (const id of ack) taken.add(id);
    }
  },
});

/** What a home says; undefined where it says nothing that can be used, or is not known any more. */
async function askHome<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Fault && error.kind !== 'internal') return undefined;
    throw error;
  }
}

// ---------------------------------------------------------------------------------------------------------------
// Whom we are told of

/** A guest who is bound to a home, or no longer, is made known there at once. */
export const watchSubscriber: Subscriber = {
  name: 'signin.watch-guests',
  to: [
    'directory.guest-redeemed',
    'directory.redemption-reset',
    'directory.account-deleted',
    'directory.account-restored',
    'directory.account-purged',
    'directory.guest-erased',
  ],
  async handle(ctx) {
    await deferWatching(ctx);
  },
};

/** What was missed, when a home was away or before there were signals. */
export const watchSweep: Sweep = { name: 'signin.watch-guests', cron: '7 * * * *', run: (ctx) => deferWatching(ctx) };

function deferWatching(ctx: Context): Promise<void> {
  return ctx.defer(WATCH_GUESTS, {}, { key: `${WATCH_GUESTS}:${ctx.tenantId}`, maxAttempts: 6 });
}

const watched = z.object({
  states: z.array(z.object({ accountId: z.uuid(), state: z.enum(STATES) })).max(WATCHED_AT_ONCE),
});

/** Tells each home whom of its people it must tell us about, and takes how they stand. */
export const watchJob = (ports: TakePorts): Job => ({
  name: WATCH_GUESTS,
  transaction: 'none',
  async run(ctx) {
    const { tenantId, actor, correlationId } = ctx;
    const here = <T>(act: (inside: Context) => Promise<T>) => ports.run({ tenantId, actor, correlationId }, act);
    const { bound, known } = await here(async (inside) => ({
      bound: await listBoundGuests(inside),
      known: await listWatchedGuests(inside),
    }));
    const keyOf = ({ accountId, homeTenantId, homeAccountId }: (typeof bound)[number]) =>
      `${accountId} ${homeTenantId} ${homeAccountId}`;
    const isBound = new Set(bound.map(keyOf));
    const isKnown = new Set(known.map(keyOf));
    const wanted = bound.filter((guest) => !isKnown.has(keyOf(guest)));
    const over = known.filter((guest) => !isBound.has(keyOf(guest)));
    const homes = new Set([...wanted, ...over].map(({ homeTenantId }) => homeTenantId));
    for (const home of homes) {
      const ofHome = (guests: typeof bound) => guests.filter(({ homeTenantId }) => homeTenantId === home);
      // Somebody may have been bound anew as another guest.
      const stays = new Set(ofHome(bound).map(({ homeAccountId }) => homeAccountId));
      const [watch, unwatch] = [ofHome(wanted), ofHome(over)];
      for (let at = 0; at < Math.max(watch.length, unwatch.length); at += WATCHED_AT_ONCE) {
        const some = (guests: typeof bound) => guests.slice(at, at + WATCHED_AT_ONCE);
        if (!(await watchSome(ctx, ports, home, { watch: some(watch), unwatch: some(unwatch), stays }))) break;
      }
    }
  },
});

/** Names some people to their home, and some that it need not tell of any more. Returns whether it has answered. */
async function watchSome(
  ctx: Context,
  ports: TakePorts,
  home: TenantId,
  guests: {
    readonly watch: readonly WatchedGuest[];
    readonly unwatch: readonly WatchedGuest[];
    readonly stays: ReadonlySet<AccountId>;
  },
): Promise<boolean> {
  const { tenantId, actor, correlationId } = ctx;
  const { watch, unwatch, stays } = guests;
  const request = {
    v: 1,
    watch: watch.map(({ homeAccountId }) => homeAccountId),
    unwatch: unwatch.map(({ homeAccountId }) => homeAccountId).filter((id) => !stays.has(id)),
  };
  const said = await askHome(async () =>
    heard(watched, await ports.partners.ask(serverEnvoy(ctx), home, WATCH, request)),
  );
  if (!said) return false;
  const states = new Map(said.states.map(({ accountId, state }) => [accountId, state]));
  await ports.run({ tenantId, actor, correlationId }, async (inside) => {
    await deleteWatchedGuests(inside, unwatch);
    await putWatchedGuests(inside, watch);
    for (const { accountId, homeAccountId } of watch) {
      const state = states.get(homeAccountId);
      if (state === undefined || !(await findAccount(inside, accountId))) continue;
      if ((await noteHomeState(inside, accountId, state)) && state === 'disabled')
        await endSince(inside, accountId, inside.now, SIGNALS.accountDisabled);
    }
  });
  return true;
}

/** Forgets signals that nobody came for, and ids of signals that cannot come again. */
export const forgetSweep: Sweep = {
  name: 'signin.forget-signals',
  cron: '41 4 * * *',
  run: (ctx) => deleteOldSignals(ctx, new Date(ctx.now.getTime() - KEPT_DAYS * 86_400_000)),
};
