/** Which of our people may work at other organisations: those who do by now. */
import type { Context } from '../../kernel/context.ts';
import type { Right, Standing } from '../../kernel/module.ts';
import { type GoesOut, goingNames, goOut } from '../../partners/index.ts';
import { listAddressesOf } from '../store/addresses.ts';
import { listMembershipsAmong } from '../store/memberships.ts';
import { findPeople } from '../store/standing.ts';

export interface GoingOutPorts {
  /** Our people who work elsewhere: guests there, and who signed in there of late. */
  listGoingOut(ctx: Context): Promise<readonly GoesOut[]>;
}

/** What somebody is asked about who works elsewhere; who they are in at home is found out when it is asked. */
type Asked = Pick<GoesOut, 'application'> & { readonly tenantId: string; readonly userId: string };

export const goOutStanding = (ports: GoingOutPorts): Standing => ({
  question: goOut,
  async *list(ctx) {
    const going = await ports.listGoingOut(ctx);
    yield going.map(({ partnerTenantId: tenantId, accountId: userId, application }): Right => {
      const input: Asked = { tenantId, userId, application };
      return {
        subject: { kind: 'account', id: userId, homeDomain: null },
        object: { kind: 'partner', id: tenantId },
        input,
      };
    });
  },
  async gather(ctx, rights) {
    const facts = new Map<Right, unknown>();
    for (const [partner, some] of Map.groupBy(rights, ({ object }) => object.id)) {
      const ids = [...new Set(some.map(({ subject }) => subject.id))];
      const people = await findPeople(ctx, ids);
      const names = goingNames(ctx, partner);
      const addresses = names ? await listAddressesOf(ctx, ids) : new Map<string, readonly string[]>();
      const groups = Map.groupBy(
        names ? await listMembershipsAmong(ctx, ids, names.groups) : [],
        ({ accountId }) => accountId,
      );
      for (const right of some) {
        const { id } = right.subject;
        // Whoever is a guest here is at home elsewhere.
        if (people.get(id)?.homeDomain !== null) continue;
        const who = {
          groupIds: (groups.get(id) ?? []).map(({ groupId }) => groupId),
          addresses: [...(addresses.get(id) ?? [])],
        };
        facts.set(right, await goOut.facts(ctx, goOut.input!.parse({ ...(right.input as Asked), ...who })));
      }
    }
    return rights.map((right) => facts.get(right));
  },
});
