import type { Standing } from '../../kernel/module.ts';
import { groupFacts } from '../questions/groups.ts';
import type { SignInFacts } from '../questions/sign-in.ts';
import { eachInGroups, eachPerson, findPeople, listGroupFacts, listGroupStandings } from '../store/standing.ts';
import { findActors } from './actors.ts';
import { changeGroup, signInHere } from './asked.ts';
import { type GoingOutPorts, goOutStanding } from './standing-of-goers.ts';
import { acceptStanding, comeInStanding, rightOf } from './standing-of-guests.ts';

const PAGE = 1_000;

/** The rights that are of the directory: here, and for our people to work elsewhere. */
export const directoryStanding = (ports: GoingOutPorts): readonly Standing[] => [
  {
    question: signInHere,
    async *list(ctx) {
      for await (const page of eachPerson(ctx, PAGE))
        yield page.map((person) => rightOf(person, { accountId: person.id }));
    },
    async gather(ctx, rights) {
      const people = await findPeople(
        ctx,
        rights.map(({ subject }) => subject.id),
      );
      return rights.map(
        ({ subject }): SignInFacts => ({ tenantId: ctx.tenantId, now: ctx.now, account: people.get(subject.id) }),
      );
    },
  },
  comeInStanding,
  acceptStanding,
  goOutStanding(ports),
  {
    question: changeGroup,
    async *list(ctx) {
      for await (const page of eachInGroups(ctx, PAGE)) {
        yield page.map(({ groupId, accountId, homeDomain }) => ({
          subject: { kind: 'account', id: accountId, homeDomain },
          object: { kind: 'group', id: groupId },
          input: groupId,
        }));
      }
    },
    async gather(ctx, rights) {
      const pairs = rights.map(({ subject, object }) => ({ groupId: object.id, accountId: subject.id }));
      const actors = await findActors(
        ctx,
        pairs.map(({ accountId }) => accountId),
      );
      const groups = await listGroupFacts(
        ctx,
        pairs.map(({ groupId }) => groupId),
      );
      const standings = await listGroupStandings(ctx, pairs);
      return pairs.map(({ groupId, accountId }) => {
        const [actor, group] = [actors.get(accountId)?.actor, groups.get(groupId)];
        if (!actor || !group) return undefined;
        const { isMember = false, isOwner = false } = standings.get(`${groupId} ${accountId}`) ?? {};
        return groupFacts({ ...ctx, actor }, groupId, { ...group, isMember, isOwner });
      });
    },
  },
];
