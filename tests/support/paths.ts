/** What the parameters of every route's path name, and paths with ids in them. */
import { newId } from '../../src/kernel/ids.ts';
import { ROLES } from '../../src/kernel/roles.ts';

/** Kinds of object that a path can name. */
export const KINDS = [
  'access request',
  'app-password',
  'agreement',
  'account',
  'address book',
  'address book share',
  'application',
  'application permission',
  'attachment',
  'calendar',
  'calendar event',
  'category',
  'calendar permission',
  'consent',
  'contact',
  'decision',
  'deleted account',
  'directory-source',
  'domain',
  'ending',
  'event',
  'file import',
  'grant',
  'group',
  'guest',
  'guest-import',
  'meeting message',
  'opened address book',
  'outside share',
  'passkey',
  'place',
  'service principal',
  'session',
  'shared calendar',
  'partner record',
  'partnership test',
  'review',
  'introduction',
  'sharing policy',
  'sku',
  'subscription',
  'relationship',
  'task',
  'tenant',
  'what-if',
] as const;
export type Kind = (typeof KINDS)[number];

const GUEST_INVITER = ROLES.find(({ name }) => name === 'guest-inviter')?.templateId as string;

/** What is named in a path but is no object of a tenant: the same for everybody. */
const FIXED = {
  declaration: 'tenants.operator',
  // Public pages name an organisation whoever reads them.
  'any organisation': 'fabrikam.example',
  'link to nothing': 'opens-nothing',
  'partner request': 'partners.introduce',
  'place in a log': '0',
  'record in a log': '00000000-0000-4000-8000-000000000003',
  // Streams belong to programs, and none of those that ask here has one.
  'stream of nobody': '00000000-0000-4000-8000-000000000002',
  // Known to the browser that began it alone.
  'journey of signing in': 'nothing',
  partner: '00000000-0000-4000-8000-000000000001',
  'capability by name': 'crossTenantCalendarAvailabilityBasic',
  'inviting organisation': '00000000-0000-4000-8000-000000000000',
  'kind of object': 'microsoft.graph.user',
  'kind in the ledger': 'group',
  'administrative role by key': `(roleTemplateId='${GUEST_INVITER}')`,
  'administrative role': GUEST_INVITER,
  window: "(StartDateTime='2026-05-01T00:00:00',EndDateTime='2026-05-08T00:00:00')",
  'group of calendars': '0006f0b7-0000-0000-c000-000000000046',
};

/**
 * What each parameter of a path names, by how the path begins. A parameter missing here fails the tests that try every
 * route: whoever adds a route says what its ids are.
 */
