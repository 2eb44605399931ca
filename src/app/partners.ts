import { Fault, kernelFaults } from '../kernel/fault.ts';
import type { TenantId } from '../kernel/ids.ts';
import type { Envoy, Module, PartnerRequest, Partners, Run } from '../kernel/module.ts';
import type { Database } from '../platform/database/index.ts';
import { findTenantIdByDomain } from '../tenants/index.ts';

/** No more than this is read of what anybody asks, as it would be on a wire. In characters of JSON. */
const LONGEST_REQUEST = 4 * 1024 * 1024;

/**
 * Organisations on this server, asked as if they were elsewhere: what is asked and answered becomes text and back, the
 * asking tenant's word about the visitor is checked against its verified domains, and the answer is given in the other
 * tenant's own context.
 */
export function partnersHere(ports: { run: Run; database: Database; modules: () => readonly Module[] }): Partners {
  const requests = () =>
    new Map(
      ports
        .modules()
        .flatMap((module) => module.partnerRequests ?? [])
        .map(byName),
    );
  let known: ReadonlyMap<string, PartnerRequest> | undefined;

  return {
    findByDomain: (domain) => ports.database.outside((tx) => findTenantIdByDomain({ tx }, domain)),

    async ask(envoy, to, name, asked) {
      known ??= requests();
      const request = known.get(name);
      if (!request) throw kernelFaults.partnerUnknownRequest();
      await vouchFor(ports, envoy, to, name);
      const text = JSON.stringify(asked);
      if (text.length > LONGEST_REQUEST) throw kernelFaults.invalid('The request is too large.');
      const parsed = request.shape.safeParse(JSON.parse(text));
      if (!parsed.success) throw kernelFaults.invalid('The partner could not read the request.');
      const { tenantId: homeTenantId, address, displayName, correlationId } = envoy;
      const answer = await ports
        .run(
          {
            tenantId: to,
            actor: { kind: 'visitor', homeTenantId, address, displayName },
            correlationId,
            readOnly: request.transaction === 'read',
          },
          (ctx) => request.answer(ctx, parsed.data),
        )
        .catch((error: unknown) => {
          throw bare(error);
        });
      return answer === undefined ? undefined : JSON.parse(JSON.stringify(answer));
    },
  };
}

const byName = (request: PartnerRequest) => [request.name, request] as const;

/** A tenant speaks only for addresses of its own verified domains; whoever it wrote to sees that it tried (EX-16). */
async function vouchFor(
  { database, run }: { database: Database; run: Run },
  { tenantId, address, correlationId }: Envoy,
  to: TenantId,
  request: string,
): Promise<void> {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const holder = await database.outside((tx) => findTenantIdByDomain({ tx }, domain));
  if (holder === tenantId) return;
  await run({ tenantId: to, actor: { kind: 'system', name: 'partners' }, correlationId }, async (ctx) =>
    ctx.record({
      action: 'partners.sender-refused',
      category: 'Access',
      result: 'failure',
      reason: 'partners.forged-address',
      facts: { homeTenantId: tenantId, address, request },
    }),
  );
  throw kernelFaults.partnerForgedAddress();
}

/** BOUNDARY: what the other organisation knows of its refusal stays there; the kind, the code and a sentence travel. */
function bare(error: unknown): unknown {
  if (!(error instanceof Fault) || error.kind === 'internal') return error;
  const reference = error.facts.decisionId;
  return new Fault(error.kind, error.code, error.sentence, reference === undefined ? {} : { decisionId: reference });
}
