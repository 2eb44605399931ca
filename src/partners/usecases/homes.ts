/** Other organisations as homes of people who sign in here, and ours as the home of people who sign in there. */
import { Fault } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Partners } from '../../kernel/module.ts';
import type { PartnerKey } from '../model/key.ts';
import type { Fetch } from './discover.ts';
import type { PartnerKeys } from './keys.ts';
import { type KnownHome, knownPartner, type RecordPorts } from './records.ts';

/** What must be known of an organisation before its people are sent there to say who they are, or come from there. */
export interface Home extends KnownHome {
  readonly tenantId: TenantId;
}

export interface Homes {
  /** As the organisation that asks knows it; undefined for one that it does not know. Never in a transaction. */
  find(asking: TenantId, named: { tenantId: TenantId } | { domain: string }): Promise<Home | undefined>;
  /** The key by which an organisation here shows another one's sign-in who it is (RFC 7523). */
  keyOf(tenantId: TenantId): Promise<PartnerKey>;
  readonly ask: Partners['ask'];
  /** The way to servers of partners. */
  readonly fetch: Fetch;
}

export function openHomes(
  ports: Pick<RecordPorts, 'run' | 'isHere' | 'describeHere' | 'partners'> & { keys: PartnerKeys; fetch: Fetch },
): Homes {
  return {
    async find(asking, named) {
      const tenantId = 'tenantId' in named ? named.tenantId : await ports.partners.findByDomain(asking, named.domain);
      if (tenantId === undefined) return undefined;
      const known = await knownPartner({ tenantId: asking, correlationId: '' }, ports, tenantId).catch(unknown);
      return known && { tenantId, ...known };
    },
    keyOf: (tenantId) => ports.keys.of(tenantId),
    ask: ports.partners.ask,
    fetch: ports.fetch,
  };
}

function unknown(error: unknown): KnownHome | undefined {
  if (error instanceof Fault && error.kind === 'not-found') return undefined;
  throw error;
}
