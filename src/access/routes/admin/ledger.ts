import { z } from 'zod';
import { noContent, type Route, route } from '../../../platform/http/route.ts';
import { type LedgerPorts, type LedgerRow, readLedger, revokeFromLedger } from '../../usecases/ledger.ts';

const tags = ['access'];

const query = z.strictObject({
  accountId: z.uuid().optional().describe('Everything this person has, also through groups.'),
  outside: z
    .enum(['true', 'false'])
    .optional()
    .transform((text) => text === 'true')
    .describe('Only rights of people and organisations from elsewhere.'),
  homeDomain: z.string().max(253).optional(),
  kind: z.string().max(100).optional(),
  objectKind: z.string().max(100).optional(),
  objectId: z.string().max(200).optional(),
  unusedDays: z.coerce.number().int().min(1).max(3650).optional(),
  endsWithinDays: z.coerce.number().int().min(1).max(3650).optional(),
  after: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(999).default(100),
});

const DAY = 86_400_000;

export function ledgerRoutes(ports: LedgerPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/ledger',
      summary: 'Who has what, through what, from whom, until when.',
      wire: 'problem',
      access: 'asks',
      tags,
      query,
      handle: async (ctx, { query: asked }) => {
        const page = await readLedger(ctx, ports, {
          limit: asked.limit,
          outside: asked.outside,
          ...defined({
            accountId: asked.accountId,
            after: asked.after,
            homeDomain: asked.homeDomain,
            kind: asked.kind,
          }),
          ...(asked.objectKind === undefined
            ? {}
            : { object: { kind: asked.objectKind, ...defined({ id: asked.objectId }) } }),
          ...(asked.unusedDays === undefined
            ? {}
            : { unusedSince: new Date(ctx.now.getTime() - asked.unusedDays * DAY) }),
          ...(asked.endsWithinDays === undefined
            ? {}
            : { endsBefore: new Date(ctx.now.getTime() + asked.endsWithinDays * DAY) }),
        });
        return { value: page.rows.map(presentLedgerRow), next: page.next };
      },
    }),
    route({
      method: 'DELETE',
      path: '/admin/ledger/:grantId',
      canBeTried: true,
      summary: 'Ends one right, whatever its kind.',
      wire: 'problem',
      access: 'asks',
      tags,
      params: z.object({ grantId: z.uuid() }),
      handle: async (ctx, { params }) => {
        await revokeFromLedger(ctx, ports, params.grantId);
        return noContent();
      },
    }),
  ];
}

function presentLedgerRow(row: LedgerRow) {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    subject: { ...row.subject, displayName: row.subjectName },
    object: { ...row.object, displayName: row.objectName },
    level: row.level,
    path: row.path,
    through: row.through,
    homeDomain: row.homeDomain,
    givenBy: row.givenBy,
    givenByName: row.giverName,
    givenAt: row.givenAt.toISOString(),
    reason: row.reason,
    endsAt: row.endsAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}

/** Leaves out what is undefined, since absent and undefined are not the same to the compiler. */
function defined<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
