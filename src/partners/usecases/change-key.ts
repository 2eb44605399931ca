/** The organisation changes the key with which it signs: by announcing a successor, or at once when a key was lost. */
import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import type { Job, Partners, Run } from '../../kernel/module.ts';
import type { Vault } from '../../platform/vault.ts';
import { signJson } from '../../protocols/signed-json.ts';
import { partnersFaults } from '../faults.ts';
import { newPartnerKey, type PartnerKey, type PublicKey, signingAt } from '../model/key.ts';
import { SUCCESSION, type Succession, WITHDRAWAL, type Withdrawal } from '../model/key-statements.ts';
import { administerPartners, changePartnerKeys } from '../questions/agreements.ts';
import { insertKey, listLivingKeys, listPublicKeys, lockKeys, planRetirement, retireKey } from '../store/keys.ts';
import { findPartner, listPartners } from '../store/records.ts';
import type { AgreementPorts } from './agreement-ports.ts';
import { KEYS_CHANGED, startKey } from './keys.ts';
import { PUBLISHED_ANEW } from './look-again.ts';
import { serverEnvoy } from './records.ts';

export interface KeyPorts extends Pick<AgreementPorts, 'hasSecondFactor' | 'keys'> {
  readonly run: Run;
  readonly vault: Vault;
  readonly partners: Partners;
  readonly isHere: (tenantId: TenantId) => Promise<boolean>;
}

const DAY_MS = 24 * 60 * 60_000;
const TELL = 'partners.tell-published-anew';

/** What a key of ours does at a moment. */
export interface OwnKey extends PublicKey {
  readonly state: 'signs' | 'next' | 'leaving' | 'former' | 'withdrawn';
}

/** Every key of the organisation, the one that signs first. Makes the first one. Needs no transaction. */
export async function readOwnKeys(ctx: Context, ports: Pick<KeyPorts, 'keys' | 'run'>): Promise<OwnKey[]> {
  await ctx.demand(administerPartners, undefined, 'read');
  const { tenantId, actor, correlationId } = ctx;
  await ports.keys.of(tenantId);
  return ports.run({ tenantId, actor, correlationId, readOnly: true }, async (inside) => {
    const all = await listPublicKeys(inside);
    const signing = signingAt(all, inside.now);
    const stateOf = (key: PublicKey): OwnKey['state'] => {
      if (key.withdrawal) return 'withdrawn';
      if (key.retiredAt) return 'former';
      if (key === signing) return 'signs';
      return key.signsFrom > inside.now ? 'next' : 'leaving';
    };
    const keys = all.map((key) => ({ ...key, state: stateOf(key) }));
    return [...keys.filter(({ state }) => state === 'signs'), ...keys.filter(({ state }) => state !== 'signs')];
  });
}

/**
 * Makes the key that comes after the one that signs, and publishes both. Halfway through the overlap the new one begins
 * to sign, when partners have long heard of it; at its end the old one retires.
 * @throws access.refused without a fresh proof; partners.key-change-under-way.
 */
export async function beginKeyChange(ctx: Context, ports: KeyPorts, overlapDays: number): Promise<void> {
  const { kid } = await ports.keys.of(ctx.tenantId);
  await changing(ctx, ports, async (inside, living) => {
    const old = signingAt(living, inside.now);
    if (!old || old.kid !== kid || living.length > 1) throw partnersFaults.keyChangeUnderWay();
    const half = new Date(inside.now.getTime() + (overlapDays * DAY_MS) / 2);
    const retiresAt = new Date(inside.now.getTime() + overlapDays * DAY_MS);
    const key = newPartnerKey(newId(), half);
    await insertKey(inside, { ...key, succession: await answerFor(inside, old, key) }, ports.vault);
    await planRetirement(inside, old.kid, retiresAt);
    inside.record({
      action: 'partners.key-change-begun',
      category: 'KeyManagement',
      targets: [{ kind: 'partner-key', id: key.kid }],
      facts: { succeeds: old.kid, signsFrom: half.toISOString(), retiresAt: retiresAt.toISOString() },
    });
  });
}

/**
 * Gives up every key at once, since somebody else may have them, and begins anew with one that none of them answers for:
 * partners confirm it as they did at the first meeting.
 * @throws access.refused without a fresh proof.
 */
