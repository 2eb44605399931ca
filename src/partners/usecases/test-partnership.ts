/** Tests of partnerships that administrators make: made, kept, and shown to the partner's administrator by a link. */
import { createHash, randomBytes } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId, parseId, type TenantId } from '../../kernel/ids.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { domainOf } from '../../tenants/index.ts';
import { partnersFaults } from '../faults.ts';
import { type Diagnosis, type Step, stepOf, type Verdict, verdictOf } from '../model/diagnosis.ts';
import { diagnosisLetter } from '../model/diagnosis-letters.ts';
import { WAY_WORDS } from '../model/diagnosis-words.ts';
import { administerPartners } from '../questions/agreements.ts';
import { findDiagnosis, findDiagnosisByLink, keepLink, listDiagnoses, putDiagnosis } from '../store/diagnoses.ts';
import { findPartner } from '../store/records.ts';
import { type DiagnosedStep, type DiagnosePorts, diagnose } from './diagnose.ts';

export interface TestPorts extends DiagnosePorts {
  /** Where our pages are, without a path. */
  readonly httpsOrigin: () => string;
}

/** A test as it goes: each step once it is known, and at last the verdict. */
export type Tested =
  | { readonly step: Step }
  | { readonly id: string | null; readonly partnerTenantId: TenantId | null; readonly verdict: Verdict };

const LINK_DAYS = 7;

/** The partner that an id or a domain names. @throws not-found. */
async function partnerNamed(ctx: Context, { partners }: Pick<TestPorts, 'partners'>, named: string): Promise<TenantId> {
  const id = parseId<'tenant'>(named) ?? (await partners.findByDomain(ctx.tenantId, named.toLowerCase()));
  if (id === undefined || id === ctx.tenantId) throw kernelFaults.notFound();
  return id;
}

/**
 * Tests a partnership and keeps what was found. The caller has asked whether this may be. Opens what it needs itself.
 * @throws not-found.
 */
export async function* testPartnership(
  ctx: Context,
  ports: TestPorts,
  { partner, mailbox }: { partner: string; mailbox: string | null },
): AsyncGenerator<Tested> {
  if (!parseId(partner) && (await ports.partners.findByDomain(ctx.tenantId, partner.toLowerCase())) === undefined) {
    yield* nobodyThere(ctx, partner);
    return;
  }
  const partnerTenantId = await partnerNamed(ctx, ports, partner);
  const found: DiagnosedStep[] = [];
  for await (const one of diagnose(ctx, ports, { partner: partnerTenantId, mailbox })) {
    found.push(one);
    yield { step: one.step };
  }
  const steps = found.map(({ step }) => step);
  const verdict = verdictOf(steps);
  const id = newId();
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  await ports.run({ tenantId, actor, correlationId, clientAddress }, async (inside) => {
    const record = await findPartner(inside, partnerTenantId);
    const partnerName = record?.displayName ?? steps[0]?.facts.them ?? '';
    await putDiagnosis(inside, {
      id,
      partnerTenantId,
      partnerName,
      askedBy: actor.kind === 'account' ? actor.accountId : actor.kind,
      mailbox,
      isHealthy: verdict.isHealthy,
      steps,
      told: found.map(({ told }) => told),
    });
    inside.record({
      action: 'partners.partnership-tested',
      category: 'Policy',
      result: verdict.isHealthy ? 'success' : 'failure',
      ...(verdict.step === null ? {} : { reason: verdict.step }),
      targets: [{ kind: 'partner', id: partnerTenantId, displayName: partnerName }],
      facts: { diagnosisId: id, ...verdict },
    });
  });
  yield { id, partnerTenantId, verdict };
}

/** Whoever is not on record cannot be tested: that is what is found, and nothing is kept of it. */
function* nobodyThere(ctx: Context, domain: string): Generator<Tested> {
  const names = { ours: ctx.tenant.displayName, theirs: domain };
  const found = { status: 'failed', side: 'ours', code: 'record-missing', facts: { domain } } as const;
  const step = stepOf({ step: 'partners.record', ...found }, 'ours', names, WAY_WORDS);
  yield { step };
  yield { id: null, partnerTenantId: null, verdict: verdictOf([step]) };
}

/** Demands what testing needs, before the first step is shown. */
export const demandTesting = (ctx: Context) => ctx.demand(administerPartners, undefined, 'write');

/** The newest first. @throws not-found. */
export async function listTests(ctx: Context, ports: TestPorts, partner: string): Promise<Diagnosis[]> {
  await ctx.demand(administerPartners, undefined, 'read');
  const partnerTenantId = await partnerNamed(ctx, ports, partner);
  const found = await listDiagnoses(ctx, partnerTenantId);
  if (found.length === 0 && !(await findPartner(ctx, partnerTenantId))) throw kernelFaults.notFound();
  return found;
}

/** A test, below the partner that it is of. */
export interface TestPlace {
  readonly partnerId: string;
  readonly testId: string;
}

/** @throws not-found. */
export async function getTest(ctx: Context, ports: TestPorts, { partnerId, testId }: TestPlace): Promise<Diagnosis> {
  await ctx.demand(administerPartners, undefined, 'read');
  const found = parseId(testId) && (await findDiagnosis(ctx, testId));
  if (!found || found.partnerTenantId !== (await partnerNamed(ctx, ports, partnerId))) throw kernelFaults.notFound();
  return found;
}

/**
 * An address at which whoever has it reads what concerns the partner, for seven days; mailed to somebody of the partner
 * where one is named.
 * @throws not-found; partners.not-of-partner for an address elsewhere.
 */
export async function shareTest(
  ctx: Context,
  ports: TestPorts,
  place: TestPlace,
  mailTo: string | undefined,
): Promise<{ address: string; endsAt: Date }> {
  await ctx.demand(administerPartners, undefined, 'write');
  const { id, ...made } = await getTest(ctx, ports, place);
  const record = await findPartner(ctx, made.partnerTenantId);
  if (mailTo !== undefined && !record?.domains.includes(domainOf(mailTo) ?? ''))
    throw partnersFaults.notOfPartner(mailTo);
  const secret = randomBytes(24).toString('base64url');
  const endsAt = new Date(ctx.now.getTime() + LINK_DAYS * 86_400_000);
  await keepLink(ctx, id, digestOf(secret), endsAt);
  // Behind the hash, so that it stands in no log of a server.
  const address = `${ports.httpsOrigin()}/partner-test#${ctx.tenantId}.${secret}`;
  ctx.record({
    action: 'partners.test-shown',
    category: 'Policy',
    targets: [{ kind: 'partner', id: made.partnerTenantId, displayName: made.partnerName }],
    facts: { diagnosisId: id, endsAt: endsAt.toISOString(), ...(mailTo === undefined ? {} : { mailTo }) },
  });
  if (mailTo !== undefined)
    await queueMail(ctx, {
      kind: 'partner-test',
      aboutId: id,
      to: { address: mailTo },
      fromName: ctx.tenant.displayName,
      isSecret: true,
      ...diagnosisLetter(null, 'shown', { us: ctx.tenant.displayName, partner: made.partnerName }, address),
    });
  return { address, endsAt };
}

const digestOf = (secret: string) => createHash('sha256').update(secret).digest();

/** What the holder of a link reads, in the context of the organisation that made it. @throws not-found. */
export async function readSharedTest(ctx: Context, secret: string): Promise<Diagnosis & { readonly by: string }> {
  const found = await findDiagnosisByLink(ctx, digestOf(secret));
  if (!found || ctx.tenant.state !== 'active') throw kernelFaults.notFound();
  return { ...found, by: ctx.tenant.displayName };
}
