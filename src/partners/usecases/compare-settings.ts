/** How our settings stand to what was signed, and what each side tells the other of it. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { agreedTerms } from '../../kernel/agreement.ts';
import type { Context } from '../../kernel/context.ts';
import type { SettingAddress } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { Job, PartnerRequest, Subscriber, Sweep } from '../../kernel/module.ts';
import type { SettingsSnapshot } from '../../kernel/settings.ts';
import { listSettings } from '../../tenants/index.ts';
import { partnersFaults } from '../faults.ts';
import { effectiveTerms, levelsAmong, lowestLevel, standingOf } from '../model/agreement.ts';
import { createAllowance, SAYINGS } from '../model/allowance.ts';
import { administerPartners } from '../questions/agreements.ts';
import {
  findAgreement,
  type Given,
  type KeptAgreement,
  listAgreements,
  lockAgreements,
  markAgreement,
} from '../store/agreements.ts';
import type { AgreementPorts } from './agreement-ports.ts';
import { readChecked, say, settingsOf, tellAdministrators } from './apply-agreement.ts';
import type { CheckedAgreement } from './check-agreement.ts';

export interface ComparePorts extends AgreementPorts {
  /** The settings as they stand in the context's transaction. */
  settingsNow(ctx: Context): Promise<SettingsSnapshot>;
}

/** Whether one thing that was signed is as our settings have it. */
export interface SettingCheck {
  /** The term; or the address of a setting that the agreement holds. */
  readonly what: string;
  readonly title: string;
  /** `not-applicable` says why in `reason`: there is nothing to compare, which is no failure. */
  readonly status: 'same' | 'differs' | 'not-applicable';
  readonly agreed: string | null;
  readonly now: string | null;
  /** `now` holds for some of those whom the agreement means, and others have more. */
  readonly isForSome: boolean;
  readonly reason: 'not-in-force' | 'not-enforced' | 'ended' | 'nothing-agreed' | 'not-sound' | 'no-measure' | null;
  /** The setting that holds it down. */
  readonly setting: Omit<SettingAddress, 'tenantId' | 'value'> | null;
}

export interface AgreementDrift {
  readonly agreementId: string;
  readonly partner: { readonly tenantId: string; readonly domain: string; readonly displayName: string };
  readonly status: SettingCheck['status'];
  readonly checks: readonly SettingCheck[];
  /** What the partner last told of its own: how far its settings let our people come, where that is less than agreed. */
  readonly partnerGives: Readonly<Record<string, Given>>;
}

/** Every agreement that is not over, for whoever may read agreements; for others there are none. */
export async function readAgreementDrift(ctx: Context, ports: ComparePorts): Promise<AgreementDrift[]> {
  const { level } = await ctx.ask(administerPartners, undefined, { quiet: true });
  if (level === 'none') return [];
  const drifts: AgreementDrift[] = [];
  for (const kept of await listAgreements(ctx, { isOver: false })) {
    const checks = await checksOf(ctx, ports, await readChecked(ctx, kept));
    drifts.push({
      agreementId: kept.id,
      partner: { tenantId: kept.partnerTenantId, domain: kept.partnerDomain, displayName: kept.partnerName },
      status:
        (['differs', 'same'] as const).find((one) => checks.some(({ status }) => status === one)) ?? 'not-applicable',
      checks,
      partnerGives: kept.partnerReach,
    });
  }
  return drifts;
}