export async function withdrawKeys(ctx: Context, ports: KeyPorts, reason: string): Promise<void> {
  await ports.keys.of(ctx.tenantId);
  await changing(ctx, ports, async (inside, living) => {
    for (const key of living) {
      await retireKey(inside, key.kid, await giveUp(inside, key));
      inside.record({
        action: 'partners.key-withdrawn',
        category: 'KeyManagement',
        reason,
        targets: [{ kind: 'partner-key', id: key.kid }],
      });
    }
    await startKey(inside, ports.vault);
  });
}

async function changing(
  ctx: Context,
  ports: KeyPorts,
  act: (inside: Context, living: readonly PartnerKey[]) => Promise<void>,
): Promise<void> {
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  await ports.run({ tenantId, actor, correlationId, clientAddress }, async (inside) => {
    await inside.demand(changePartnerKeys, { hasSecondFactor: await ports.hasSecondFactor(inside) }, 'change');
    await lockKeys(inside);
    await act(inside, await listLivingKeys(inside, ports.vault));
    await tellPartners(inside);
  });
  // Other nodes hear of it; this one signs with the new key from its next word on.
  ports.keys.forget(tenantId);
}

async function answerFor({ tenantId }: Context, old: PartnerKey, { publicJwk }: PartnerKey): Promise<Succession> {
  const statement = { v: 1, tenantId, by: old.kid, successor: publicJwk } as Succession['statement'];
  return { statement, signature: await signJson(statement, old, SUCCESSION) };
}

async function giveUp({ tenantId, now }: Context, key: PartnerKey): Promise<Withdrawal> {
  const statement = { v: 1 as const, tenantId, kid: key.kid, at: now.toISOString() };
  return { statement, signature: await signJson(statement, key, WITHDRAWAL) };
}

/** Retires what has come to the end of its overlap. */
export async function sweepKeys(ctx: Context): Promise<void> {
  const due = (await listPublicKeys(ctx)).filter(
    ({ retiredAt, retiresAt }) => retiredAt === null && retiresAt !== null && retiresAt <= ctx.now,
  );
  if (due.length === 0) return;
  await lockKeys(ctx);
  for (const { kid } of due) {
    await retireKey(ctx, kid, null);
    ctx.record({
      action: 'partners.key-retired',
      category: 'KeyManagement',
      targets: [{ kind: 'partner-key', id: kid }],
    });
  }
  await tellPartners(ctx);
}

/** Has every partner elsewhere told that there is something new to read about us. */
export async function tellPartners(ctx: Context): Promise<void> {
  await ctx.announce(KEYS_CHANGED, {});
  for (const { tenantId } of await listPartners(ctx)) await deferTelling(ctx, tenantId, 0);
}

const deferTelling = (ctx: Context, partner: TenantId, attempt: number, runAt?: Date): Promise<void> =>
  ctx.defer(
    TELL,
    { partnerTenantId: partner, attempt },
    { key: `${TELL}:${ctx.tenantId}:${partner}${attempt > 0 ? ':again' : ''}`, ...(runAt ? { runAt } : {}) },
  );

/** Minutes until a partner that did not answer is told again. After the last it looks by itself, once an hour. */
const PAUSES_MINUTES = [1, 5, 30, 120, 720];

/** A partner that does not know the key yet refuses our word, and looks all the same: that is all it is told. */
export const tellPublishedAnewJob = (ports: KeyPorts): Job => ({
  name: TELL,
  transaction: 'none',
  async run(ctx, payload) {
    const { tenantId, actor, correlationId } = ctx;
    const partner = payload.partnerTenantId as TenantId;
    const attempt = Number(payload.attempt ?? 0);
    const here = <T>(act: (inside: Context) => Promise<T>) => ports.run({ tenantId, actor, correlationId }, act);
    if ((await ports.isHere(partner)) || !(await here((inside) => findPartner(inside, partner)))) return;
    try {
      await ports.partners.ask(serverEnvoy(ctx), partner, PUBLISHED_ANEW, { v: 1 });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const minutes = PAUSES_MINUTES[attempt];
      if (minutes === undefined) return;
      await here((inside) =>
        deferTelling(inside, partner, attempt + 1, new Date(inside.now.getTime() + minutes * 60_000)),
      );
    }
  },
});
