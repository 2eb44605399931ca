/** What each end has about the other: the agreement, the policy, and what waits to be told. */
import { z } from 'zod';
import { agreementRules } from '../../kernel/agreement.ts';
import type { Context } from '../../kernel/context.ts';
import {
  type Finding,
  type FindingFacts,
  failed,
  notApplicable,
  type PartnerCheck,
  type PartnershipUnderTest,
  passed,
} from '../../kernel/diagnosis.ts';
import type { Module } from '../../kernel/module.ts';
import { NOBODY_KNOWN, namedIn, type Who } from '../model/access-setting.ts';
import { effectiveTerms, levelsAmong, standingOf } from '../model/agreement.ts';
import { inForce } from '../model/cross-tenant-access.ts';
import { OWN_WORDS } from '../model/diagnosis-words.ts';
import { comeIn, goOut } from '../questions/cross-tenant-access.ts';
import { listAgreements } from '../store/agreements.ts';
import type { AgreementPorts } from './agreement-ports.ts';
import { readChecked } from './apply-agreement.ts';
import type { CheckedAgreement } from './check-agreement.ts';

const AGREEMENT = 'partners.agreement';
const TERMS = 'partners.terms';
const SAME = 'partners.same-agreement';

/** The digest of what is in force and how many amendments of each party are known; null: nothing is. */
const inForceHere = z
  .object({ digest: z.string().max(100), version: z.int(), amendments: z.record(z.string(), z.int()) })
  .nullable();

export const agreementCheck = (ports: Pick<AgreementPorts, 'terms'>): PartnerCheck => ({
  steps: [AGREEMENT, TERMS, SAME],
  words: OWN_WORDS,

  async look(ctx, { partner }) {
    const kept = (await listAgreements(ctx, { partnerTenantId: partner.tenantId, isOver: false })).at(-1);
    const found = kept && (await readChecked(ctx, kept));
    if (!found) return withoutAgreement(ctx);
    const { said, problems } = found;
    const standing = standingOf(said);
    const isSound = problems.length === 0 && found.kept.brokenAt === null;
    const parties = [ctx.tenantId as string, partner.tenantId as string];
    const data: z.output<typeof inForceHere> = standing.inForce
      ? {
          digest: standing.inForce.digest,
          version: standing.inForce.text.version,
          amendments: Object.fromEntries(
            parties.map((id) => [id, said.amendments.filter((one) => one.authorTenantId === id).length]),
          ),
        }
      : null;
    if (!isSound)
      return [
        { ...failed(AGREEMENT, 'ours', { code: 'agreement-broken-here' }), data },
        notApplicable(TERMS, { code: 'terms-none' }),
      ];
    return [{ ...stateOf(ctx, found), data }, termsOf(ports, found)];
  },

  async compare(ctx, { partner }, ends) {
    const ours = inForceHere.safeParse(ends.dataOf('ours', AGREEMENT)).data ?? null;
    const theirs = inForceHere.safeParse(ends.dataOf('theirs', AGREEMENT)).data ?? null;
    if (!ours && !theirs) return [notApplicable(SAME, { code: 'terms-none', side: 'between' })];
    const facts = { ours: String(ours?.version ?? 0), theirs: String(theirs?.version ?? 0) };
    if ((theirs?.version ?? 0) < (ours?.version ?? 0))
      return [failed(SAME, 'theirs', { code: 'same-agreement-behind-there', facts })];
    if ((ours?.version ?? 0) < (theirs?.version ?? 0))
      return [failed(SAME, 'ours', { code: 'same-agreement-behind-here', facts })];
    const known = (party: string) => [ours?.amendments[party] ?? 0, theirs?.amendments[party] ?? 0] as const;
    const isSame = [ctx.tenantId, partner.tenantId].every((party) => known(party)[0] === known(party)[1]);
    if (ours?.digest === theirs?.digest && isSame) return [passed(SAME, { code: 'same-agreement', side: 'between' })];
    return [failed(SAME, 'between', { code: 'same-agreement-differs', facts })];
  },
});

function withoutAgreement(ctx: Context): Finding[] {
  const { requiredFor } = ctx.settings.tenant(agreementRules);
  const none = notApplicable(TERMS, { code: 'terms-none' });
  if (requiredFor.length === 0) return [notApplicable(AGREEMENT, { code: 'agreement-none' }), none];
  const told = { status: 'failed', side: 'ours', code: 'agreement-required', facts: { workloads: '' } } as const;
  const facts = { workloads: requiredFor.join(', ') };
  return [{ ...failed(AGREEMENT, 'ours', { code: 'agreement-required', facts }), told: { ...told, facts } }, none];
}

function stateOf(ctx: Context, { kept, said }: CheckedAgreement): Finding {
  const { state, inForce: held, open } = standingOf(said);
  const facts = { version: String((held ?? open)?.text.version ?? 0) };
  if (kept.partnerBrokenAt !== null) return failed(AGREEMENT, 'theirs', { code: 'agreement-broken-there' });
  if (state === 'draft') return notApplicable(AGREEMENT, { code: 'agreement-none' });
  if (!held && open) {
    return open.signers.includes(ctx.tenantId)
      ? failed(AGREEMENT, 'theirs', { code: 'agreement-unsigned-there', facts })
      : failed(AGREEMENT, 'ours', { code: 'agreement-unsigned-here', facts });
  }
  if (state === 'suspended') {
    const last = said.amendments.findLast(({ authorTenantId }) => authorTenantId === ctx.tenantId)?.text.stance;
    return last === 'suspended'
      ? failed(AGREEMENT, 'ours', { code: 'agreement-suspended-here' })
      : failed(AGREEMENT, 'theirs', { code: 'agreement-suspended-there' });
  }
  return passed(AGREEMENT, { code: 'agreement-holds', side: 'between', facts });
}