const NAMED: readonly (readonly [path: string, names: Kind | keyof typeof FIXED])[] = [
  ['/admin/organization-relationships/:id', 'relationship'],
  ['/v1.0/policies/crossTenantAccessPolicy/partners/:tenantId', 'partner'],
  ...['partners/:tenantId', 'default'].map(
    (whom) => [`/v1.0/policies/crossTenantAccessPolicy/${whom}/m365Capabilities/:name`, 'capability by name'] as const,
  ),
  ['/v1.0/me/calendars/:calendarId', 'calendar'],
  ['/me/calendars/:id', 'calendar'],
  ['/me/calendars/:id/imports/:importId', 'file import'],
  ['/admin/partners/introductions/:partnerId', 'introduction'],
  ['/admin/partners/agreements/:id', 'agreement'],
  ['/admin/partners/:partnerId', 'partner record'],
  ['/admin/partners/:partnerId/tests/:testId', 'partnership test'],
  ['/partners/tests/:key', 'link to nothing'],
  ['/admin/partners/:partnerId/shared-log/:place', 'place in a log'],
  ['/admin/partners/:partnerId/shared-log/pairs/:recordId', 'record in a log'],
  ['/.well-known/ssf-configuration/:tenant', 'any organisation'],
  ['/partners/requests/:to', 'any organisation'],
  ['/partners/requests/:to/:name', 'partner request'],
  ['/admin/settings/:name', 'declaration'],
  ['/admin/audit/events/:id', 'event'],
  ['/v1.0/auditLogs/directoryAudits/:id', 'event'],
  ['/admin/decisions/:id', 'decision'],
  ['/me/decisions/:id', 'decision'],
  ['/operator/decisions/:id', 'decision'],
  ['/me/app-passwords/:id', 'app-password'],
  ['/admin/access-requests/:id', 'access request'],
  ['/me/access-requests/:id', 'access request'],
  ['/admin/ledger/:grantId', 'grant'],
  ['/admin/what-if/:id', 'what-if'],
  ['/admin/endings/:endingId', 'ending'],
  ['/v1.0/organization/:id', 'tenant'],
  ['/v1.0/domains/:id', 'domain'],
  ['/v1.0/subscribedSkus/:id', 'sku'],
  ['/admin/directory-sources/:id', 'directory-source'],
  ['/admin/places/:id', 'place'],
  ['/admin/outside-shares/:grantId', 'outside share'],
  ['/me/meeting-messages/:id', 'meeting message'],
  ['/v1.0/subscriptions/:id', 'subscription'],
  ['/operator/tenants/:id', 'tenant'],
  ['/admin/guest-imports/:id', 'guest-import'],
  ['/admin/sharing-policies/:id', 'sharing policy'],
  ['/admin/accounts/:id', 'account'],
  ['/admin/guests/:id', 'guest'],
  ['/admin/reviews/:reviewId', 'review'],
  ['/me/reviews/:reviewId', 'review'],
  ['/admin/reach/:objectKind', 'kind in the ledger'],
  ['/admin/reach/:objectKind/:objectId', 'group'],
  ['/me/organisations/:tenantId', 'tenant'],
  ['/me/organisations/elsewhere/:tenantId', 'tenant'],
  ['/me/sessions/:id', 'session'],
  ['/me/security/passkeys/:id', 'passkey'],
  ['/me/applications/:id', 'consent'],
  ['/v1.0/users/:id', 'account'],
  ['/v1.0/users/:id/sponsors/:sponsorId', 'account'],
  ['/v1.0/me/sponsors/:sponsorId', 'account'],
  ['/v1.0/groups/:id', 'group'],
  ['/v1.0/groups/:id/members/:memberId', 'account'],
  ['/v1.0/groups/:id/owners/:memberId', 'account'],
  ['/v1.0/contacts/:id', 'contact'],
  ['/v1.0/places/:id', 'place'],
  ['/calendars/attachments/:attachmentId', 'attachment'],
  ...['/v1.0/me', '/v1.0/users/:id', '/v1.0/groups/:id'].flatMap((base) => [
    ...['', '/calendar', '/calendars/:calendarId'].flatMap((path) => [
      [`${base}${path}/events/:eventId`, 'calendar event'] as const,
      [`${base}${path}/events/:eventId/attachments/:attachmentId`, 'attachment'] as const,
    ]),
    ...['/calendar', '/calendars/:calendarId'].map(
      (path) => [`${base}${path}/calendarPermissions/:permissionId`, 'calendar permission'] as const,
    ),
    [`${base}/calendars/:calendarId`, 'calendar'] as const,
    [`${base}/calendarGroups/:groupId`, 'group of calendars'] as const,
    [`${base}/reminderView:window`, 'window'] as const,
    [`${base}/todo/lists/:listId`, 'calendar'] as const,
    [`${base}/todo/lists/:listId/tasks/:taskId`, 'task'] as const,
    [`${base}/outlook/masterCategories/:categoryId`, 'category'] as const,
  ]),
  ['/v1.0/directoryObjects/:id', 'account'],
  ['/v1.0/directory/deletedItems/:id', 'deleted account'],
  ['/v1.0/directoryRoles/:id', 'administrative role'],
  ['/v1.0/directoryRoles/:id/members/:memberId', 'account'],
  ['/v1.0/directoryRoles:id', 'administrative role by key'],
  ['/v1.0/directoryRoles:id/members/:memberId', 'account'],
  ['/v1.0/applications/:id', 'application'],
  ['/v1.0/servicePrincipals/:id', 'service principal'],
  ['/v1.0/servicePrincipals/:id/appRoleAssignments/:assignment', 'application permission'],
  ['/v1.0/oauth2PermissionGrants/:id', 'consent'],
  ['/v1.0/directoryRoleTemplates/:id', 'administrative role'],
  ['/v1.0/roleManagement/directory/roleAssignments/:id', 'grant'],
  ['/v1.0/roleManagement/directory/roleDefinitions/:id', 'administrative role'],
  ['/me/blocked-organisations/:tenantId', 'inviting organisation'],
  ['/me/calendars/:calendarId', 'calendar'],
  ['/me/shared-calendars/:id', 'shared calendar'],
  ['/me/address-books/:id', 'address book'],
  ['/me/address-books/:id/shares/:shareId', 'address book share'],
  ['/me/shared-address-books/:id', 'opened address book'],
  ['/calendar/:name', 'link to nothing'],
  ['/v1.0/attachmentUploads/:key', 'link to nothing'],
  ['/ssf/poll/:streamId', 'stream of nobody'],
  ['/ssf/events/:tenant', 'any organisation'],
  ['/.well-known/ssf-configuration/:tenant', 'any organisation'],
  ['/:tenant', 'any organisation'],
  ['/:tenant/signin/:uid', 'journey of signing in'],
];

