import { listGrants, putGrant } from '../../src/access/index.ts';
import { insertSubscription } from '../../src/audit/store/subscriptions.ts';
import { insertAddressBook } from '../../src/calendars/store/address-books.ts';
import { putBookSubscription } from '../../src/calendars/store/book-subscriptions.ts';
import { listCalendars, updateMailbox } from '../../src/calendars/store/calendars.ts';
import { putSubscription } from '../../src/calendars/store/invitations.ts';
import { putLink } from '../../src/calendars/store/links.ts';
import { insertInbox, listInbox } from '../../src/calendars/store/scheduling.ts';
import { ensureMailbox } from '../../src/calendars/usecases/mailboxes.ts';
import { putObject } from '../../src/calendars/usecases/objects.ts';
import { createAccount, createGroup, GRANTS } from '../../src/directory/index.ts';
import { printImportTemplate } from '../../src/directory/model/guest-csv.ts';
import { createContact } from '../../src/directory/usecases/contacts.ts';
import { deleteAccount } from '../../src/directory/usecases/delete-account.ts';
import type { Actor, Context } from '../../src/kernel/context.ts';
import { newId, type TenantId } from '../../src/kernel/ids.ts';
import { ROLES } from '../../src/kernel/roles.ts';
import type { SignedDocument } from '../../src/partners/index.ts';
import { putDiagnosis } from '../../src/partners/store/diagnoses.ts';
import { putIntroduction, putPartner } from '../../src/partners/store/records.ts';
import type { Route } from '../../src/platform/http/route.ts';
import { insertPasskey } from '../../src/signin/store/passkeys.ts';
import { keepSession } from '../../src/signin/store/sessions.ts';
import { type Api, type People, type Person, startPeople } from './people.ts';
import { type Place, sampleOf } from './sample.ts';

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

const IMPORTED =
  'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:imported\r\nDTSTART:20260504T070000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n';

