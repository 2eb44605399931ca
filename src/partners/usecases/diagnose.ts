/** Testing a partnership: the way there, what each end has about the other, and what comes of both. */
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { Finding, FindingWords, PartnerCheck, PartnershipUnderTest } from '../../kernel/diagnosis.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { PartnerRequest, Partners, Run } from '../../kernel/module.ts';
import { domainOf } from '../../tenants/index.ts';
import { partnersFaults } from '../faults.ts';
import { createAllowance } from '../model/allowance.ts';
import { OTHER_END, type Step, type StepEnd, stepOf, toldFinding, toldOf, WAY_STEPS } from '../model/diagnosis.ts';
import { WAY_WORDS } from '../model/diagnosis-words.ts';
import type { PartnerRecord } from '../model/record.ts';
import { findPartner, listPartners } from '../store/records.ts';
import { goWay, type WayPorts, wayOnOneServer } from './diagnose-way.ts';
import { type RecordPorts, serverEnvoy } from './records.ts';

export interface DiagnosePorts extends WayPorts, Pick<RecordPorts, 'isHere' | 'describeHere'> {
  readonly run: Run;
  readonly partners: Partners;
  readonly now: () => Date;
  /** What is looked at after the way, of every module. */
  readonly checks: () => readonly PartnerCheck[];
}

/** One step, as we read it and as the partner would. */
export interface DiagnosedStep {
  readonly step: Step;
  readonly told: Step;
}

/** Milliseconds for each step of the way; where the partner waits for us to look, all of it must fit into its patience. */
const PATIENCE = { asker: 2_000, asked: 1_500 };

export const DIAGNOSE = 'partners.diagnose';
const asked = z.object({ v: z.literal(1), mailbox: z.string().max(320).toLowerCase().nullable() });
const answered = z.object({ v: z.literal(1), steps: z.array(toldFinding).max(100) });

/** A test costs the other end several requests: a partner may have so many made. */
const FOR_PARTNERS = { burst: 60, perSecond: 0.5 };

interface Known {
  readonly tested: PartnershipUnderTest;
  readonly record: PartnerRecord | undefined;
  readonly otherClocks: readonly number[];
}

/**
 * Goes through everything that two organisations need to work together, from both ends, and yields each step as it is
 * known. What follows a step that failed is not reached; what does not depend on it is still looked at. The caller has
 * asked whether this may be. Opens what it needs itself.
 * @throws not-found for a partner that is nobody here.
 */
export async function* diagnose(
  ctx: Context,
  ports: DiagnosePorts,
  { partner, mailbox }: { partner: TenantId; mailbox: string | null },
): AsyncGenerator<DiagnosedStep> {
  const known = await know(ctx, ports, partner, { mailbox, isAsker: true });
  const names = { ours: ctx.tenant.displayName, theirs: known.tested.partner.displayName };
  const checks = ports.checks();
  const words: Record<string, FindingWords> = Object.assign({}, WAY_WORDS, ...checks.map((check) => check.words));
  const data = new Map<string, unknown>();
  const show = (found: Finding, end: StepEnd): DiagnosedStep => {
    data.set(`${end} ${found.step}`, found.data);
    const step = stepOf(found, end, names, words);
    return { step, told: found.told ? stepOf({ ...found.told, step: found.step }, end, names, words) : step };
  };
  const skip = (step: string, end: StepEnd) =>
    show({ step, status: 'not-reached', side: 'between', code: 'before-failed' }, end);

  const gone = new Map<string, Finding>();
  for await (const found of wayFrom(ctx, ports, known, PATIENCE.asker)) {
    gone.set(found.step, found);
    yield show(found, 'ours');
  }
  for (const step of WAY_STEPS.filter((one) => !gone.has(one))) yield skip(step, 'ours');
  const request = gone.get('partners.request');
  const isThrough = request !== undefined && request.status !== 'failed';

  const theirs = isThrough ? await askOtherEnd(ctx, ports, known) : undefined;
  if (Array.isArray(theirs)) {
    yield show({ step: OTHER_END, status: 'passed', side: 'theirs', code: 'other-end-answered' }, 'ours');
    for (const found of inOrder(theirs, WAY_STEPS)) yield show(found, 'theirs');
  } else {
    yield theirs ? show(theirs, 'ours') : skip(OTHER_END, 'ours');
  }

  const looked = await lookHere(ctx, ports, known.tested, checks);
  for (const found of looked) yield show(found, 'ours');
  const ownSteps = looked.map(({ step }) => step);
  if (Array.isArray(theirs)) {
    for (const found of theirs.filter(({ step }) => !(WAY_STEPS as readonly string[]).includes(step)))
      yield show(found, 'theirs');
  } else {
    for (const step of [...WAY_STEPS, ...ownSteps]) yield skip(step, 'theirs');
  }

  const ends = { dataOf: (end: 'ours' | 'theirs', step: string) => data.get(`${end} ${step}`) };
  for (const check of checks) {
    const compared = Array.isArray(theirs) && check.compare ? await check.compare(ctx, known.tested, ends) : [];
    for (const step of check.steps.filter((one) => !ownSteps.includes(one))) {
      const found = compared.find((one) => one.step === step);
      yield found ? show(found, 'both') : skip(step, 'both');
    }
  }
}

