/** What accounts of others do from an organisation's own network (tenant restrictions, CT-19). */
import { z } from 'zod';
import { referenceOf } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import { heard } from '../../kernel/heard.ts';
import { parseId, type TenantId } from '../../kernel/ids.ts';
import type { Envoy, PartnerRequest, Partners, Run } from '../../kernel/module.ts';
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

export interface UseFromNetwork {
  readonly isPermitted: boolean;
  /** Whose network refuses, and what it calls its refusal: for its administrators to find the reason by. */
  readonly refusedBy?: { readonly tenantId: TenantId; readonly reference: string };
}

/** Whether the network that a request says it comes from permits this use. Opens what it needs itself. */
export type MayUseFromNetwork = (
  header: string | readonly string[] | undefined,
  asked: FromNetwork,
) => Promise<UseFromNetwork>;

interface NetworkPorts {
  readonly run: Run;
  readonly askHome: AskHome;
}

export function openNetworks(
  ports: NetworkPorts & {
    readonly partners: Pick<Partners, 'ask'>;
    readonly isHere: (tenantId: TenantId) => Promise<boolean>;
    readonly envoyOf: (organisation: Pick<Context, 'tenantId' | 'correlationId'>) => Promise<Envoy>;
  },
): MayUseFromNetwork {
  return async (header, asked) => {
    if (header === undefined) return { isPermitted: true };
    const network = parseId<'tenant'>(String(header).split(':')[0] ?? '');
    // Of a network that has no name nothing is known but that it restricts: the default of all is to block.
    if (!network) return { isPermitted: false };
    // Its own people elsewhere are for its outbound settings, others at its own place for its inbound ones.
    if (network === asked.homeTenantId || network === asked.visited) return { isPermitted: true };
    const { visited, userId, application, correlationId } = asked;
    const use = { homeTenantId: asked.homeTenantId ?? visited, userId, application };
    const told = ({ isPermitted, reference }: z.output<typeof answer>): UseFromNetwork =>
      isPermitted || reference === null
        ? { isPermitted }
        : { isPermitted, refusedBy: { tenantId: network, reference } };
    if (await ports.isHere(network)) return told(await permitsUse(ports, { tenantId: network, correlationId }, use));
    try {
      const envoy = await ports.envoyOf({ tenantId: visited, correlationId });
      return told(heard(answer, await ports.partners.ask(envoy, network, REQUEST, use)));
    } catch (error) {
      // A network that is no partner here, or that does not answer: it restricts, and more is not known.
      if (error instanceof Fault && error.kind !== 'internal') return { isPermitted: false };
      throw error;
    }
  };
}

const REQUEST = 'partners.network';
const id = z.guid().toLowerCase();
const use = z.object({
  homeTenantId: id.transform((text) => text as TenantId),
  userId: id.nullable(),
  application: z.object({ id: z.string().max(100), isOwn: z.boolean() }).nullable(),
});
const answer = z.object({ isPermitted: z.boolean(), reference: z.string().max(40).nullable().default(null) });

/** What a partner asks where somebody comes to it from our network: whether we let their account be used there. */
export const networkRequest = (ports: NetworkPorts): PartnerRequest => ({
  name: REQUEST,
  shape: use,
  // Home may have to be asked whether they are in a group that our policy names.
  transaction: 'none',
  // What comes of it is written down where it counts: the sign-in, or that it was refused.
  isRoutine: true,
  answer: (ctx, asked: z.output<typeof use>) => permitsUse(ports, ctx, asked),
});

/** As the organisation whose network it is has set it. */
async function permitsUse(
  ports: NetworkPorts,
  { tenantId, correlationId }: Pick<Context, 'tenantId' | 'correlationId'>,
  { homeTenantId, userId, application }: z.output<typeof use>,
): Promise<z.output<typeof answer>> {
  const work = { tenantId, actor: { kind: 'system', name: 'partners.network' }, correlationId } as const;
  const { groups } = await ports.run({ ...work, readOnly: true }, async (ctx) =>
    namedIn([inForce(ctx.settings, homeTenantId, 'tenantRestrictions').value]),
  );
  const vouched =
    groups.length > 0 && userId !== null
      ? await ports.askHome({ tenantId, correlationId }, { homeTenantId, application, people: [{ userId }] })
      : [];
  const groupIds = [...(vouched[0]?.who.groupIds ?? [])];
  const { level, decisionId } = await ports.run({ ...work, readOnly: true }, (ctx) =>
    ctx.ask(useFromNetwork, { homeTenantId, userId, groupIds, application }),
  );
  const isPermitted = level === 'use';
  return { isPermitted, reference: isPermitted ? null : referenceOf(decisionId) };
}
