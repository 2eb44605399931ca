/** The receipt of a parting, and telling the partner of it until they have it. */
import { z } from 'zod';
import type { Actor, Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Job, PartnerRequest } from '../../kernel/module.ts';
import { partnersFaults } from '../faults.ts';
import { createAllowance } from '../model/allowance.ts';
import { type Ending, type Receipt, receiptOf, type SignedReceipt, targetOf, titlesOf } from '../model/ending.ts';
import type { SignedDocument } from '../model/organization-document.ts';
import { findEnding, listItems, updateEnding } from '../store/endings.ts';
import { deletePartner, findPartner } from '../store/records.ts';
import type { EndingPorts } from './ending-ports.ts';
import { serverEnvoy } from './records.ts';

export const TELL = 'partners.tell-of-ending';
/** What another organisation is told when we have parted with it. */
const ENDED = 'partners.ended';
const SYSTEM: Actor = { kind: 'system', name: TELL };
/** Minutes until a partner who did not answer is told again; after the last, once a day. */
const PAUSES_MINUTES = [1, 5, 15, 60, 240, 720, 1_440];

/** Signs the receipt of an ending as it now stands, and keeps it. */
export async function issueReceipt(ctx: Context, ports: EndingPorts, ending: Ending, organization: SignedDocument) {
  const items = await listItems(ctx, ending.id);
  const { tenantId, tenant } = ctx;
  const by = { tenantId, displayName: tenant.displayName, domains: [...tenant.domains].sort() };
  const ties = ports.ties();
  const receipt = receiptOf(ending, items, {
    by,
    titles: titlesOf(ties),
    cannotRecall: ties.flatMap(({ cannotRecall = [] }) => cannotRecall),
  });
  const signature = await ports.keys.sign(ctx, receipt, 'entente-receipt');
  await updateEnding(ctx, ending.id, {
    state: ending.state,
    endedAt: ending.endedAt,
    notice: ending.notice,
    noticedAt: ending.noticedAt,
    receipt: { receipt, signature, organization },
  });
  const outcomes = ['revoked', 'transferred', 'irrecoverable'] as const;
  const counts = Object.fromEntries(
    outcomes.map((name) => [name, items.filter(({ outcome }) => outcome === name).length]),
  );
  return { counts };
}

/** Tells the partner, as often as it takes; then the receipt is signed again, and the partner is known no more. */
export const tellJob = (ports: EndingPorts): Job => ({
  name: TELL,
  transaction: 'none',
  async run(ctx, payload) {
    const { tenantId, correlationId } = ctx;
    const id = payload.endingId as string;
    const within = <T>(act: (inside: Context) => Promise<T>) =>
      ports.run({ tenantId, actor: SYSTEM, correlationId }, act);
    const ending = await within((inside) => findEnding(inside, id));
    if (ending?.notice !== 'outstanding' || ending.tenantId === null || !ending.receipt) return;
    const { endedAt, kinds } = ending.receipt.receipt;
    const failure = await ports.partners
      .ask(serverEnvoy(ctx), ending.tenantId, ENDED, {
        v: 1,
        endingId: id,
        endedAt,
        kinds,
        agreementId: ending.agreementId,
        receipt: await within((inside) => receiptForPartner(inside, ports, ending)),
      })
      .then(() => undefined)
      .catch((error: unknown) => (error instanceof Fault ? error.sentence : 'The partner did not answer.'));
    const organization = await ports.describeHere(tenantId);
    await within(async (inside) => {
      const attempts = ending.noticeAttempts + 1;
      if (failure !== undefined) {
        await updateEnding(inside, id, { noticeAttempts: attempts, noticeFailure: failure });
        const minutes = PAUSES_MINUTES[Math.min(ending.noticeAttempts, PAUSES_MINUTES.length - 1)]!;
        const runAt = new Date(inside.now.getTime() + minutes * 60_000);
        await inside.defer(TELL, { endingId: id }, { key: `${TELL}:${id}`, runAt });
        return;
      }
      await updateEnding(inside, id, { noticeAttempts: attempts, noticeFailure: null });
      await issueReceipt(inside, ports, { ...ending, notice: 'confirmed', noticedAt: inside.now }, organization);
      const record = ending.agreementId === null && (await findPartner(inside, ending.tenantId as TenantId));
      // Whoever was confirmed again since stays a partner.
      if (record && record.confirmedAt <= ending.askedAt) await deletePartner(inside, record.tenantId);
      inside.record({
        action: 'partners.ending-confirmed',
        category: 'Policy',
        targets: [targetOf(ending)],
        facts: { endingId: id },
      });
    });
  },
});

/** The receipt as the partner gets it: the same, without the names that things have here. */
async function receiptForPartner(
  ctx: Context,
  { keys }: Pick<EndingPorts, 'keys'>,
  { receipt: signed }: Ending,
): Promise<SignedReceipt> {
  const { receipt, organization } = signed!;
  const theirs: Receipt = {
    ...receipt,
    items: receipt.items.map((item) => ({ ...item, object: '', detail: null })),
    partnerNotice: { state: 'confirmed', confirmedAt: ctx.now.toISOString() },
  };
  return { receipt: theirs, signature: await keys.sign(ctx, theirs, 'entente-receipt'), organization };
}

const counted = z.object({
  kind: z.string().max(100),
  title: z.string().max(200),
  found: z.int(),
  revoked: z.int(),
  transferred: z.int(),
  irrecoverable: z.int(),
});

/** Each is kept for good, with its receipt. Whoever says more of it is told to wait, and tells again. */
const ENDINGS = { burst: 100, perSecond: 0.01 };

/** Another organisation has parted with ours: what our people had there is over. Told twice, it is noted twice. */
export const endedRequest = (maySay = createAllowance(ENDINGS)): PartnerRequest => ({
  name: ENDED,
  shape: z.object({
    v: z.literal(1),
    endingId: z.guid(),
    endedAt: z.iso.datetime(),
    kinds: z.array(counted).max(1_000),
    /** With whose end it ended, where the organisation stays a partner. */
    agreementId: z.guid().nullish(),
    receipt: z.unknown(),
  }),
  transaction: 'write',
  async answer(ctx, { endingId, endedAt, kinds, agreementId, receipt }) {
    const { actor } = ctx;
    if (actor.kind !== 'visitor') throw kernelFaults.notFound();
    if (!maySay(`${ctx.tenantId} ${actor.homeTenantId}`, ctx.now.getTime())) throw partnersFaults.tooMany();
    ctx.record({
      action: 'partners.ended-by-partner',
      category: 'Policy',
      targets: [{ kind: 'partner', id: actor.homeTenantId, displayName: actor.displayName }],
      facts: { endingId, endedAt, kinds, ...(agreementId ? { agreementId } : {}), receipt: receipt ?? null },
    });
    return { v: 1 };
  },
});
