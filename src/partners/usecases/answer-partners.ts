import type { z } from 'zod';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Envoy, PartnerRequest, Run } from '../../kernel/module.ts';
import { partnersFaults } from '../faults.ts';
import { DONE, outcomeOf, recordOfRequest, type Witness, writeRecord } from './witness.ts';

/** No more than this is read of what anybody asks or answers. In bytes of JSON. */
export const LONGEST_MESSAGE = 4 * 1024 * 1024;

export interface AnswerPorts {
  readonly run: Run;
  /** What may be asked, of every module. */
  readonly requests: () => readonly PartnerRequest[];
  readonly witness: Witness;
}

const known = new WeakMap<() => readonly PartnerRequest[], ReadonlyMap<string, PartnerRequest>>();

/** @throws partners.unknown-request. */
export function findRequest({ requests }: AnswerPorts, name: string): PartnerRequest {
  let byName = known.get(requests);
  if (!byName) {
    byName = new Map(requests().map((request) => [request.name, request]));
    known.set(requests, byName);
  }
  const request = byName.get(name);
  if (!request) throw kernelFaults.partnerUnknownRequest();
  return request;
}

/**
 * Answers one request in the name of the organisation it was put to, however it came: the asker is a visitor, who was
 * vouched for before.
 * @throws partners.unknown-request; request.invalid; the request's own faults, bare.
 */
export async function answerPartner(ports: AnswerPorts, envoy: Envoy, to: TenantId, name: string, asked: unknown) {
  const request = findRequest(ports, name);
  const parsed: z.ZodSafeParseResult<unknown> = request.shape.safeParse(asked);
  const recordOf = (outcome: string) => recordOfRequest(envoy, to, request, asked, outcome);
  const note = async (outcome: string | undefined) => {
    const record = outcome === undefined ? undefined : recordOf(outcome);
    if (record) await ports.witness.answer(to, record);
  };
  try {
    if (!parsed.success) throw kernelFaults.invalid('The partner could not read the request.');
    const { tenantId: homeTenantId, address, displayName, correlationId } = envoy;
    const { transaction } = request;
    const answer = await ports.run(
      {
        tenantId: to,
        actor: { kind: 'visitor', homeTenantId, address, displayName },
        correlationId,
        ...(transaction === 'none' ? { transaction } : { readOnly: transaction === 'read' }),
      },
      async (ctx) => {
        const given = await request.answer(ctx, parsed.data);
        // With what it changed, or not at all.
        const record = transaction === 'write' ? recordOf(DONE) : undefined;
        if (record) await writeRecord(ctx, record);
        return given;
      },
    );
    if (transaction !== 'write') await note(DONE);
    return answer;
  } catch (error) {
    // Both sides write down the same: what was told.
    const told = bare(error);
    await note(outcomeOf(told));
    throw told;
  }
}

/** A tenant speaks only for addresses of its own verified domains; whoever it wrote to sees that it tried (EX-16). */
export async function refuseSender(run: Run, to: TenantId, envoy: Envoy, request: string): Promise<never> {
  const { tenantId: homeTenantId, address, correlationId } = envoy;
  await run({ tenantId: to, actor: { kind: 'system', name: 'partners' }, correlationId }, async (ctx) =>
    ctx.record({
      action: 'partners.sender-refused',
      category: 'Access',
      result: 'failure',
      reason: 'partners.forged-address',
      facts: { homeTenantId, address, request },
    }),
  );
  throw kernelFaults.partnerForgedAddress();
}

/**
 * BOUNDARY: what the organisation knows of its refusal stays there. Of a decision travels a reference and nothing else,
 * whatever it was about; of other faults the kind, the code and a sentence.
 */
function bare(error: unknown): unknown {
  if (!(error instanceof Fault) || error.kind === 'internal') return error;
  const { decisionId } = error.facts;
  const isRefusal = error.kind === 'forbidden' || error.kind === 'unauthenticated';
  return isRefusal && typeof decisionId === 'string'
    ? partnersFaults.notPermitted({ decisionId })
    : new Fault(error.kind, error.code, error.sentence);
}
