import type { AccountActor, Context } from '../../kernel/context.ts';
import type { Right, Standing } from '../../kernel/module.ts';
import { personAs } from '../../kernel/person.ts';
import { comeIn } from '../../partners/index.ts';
import { groupFacts } from '../questions/people.ts';
import type { SignInFacts } from '../questions/sign-in.ts';
import {
  eachInGroups,
  eachPerson,
  findPeople,
  listGroupFacts,
  listGroupStandings,
  listRolesByHolder,
  type Person,
} from '../store/standing.ts';
import { acceptInvitation, changeGroup, signInHere } from './asked.ts';

const PAGE = 1_000;

const rolesKnown = new WeakMap<Context, Promise<ReadonlyMap<string, readonly string[]>>>();

/** The roles of everybody who has any; read once for each context. */
function rolesIn(ctx: Context): Promise<ReadonlyMap<string, readonly string[]>> {
  const roles = rolesKnown.get(ctx) ?? listRolesByHolder(ctx);
  rolesKnown.set(ctx, roles);
  return roles;
}

/** Ids of everybody who holds an administrative role, of their own or by a group. */
export const listRoleHolders = async (ctx: Context): Promise<string[]> => [...(await rolesIn(ctx)).keys()].sort();

/** Those of the ids who are here, as they would ask from our own web app. */
export async function findActors(
  ctx: Context,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly actor: AccountActor; readonly person: Person }>> {
  const roles = await rolesIn(ctx);
  const people = await findPeople(ctx, ids);
  return new Map([...people].map(([id, person]) => [id, { person, actor: actorOf(ctx, person, roles.get(id) ?? []) }]));
}

const actorOf = (ctx: Context, person: Person, roles: readonly string[]): AccountActor =>
  personAs({ ...person, accountId: person.id, roles }, { authenticatedAt: ctx.now });

const rightOf = ({ id, homeDomain }: Person, object: Right['object'], input: unknown): Right => ({
  subject: { kind: 'account', id, homeDomain },
  object,
  input,
});

/** The rights that the directory's own questions give. */
export const directoryStanding: readonly Standing[] = [
  {
    question: signInHere,
    async *list(ctx) {
      for await (const page of eachPerson(ctx, PAGE))
        yield page.map((person) => rightOf(person, { kind: 'account', id: person.id }, { accountId: person.id }));
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
  {
    question: comeIn,
    async *list(ctx) {
      for await (const page of eachPerson(ctx, PAGE)) {
        yield page.flatMap((person) =>
          person.externalUserState === 'Accepted' && person.homeTenantId !== null
            ? [
                rightOf(
                  person,
                  { kind: 'account', id: person.id },
                  { homeTenantId: person.homeTenantId, userId: person.homeAccountId },
                ),
              ]
            : [],
        );
      }
    },
    async gather(ctx, rights) {
      const people = await findPeople(
        ctx,
        rights.map(({ subject }) => subject.id),
      );
      return Promise.all(
        rights.map(({ subject, input }) =>
          people.has(subject.id) ? comeIn.facts(ctx, comeIn.input!.parse(input)) : undefined,
        ),
      );
    },
  },
  {
    question: acceptInvitation,
    async *list(ctx) {
      for await (const page of eachPerson(ctx, PAGE)) {
        yield page.flatMap((person) =>
          person.externalUserState === 'PendingAcceptance' && person.homeDomain !== null
            ? [
                rightOf(
                  person,
                  { kind: 'account', id: person.id },
                  { domain: person.homeDomain, homeTenantId: person.homeTenantId, accountId: person.id },
                ),
              ]
            : [],
        );
      }
    },
    async gather(ctx, rights) {
      const actors = await findActors(
        ctx,
        rights.map(({ subject }) => subject.id),
      );
      return Promise.all(
        rights.map(({ subject, input }) => {
          const found = actors.get(subject.id);
          // Whoever has come meanwhile needs to accept nothing more.
          if (found?.person.externalUserState !== 'PendingAcceptance') return undefined;
          return acceptInvitation.facts({ ...ctx, actor: found.actor }, acceptInvitation.input?.parse(input) as never);
        }),
      );
    },
  },
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
