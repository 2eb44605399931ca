import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { withOptions } from '../../../platform/http/odata.ts';
import { created, noContent, Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import { parseFilter } from '../../../protocols/odata.ts';
import type { Owner } from '../../model/calendar.ts';
import { printRule } from '../../model/sharing-policy.ts';
import { tryPolicy } from '../../usecases/enforce-sharing.ts';
import { findOwners } from '../../usecases/policy-owners.ts';
import {
  assignSharingPolicy,
  changeSharingPolicy,
  changeSharingSwitches,
  createSharingPolicy,
  deleteSharingPolicy,
  getSharingPolicy,
  type KeptPolicy,
  listPolicyAssignments,
  listSharingPolicies,
  readSharingSwitches,
} from '../../usecases/sharing-policies.ts';

const fields = {
  name: z.string().max(64).optional(),
  rules: z.array(z.string().max(512)).max(1_000).optional(),
  enabled: z.boolean().optional(),
  isDefault: z.boolean().optional(),
};
const written = z.strictObject(fields);
const params = z.object({ id: z.string().max(64) });
const assigned = z.strictObject({
  accountIds: z.array(z.guid()).max(10_000).default([]),
  addresses: z.array(z.string().max(320)).max(10_000).default([]),
  groupIds: z.array(z.guid()).max(100).default([]),
  // OData, as of `GET /v1.0/users`.
  filter: z.string().max(2_000).optional(),
});

const present = ({ policy, isDefault, assigned: mailboxes, etag }: KeptPolicy) => ({
  '@odata.etag': etag,
  id: policy.id,
  name: policy.name,
  rules: policy.rules.map(printRule),
  enabled: policy.isEnabled,
  isDefault,
  assignedMailboxes: mailboxes,
});

const answered = (kept: KeptPolicy) => new Reply(200, present(kept), { etag: kept.etag });

function conditionOf({ headers }: Pick<Request<unknown, unknown, unknown>, 'headers'>): string | undefined {
  const given = headers['if-match'];
  return typeof given === 'string' ? given.trim() : undefined;
}

/** @throws request.invalid for a filter that cannot be read, or names what people do not have. */
const ownersIn = (ctx: Context, { filter, ...named }: z.output<typeof assigned>): Promise<Owner[]> =>
  withOptions(() => findOwners(ctx, { ...named, ...(filter === undefined ? {} : { filter: parseFilter(filter) }) }));

const admin = { wire: 'problem', access: 'asks', tags: ['calendars'] } as const;

/** What people may share of their calendars outside, decided by their administrators. */
export const sharingPolicyRoutes: readonly Route[] = [
  route({
    ...admin,
    method: 'GET',
    path: '/admin/sharing-policies',
    summary: 'The sharing policies; exactly one is the default.',
    handle: async (ctx) => ({ value: (await listSharingPolicies(ctx)).map(present) }),
  }),
  route({
    ...admin,
    method: 'POST',
    path: '/admin/sharing-policies',
    canBeTried: true,
    summary: 'Makes a sharing policy.',
    body: written,
    async handle(ctx, { body }) {
      const kept = await createSharingPolicy(ctx, body);
      const answer = created(present(kept), `/admin/sharing-policies/${kept.policy.id}`);
      return new Reply(answer.status, answer.body, { ...answer.headers, etag: kept.etag });
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: '/admin/sharing-policies/:id',
    summary: 'One sharing policy.',
    params,
    handle: async (ctx, request) => answered(await getSharingPolicy(ctx, request.params.id)),
  }),
  route({
    ...admin,
    method: 'PATCH',
    path: '/admin/sharing-policies/:id',
    canBeTried: true,
    summary: 'Changes a sharing policy; what is shared above it is lowered or ended.',
    params,
    body: written,
    handle: async (ctx, request) =>
      answered(await changeSharingPolicy(ctx, request.params.id, request.body, conditionOf(request))),
  }),
  route({
    ...admin,
    method: 'DELETE',
    path: '/admin/sharing-policies/:id',
    canBeTried: true,
    summary: 'Deletes a sharing policy that is neither the default nor assigned.',
    params,
    async handle(ctx, request) {
      await deleteSharingPolicy(ctx, request.params.id, conditionOf(request));
      return noContent();
    },
  }),
  route({
    ...admin,
    method: 'POST',
    path: '/admin/sharing-policies/dry-run',
    summary: 'What a change would lower or end, or what a new policy would, without making it.',
    body: z.strictObject({ ...fields, id: z.guid().optional() }),
    transaction: 'read',
    async handle(ctx, { body: { id, ...changes } }) {
      const excesses = await tryPolicy(ctx, id, changes);
      return {
        value: excesses.map(({ grant, shared, from, to }) => ({
          grantId: grant.id,
          ...(shared.kind === 'calendar'
            ? { calendarId: shared.id, calendarName: shared.name }
            : { addressBookId: shared.id, addressBookName: shared.name }),
          owner: shared.owner,
          recipient: grant.subject.kind === 'anyone' ? null : grant.subject.id,
          from,
          to,
        })),
      };
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: '/admin/sharing-policies/:id/assignments',
    summary: 'The mailboxes that are assigned this policy.',
    params,
    handle: async (ctx, request) => ({ value: await listPolicyAssignments(ctx, request.params.id) }),
  }),
  route({
    ...admin,
    method: 'PUT',
    path: '/admin/sharing-policies/:id/assignments',
    canBeTried: true,
    summary: 'Assigns the policy to mailboxes: named, of groups, or by a filter.',
    params,
    body: assigned,
    handle: async (ctx, { params: { id }, body }) => assignSharingPolicy(ctx, id, await ownersIn(ctx, body)),
  }),
  route({
    ...admin,
    method: 'DELETE',
    path: '/admin/sharing-policies/:id/assignments',
    canBeTried: true,
    summary: 'Gives mailboxes that have this policy the default one again.',
    params,
    body: assigned.optional(),
    async handle(ctx, { params: { id }, body }) {
      const has = await listPolicyAssignments(ctx, id);
      if (!body) return assignSharingPolicy(ctx, null, has);
      const wanted = new Set((await ownersIn(ctx, body)).map((owner) => owner.id));
      return assignSharingPolicy(
        ctx,
        null,
        has.filter((owner) => wanted.has(owner.id)),
      );
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: '/admin/calendar-sharing',
    summary: 'Whether calendars are shared outside, as the default policy says.',
    handle: (ctx) => readSharingSwitches(ctx),
  }),
  route({
    ...admin,
    method: 'PATCH',
    path: '/admin/calendar-sharing',
    canBeTried: true,
    summary: 'Switches sharing outside; this edits the default policy.',
    body: z.strictObject({
      externalSharing: z.boolean().optional(),
      anonymousLinks: z.boolean().optional(),
      level: z.enum(['freeBusyRead', 'limitedRead', 'read']).optional(),
    }),
    handle: (ctx, { body }) => changeSharingSwitches(ctx, body),
  }),
];
