import { z } from 'zod';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import { DIRECTORY_SOURCE_KINDS } from '../../model/directory-source.ts';
import {
  listOwnDirectorySources,
  registerDirectorySource,
  removeDirectorySource,
} from '../../usecases/directory-sources.ts';

/** Where accounts and mail of the organisation come from. */
export function directorySourceRoutes(): readonly Route[] {
  const admin = { wire: 'problem', access: 'asks', tags: ['directory sources'] } as const;
  return [
    route({
      ...admin,
      method: 'GET',
      path: '/admin/directory-sources',
      summary: 'The sources registered for the organisation.',
      handle: async (ctx) => ({ value: await listOwnDirectorySources(ctx) }),
    }),
    route({
      ...admin,
      method: 'POST',
      path: '/admin/directory-sources',
      summary: 'Binds a source to the organisation; a source serves one organisation alone.',
      body: z.strictObject({
        kind: z.enum(DIRECTORY_SOURCE_KINDS),
        displayName: z.string().trim().min(1).max(256),
        externalId: z.string().trim().min(1).max(512),
      }),
      handle: async (ctx, { body }) => created(await registerDirectorySource(ctx, body)),
    }),
    route({
      ...admin,
      method: 'DELETE',
      path: '/admin/directory-sources/:id',
      summary: 'Frees a source.',
      params: z.object({ id: z.uuid() }),
      handle: async (ctx, { params }) => {
        await removeDirectorySource(ctx, params.id);
        return noContent();
      },
    }),
  ];
}
