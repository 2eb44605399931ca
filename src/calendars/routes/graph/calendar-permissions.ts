import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { presentCollection, presentEntity } from '../../../platform/http/collection.ts';
import { noContent, Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import { ROLES } from '../../model/roles.ts';
import type { LinkPorts } from '../../usecases/links.ts';
import {
  changePermission,
  createPermission,
  findCalendarOf,
  getPermission,
  listPermissions,
  type Permission,
  removePermission,
} from '../../usecases/permissions.ts';
import { type Base, GROUP, idIn, ME, USER } from './paths.ts';

type Asked = Pick<Request<unknown, unknown, unknown>, 'raw' | 'origin' | 'params'>;

const role = z.enum(ROLES).exclude(['owner']);
// An extension: the reference product's permissions do not end by themselves.
const endDateTime = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .nullish();

const newPermission = z.looseObject({
  emailAddress: z.object({ address: z.string().trim().min(3).max(320), name: z.string().max(256).nullish() }),
  role,
  endDateTime,
  // Extensions, too: whether somebody outside is written to, and asked to share back.
  sendInvitation: z.boolean().optional(),
  askToShareBack: z.boolean().optional(),
});
/** What is fixed after creation, or computed, is refused rather than passed over in silence (EX-37). */
const changes = z.strictObject({ '@odata.type': z.string().optional(), role: role.optional(), endDateTime });

const present = (one: Permission) => ({
  id: one.id,
  isRemovable: one.isRemovable,
  isInsideOrganization: one.isInside,
  role: one.role,
  allowedRoles: one.allowedRoles,
  emailAddress: { name: one.name, ...(one.address === null ? {} : { address: one.address }) },
  endDateTime: one.endsAt,
});

// A calendar is made for whoever comes the first time.
const graph = { wire: 'graph', access: 'asks', tags: ['calendars'], transaction: 'write' } as const;

/** Graph: `calendarPermissions`, with whom the calendars of people and groups are shared. */
export const calendarPermissionRoutes = (ports: LinkPorts): readonly Route[] =>
  [ME, USER, GROUP].flatMap((base) => [
    ...below(ports, base, '/calendar'),
    ...(base === GROUP ? [] : below(ports, base, '/calendars/:calendarId')),
  ]);

function below(ports: LinkPorts, base: Base, calendarPath: string): Route[] {
  const path = `${base.path}${calendarPath}/calendarPermissions`;
  const params = z.object({
    ...base.params.shape,
    ...(calendarPath.includes(':calendarId') ? { calendarId: z.string().max(300) } : {}),
  });
  const withPermission = z.object({ ...params.shape, permissionId: z.string().max(300) });
  const calendarIn = async (ctx: Context, { params: given }: Asked) =>
    findCalendarOf(ctx, await base.whose(ctx, given), idIn<'calendar'>((given as { calendarId?: string }).calendarId));
  const idOf = ({ params: given }: Asked) => (given as { permissionId: string }).permissionId;
  return [
    route({
      ...graph,
      method: 'GET',
      path,
      summary: 'With whom the calendar is shared; to somebody with whom it is, nothing.',
      params,
      handle: async (ctx, request) =>
        presentCollection(
          request,
          'calendarPermissions',
          (await listPermissions(ctx, await calendarIn(ctx, request))).map(present),
          { role: { kind: 'string' }, isInsideOrganization: { kind: 'boolean' } },
        ),
    }),
    route({
      ...graph,
      method: 'POST',
      path,
      summary: 'Shares the calendar with somebody.',
      params,
      body: newPermission,
      async handle(ctx, request) {
        const calendar = await calendarIn(ctx, request);
        const { emailAddress, ...wanted } = request.body;
        const { id } = await createPermission(ctx, ports, calendar, {
          address: emailAddress.address,
          role: wanted.role,
          endsAt: wanted.endDateTime,
          sendsInvitation: wanted.sendInvitation,
          sharesBack: wanted.askToShareBack,
        });
        return new Reply(
          201,
          presentEntity(request, 'calendarPermissions', present(await getPermission(ctx, calendar, id))),
        );
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${path}/:permissionId`,
      summary: 'One of those with whom the calendar is shared.',
      params: withPermission,
      handle: async (ctx, request) =>
        presentEntity(
          request,
          'calendarPermissions',
          present(await getPermission(ctx, await calendarIn(ctx, request), idOf(request))),
        ),
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: `${path}/:permissionId`,
      summary: 'Changes the role, or when the share ends.',
      params: withPermission,
      body: changes,
      async handle(ctx, request) {
        const { role: wanted, endDateTime: endsAt } = request.body;
        const calendar = await calendarIn(ctx, request);
        const changed = await changePermission(ctx, calendar, idOf(request), { role: wanted, endsAt });
        return presentEntity(request, 'calendarPermissions', present(changed));
      },
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: `${path}/:permissionId`,
      summary: 'Shares the calendar no more.',
      params: withPermission,
      async handle(ctx, request) {
        await removePermission(ctx, await calendarIn(ctx, request), idOf(request));
        return noContent();
      },
    }),
  ];
}
