import {
  ApprovalsAppRegular,
  AppsRegular,
  ArrowSwapRegular,
  BuildingMultipleRegular,
  BuildingRegular,
  CalendarLtrRegular,
  CalendarSettingsRegular,
  CalendarSyncRegular,
  ChartMultipleRegular,
  ClipboardTextLtrRegular,
  ConferenceRoomRegular,
  ContactCardGroupRegular,
  DocumentMultipleSyncRegular,
  EyeRegular,
  GlobeRegular,
  HandshakeRegular,
  HeartPulseRegular,
  HomeRegular,
  KeyMultipleRegular,
  LinkRegular,
  MailRegular,
  PeopleCheckmarkRegular,
  PeopleRegular,
  PeopleTeamRegular,
  PersonAddRegular,
  PersonClockRegular,
  PersonKeyRegular,
  PersonQuestionMarkRegular,
  QuestionCircleRegular,
  SettingsRegular,
  ShareRegular,
  ShieldKeyholeRegular,
} from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import type { Area } from './me.ts';

export interface Place {
  /** The path below `/t/{tenant}`. */
  readonly path: string;
  readonly title: string;
  readonly picture: ReactNode;
  /** Shown only to those who may see it; without one, to everybody. */
  readonly area?: Area;
}

export interface Places {
  readonly title: string | undefined;
  readonly places: readonly Place[];
}

/**
 * Everything the navigation can show, in its order: what a person works with every day, then what they administer, then
 * what is their own, then the server. Titles are keys of the translations.
 */
export const NAVIGATION: readonly Places[] = [
  {
    title: undefined,
    places: [
      { path: '', title: 'nav.home', picture: <HomeRegular /> },
      { path: '/calendar', title: 'nav.calendar', picture: <CalendarLtrRegular />, area: 'calendar' },
      { path: '/contacts', title: 'nav.contacts', picture: <ContactCardGroupRegular />, area: 'calendar' },
      { path: '/mail', title: 'nav.mail', picture: <MailRegular /> },
    ],
  },
  {
    title: 'nav.directory',
    places: [
      { path: '/people', title: 'nav.people', picture: <PeopleRegular />, area: 'accounts' },
      { path: '/guests', title: 'nav.guests', picture: <PersonAddRegular />, area: 'guests' },
      { path: '/groups', title: 'nav.groups', picture: <PeopleTeamRegular />, area: 'groups' },
      { path: '/roles', title: 'nav.roles', picture: <PersonKeyRegular />, area: 'roles' },
    ],
  },
  {
    title: 'nav.organisation',
    places: [
      { path: '/domains', title: 'nav.domains', picture: <GlobeRegular />, area: 'domains' },
      { path: '/partners', title: 'nav.partners', picture: <HandshakeRegular />, area: 'partners' },
      {
        path: '/cross-tenant-access',
        title: 'nav.crossTenant',
        picture: <ArrowSwapRegular />,
        area: 'accessDefaults',
      },
      { path: '/licences', title: 'nav.licences', picture: <ApprovalsAppRegular />, area: 'licences' },
      { path: '/applications', title: 'nav.applications', picture: <AppsRegular />, area: 'applications' },
      { path: '/settings', title: 'nav.settings', picture: <SettingsRegular />, area: 'settings' },
    ],
  },
  {
    title: 'nav.calendars',
    places: [
      { path: '/relationships', title: 'nav.relationships', picture: <CalendarSyncRegular />, area: 'calendars' },
      { path: '/partner-view', title: 'nav.partnerView', picture: <EyeRegular />, area: 'calendars' },
      { path: '/sharing-policies', title: 'nav.sharingPolicies', picture: <ShareRegular />, area: 'calendars' },
      { path: '/published', title: 'nav.published', picture: <LinkRegular />, area: 'calendars' },
      { path: '/rooms', title: 'nav.rooms', picture: <ConferenceRoomRegular />, area: 'calendars' },
      {
        path: '/calendar-defaults',
        title: 'nav.calendarDefaults',
        picture: <CalendarSettingsRegular />,
        area: 'calendars',
      },
    ],
  },
  {
    title: 'nav.oversight',
    places: [
      { path: '/explain', title: 'nav.explain', picture: <QuestionCircleRegular />, area: 'explain' },
      { path: '/ledger', title: 'nav.ledger', picture: <KeyMultipleRegular />, area: 'ledger' },
      { path: '/audit', title: 'nav.audit', picture: <ClipboardTextLtrRegular />, area: 'audit' },
      { path: '/shared-logs', title: 'nav.sharedLogs', picture: <DocumentMultipleSyncRegular />, area: 'partners' },
      { path: '/sign-ins', title: 'nav.signIns', picture: <PersonClockRegular />, area: 'signIns' },
    ],
  },
  {
    title: 'nav.mine',
    places: [
      { path: '/requests', title: 'nav.requests', picture: <PersonQuestionMarkRegular /> },
      { path: '/shared-by-me', title: 'nav.sharedByMe', picture: <ShareRegular /> },
      { path: '/reviews', title: 'nav.reviews', picture: <PeopleCheckmarkRegular /> },
      { path: '/organisations', title: 'nav.organisations', picture: <BuildingRegular /> },
      { path: '/security', title: 'nav.security', picture: <ShieldKeyholeRegular /> },
    ],
  },
  {
    title: 'nav.server',
    places: [
      { path: '/operator/tenants', title: 'nav.tenants', picture: <BuildingMultipleRegular />, area: 'operator' },
      { path: '/operator/usage', title: 'nav.usage', picture: <ChartMultipleRegular />, area: 'operator' },
      { path: '/operator/health', title: 'nav.health', picture: <HeartPulseRegular />, area: 'operator' },
    ],
  },
];

/** The places one person may open, without groups that would stand empty. */
export function placesFor(sees: (area: Area) => boolean): readonly Places[] {
  return NAVIGATION.map(({ title, places }) => ({
    title,
    places: places.filter(({ area }) => area === undefined || sees(area)),
  })).filter(({ places }) => places.length > 0);
}
