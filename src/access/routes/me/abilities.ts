import type { AnyQuestion } from '../../../kernel/module.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { listAbilities } from '../../usecases/abilities.ts';

export function abilitiesRoute(questions: () => readonly AnyQuestion[]): Route {
  return route({
    method: 'GET',
    path: '/me/abilities',
    summary: 'How far each question lets the asker go, by the name of the question.',
    wire: 'problem',
    access: 'asks',
    tags: ['access'],
    handle: async (ctx) => ({ abilities: await listAbilities(ctx, questions()) }),
  });
}