async function checksOf(ctx: Context, ports: ComparePorts, checked: CheckedAgreement): Promise<SettingCheck[]> {
  const { kept, said, problems } = checked;
  const { state, inForce } = standingOf(said);
  const none = (reason: NonNullable<SettingCheck['reason']>, what = 'agreement', title = kept.partnerName) =>
    ({
      what,
      title,
      status: 'not-applicable',
      agreed: null,
      now: null,
      isForSome: false,
      reason,
      setting: null,
    }) as const;
  if (problems.length > 0 || kept.brokenAt !== null || kept.partnerBrokenAt !== null) return [none('not-sound')];
  if (!inForce || state !== 'active') return [none('not-in-force')];
  const ours = inForce.text.parties.find(({ tenantId }) => tenantId === ctx.tenantId);
  const theirs = inForce.text.parties.find(({ tenantId }) => tenantId === kept.partnerTenantId);
  const terms = ports.terms();
  const settings = await ports.settingsNow(ctx);
  const checks: SettingCheck[] = [];
  for (const one of effectiveTerms(said, levelsAmong(terms))) {
    if (one.of !== ours?.domain || !theirs) continue;
    const term = terms.find(({ name }) => name === one.term);
    const title = term?.title ?? one.term;
    if (!term?.isEnforced) checks.push(none('not-enforced', one.term, title));
    else if (one.until !== null && new Date(one.until) <= ctx.now) checks.push(none('ended', one.term, title));
    else if (one.level === term.levels[0]) checks.push(none('nothing-agreed', one.term, title));
    else {
      const found = await term.opens?.({ ...ctx, settings }, theirs, one);
      const isLess = found !== undefined && term.levels.indexOf(found.level) < term.levels.indexOf(one.level);
      checks.push({
        what: one.term,
        title,
        status: !found ? 'not-applicable' : isLess ? 'differs' : 'same',
        agreed: one.level,
        // What is given beyond what was agreed is nobody's: the agreement itself holds it down.
        now: found ? lowestLevel(term.levels, [found.level, one.level]) : null,
        isForSome: isLess && (found.isForSome ?? false),
        reason: found ? null : 'no-measure',
        setting: isLess ? addressOf(found.setting) : null,
      });
    }
  }
  return [...checks, ...(await heldChecks(ctx, ports, checked))];
}

const addressOf = ({ module, scope, target, name }: SettingAddress) => ({
  module,
  scope,
  name,
  ...(target === undefined ? {} : { target }),
});

/** The values that the agreement holds, one check for each. Nobody can change them by hand: only past the product. */
async function heldChecks(ctx: Context, ports: ComparePorts, checked: CheckedAgreement): Promise<SettingCheck[]> {
  const rows = (await listSettings(ctx)).filter((row) => row.agreementId === checked.kept.id);
  return settingsOf(ctx, ports, checked)
    .filter(({ declaration }) => declaration !== agreedTerms)
    .flatMap(({ declaration, target, values }) =>
      Object.entries(values).map(([name, value]): SettingCheck => {
        const row = rows.find(
          (one) => one.declaration === declaration.name && one.target === (target ?? '') && one.name === name,
        );
        const isSame = isDeepStrictEqual(row?.value, value);
        const { scope } = declaration;
        const address = {
          module: declaration.name,
          scope: scope === 'collection' ? ('container' as const) : scope,
          name,
        };
        return {
          what: [declaration.name, target, name].filter(Boolean).join(' / '),
          title: declaration.title,
          status: isSame ? 'same' : 'differs',
          agreed: JSON.stringify(value),
          now: row ? JSON.stringify(row.value) : null,
          isForSome: false,
          reason: null,
          setting: isSame ? null : { ...address, ...(target === undefined ? {} : { target }) },
        };
      }),
    );
}

// ---------------------------------------------------------------------------------------------------------------
// What the partner is told

/** The request by which one side tells the other that its settings give less than was agreed, or give it again. */
export const REACH = 'partners.agreement-reach';
const COMPARE = 'partners.compare-settings';

const reachMessage = z.object({
  v: z.literal(1),
  agreementId: z.guid(),
  /** By term, how far the other side's people come now; terms that are as agreed are left out. */
  gives: z.record(z.string().max(100), z.union([z.string().max(60), z.strictObject({ some: z.string().max(60) })])),
});

/** What no notice tells of: members of a group that a setting names, values that were changed in the database. */
export const compareSweep: Sweep = {
  name: COMPARE,
  cron: '*/5 * * * *',
  async run(ctx) {
    if ((await listAgreements(ctx, { isOver: false })).length > 0) await deferComparing(ctx);
  },
};

const deferComparing = (ctx: Context) => ctx.defer(COMPARE, {}, { key: `${COMPARE}:${ctx.tenantId}` });