const inOrder = (found: readonly Finding[], steps: readonly string[]): Finding[] =>
  steps.flatMap((step) => found.filter((one) => one.step === step));

/** Who is tested, as we know it. @throws not-found. */
async function know(
  ctx: Context,
  ports: DiagnosePorts,
  id: TenantId,
  { mailbox, isAsker }: { mailbox: string | null; isAsker: boolean },
): Promise<Known> {
  const { tenantId, actor, correlationId } = ctx;
  const isHere = await ports.isHere(id);
  const { record, otherClocks } = await ports.run(
    { tenantId, actor, correlationId, readOnly: true },
    async (inside) => ({
      record: await findPartner(inside, id),
      otherClocks: (await listPartners(inside))
        .filter(({ tenantId: other, health }) => other !== id && health.answeredAt !== null)
        .map(({ health }) => health.clockSkewSeconds),
    }),
  );
  if (isHere) {
    const { displayName, domains } = (await ports.describeHere(id)).document;
    return {
      record,
      otherClocks,
      tested: { partner: { tenantId: id, displayName, domains, isHere }, mailbox, isAsker },
    };
  }
  if (!record) throw kernelFaults.notFound();
  const { displayName, domains } = record;
  return { record, otherClocks, tested: { partner: { tenantId: id, displayName, domains, isHere }, mailbox, isAsker } };
}

async function* wayFrom(
  ctx: Context,
  ports: DiagnosePorts,
  { tested, record, otherClocks }: Known,
  patience: number,
): AsyncGenerator<Finding> {
  if (tested.partner.isHere || !record) {
    yield* wayOnOneServer();
    return;
  }
  // Only whoever has a mailbox of the partner looked up asks about its domain.
  const domain = tested.isAsker && tested.mailbox !== null ? domainOf(tested.mailbox) : undefined;
  yield* goWay(ports, { envoy: serverEnvoy(ctx), record, domain, patience, otherClocks });
}

/** Everything that stands here about the partner. */
function lookHere(
  ctx: Context,
  { run }: DiagnosePorts,
  tested: PartnershipUnderTest,
  checks: readonly PartnerCheck[],
): Promise<Finding[]> {
  const { tenantId, actor, correlationId } = ctx;
  return run({ tenantId, actor, correlationId, readOnly: true }, async (inside) => {
    const found: Finding[] = [];
    for (const check of checks) if (check.look) found.push(...(await check.look(inside, tested)));
    return found;
  });
}

/** What the other end found, or why it did not look. */
async function askOtherEnd(
  ctx: Context,
  { partners }: DiagnosePorts,
  { tested: { partner, mailbox } }: Known,
): Promise<Finding[] | Finding> {
  const silent = (reason: string): Finding => ({
    step: OTHER_END,
    status: 'failed',
    side: 'theirs',
    code: 'other-end-silent',
    facts: { reason },
  });
  try {
    const answer = answered.safeParse(
      await partners.ask(serverEnvoy(ctx), partner.tenantId, DIAGNOSE, { v: 1, mailbox }),
    );
    return answer.success ? answer.data.steps : silent('its answer cannot be read');
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return silent(error.code);
  }
}

/** Answers a partner that has the partnership tested: we look from our end, and tell what concerns it. */
export function diagnoseRequest(ports: DiagnosePorts): PartnerRequest {
  const mayHave = createAllowance(FOR_PARTNERS);
  return {
    name: DIAGNOSE,
    shape: asked,
    transaction: 'none',
    isRoutine: true,
    async answer(ctx, { mailbox }: z.output<typeof asked>): Promise<z.input<typeof answered>> {
      const { actor, tenantId } = ctx;
      if (actor.kind !== 'visitor') throw kernelFaults.notFound();
      if (!mayHave(`${tenantId} ${actor.homeTenantId}`, ports.now().getTime())) throw partnersFaults.tooMany();
      const known = await know(ctx, ports, actor.homeTenantId, { mailbox, isAsker: false });
      const found: Finding[] = [];
      for await (const step of wayFrom(ctx, ports, known, PATIENCE.asked)) found.push(step);
      for (const step of WAY_STEPS.filter((one) => !found.some((other) => other.step === one)))
        found.push({ step, status: 'not-reached', side: 'between', code: 'before-failed' });
      found.push(...(await lookHere(ctx, ports, known.tested, ports.checks())));
      return { v: 1, steps: found.map(toldOf) };
    },
  };
}
