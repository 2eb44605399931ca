import { z } from 'zod';
import { accepted, noContent, Reply, type Route, route } from '../../../platform/http/route.ts';
import { printImportTemplate } from '../../model/guest-csv.ts';
import { importGuests } from '../../questions/guests.ts';
import {
  cancelGuestImport,
  exportGuestImport,
  type GuestImport,
  getGuestImport,
  listGuestImports,
  startGuestImport,
  tryGuestImport,
} from '../../usecases/import-guests.ts';

const admin = { wire: 'problem', access: 'asks', tags: ['guests'] } as const;
const one = z.object({ id: z.guid() });

const csv = (text: string, name: string) =>
  new Reply(200, text, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${name}"`,
  });

/** Inviting many guests from a file. */
export function guestImportRoutes(links: { readonly publicUrl: string | undefined }): readonly Route[] {
  return [
    route({
      ...admin,
      method: 'GET',
      path: '/admin/guest-imports/template',
      summary: 'The file to fill in.',
      async handle(ctx) {
        await ctx.demand(importGuests, undefined, 'read');
        return csv(printImportTemplate(), 'guests.csv');
      },
    }),
    route({
      ...admin,
      method: 'POST',
      path: '/admin/guest-imports',
      summary: 'Checks a file (text/csv) whole; refuses it with every wrong line, or starts to invite.',
      query: z.object({ fileName: z.string().max(255).optional() }),
      body: z.instanceof(Buffer, { error: 'Send the file as text/csv.' }),
      // What a job does afterwards is done at once.
      canBeTried: (ctx, { body }) => tryGuestImport(ctx, body),
      async handle(ctx, { body, query, origin }) {
        const id = await startGuestImport(ctx, {
          file: body,
          fileName: query.fileName ?? null,
          origin: links.publicUrl ?? origin,
        });
        return accepted({ id }, `/admin/guest-imports/${id}`);
      },
    }),
    route({
      ...admin,
      method: 'GET',
      path: '/admin/guest-imports',
      summary: 'The last hundred imports.',
      handle: async (ctx) => ({ value: (await listGuestImports(ctx)).map(present) }),
    }),
    route({
      ...admin,
      method: 'GET',
      path: '/admin/guest-imports/:id',
      summary: 'How far an import is, and what became of each line.',
      params: one,
      query: z.object({
        after: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
      async handle(ctx, { params, query }) {
        const { results, ...found } = await getGuestImport(ctx, params.id, query);
        const next = results.length === query.limit ? results.at(-1)?.line : undefined;
        return { ...present(found), results, ...(next === undefined ? {} : { next }) };
      },
    }),
    route({
      ...admin,
      method: 'GET',
      path: '/admin/guest-imports/:id/results',
      summary: 'What became of each line, as a file.',
      params: one,
      handle: async (ctx, { params }) => csv(await exportGuestImport(ctx, params.id), `guests-${params.id}.csv`),
    }),
    route({
      ...admin,
      method: 'POST',
      path: '/admin/guest-imports/:id/cancel',
      summary: 'Leaves undone what is not done yet.',
      params: one,
      async handle(ctx, { params }) {
        await cancelGuestImport(ctx, params.id);
        return noContent();
      },
    }),
  ];
}

const present = ({ actor: _actor, origin: _origin, ...shown }: GuestImport) => shown;
