import { z } from 'zod';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import {
  type AppPassword,
  createOwnAppPassword,
  endOwnAppPassword,
  listOwnAppPasswords,
} from '../../usecases/app-passwords.ts';

/** What a password is for, in its person's words. */
export const appPasswordName = z.string().trim().min(1).max(100);

/** The passwords that one made for programs which know no other way to sign in. */
export const appPasswordRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/me/app-passwords',
    summary: 'Passwords of programs, without their text.',
    wire: 'problem',
    access: 'asks',
    tags: ['me'],
    handle: async (ctx) => ({ value: (await listOwnAppPasswords(ctx)).map(presentAppPassword) }),
  }),
  route({
    method: 'POST',
    path: '/me/app-passwords',
    summary: 'Makes a password for one program; its text is in this answer and never again.',
    wire: 'problem',
    access: 'asks',
    tags: ['me'],
    body: z.strictObject({ name: appPasswordName }),
    async handle(ctx, { body }) {
      const made = await createOwnAppPassword(ctx, body.name);
      return created({ ...presentAppPassword(made), password: made.password });
    },
  }),
  route({
    method: 'DELETE',
    path: '/me/app-passwords/:id',
    summary: 'Ends a password: the program that uses it is signed out.',
    wire: 'problem',
    access: 'asks',
    tags: ['me'],
    params: z.object({ id: z.uuid() }),
    async handle(ctx, { params }) {
      await endOwnAppPassword(ctx, params.id);
      return noContent();
    },
  }),
];

const presentAppPassword = ({ id, name, createdAt, lastUsedAt }: AppPassword) => ({
  id,
  name,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});
