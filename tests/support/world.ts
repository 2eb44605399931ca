import { furnish, type Inside } from './furnish.ts';
import type { Objects } from './paths.ts';
import { type Api, type People, type Person, startPeople } from './people.ts';
import { type Program, registerProgram } from './program.ts';

export interface World extends People {
  /** Registers an application in the administrator's organisation. */
  program(administrator: Person, displayName: string, permissions: readonly string[]): Promise<Program>;
  readonly objects: { readonly fabrikam: Objects; readonly contoso: Objects };
  readonly inside: Inside;
  readonly ann: Api;
  readonly carla: Api;
}

/** The whole server with people and one object of every kind in Fabrikam and in Contoso. */
export async function startWorld(settings?: Parameters<typeof startPeople>[0]): Promise<World> {
  const people = await startPeople(settings);
  try {
    const inside: Inside = (tenantId, act, actor = { kind: 'system', name: 'test' }) =>
      people.app.run({ tenantId, actor }, act);
    const { fabrikam, contoso } = people;
    return {
      ...people,
      inside,
      program: (administrator, displayName, permissions) =>
        registerProgram(people, administrator, displayName, permissions),
      ann: people.api(fabrikam.ann),
      carla: people.api(contoso.carla),
      objects: {
        fabrikam: await furnish(people, inside, fabrikam.ann, fabrikam.anders),
        contoso: await furnish(people, inside, contoso.carla, contoso.bob),
      },
    };
  } catch (error) {
    await people.app.close();
    throw error;
  }
}