/** What each side offers and accepts, and the narrower of both: known to both, since both signed it. */
function termsOf({ terms }: Pick<AgreementPorts, 'terms'>, { said }: CheckedAgreement): Finding {
  const found = effectiveTerms(said, levelsAmong(terms()));
  if (found.length === 0) return notApplicable(TERMS, { code: 'terms-none' });
  const lines = found.map(
    ({ term, of, offers, accepts, level }) =>
      `${term} of ${of}: offered ${offers.level}, accepted ${accepts.level}, so ${level}.`,
  );
  return passed(TERMS, { code: 'terms-agreed', side: 'between', facts: { terms: lines.join(' ') } });
}

const POLICY = 'partners.policy';
const OUT = 'partners.people-out';
const IN = 'partners.people-in';

const policyHere = z.object({ out: z.boolean(), in: z.boolean(), reference: z.string().max(100) });

/** Who may work where, by the cross-tenant access policy of both ends. A setting of one side that the other lacks is named. */
export const policyCheck: PartnerCheck = {
  steps: [POLICY, OUT, IN],
  words: OWN_WORDS,

  async look(ctx, { partner, isAsker }) {
    const goes = await anybody(ctx, partner.tenantId, 'b2bCollaborationOutbound', (who) =>
      ctx.ask(goOut, { tenantId: partner.tenantId, mode: 'collaboration', application: null, ...who }, { quiet: true }),
    );
    const comes = await anybody(ctx, partner.tenantId, 'b2bCollaborationInbound', (who) =>
      ctx.ask(
        comeIn,
        {
          homeTenantId: partner.tenantId,
          application: null,
          homeLetsOut: true,
          needsSecondFactor: false,
          hasSecondFactor: false,
          homeReference: null,
          needsCompliantDevice: false,
          hasCompliantDevice: false,
          ...who,
        },
        // A refusal that the partner is told of is kept, so that its reference can be explained here.
        { quiet: isAsker },
      ),
    );
    const code = goes.may ? (comes.may ? 'both' : 'out') : comes.may ? 'in' : 'neither';
    const data: z.output<typeof policyHere> = { out: goes.may, in: comes.may, reference: comes.reference };
    return [passed(POLICY, { code: `policy-${code}`, data })];
  },

  async compare(ctx, { partner }, ends) {
    const ours = policyHere.safeParse(ends.dataOf('ours', POLICY)).data;
    const theirs = policyHere.safeParse(ends.dataOf('theirs', POLICY)).data;
    if (!ours || !theirs) return [];
    const [us, them] = [ctx.tenant.displayName, partner.displayName];
    return [
      between(OUT, { from: us, to: them }, [ours.out, theirs.in], () => [
        failed(OUT, 'ours', { code: 'people-kept-here' }),
        failed(OUT, 'theirs', { code: 'people-kept-out-there', facts: { reference: theirs.reference } }),
      ]),
      between(IN, { from: them, to: us }, [theirs.out, ours.in], () => [
        failed(IN, 'theirs', { code: 'people-kept-there' }),
        failed(IN, 'ours', { code: 'people-kept-out-here' }),
      ]),
    ];
  },
};

/** What one side lets and the other does not is named; what neither lets is as both want it. */
function between(
  step: string,
  facts: FindingFacts,
  [goes, comes]: readonly [boolean, boolean],
  wrong: () => readonly [Finding, Finding],
): Finding {
  if (goes && comes) return passed(step, { code: 'people-may', side: 'between', facts });
  if (!goes && !comes) return notApplicable(step, { code: 'people-neither', side: 'between', facts });
  return wrong()[goes ? 1 : 0];
}

/** Whether anybody at all may: somebody whom the policy names, or somebody whom it does not. */
async function anybody(
  ctx: Context,
  partnerId: string,
  part: 'b2bCollaborationOutbound' | 'b2bCollaborationInbound',
  ask: (who: { userId: string | null; groupIds: string[] }) => Promise<{ level: string; decisionId: string }>,
): Promise<{ may: boolean; reference: string }> {
  const named = namedIn([inForce(ctx.settings, partnerId, part).value]);
  const whos: Who[] = [{ userId: named.users[0] ?? null, groupIds: named.groups }];
  if (whos.some(({ userId, groupIds }) => userId !== null || groupIds.length > 0)) whos.push(NOBODY_KNOWN);
  let reference = '';
  for (const { userId, groupIds } of whos) {
    const { level, decisionId } = await ask({ userId, groupIds: [...groupIds] });
    if (level !== 'none') return { may: true, reference: '' };
    reference = decisionId;
  }
  return { may: false, reference };
}

const QUEUE = 'partners.queue';

/** What we could not tell the partner yet, of every module. */
export const queueCheck = (untold: () => readonly NonNullable<Module['untold']>[]): PartnerCheck => ({
  steps: [QUEUE],
  words: OWN_WORDS,
  async look(ctx, { partner }) {
    let count = 0;
    const reasons = new Set<string>();
    for (const find of untold()) {
      const found = await find(ctx, partner);
      count += found.count;
      if (found.reason) reasons.add(found.reason);
    }
    if (count === 0) return [passed(QUEUE, { code: 'queue-empty' })];
    const facts = { count: String(count), reason: [...reasons].join(', ') || '–' };
    return [failed(QUEUE, 'between', { code: 'queue-waiting', facts })];
  },
});

/** TLS between mail servers belongs here once there are any. */
export const mailCheck: PartnerCheck = {
  steps: ['partners.mail-session'],
  words: OWN_WORDS,
  look: async (_ctx: Context, _tested: PartnershipUnderTest) => [
    notApplicable('partners.mail-session', { code: 'no-mail', side: 'between' }),
  ],
};
