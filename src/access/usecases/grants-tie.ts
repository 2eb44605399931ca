import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { EndedItem, Outsider, Tie } from '../../kernel/module.ts';
import type { Grant } from '../grants.ts';
import { listGrants, listGrantsOfOutsider } from '../store/grants.ts';
import { type LedgerPorts, revoke } from './ledger.ts';

export interface GrantsTiePorts extends Pick<LedgerPorts, 'revokers' | 'namesOf'> {
  /** The accounts that people outside have here, and the addresses they are known by. */
  outsidersHere(
    ctx: Context,
    outsider: Outsider,
  ): Promise<{ readonly accountIds: readonly string[]; readonly addresses: readonly string[] }>;
}

/** Every right that somebody outside has here, whatever its kind: each ends by its own revoker. */
export function grantsTie(ports: GrantsTiePorts): Tie {
  return {
    name: 'access.grants',
    isOfPeople: true,
    stage: 'revoke',
    get titles() {
      return Object.fromEntries(Object.entries(ports.revokers).map(([kind, { title }]) => [kind, title]));
    },
    async list(ctx, outsider, page) {
      const found = await listGrantsOfOutsider(ctx, outsider, await ports.outsidersHere(ctx, outsider), page);
      const names = await ports.namesOf(
        ctx,
        found.flatMap(({ subject, object }) => [subject, object]),
      );
      const called = ({ kind, id }: Grant['subject'] | Grant['object']) =>
        names.get(`${kind}:${id}`) ?? `${kind} ${id}`;
      return found.map(({ id, kind, subject, object, level }) => ({
        id,
        kind,
        subject: called(subject),
        object: `${called(object)} (${level})`,
      }));
    },
    async end(ctx, _outsider, items) {
      const grants = new Map(
        (await listGrants(ctx, { ids: items.map(({ id }) => id) })).map((grant) => [grant.id as string, grant]),
      );
      const ended: EndedItem[] = [];
      for (const { id } of items) {
        const grant = grants.get(id);
        try {
          if (grant) await revoke(ctx, ports, grant);
          ended.push({ id, outcome: 'revoked' });
        } catch (error) {
          // Taken back it would leave the organisation without anybody to administer it; whoever reads on sees why.
          if (!(error instanceof Fault) || error.kind === 'internal' || error.kind === 'unavailable') throw error;
          ended.push({ id, outcome: 'irrecoverable', detail: error.sentence });
        }
      }
      return ended;
    },
  };
}
