import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { FaultPage, MissingInside, MissingPage } from './shell/fault-page.tsx';

// Each page is fetched when it is first opened. The first segments here are the ones the server answers with the app
// (src/app/web.ts): a test there holds both lists together.

const root = createRootRoute({ component: Outlet, notFoundComponent: MissingPage });

const page = <Name extends string>(path: string, load: () => Promise<Record<Name, unknown>>, name: Name) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load as never, name as never) });

const tenant = createRoute({
  getParentRoute: () => root,
  path: '/t/$tenant',
  component: lazyRouteComponent(() => import('./shell/tenant-page.tsx'), 'TenantPage'),
  notFoundComponent: MissingInside,
});

const inside = <Name extends string>(path: string, load: () => Promise<Record<Name, unknown>>, name: Name) =>
  createRoute({
    getParentRoute: () => tenant,
    path,
    validateSearch: (search: Record<string, unknown>) => search as Record<string, string | undefined>,
    component: lazyRouteComponent(load as never, name as never),
  });

export const routes = root.addChildren([
  page('/', () => import('./home/start-page.tsx'), 'StartPage'),
  page('/setup', () => import('./operator/setup-page.tsx'), 'SetupPage'),
  page('/signed-in', () => import('./signin/signed-in-page.tsx'), 'SignedInPage'),
  page('/signin/$uid', () => import('./signin/interaction-page.tsx'), 'InteractionPage'),
  page('/redeem', () => import('./directory/redeem-page.tsx'), 'RedeemPage'),
  page('/blocked-organisations', () => import('./directory/blocked-page.tsx'), 'BlockedPage'),
  page('/partner-test', () => import('./partners/shared-test-page.tsx'), 'SharedTestPage'),
  page('/calendar/accept', () => import('./calendars/accept-page.tsx'), 'AcceptStartPage'),
  tenant.addChildren([
    inside('/', () => import('./home/home-page.tsx'), 'HomePage'),
    inside('/calendar', () => import('./calendars/calendar-page.tsx'), 'CalendarPage'),
    inside('/calendar/accept', () => import('./calendars/accept-page.tsx'), 'AcceptPage'),
    inside('/calendar/find-a-time', () => import('./calendars/find-time-page.tsx'), 'FindTimePage'),
    inside('/contacts', () => import('./calendars/contacts-page.tsx'), 'ContactsPage'),
    inside('/people', () => import('./directory/people-page.tsx'), 'PeoplePage'),
    inside('/people/$id', () => import('./directory/person-page.tsx'), 'PersonPage'),
    inside('/guests', () => import('./directory/guests-page.tsx'), 'GuestsPage'),
    inside('/guests/bulk', () => import('./directory/bulk-page.tsx'), 'BulkPage'),
    inside('/guests/$id', () => import('./directory/guest-page.tsx'), 'GuestPage'),
    inside('/groups', () => import('./directory/groups-page.tsx'), 'GroupsPage'),
    inside('/groups/$id', () => import('./directory/group-page.tsx'), 'GroupPage'),
    inside('/roles', () => import('./directory/roles-page.tsx'), 'RolesPage'),
    inside('/domains', () => import('./tenants/domains-page.tsx'), 'DomainsPage'),
    inside('/partners', () => import('./partners/partners-page.tsx'), 'PartnersPage'),
    inside('/partners/endings', () => import('./partners/endings-page.tsx'), 'EndingsPage'),
    inside('/partners/endings/$id', () => import('./partners/ending-page.tsx'), 'EndingPage'),
    inside('/partners/$id/part', () => import('./partners/part-page.tsx'), 'PartPage'),
    inside('/guests/$id/part', () => import('./partners/part-page.tsx'), 'PartWithGuestPage'),
    inside('/partners/$id/test', () => import('./partners/test-page.tsx'), 'PartnershipTestPage'),
    inside('/partners/$id/synchronization', () => import('./partners/synchronization-page.tsx'), 'SynchronizationPage'),
    inside('/partners/$id/agreement', () => import('./partners/agreement-page.tsx'), 'AgreementPage'),
    inside('/cross-tenant-access', () => import('./partners/cross-tenant-page.tsx'), 'CrossTenantPage'),
    inside('/cross-tenant-access/$id', () => import('./partners/partner-access-page.tsx'), 'PartnerAccessPage'),
    inside('/licences', () => import('./tenants/licences-page.tsx'), 'LicencesPage'),
    inside('/applications', () => import('./signin/applications-page.tsx'), 'ApplicationsPage'),
    inside('/rooms', () => import('./calendars/rooms-page.tsx'), 'RoomsPage'),
    inside('/relationships', () => import('./calendars/relationships-page.tsx'), 'RelationshipsPage'),
    inside('/sharing-policies', () => import('./calendars/sharing-policies-page.tsx'), 'SharingPoliciesPage'),
    inside('/published', () => import('./calendars/published-page.tsx'), 'PublishedPage'),
    inside('/partner-view', () => import('./calendars/partner-view-page.tsx'), 'PartnerViewPage'),
    inside('/calendar-defaults', () => import('./calendars/calendar-defaults-page.tsx'), 'CalendarDefaultsPage'),
    inside('/settings', () => import('./tenants/settings-page.tsx'), 'SettingsPage'),
    inside('/settings/text', () => import('./tenants/settings-text-page.tsx'), 'SettingsTextPage'),
    inside('/explain', () => import('./access/explain-page.tsx'), 'ExplainPage'),
    inside('/requests', () => import('./access/requests-page.tsx'), 'RequestsPage'),
    inside('/ledger', () => import('./access/ledger-page.tsx'), 'LedgerPage'),
    inside('/reviews', () => import('./directory/reviews-page.tsx'), 'ReviewsPage'),
    inside('/shared-by-me', () => import('./access/shared-by-me-page.tsx'), 'SharedByMePage'),
    inside('/audit', () => import('./audit/audit-page.tsx'), 'AuditPage'),
    inside('/shared-logs', () => import('./partners/shared-logs-page.tsx'), 'SharedLogsPage'),
    inside('/shared-logs/$id', () => import('./partners/shared-log-page.tsx'), 'SharedLogPage'),
    inside('/sign-ins', () => import('./signin/sign-ins-page.tsx'), 'SignInsPage'),
    inside('/organisations', () => import('./directory/organisations-page.tsx'), 'OrganisationsPage'),
    inside('/security', () => import('./signin/security-page.tsx'), 'SecurityPage'),
    inside('/mail', () => import('./home/mail-page.tsx'), 'MailPage'),
    inside('/operator/tenants', () => import('./operator/tenants-page.tsx'), 'TenantsPage'),
    inside('/operator/usage', () => import('./operator/usage-page.tsx'), 'UsagePage'),
    inside('/operator/health', () => import('./operator/health-page.tsx'), 'HealthPage'),
  ]),
]);

export const router = createRouter({
  routeTree: routes,
  defaultPreload: 'intent',
  defaultErrorComponent: FaultPage,
  defaultNotFoundComponent: MissingPage,
  scrollRestoration: false,
});
