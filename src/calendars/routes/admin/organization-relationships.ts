import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { inPlace } from '../../../kernel/in-place.ts';
import { streamed } from '../../../partners/index.ts';
import { created, noContent, Reply, type Route, route } from '../../../platform/http/route.ts';
import { createdAtOf } from '../../model/relationship.ts';
import { administerCalendars } from '../../questions/calendars.ts';
import { type CheckPorts, checkRelationship } from '../../usecases/check-relationship.ts';
import {
  changeRelationship,
  createRelationship,
  deleteRelationship,
  discoverPartner,
  getRelationship,
  type KeptRelationship,
  listRelationships,
  type RelationshipPorts,
  type RelationshipValues,
  type WrittenValues,
} from '../../usecases/relationships.ts';

const anything = z.unknown().optional();
/** Each value is checked by the use case, so that what is wrong with it has a code of its own. */
const fields = {
  name: anything,
  enabled: anything,
  domainNames: anything,
  partnerTenantId: anything,
  freeBusy: z.strictObject({ enabled: anything, level: anything, scopeGroupId: anything }).partial().optional(),
  mailTips: z.strictObject({ enabled: anything, level: anything, scopeGroupId: anything }).partial().optional(),
  photosEnabled: anything,
  deliveryReportEnabled: anything,
  archiveAccessEnabled: anything,
  organizationContact: anything,
  target: z
    .strictObject({ applicationUri: anything, autodiscoverEpr: anything, sharingEpr: anything, owaUrl: anything })
    .partial()
    .optional(),
  mailboxMove: z
    .strictObject({ enabled: anything, capability: anything, publishedScopes: anything, oauthApplicationId: anything })
    .partial()
    .optional(),
};
const changes = z.strictObject(fields);

/** What each part of the body is called among the settings. */
const NAMES: Readonly<Record<string, keyof RelationshipValues>> = {
  name: 'name',
  enabled: 'enabled',
  domainNames: 'domainNames',
  partnerTenantId: 'partnerTenantId',
  'freeBusy.enabled': 'freeBusyAccessEnabled',
  'freeBusy.level': 'freeBusyAccessLevel',
  'freeBusy.scopeGroupId': 'freeBusyAccessScope',
  'mailTips.enabled': 'mailTipsAccessEnabled',
  'mailTips.level': 'mailTipsAccessLevel',
  'mailTips.scopeGroupId': 'mailTipsAccessScope',
  photosEnabled: 'photosEnabled',
  deliveryReportEnabled: 'deliveryReportEnabled',
  archiveAccessEnabled: 'archiveAccessEnabled',
  organizationContact: 'organizationContact',
  'target.applicationUri': 'targetApplicationUri',
  'target.autodiscoverEpr': 'targetAutodiscoverEpr',
  'target.sharingEpr': 'targetSharingEpr',
  'target.owaUrl': 'targetOwaUrl',
  'mailboxMove.enabled': 'mailboxMoveEnabled',
  'mailboxMove.capability': 'mailboxMoveCapability',
  'mailboxMove.publishedScopes': 'mailboxMovePublishedScopes',
  'mailboxMove.oauthApplicationId': 'oauthApplicationId',
};

