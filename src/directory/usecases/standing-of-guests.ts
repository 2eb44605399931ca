/** Who of other organisations may come, or accept an invitation: as far as it turns on their home, as that says. */
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { type Heard, keyElsewhere, type PersonElsewhere, type Right, type Standing } from '../../kernel/module.ts';
import { comeIn, comingNames, namesAnybodyToCome, organisationOfDomain } from '../../partners/index.ts';
import { eachPerson, findPeople, type Person } from '../store/standing.ts';
import { findActors } from './actors.ts';
import { acceptInvitation } from './asked.ts';

const PAGE = 1_000;

type Known = Pick<PersonElsewhere, 'homeTenantId' | 'homeDomain' | 'person'>;

/** What somebody holds over themselves. */
export const rightOf = ({ id, homeDomain }: Person, input: unknown): Right => ({
  subject: { kind: 'account', id, homeDomain },
  object: { kind: 'account', id },
  input,
});

/** Whether they may come in who have accepted. */
export const comeInStanding: Standing = {
  question: comeIn,
  turnsOnHome: (ctx) => thoseNamed(ctx, async (person) => atHome(person)),
  async *list(ctx) {
    for await (const page of eachPerson(ctx, PAGE))
      yield page.flatMap((person) =>
        person.externalUserState === 'Accepted' && person.homeTenantId !== null
          ? [rightOf(person, { homeTenantId: person.homeTenantId, userId: person.homeAccountId })]
          : [],
      );
  },
  async gather(ctx, rights, heard) {
    const people = await findPeople(
      ctx,
      rights.map(({ subject }) => subject.id),
    );
    return Promise.all(
      rights.map(({ subject, input }) => {
        const person = people.get(subject.id);
        const said = saidOf(heard, person && atHome(person));
        if (!person || said === null) return undefined;
        return comeIn.facts(ctx, comeIn.input!.parse({ ...(input as object), ...said?.known }));
      }),
    );
  },
};

/** Whether they may still accept who were invited. */
export const acceptStanding: Standing = {
  question: acceptInvitation,
  turnsOnHome(ctx) {
    const homeOf = openHomes(ctx);
    return thoseNamed(ctx, (person) => asInvited(person, homeOf));
  },
  async *list(ctx) {
    const homeOf = openHomes(ctx);
    for await (const page of eachPerson(ctx, PAGE)) {
      const rights: Right[] = [];
      for (const person of page) {
        const { id, homeDomain: domain, externalUserState } = person;
        if (externalUserState !== 'PendingAcceptance' || domain === null) continue;
        rights.push(rightOf(person, { domain, homeTenantId: await homeOf(domain), accountId: id }));
      }
      yield rights;
    }
  },
  async gather(ctx, rights, heard) {
    const homeOf = openHomes(ctx);
    const actors = await findActors(
      ctx,
      rights.map(({ subject }) => subject.id),
    );
    const facts: unknown[] = [];
    for (const { subject, input } of rights) {
      const found = actors.get(subject.id);
      // Whoever has come meanwhile needs to accept nothing more.
      const isPending = found?.person.externalUserState === 'PendingAcceptance';
      const said = isPending ? saidOf(heard, await asInvited(found.person, homeOf)) : undefined;
      if (!isPending || said === null) facts.push(undefined);
      else {
        const about = acceptInvitation.input?.parse({ ...(input as object), ...said?.known, ...said?.who });
        facts.push(await acceptInvitation.facts({ ...ctx, actor: found.actor }, about as never));
      }
    }
    return facts;
  },
};

/** The organisations behind domains, each looked up once. */
function openHomes(ctx: Context): (domain: string) => Promise<TenantId | null> {
  const known = new Map<string, TenantId | null>();
  return async (domain) => {
    if (!known.has(domain)) known.set(domain, (await organisationOfDomain(ctx, domain)) ?? null);
    return known.get(domain) ?? null;
  };
}

/** A guest as their home knows them. */
function atHome({ externalUserState, homeTenantId, homeAccountId, homeDomain }: Person): Known | undefined {
  if (externalUserState !== 'Accepted' || homeTenantId === null || homeAccountId === null) return undefined;
  return { homeTenantId, homeDomain: homeDomain ?? homeTenantId, person: { userId: homeAccountId } };
}

/** Somebody who was invited, as the organisation behind their address knows them. */
async function asInvited(
  { externalUserState, homeDomain, mail }: Person,
  homeOf: ReturnType<typeof openHomes>,
): Promise<Known | undefined> {
  if (externalUserState !== 'PendingAcceptance' || homeDomain === null || mail === null) return undefined;
  const homeTenantId = await homeOf(homeDomain);
  return homeTenantId === null ? undefined : { homeTenantId, homeDomain, person: { address: mail } };
}

/** Those of whom the policy names anybody at their home. */
async function thoseNamed(
  ctx: Context,
  known: (person: Person) => Promise<Known | undefined>,
): Promise<PersonElsewhere[]> {
  if (!namesAnybodyToCome(ctx.settings)) return [];
  const people: PersonElsewhere[] = [];
  for await (const page of eachPerson(ctx, PAGE))
    for (const person of page) {
      const one = await known(person);
      const among = one && comingNames(ctx.settings, one.homeTenantId);
      if (among) people.push({ ...one, among });
    }
  return people;
}

/** What home said of somebody; undefined where it did not have to be asked, null where it did not answer. */
function saidOf(heard: Heard, known: Known | undefined) {
  const said = known && heard.get(keyElsewhere(known));
  if (!said) return said;
  const { homeLetsOut, homeReference, groupIds, userId } = said;
  return { known: { homeLetsOut, homeReference, groupIds: [...groupIds] }, who: { userId } };
}