/** Any setting can narrow what was signed: it is compared as soon as one is changed. */
export const compareSubscriber: Subscriber = {
  name: COMPARE,
  to: ['tenants.setting-changed'],
  concerns: async (ctx) => (await listAgreements(ctx, { isOver: false })).length > 0,
  handle: deferComparing,
};

export const compareJob = (ports: ComparePorts): Job => ({
  name: COMPARE,
  async run(ctx) {
    await lockAgreements(ctx);
    for (const kept of await listAgreements(ctx, { isOver: false })) await compare(ctx, ports, kept, false);
  },
});

/** How it stands when an agreement comes into force is where it is measured from, and no news. */
export async function measureFromNow(ctx: Context, ports: ComparePorts, agreementId: string): Promise<void> {
  const kept = await findAgreement(ctx, agreementId);
  if (kept && !kept.isOver) await compare(ctx, ports, kept, true);
}

async function compare(ctx: Context, ports: ComparePorts, kept: KeptAgreement, begins: boolean): Promise<void> {
  const checks = await checksOf(ctx, ports, await readChecked(ctx, kept));
  // Suspended, broken or not yet signed: nothing is given anyway, and both know.
  if (checks.every(({ reason }) => reason === 'not-in-force' || reason === 'not-sound')) return;
  const less = checks.filter(({ status, now, what }) => status === 'differs' && now !== null && !what.includes(' / '));
  const gives = Object.fromEntries(
    less.map(({ what, now, isForSome }): [string, Given] => [
      what,
      isForSome ? { some: now as string } : (now as string),
    ]),
  );
  if (isDeepStrictEqual(gives, kept.reach)) return;
  await markAgreement(ctx, kept.id, { reach: gives });
  if (begins) return;
  const news = less.length > 0 ? 'held-back' : 'given-again';
  ctx.record({
    action: `partners.agreement-${news}`,
    category: 'Policy',
    targets: [{ kind: 'agreement', id: kept.id, displayName: kept.partnerName }],
    facts: {
      partnerTenantId: kept.partnerTenantId,
      terms: less.map(({ what, agreed, now, isForSome, setting }) => ({ term: what, agreed, now, isForSome, setting })),
    },
  });
  await tellAdministrators(ctx, ports, kept, news);
  await say(ctx, kept.id, REACH, { v: 1, agreementId: kept.id, gives });
}

/** The partner's settings give our people less than was agreed, or all of it again. Coming twice it changes nothing. */
export const reachRequest = (ports: AgreementPorts, maySay = createAllowance(SAYINGS)): PartnerRequest => ({
  name: REACH,
  shape: reachMessage,
  transaction: 'write',
  async answer(ctx, { agreementId, gives }: z.output<typeof reachMessage>) {
    const { actor } = ctx;
    const from = actor.kind === 'visitor' ? actor.homeTenantId : '';
    if (!maySay(`${ctx.tenantId} ${from}`, ctx.now.getTime())) throw partnersFaults.tooMany();
    await lockAgreements(ctx);
    const kept = await findAgreement(ctx, agreementId);
    if (actor.kind !== 'visitor' || !kept || kept.partnerTenantId !== actor.homeTenantId) throw kernelFaults.notFound();
    const { said } = await readChecked(ctx, kept);
    // Of what was not signed, nobody can give less.
    const signed = new Set(standingOf(said).inForce?.text.terms.map(({ term }) => term));
    const known = Object.fromEntries(Object.entries(gives).filter(([term]) => signed.has(term)));
    if (isDeepStrictEqual(known, kept.partnerReach)) return { received: true };
    await markAgreement(ctx, kept.id, { partnerReach: known });
    const news = Object.keys(known).length > 0 ? 'partner-held-back' : 'partner-given-again';
    ctx.record({
      action: `partners.agreement-${news}`,
      category: 'Policy',
      targets: [{ kind: 'agreement', id: kept.id, displayName: kept.partnerName }],
      facts: { partnerTenantId: kept.partnerTenantId, gives: known },
    });
    await tellAdministrators(ctx, ports, kept, news);
    return { received: true };
  },
});