/** Ids of real objects of one organisation, by kind. */
export type Objects = Readonly<Record<Kind, string>>;

/** Ids in the right form that name nothing. */
export const NOTHING: Objects = {
  'access request': newId(),
  'app-password': newId(),
  agreement: newId(),
  account: newId(),
  'address book': newId(),
  'address book share': newId(),
  application: newId(),
  'application permission': `${newId()}~User.Read.All`,
  attachment: newId(),
  calendar: newId(),
  'calendar event': newId(),
  category: newId(),
  'calendar permission': newId(),
  consent: newId(),
  contact: newId(),
  decision: newId(),
  'deleted account': newId(),
  'directory-source': newId(),
  domain: 'claimed-by-nothing.example',
  ending: newId(),
  event: newId(),
  'file import': newId(),
  grant: newId(),
  group: newId(),
  guest: newId(),
  'guest-import': newId(),
  'meeting message': newId(),
  'opened address book': newId(),
  'outside share': newId(),
  passkey: newId(),
  place: newId(),
  'service principal': newId(),
  session: newId(),
  'shared calendar': newId(),
  'partner record': newId(),
  'partnership test': newId(),
  review: newId(),
  introduction: newId(),
  'sharing policy': newId(),
  sku: `${newId()}_${newId()}`,
  subscription: newId(),
  relationship: newId(),
  task: newId(),
  tenant: newId(),
  'what-if': newId(),
};

/** What the parameters of a path name, in their order. */
export function namedIn(path: string): (Kind | keyof typeof FIXED)[] {
  return [...path.matchAll(/:\w+/g)].map((match) => {
    const upTo = path.slice(0, match.index + match[0].length);
    if (match[0] === ':cast') return 'kind of object';
    const found = NAMED.find(([prefix]) => prefix === upTo);
    if (!found) throw new Error(`tests/support/paths.ts must say what ${match[0]} names in ${path}.`);
    return found[1];
  });
}

/** The path with the ids of `objects` in it. */
export function filled(path: string, objects: Objects): string {
  const names = namedIn(path);
  const ids: Readonly<Record<string, string>> = { ...FIXED, ...objects };
  let next = 0;
  return path.replace(/:\w+/g, () => encodeURIComponent(ids[names[next++] as string] as string)).replace(/\*$/, 'x');
}

/** Whether a path names an object of a tenant. */
export const namesObjects = (path: string) => namedIn(path).some((name) => !(name in FIXED));

export const nameOf = (route: { readonly method: string; readonly path: string }) => `${route.method} ${route.path}`;

/** The addresses of calendar and address book programs that name something of a person, or something in it. */
export const davPaths = ({ account }: Pick<Objects, 'account'>): readonly string[] => [
  `/dav/principals/${account}/`,
  `/dav/calendars/${account}/`,
  `/dav/calendars/${account}/inbox/`,
  `/dav/calendars/${account}/inbox/${account}.ics`,
  `/dav/calendars/${account}/outbox/`,
  `/dav/calendars/${account}/calendar/`,
  `/dav/calendars/${account}/calendar/plan.ics`,
  `/dav/calendars/${account}/abroad-${account}/`,
  `/dav/calendars/${account}/abroad-${account}/plan.ics`,
  `/dav/addressbooks/${account}/`,
  `/dav/addressbooks/${account}/contacts/`,
  `/dav/addressbooks/${account}/contacts/one.vcf`,
  `/dav/addressbooks/${account}/abroad-${account}/`,
  `/dav/addressbooks/${account}/shared-${account}/one.vcf`,
];
