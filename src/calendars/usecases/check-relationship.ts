import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Tested } from '../../partners/index.ts';
import { domainOf } from '../../tenants/index.ts';
import { calendarsFaults } from '../faults.ts';
import { administerCalendars } from '../questions/calendars.ts';
import { organizationRelationships } from '../settings.ts';
import { keepRelationshipCheck } from '../store/relationship-checks.ts';
import { within } from './look-up-availability.ts';
import { administratorsEnvoy, type RelationshipPorts, writing } from './relationships.ts';
import { STANDING, standing } from './standing.ts';

export interface CheckPorts extends RelationshipPorts {
  /** Tests the partnership with whoever is behind a domain. @throws not-found. */
  readonly testPartnership: (ctx: Context, to: { domain: string; mailbox: string }) => AsyncIterable<Tested>;
}

/**
 * Tests the partnership that a relationship is for, with one mailbox looked up (EX-25), and keeps with the relationship
 * what was found out. Opens what it needs itself.
 * @throws not-found; calendars.invalid-domain for an address without one; what testing throws.
 */
export async function* checkRelationship(
  ctx: Context,
  ports: CheckPorts,
  { id, address }: { id: string; address: string },
): AsyncGenerator<Tested> {
  if (!ctx.settings.collection(organizationRelationships).has(id)) throw kernelFaults.notFound();
  const domain = domainOf(address);
  if (!domain) throw calendarsFaults.invalidDomain(`"${address}" has no domain.`, [address]);
  yield* ports.testPartnership(ctx, { domain, mailbox: address });
  const to = await ports.partners.findByDomain(ctx.tenantId, domain);
  if (to !== undefined) await keepFound(ctx, ports, id, to);
}

async function keepFound(ctx: Context, ports: RelationshipPorts, id: string, to: TenantId): Promise<void> {
  const asking = ports.partners.ask(await administratorsEnvoy(ctx), to, STANDING, { v: 1 });
  const said = await within(asking, ports.partnerDeadline ?? 5_000).then(
    (answer) => standing.safeParse(answer).data,
    () => undefined,
  );
  await writing(ctx, ports, async (inside) => {
    await inside.demand(administerCalendars, undefined, 'write');
    await keepRelationshipCheck(inside, id, {
      checkedAt: inside.now,
      isReachable: said !== undefined,
      partnerGrantsUs: said?.mayLookUp ?? null,
      partnerDomains: said?.domains ?? [],
    });
  });
}
