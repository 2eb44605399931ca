import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { created, noContent, Reply, type Route, route } from '../../../platform/http/route.ts';
import {
  type LedgerPorts,
  type LedgerRow,
  readLedger,
  readLedgerSum,
  readReach,
  readSignOffs,
  revokeFromLedger,
  revokeManyFromLedger,
  signOff,
} from '../../usecases/ledger.ts';

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
  path: z.enum(['direct', 'group', 'team', 'link', 'agreement', 'project']).optional(),
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
        const page = await readLedger(ctx, ports, filterOf(ctx, asked));
        return { value: page.rows.map(presentLedgerRow), next: page.next };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/ledger/export',
      summary: 'The ledger as a file (CSV, RFC 4180), all pages of it.',
      wire: 'problem',
      access: 'asks',
      tags,
      query: query.omit({ after: true, limit: true }),
      async handle(ctx, { query: asked }) {
        const lines = [csvLine(COLUMNS)];
        for (let after: string | undefined; ; ) {
          const page = await readLedger(ctx, ports, filterOf(ctx, { ...asked, after, limit: EXPORTED_AT_ONCE }));
          for (const row of page.rows) lines.push(csvLine(cellsOf(row)));
          if (page.next === null) break;
          after = page.next;
        }
        return new Reply(200, lines.join(''), {
          'content-type': 'text/csv; charset=utf-8',
          'content-disposition': 'attachment; filename="ledger.csv"',
        });
      },
    }),
    route({
      method: 'GET',
      path: '/admin/ledger/sum',
      summary: 'What outsiders hold in numbers, with a digest, and who signed it off last.',
      wire: 'problem',
      access: 'asks',
      tags,
      query: z.strictObject({ homeDomain: z.string().max(253).toLowerCase().optional() }),
      handle: (ctx, { query: asked }) => readLedgerSum(ctx, asked.homeDomain ?? null),
    }),
    route({
      method: 'GET',
      path: '/admin/ledger/sign-offs',
      summary: 'Who has looked the ledger over, the latest first.',
      wire: 'problem',
      access: 'asks',
      tags,
      handle: async (ctx) => ({ value: await readSignOffs(ctx) }),
    }),
    route({
      method: 'POST',
      path: '/admin/ledger/sign-offs',
      summary: 'Signs the ledger off as it was seen, by its digest.',
      wire: 'problem',
      access: 'asks',
      tags,
      body: z.strictObject({
        homeDomain: z.string().max(253).toLowerCase().nullable().default(null),
        digest: z.string().length(64),
        comment: z.string().trim().max(1_000).nullable().default(null),
      }),
      handle: async (ctx, { body }) => created(await signOff(ctx, body)),
    }),
    route({
      method: 'GET',
      path: '/admin/reach/:objectKind/:objectId',
      summary: 'Who outside can reach one thing, and by which paths.',
      wire: 'problem',
      access: 'asks',
      tags,
      params: z.object({ objectKind: z.string().max(100), objectId: z.string().max(200) }),
      handle: (ctx, { params }) => readReach(ctx, ports, { kind: params.objectKind, id: params.objectId }),
    }),
    route({
      method: 'POST',
      path: '/admin/ledger/revoke',
      canBeTried: true,
      summary: 'Ends many rights at once, whatever their kind.',
      wire: 'problem',
      access: 'asks',
      tags,
      body: z.strictObject({ ids: z.array(z.guid().toLowerCase()).min(1).max(5_000) }),
      handle: async (ctx, { body }) => ({ ended: await revokeManyFromLedger(ctx, ports, body.ids) }),
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

const filterOf = (ctx: Context, asked: Partial<z.output<typeof query>> & { readonly limit: number }) => ({
  limit: asked.limit,
  outside: asked.outside ?? false,
  ...defined({ accountId: asked.accountId, after: asked.after, homeDomain: asked.homeDomain, kind: asked.kind }),
  ...(asked.path === undefined ? {} : { path: asked.path }),
  ...(asked.objectKind === undefined ? {} : { object: { kind: asked.objectKind, ...defined({ id: asked.objectId }) } }),
  ...(asked.unusedDays === undefined ? {} : { unusedSince: new Date(ctx.now.getTime() - asked.unusedDays * DAY) }),
  ...(asked.endsWithinDays === undefined
    ? {}
    : { endsBefore: new Date(ctx.now.getTime() + asked.endsWithinDays * DAY) }),
});

const EXPORTED_AT_ONCE = 999;
const COLUMNS = [
  'id',
  'subject',
  'subjectKind',
  'subjectId',
  'organisation',
  'kind',
  'object',
  'objectKind',
  'objectId',
  'level',
  'path',
  'givenBy',
  'givenAt',
  'lastUsedAt',
  'endsAt',
  'reason',
];

const cellsOf = (row: LedgerRow): (string | null)[] => [
  row.id,
  row.subjectName,
  row.subject.kind,
  row.subject.id,
  row.homeDomain,
  row.kind,
  row.objectName,
  row.object.kind,
  row.object.id,
  row.level,
  row.path,
  row.giverName ?? row.givenBy,
  row.givenAt.toISOString(),
  row.lastUsedAt?.toISOString() ?? null,
  row.endsAt?.toISOString() ?? null,
  row.reason,
];

/** A leading sign that a spreadsheet would take for a formula is made text. */
const csvLine = (cells: readonly (string | null)[]): string =>
  `${cells
    .map((cell) => (cell ?? '').replace(/^[=+\-@\t\r]/, "'$&"))
    .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',')}\r\n`;

/** Leaves out what is undefined, since absent and undefined are not the same to the compiler. */
function defined<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