/** What is named in a path but is no object of a tenant: the same for everybody. */
const FIXED = {
  declaration: 'tenants.operator',
  // Public pages name an organisation whoever reads them.
  'any organisation': 'fabrikam.example',
  'link to nothing': 'opens-nothing',
  'partner request': 'partners.introduce',
  'place in a log': '0',
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
  ['/admin/partners/:id', 'partner record'],
  ['/admin/partners/:id/shared-log/:place', 'place in a log'],
  ['/.well-known/ssf-configuration/:tenant', 'any organisation'],
  ['/partners/requests/:to', 'any organisation'],
  ['/partners/requests/:to/:name', 'partner request'],
  ['/admin/settings/:name', 'declaration'],
  ['/admin/audit/events/:id', 'event'],
  ['/v1.0/auditLogs/directoryAudits/:id', 'event'],
  ['/admin/decisions/:id', 'decision'],
  ['/me/decisions/:id', 'decision'],
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
    if (!found) throw new Error(`tests/support/world.ts must say what ${match[0]} names in ${path}.`);
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

const capabilityBody = (idAt: (place: Place) => string) => {
  const at = ['inboundAccess', 'resourceScopes', 'included', 'resourceId'];
  return {
    name: 'crossTenantCalendarAvailabilityBasic',
    inboundAccess: { isAllowed: true, resourceScopes: { included: [{ resourceId: idAt(at), resourceType: 'user' }] } },
  };
};

const recipients = () => ({ EmailAddresses: ['bob@contoso.example'], MailTipsOptions: 'automaticReplies' });

const schedules = () => ({
  schedules: ['ann@fabrikam.example', 'bob@contoso.example'],
  startTime: { dateTime: '2026-05-04T00:00:00', timeZone: 'UTC' },
  endTime: { dateTime: '2026-05-05T00:00:00', timeZone: 'UTC' },
});

const EVENT = {
  subject: 'Sample',
  start: { dateTime: '2031-01-01T09:00:00', timeZone: 'UTC' },
  end: { dateTime: '2031-01-01T10:00:00', timeZone: 'UTC' },
};

/**
 * Bodies that a sample of the schema cannot guess, by route. Given the ids that the body should hold.
 * A body is right when the route, asked by its administrator about its own objects, does not answer 400.
 */
const BODIES: Readonly<Record<string, (idAt: (place: Place) => string, inPath: Objects) => unknown>> = {
  ...Object.fromEntries(
    ['/v1.0/me', '/v1.0/users/:id', '/v1.0/groups/:id'].flatMap((base) =>
      ['', '/calendar', '/calendars/:calendarId'].flatMap((path) => [
        [`POST ${base}${path}/events`, () => EVENT],
        [`POST ${base}${path}/events/:eventId/attachments`, () => ({ name: 'sample.txt', contentBytes: 'eA==' })],
        [
          `POST ${base}${path}/events/:eventId/attachments/createUploadSession`,
          () => ({ AttachmentItem: { attachmentType: 'file', name: 'sample.txt', size: 1 } }),
        ],
        [
          `POST ${base}${path}/events/:eventId/forward`,
          () => ({ toRecipients: [{ emailAddress: { address: 'somebody@fabrikam.example' } }] }),
        ],
      ]),
    ),
  ),
  'POST /v1.0/policies/crossTenantAccessPolicy/partners/:tenantId/m365Capabilities': capabilityBody,
  'POST /v1.0/policies/crossTenantAccessPolicy/default/m365Capabilities': capabilityBody,
  'POST /admin/organization-relationships': () => ({
    name: `Partner ${newId()}`,
    domainNames: [`d${newId()}.example`],
  }),
  'POST /admin/organization-relationships/:id/test': () => ({ address: 'nobody@wingtip.example' }),
  'POST /admin/partners': () => ({ domain: 'nowhere.example', digest: 'none', domains: ['nowhere.example'] }),
  'POST /admin/partners/agreements': () => ({ partner: 'tailspin.example', terms: [] }),
  'PUT /admin/partners/agreements/:id/draft': () => ({ terms: [] }),
  'POST /admin/partners/agreements/:id/counter': () => ({ terms: [] }),
  'POST /v1.0/me/getMailTips': recipients,
  'POST /v1.0/users/:id/getMailTips': recipients,
  'POST /me/delivery-reports': () => ({ eventId: newId(), recipient: 'bob@contoso.example' }),
  'POST /me/calendars/:id/import': () => IMPORTED,
  'POST /v1.0/me/calendar/getSchedule': schedules,
  'POST /v1.0/me/calendars/:calendarId/getSchedule': schedules,
  'POST /v1.0/users/:id/calendar/getSchedule': schedules,
  'POST /v1.0/servicePrincipals/:id/appRoleAssignments': (_idAt, inPath) => ({
    principalId: inPath['service principal'],
    appRoleId: 'User.Read.All',
  }),
};

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

/** A body that the route takes, with `idAt` answering each id in it. `inPath` are the ids that the path is filled with. */
export function bodyOf(route: Route, idAt: (place: Place) => string, inPath: Objects): unknown {
  const own = BODIES[nameOf(route)];
  if (own) return own(idAt, inPath);
  const address = (place: Place) =>
    place.at(-1) === '@odata.id' ? `https://graph.microsoft.com/v1.0/directoryObjects/${idAt(place)}` : idAt(place);
  return route.body && sampleOf(route.body, address);
}

/** Whether a path names an object of a tenant. */
export const namesObjects = (path: string) => namedIn(path).some((name) => !(name in FIXED));

export const nameOf = (route: { readonly method: string; readonly path: string }) => `${route.method} ${route.path}`;

/** An application that acts for itself, with what an administrator consented to. */
export interface Program {
  readonly id: string;
  readonly servicePrincipalId: string;
  readonly permissionIds: readonly string[];
  /** Signs in by its secret (client credentials, RFC 6749 §4.4). */
  token(): Promise<string>;
}

export interface World extends People {
  /** Registers an application in the administrator's organisation. */
  program(administrator: Person, displayName: string, permissions: readonly string[]): Promise<Program>;
  readonly objects: { readonly fabrikam: Objects; readonly contoso: Objects };
  /** Work in a tenant's name, as the server itself. */
  inside<T>(tenantId: TenantId, act: (ctx: Context) => Promise<T>, actor?: Actor): Promise<T>;
  readonly ann: Api;
  readonly carla: Api;
}

/** The whole server with people and one object of every kind in Fabrikam and in Contoso. */
export async function startWorld(settings?: Parameters<typeof startPeople>[0]): Promise<World> {
  const people = await startPeople(settings);
  try {
    const inside: World['inside'] = (tenantId, act, actor = { kind: 'system', name: 'test' }) =>
      people.app.run({ tenantId, actor }, act);
    const { fabrikam, contoso } = people;
    return {
      ...people,
      inside,
      program: (administrator, displayName, permissions) => register(people, administrator, displayName, permissions),
      ann: people.api(fabrikam.ann),
      carla: people.api(contoso.carla),
      objects: {
        fabrikam: await furnish(people, inside, fabrikam.ann, fabrikam.anders),
        contoso: await furnish(people, inside, contoso.carla, contoso.bob),
      },
    };
  } catch (error) {
    await people.app.close();
    throw error;
  }
}

/** What an organisation elsewhere would publish. Nobody answers there. */
const publishedBy = (tenantId: TenantId, domain: string): SignedDocument => ({
  document: {
    v: 1,
    tenantId,
    displayName: `Partner at ${domain}`,
    domains: [domain],
    endpoint: `https://${domain}/partners/requests`,
    issuer: `https://${domain}/${tenantId}/v2.0`,
    keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'nothing', kid: newId() }],
  },
  signature: { protected: '', signature: '' },
});