/** What a tenant decided about each of its partners, and whether it works. */
export function organizationRelationshipRoutes(ports: CheckPorts): readonly Route[] {
  const admin = { wire: 'problem', access: 'asks', tags: ['calendars'] } as const;
  const base = '/admin/organization-relationships';
  const params = z.object({ id: z.string().max(100).toLowerCase() });
  /** Nobody elsewhere is asked while something is tried out, and no name is looked up. */
  const tried = (ctx: Context): RelationshipPorts => ({
    ...ports,
    run: inPlace(ctx),
    problemOfEndpoint: async () => undefined,
  });
  return [
    route({
      ...admin,
      method: 'GET',
      path: base,
      summary: 'The organization relationships.',
      handle: async (ctx) => ({ value: (await listRelationships(ctx)).map(present) }),
    }),
    route({
      ...admin,
      method: 'POST',
      path: base,
      summary: 'Makes a relationship; "discoverFrom" asks the partner for its domains, which are then confirmed.',
      transaction: 'none',
      body: z.strictObject({ ...fields, discoverFrom: z.string().max(253).optional() }),
      canBeTried: (ctx, { body: { discoverFrom: _, ...written } }) =>
        createRelationship(ctx, tried(ctx), read(written)),
      async handle(ctx, { body: { discoverFrom, ...written } }) {
        return answer(201, await createRelationship(ctx, ports, read(written), discoverFrom));
      },
    }),
    route({
      ...admin,
      method: 'GET',
      path: `${base}/discover`,
      summary: 'What the organisation behind a domain says of itself: a proposal to be confirmed.',
      transaction: 'none',
      query: z.object({ domain: z.string().max(253) }),
      async handle(ctx, { query: { domain } }) {
        const { tenantId, domains, mayLookUp } = await discoverPartner(ctx, ports, domain);
        return { domain, partnerTenantId: tenantId, domainNames: domains, partnerGrantsUs: mayLookUp };
      },
    }),
    route({
      ...admin,
      method: 'GET',
      path: `${base}/:id`,
      summary: 'One relationship, with what was last found out about it.',
      params,
      handle: async (ctx, { params: { id } }) => answer(200, await getRelationship(ctx, id)),
    }),
    route({
      ...admin,
      method: 'PATCH',
      path: `${base}/:id`,
      summary: 'Changes a relationship; a list of domains stands in place of the one before.',
      transaction: 'none',
      params,
      body: changes,
      canBeTried: (ctx, { params: { id }, body }) => changeRelationship(ctx, tried(ctx), id, read(body)),
      handle: async (ctx, { params: { id }, body, headers }) =>
        answer(200, await changeRelationship(ctx, ports, id, read(body), ifMatch(headers))),
    }),
    route({
      ...admin,
      method: 'DELETE',
      path: `${base}/:id`,
      canBeTried: true,
      summary: 'Ends a relationship; nothing is looked up under it any more.',
      params,
      async handle(ctx, { params: { id }, headers }) {
        await deleteRelationship(ctx, id, ifMatch(headers));
        return noContent();
      },
    }),
    route({
      ...admin,
      method: 'POST',
      path: `${base}/:id/test`,
      summary:
        'Tests the partnership with one mailbox looked up: a line of JSON for each step, and one for the verdict.',
      transaction: 'none',
      params,
      body: z.strictObject({ address: z.string().trim().min(3).max(320) }),
      async handle(ctx, { params: { id }, body: { address } }) {
        await ctx.demand(administerCalendars, undefined, 'write');
        return streamed(checkRelationship(ctx, ports, { id, address }));
      },
    }),
  ];
}

/** The settings that a body names, whatever stands in them. */
function read(body: z.output<typeof changes>): WrittenValues {
  const values: Record<string, unknown> = {};
  for (const [path, name] of Object.entries(NAMES)) {
    const [outer = '', inner] = path.split('.');
    const found = (body as Readonly<Record<string, unknown>>)[outer];
    const value = inner === undefined ? found : (found as Readonly<Record<string, unknown>> | undefined)?.[inner];
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function present({ id, values, etag, check }: KeptRelationship): Record<string, unknown> {
  const shown: Record<string, unknown> = { id };
  for (const [path, name] of Object.entries(NAMES)) {
    const [outer = '', inner] = path.split('.');
    if (inner === undefined) shown[outer] = values[name];
    else shown[outer] = { ...(shown[outer] as object | undefined), [inner]: values[name] };
  }
  return {
    ...shown,
    createdAt: createdAtOf(id),
    etag,
    status: {
      reachable: check?.isReachable ?? 'unknown',
      partnerGrantsUs: check?.partnerGrantsUs ?? 'unknown',
      lastCheckedAt: check?.checkedAt ?? null,
      proposedDomainNames: (check?.partnerDomains ?? []).filter((domain) => !values.domainNames.includes(domain)),
    },
  };
}

function answer(status: 200 | 201, kept: KeptRelationship): Reply {
  const { body, headers } =
    status === 201
      ? created(present(kept), `/admin/organization-relationships/${kept.id}`)
      : { body: present(kept), headers: {} };
  return new Reply(status, body, { ...headers, etag: kept.etag });
}

const ifMatch = (headers: Readonly<Record<string, string | string[] | undefined>>) =>
  [headers['if-match'] ?? []].flat()[0];
