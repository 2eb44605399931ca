import { accessPorts } from '../../src/app/access-ports.ts';
import type { Actor, Context } from '../../src/kernel/context.ts';
import type { TestApp } from './app.ts';
import type { Person } from './people.ts';

/** Does something in a person's name, as a wire would. */
export async function actAs<T>({ run }: TestApp, person: Person, act: (ctx: Context) => Promise<T>): Promise<T> {
  const { tenantId, id } = person;
  const actor = await run({ tenantId, actor: { kind: 'system', name: 'test' } }, (ctx) => accessPorts.actorOf(ctx, id));
  return run({ tenantId, actor: actor as Actor }, act);
}
