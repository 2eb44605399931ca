import type { AccountActor, Actor, Context } from '../../kernel/context.ts';
import type { AnyQuestion, Right, Standing } from '../../kernel/module.ts';
import { anybody } from '../../kernel/person.ts';

export interface AdministrationPorts {
  readonly questions: () => readonly AnyQuestion[];
  /** Ids of everybody who holds an administrative role. */
  roleHolders(ctx: Context): Promise<readonly string[]>;
  actorsOf(ctx: Context, ids: readonly string[]): Promise<ReadonlyMap<string, { readonly actor: AccountActor }>>;
}

/** Who stands for everybody that holds no role: what one of them may, all may. */
const EVERYBODY = { members: 'Member', guests: 'Guest' } as const;

/**
 * What each question about nothing in particular answers everybody who holds a role, and those who hold none: so that a
 * role given or taken, or a setting about all members, is seen in all that it opens.
 */
export function administrationStanding(ports: AdministrationPorts): readonly Standing[] {
  const actors = new WeakMap<Context, Promise<ReadonlyMap<string, Actor>>>();
  const actorsIn = (ctx: Context) => {
    const found = actors.get(ctx) ?? gatherActors(ctx, ports);
    actors.set(ctx, found);
    return found;
  };
  return ports
    .questions()
    .filter(({ input }) => input === undefined)
    .map((question) => ({
      question,
      async *list(ctx) {
        const rights = [...(await actorsIn(ctx)).keys()].map(
          (id): Right => ({
            subject: { kind: id in EVERYBODY ? 'tenant' : 'account', id, homeDomain: null },
            object: { kind: 'question', id: question.name },
            input: null,
          }),
        );
        yield rights;
      },
      async gather(ctx, rights) {
        const known = await actorsIn(ctx);
        // Who holds no role any more is still somebody.
        const others = rights.map(({ subject }) => subject.id).filter((id) => !known.has(id));
        const found = others.length > 0 ? await ports.actorsOf(ctx, others) : new Map();
        const facts: unknown[] = [];
        for (const { subject } of rights) {
          const actor = known.get(subject.id) ?? found.get(subject.id)?.actor;
          facts.push(actor && (await question.facts({ ...ctx, actor }, undefined)));
        }
        return facts;
      },
    }));
}

async function gatherActors(ctx: Context, ports: AdministrationPorts): Promise<ReadonlyMap<string, Actor>> {
  const found = await ports.actorsOf(ctx, await ports.roleHolders(ctx));
  const holders = [...found].map(([id, { actor }]) => [id, actor] as const);
  const everybody = Object.entries(EVERYBODY).map(([name, userType]) => [name, anybody(ctx, userType)] as const);
  return new Map<string, Actor>([...everybody, ...holders]);
}
