import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { parseFilter } from '../../../protocols/odata.ts';
import { listKnownPartners, viewAsPartner, viewMailboxesAsPartner } from '../../usecases/view-as-partner.ts';

const admin = { method: 'GET', wire: 'problem', access: 'asks', tags: ['calendars'], transaction: 'read' } as const;
/** Missed only when it is known that the reader may look. */
const from = z.string().trim().max(320).default('').describe('A domain, or the address of somebody there.');

/** What people of other organisations see of our calendars, as if they asked. */
export const partnerViewRoutes: readonly Route[] = [
  route({
    ...admin,
    path: '/admin/known-partners',
    summary: 'The organisations that calendars have to do with, by domain.',
    handle: async (ctx) => ({ value: await listKnownPartners(ctx) }),
  }),
  route({
    ...admin,
    path: '/admin/partner-view',
    summary: 'What an organisation, or somebody there, is let see of our calendars, each line explained.',
    query: z.object({ from }),
    handle: async (ctx, { query }) => viewAsPartner(ctx, query.from),
  }),
  route({
    ...admin,
    path: '/admin/partner-view/mailboxes',
    summary: 'How much of the time of our people they are told, each line explained.',
    query: z.object({ from, search: z.string().trim().max(100).default(''), after: z.string().max(2_000).optional() }),
    async handle(ctx, { query: { from: visitor, search, after } }) {
      const { rows, next } = await viewMailboxesAsPartner(ctx, {
        from: visitor,
        filter: parseFilter(search === '' ? MEMBERS : `${MEMBERS} and (${startingWith(search)})`),
        after: after === undefined ? undefined : readCursor(after),
      });
      return { value: rows, next: next ? Buffer.from(JSON.stringify(next)).toString('base64url') : null };
    },
  }),
];

const MEMBERS = "userType eq 'Member'";
const startingWith = (text: string) =>
  ['displayName', 'mail', 'userPrincipalName']
    .map((name) => `startswith(${name}, '${text.replaceAll("'", "''")}')`)
    .join(' or ');

function readCursor(text: string): readonly unknown[] {
  try {
    return z.array(z.union([z.string(), z.null()])).parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch {
    throw kernelFaults.invalid('"after" is not where a page ended.');
  }
}
