/** What accounts of others do from an organisation's own network (tenant restrictions, CT-19). */
import { parseId, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { namedIn, type Which } from '../model/access-setting.ts';
import { inForce } from '../model/cross-tenant-access.ts';
import type { AskHome } from '../model/vouched.ts';
import { useFromNetwork } from '../questions/cross-tenant-access.ts';

/**
 * Put into every request by the proxy of an organisation's network: `<tenant id>:<policy id>`. Each organisation has one
 * policy, so the second part says nothing that the first does not. Whoever adds it of their own limits only themselves.
 */
export const NETWORK_HEADER = 'sec-restrict-tenant-access-policy';

export interface FromNetwork {
  /** Where the account is used, or the link is opened. */
  readonly visited: TenantId;
  /** Whose account it is; null: nobody's, an anonymous reader or somebody without an organisation. */
  readonly homeTenantId: TenantId | null;
  readonly userId: string | null;
  readonly application: Which;
  readonly correlationId: string;
}

/** Whether the network that a request says it comes from permits this use. Opens what it needs itself. */
export type MayUseFromNetwork = (
  header: string | readonly string[] | undefined,
  asked: FromNetwork,
) => Promise<boolean>;

export function openNetworks(ports: {
  readonly run: Run;
  readonly isHere: (tenantId: TenantId) => Promise<boolean>;
  readonly askHome: AskHome;
}): MayUseFromNetwork {
  return async (header, asked) => {
    if (header === undefined) return true;
    const network = parseId<'tenant'>(String(header).split(':')[0] ?? '');
    // Of an organisation that is not here nothing is known but that it restricts: the default of all is to block.
    if (!network) return false;
    // Its own people elsewhere are for its outbound settings, others at its own place for its inbound ones.
    if (network === asked.homeTenantId || network === asked.visited) return true;
    if (!(await ports.isHere(network))) return false;
    const { visited, userId, application, correlationId } = asked;
    const homeTenantId = asked.homeTenantId ?? visited;
    const work = { tenantId: network, actor: { kind: 'system', name: 'partners.network' }, correlationId } as const;
    const { groups } = await ports.run({ ...work, readOnly: true }, async (ctx) =>
      namedIn([inForce(ctx.settings, homeTenantId, 'tenantRestrictions').value]),
    );
    const vouched =
      groups.length > 0 && userId !== null
        ? await ports.askHome({ tenantId: network, correlationId }, { homeTenantId, application, people: [{ userId }] })
        : [];
    const groupIds = [...(vouched[0]?.who.groupIds ?? [])];
    const { level } = await ports.run({ ...work, readOnly: true }, (ctx) =>
      ctx.ask(useFromNetwork, { homeTenantId, userId, groupIds, application }),
    );
    return level === 'use';
  };
}
