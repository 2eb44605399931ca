/** A body that each route takes. */
import { newId } from '../../src/kernel/ids.ts';
import type { Route } from '../../src/platform/http/route.ts';
import { nameOf, type Objects } from './paths.ts';
import { type Place, sampleOf } from './sample.ts';

/** A calendar to import, with one event in it. */
export const IMPORTED =
  'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:imported\r\nDTSTART:20260504T070000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n';

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

/** A body that the route takes, with `idAt` answering each id in it. `inPath` are the ids that the path is filled with. */
export function bodyOf(route: Route, idAt: (place: Place) => string, inPath: Objects): unknown {
  const own = BODIES[nameOf(route)];
  if (own) return own(idAt, inPath);
  const address = (place: Place) =>
    place.at(-1) === '@odata.id' ? `https://graph.microsoft.com/v1.0/directoryObjects/${idAt(place)}` : idAt(place);
  return route.body && sampleOf(route.body, address);
}
