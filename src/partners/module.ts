import type { Context } from '../kernel/context.ts';
import type { TenantId } from '../kernel/ids.ts';
import type { Module, PartnerRequest, Partners, Run, SharedAct } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import type { Vault } from '../platform/vault.ts';
import { administerPartners } from './questions.ts';
import { sharedLogRoutes } from './routes/admin/shared-log.ts';
import { organizationDocumentRoute } from './routes/web/organization-document.ts';
import { listPublicKeys, purposeOf } from './store/keys.ts';
import { openPartners } from './usecases/ask-partners.ts';
import { checkpointRequest, exchangeJob, sweepSharedLogs } from './usecases/exchange-checkpoints.ts';
import { createPartnerKeys } from './usecases/keys.ts';
import { actSubscriber } from './usecases/note-acts.ts';
import { createWitness } from './usecases/witness.ts';

export interface PartnersPorts {
  readonly run: Run;
  readonly vault: Vault;
  /** What other organisations may ask, of every module. */
  readonly requests: () => readonly PartnerRequest[];
  /** The organisation on this server that holds a verified domain. */
  readonly tenantOfDomain: (domain: string) => Promise<TenantId | undefined>;
  /** What concerns other organisations, of every module. */
  readonly acts: () => readonly SharedAct[];
  readonly log: Log;
  readonly now: () => Date;
  /** Where others reach us over HTTPS, without a path. */
  readonly httpsOrigin: () => string;
}

/** Other organisations, and the way to them. */
export function partnersModule(ports: PartnersPorts): Module<Route> & { readonly partners: Partners } {
  const keys = createPartnerKeys(ports);
  const witness = createWitness(ports);
  const partners = openPartners({ ...ports, witness });
  const sharing = {
    ...ports,
    keys,
    partners,
    witness,
    // BOUNDARY: public keys alone, as the partner publishes them.
    partnerKeysOf: (_ctx: Context, tenantId: TenantId) =>
      ports.run({ tenantId, actor: { kind: 'system', name: 'partners.keys' }, readOnly: true }, async (inside) =>
        (await listPublicKeys(inside)).map(({ publicJwk }) => publicJwk),
      ),
  };
  return {
    name: 'partners',
    partners,
    questions: [administerPartners] as never,
    routes: [organizationDocumentRoute({ ...ports, keys }), ...sharedLogRoutes(sharing)],
    partnerRequests: [checkpointRequest],
    jobs: [exchangeJob(sharing)],
    sweeps: [sweepSharedLogs],
    subscribers: [actSubscriber(sharing)],
    close: witness.close,
    sealed: [
      {
        table: 'partners.keys',
        column: 'private_sealed',
        contextOf: ({ tenant_id, kid }) => purposeOf(String(tenant_id), String(kid)),
      },
    ],
  };
}