/** A file of guests to invite, with one in it. */
const guestsFile = (address: string) =>
  `${printImportTemplate().split(/\r?\n/).slice(0, 2).join('\r\n')}\r\n${address},https://apps.example/\r\n`;

/** An event in the calendar of a member. */
const planOf = (home: string) =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//${home}//EN\r\nBEGIN:VEVENT\r\nUID:plan@${home}\r\n` +
  `DTSTAMP:20260401T000000Z\r\nDTSTART:20260504T070000Z\r\nDURATION:PT1H\r\nSUMMARY:Plan of ${home}\r\n` +
  'END:VEVENT\r\nEND:VCALENDAR\r\n';

/** Asks, and throws unless something was made or found. */
async function ask(api: Api, method: string, path: string, body?: unknown) {
  const answer = await api(method, path, body);
  if (answer.status >= 300)
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function register(
  people: People,
  administrator: Person,
  displayName: string,
  permissions: readonly string[],
): Promise<Program> {
  const api = people.api(administrator);
  const { id, appId } = await ask(api, 'POST', '/v1.0/applications', { displayName });
  const { secretText } = await ask(api, 'POST', `/v1.0/applications/${id}/addPassword`, {});
  const principals: { id: string; appId: string }[] = (await ask(api, 'GET', '/v1.0/servicePrincipals')).value;
  const servicePrincipalId = principals.find((one) => one.appId === appId)?.id as string;
  const permissionIds: string[] = [];
  for (const appRoleId of permissions) {
    const path = `/v1.0/servicePrincipals/${servicePrincipalId}/appRoleAssignments`;
    permissionIds.push((await ask(api, 'POST', path, { appRoleId, principalId: servicePrincipalId })).id);
  }
  return {
    id,
    servicePrincipalId,
    permissionIds,
    async token() {
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: appId,
        client_secret: secretText,
        scope: 'https://graph.microsoft.com/.default',
      });
      const address = `/${administrator.tenantId}/oauth2/v2.0/token`;
      const answer = await people.call(undefined)('POST', address, form.toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      });
      if (answer.status !== 200)
        throw new Error(`${address} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      return answer.body.access_token as string;
    },
  };
}

/** One object of every kind, made as its administrator and its member would. */
async function furnish(
  people: People,
  inside: World['inside'],
  administrator: Person,
  member: Person,
): Promise<Objects> {
  const { tenantId } = administrator;
  const asMember = people.api(member);
  const asAdministrator = people.api(administrator);

  const grant = await inside(tenantId, async (ctx) => {
    await putGrant(ctx, {
      kind: GRANTS.role.kind,
      subject: { kind: 'account', id: member.id },
      object: { kind: GRANTS.role.objectKind, id: 'guest-inviter' },
      level: GRANTS.role.level,
      givenBy: administrator.id,
    });
    const [given] = await listGrants(ctx, { subjects: [{ kind: 'account', id: member.id }] });
    return given?.id as string;
  });
  const home = administrator.userPrincipalName.split('@')[1] as string;
  const made = await inside(tenantId, async (ctx) => {
    const person = { displayName: `Gone from ${home}`, userPrincipalName: `gone@${home}` };
    const gone = await createAccount(ctx, person);
    await deleteAccount(ctx, gone.id);
    const contact = await createContact(ctx, {
      displayName: `Friend of ${home}`,
      mail: `friend@${home}.elsewhere.example`,
    });
    const group = await createGroup(ctx, {
      kind: 'security',
      displayName: `Group of ${home}`,
      mailNickname: 'group',
      members: [{ kind: 'account', id: member.id }],
    });
    const [session, passkey] = [newId(), newId()];
    await keepSession(ctx, {
      id: session,
      accountId: administrator.id,
      authenticatedAt: ctx.now,
      endsAt: new Date(ctx.now.getTime() + 86_400_000),
      methods: ['pwd'],
      homeTenantId: null,
      clientAddress: null,
      userAgent: null,
    });
    await insertPasskey(ctx, {
      // Not the administrator's: whoever has one changes nothing of their own without it.
      accountId: member.id,
      id: passkey,
      publicKey: Buffer.from('key'),
      counter: 0,
      transports: [],
      displayName: `Key of ${home}`,
      isBackedUp: false,
      authenticator: '',
    });
    return { passkey, session, contact: contact.id, group: group.id, gone: gone.id };
  });
  const partners = await inside(tenantId, async (ctx) => {
    const [confirmed, introduced] = [newId<'tenant'>(), newId<'tenant'>()];
    const at = (name: string) => `${name}.${home}.elsewhere.example`;
    await putPartner(ctx, {
      tenantId: confirmed,
      foundAt: at('partner'),
      document: publishedBy(confirmed, at('partner')),
      domains: [at('partner')],
      confirmedBy: administrator.id,
    });
    await putIntroduction(ctx, {
      tenantId: introduced,
      foundAt: at('stranger'),
      document: publishedBy(introduced, at('stranger')),
    });
    const made = newId();
    await putDiagnosis(ctx, {
      id: made,
      partnerTenantId: confirmed,
      partnerName: 'Partner',
      askedBy: administrator.id,
      mailbox: null,
      isHealthy: true,
      steps: [],
      told: [],
    });
    return { confirmed, introduced, made };
  });
  const { id: agreement } = await ask(asAdministrator, 'POST', '/admin/partners/agreements', {
    partner: partners.confirmed,
    terms: [{ term: 'files.sharing', of: home, offers: 'view' }],
  });
  const kept = await inside(tenantId, async (ctx) => {
    const owner = { kind: 'account', id: member.id } as const;
    await ensureMailbox(ctx, owner);
    const [calendar] = await listCalendars(ctx, { owners: [owner], isDefault: true });
    const { object } = await putObject(ctx, { calendarId: calendar!.id, name: 'plan.ics', text: planOf(home) });
    const reader = { kind: 'account', id: administrator.id } as const;
    await ensureMailbox(ctx, reader);
    await insertInbox(ctx, {
      ...{ reader, owner: reader, fingerprint: 'one', sender: `friend@${home}.elsewhere.example`, method: 'COUNTER' },
      ...{ uid: `plan@${home}`, content: planOf(home).replace('BEGIN:VEVENT', 'METHOD:COUNTER\r\nBEGIN:VEVENT') },
      ...{ comment: null, outcome: 'proposal', warning: null, proposal: 'open', objectId: null },
    });
    const [message] = await listInbox(ctx, { reader, limit: 1 });
    const category = { id: newId(), displayName: `Trips of ${home}`, color: 'none' };
    await updateMailbox(ctx, owner, { categories: [category] });
    const { object: task } = await putObject(ctx, {
      calendarId: calendar!.id,
      name: 'task.ics',
      text: planOf(home).replaceAll('VEVENT', 'VTODO').replace('UID:plan', 'UID:task'),
    });
    const { id: permission } = await putGrant(ctx, {
      kind: 'calendars.calendar',
      subject: { kind: 'contact', id: `friend@${home}.elsewhere.example` },
      object: { kind: 'calendar', id: calendar!.id },
      level: 'limitedRead',
      homeDomain: `${home}.elsewhere.example`,
      givenBy: member.id,
    });
    const { id: published } = await putGrant(ctx, {
      kind: 'calendars.calendar',
      subject: { kind: 'anyone', id: 'anyone' },
      object: { kind: 'calendar', id: calendar!.id },
      level: 'freeBusyRead',
      path: 'link',
      givenBy: member.id,
    });
    await putLink(ctx, {
      id: newId(),
      calendarId: calendar!.id,
      grantId: published,
      tokenHash: Buffer.from(`link of ${home}`),
      tokenSealed: Buffer.from('sealed'),
      publicName: `${home}-calendar`,
      rangeFrom: 'OneWeek',
      rangeTo: 'OneWeek',
    });
    const { id: subscription } = await putSubscription(ctx, {
      id: newId(),
      accountId: member.id,
      partnerTenantId: newId(),
      partnerCalendarId: newId(),
      name: `Shared with ${home}`,
      ownerName: 'Somebody',
      ownerAddress: null,
      organisationName: 'Elsewhere',
      color: null,
      role: 'read',
    });
    const book = await insertAddressBook(ctx, { accountId: member.id, name: `Contacts of ${home}`, slug: 'known' });
    const { id: bookShare } = await putGrant(ctx, {
      kind: 'calendars.address-book',
      subject: { kind: 'contact', id: `friend@${home}.elsewhere.example` },
      object: { kind: 'address-book', id: book!.id },
      level: 'read',
      homeDomain: `${home}.elsewhere.example`,
      givenBy: member.id,
    });
    const { id: opened } = await putBookSubscription(ctx, member.id, {
      partnerTenantId: newId(),
      partnerBookId: newId(),
      name: `Opened in ${home}`,
      ownerName: 'Somebody',
      ownerAddress: 'somebody@elsewhere.example',
      organisationName: 'Elsewhere',
    });
    return {
      book: book!.id,
      bookShare,
      opened,
      calendar: calendar!.id,
      event: object.id,
      category: category.id,
      task: task.id,
      permission,
      published,
      subscription,
      message: message!.id,
    };
  });
  const { id: attachment } = await ask(asMember, 'POST', `/v1.0/users/${member.id}/events/${kept.event}/attachments`, {
    '@odata.type': '#microsoft.graph.fileAttachment',
    name: 'plan.txt',
    contentBytes: 'cGxhbg==',
  });
  const fileImport = await ask(asMember, 'POST', `/me/calendars/${kept.calendar}/import`, IMPORTED);
  const make = (path: string, body: unknown) => ask(asAdministrator, 'POST', path, body);
  const program = await register(people, administrator, `Program of ${home}`, ['User.Read.All']);
  const consent = await make('/v1.0/oauth2PermissionGrants', {
    clientId: program.servicePrincipalId,
    consentType: 'AllPrincipals',
    scope: 'User.Read',
  });
  const appPassword = await make('/me/app-passwords', { name: `Mail of ${home}` });
  const policy = await make('/admin/sharing-policies', { name: `Sharing of ${home}` });
  const domain = await make('/v1.0/domains', { id: `claimed-by-${home}` });
  const source = await make('/admin/directory-sources', {
    kind: 'ldap',
    displayName: `People of ${home}`,
    externalId: `ldap.${home}`,
  });
  const place = await make('/admin/places', {
    kind: 'room',
    displayName: `Room of ${home}`,
    emailAddress: `room@${home}`,
  });
  const invitation = await make('/v1.0/invitations', {
    invitedUserEmailAddress: `tom@tailspin.example`,
    inviteRedirectUrl: 'https://apps.example/',
  });
  const imported = await asAdministrator(
    'POST',
    '/admin/guest-imports',
    guestsFile(`imported@${home}.elsewhere.example`),
    {
      'content-type': 'text/csv',
    },
  );
  if (imported.status !== 202)
    throw new Error(`The import answered ${imported.status}: ${JSON.stringify(imported.body)}`);
  const relationship = await make('/admin/organization-relationships', {
    name: `Partner of ${home}`,
    domainNames: [`wingtip.${home}`],
  });
  const skus = await asAdministrator('GET', '/v1.0/subscribedSkus');
  // Made by hand: asking for one calls a server outside first.
  const subscription = newId();
  await inside(tenantId, (ctx) =>
    insertSubscription(ctx, {
      id: subscription,
      owner: { kind: 'account', id: administrator.id },
      ownerScopes: null,
      changeTypes: ['updated'],
      resource: '/users',
      collection: 'users',
      objectId: null,
      notificationUrl: `https://hooks.${home}/`,
      lifecycleUrl: null,
      clientState: `of ${home}`,
      expiresAt: new Date(ctx.now.getTime() + 86_400_000),
      secret: Buffer.from('sealed'),
    }),
  );
  const tried = await asAdministrator('POST', '/admin/what-if', {
    changes: [],
    at: new Date(Date.now() + 86_400_000).toISOString(),
  });
  const parted = await asAdministrator('POST', '/admin/endings', { partner: `parted-from.${home}` });
  const review = await asAdministrator('POST', '/admin/reviews', { title: 'Sample', withoutAnswer: 'keep' });
  const refused = await asMember('GET', '/admin/audit/events');
  const requested = await ask(asMember, 'POST', '/me/access-requests', { reference: refused.body.decisionId });
  const events = await asAdministrator('GET', '/admin/audit/events?refusals=false');
  return {
    'access request': requested.id,
    account: member.id,
    'app-password': appPassword.id,
    application: program.id,
    'application permission': program.permissionIds[0] as string,
    attachment,
    calendar: kept.calendar,
    'calendar event': kept.event,
    category: kept.category,
    'calendar permission': kept.permission,
    consent: consent.id,
    contact: made.contact,
    decision: refused.body.decisionId as string,
    'deleted account': made.gone,
    'directory-source': source.id,
    domain: domain.id,
    ending: parted.body.id,
    event: events.body.value[0].id as string,
    'file import': fileImport.id,
    grant,
    group: made.group,
    guest: invitation.invitedUser.id,
    'guest-import': imported.body.id,
    'meeting message': kept.message,
    'outside share': kept.published,
    'service principal': program.servicePrincipalId,
    passkey: made.passkey,
    place: place.id,
    session: made.session,
    'shared calendar': kept.subscription,
    'address book': kept.book,
    'address book share': kept.bookShare,
    'opened address book': kept.opened,
    agreement,
    'partner record': partners.confirmed,
    'partnership test': partners.made,
    introduction: partners.introduced,
    review: review.body.id,
    'sharing policy': policy.id,
    sku: skus.body.value[0].id,
    subscription,
    relationship: relationship.id,
    task: kept.task,
    tenant: tenantId,
    'what-if': tried.body.id,
  };
}
