import { Button, Card, Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import {
  BuildingRegular,
  CalendarClockRegular,
  HistoryRegular,
  MailInboxRegular,
  PersonAddRegular,
} from '@fluentui/react-icons';
import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault, Page as Rows } from '../api.ts';
import type { AuditEvent } from '../audit/wire.ts';
import { actorName, sayAction, sayTarget } from '../audit/wire.ts';
import { type MyOrganisation, openAddress } from '../directory/organisations.ts';
import type { Guest } from '../directory/wire.ts';
import { InnerLink } from '../parts/inner-link.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { NARROW } from '../parts/narrow.ts';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Page } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities, useMe, useOrganisationName } from '../shell/me.ts';
import { useTenant, useThing } from '../shell/tenant.ts';

const useStyles = makeStyles({
  cards: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(340px, 1fr))',
    gap: '16px',
    alignItems: 'start',
    [NARROW]: { gridTemplateColumns: '1fr' },
  },
  card: { padding: '20px', display: 'grid', gap: '12px', alignContent: 'start' },
  head: { display: 'flex', gap: '10px', alignItems: 'center' },
  picture: { fontSize: '22px', color: tokens.colorBrandForeground1, lineHeight: 1 },
  rows: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '10px' },
  row: { display: 'flex', justifyContent: 'space-between', gap: '12px', alignItems: 'baseline', flexWrap: 'wrap' },
  who: { display: 'inline-flex', gap: '8px', alignItems: 'center', flexWrap: 'wrap', minWidth: 0 },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** What waits for this person, and what happened, in the organisation they look at. */
export function HomePage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const me = useMe().data;
  const organisation = useOrganisationName();
  const abilities = useAbilities();
  const tenant = useTenant();
  const router = useRouter();
  return (
    <Page
      title={me ? t('home.hello', { name: me.displayName.split(' ')[0] }) : t('home.title')}
      sentence={t('home.sentence', { name: organisation })}
      commands={
        abilities.writes('guests') && (
          <Button
            appearance="primary"
            icon={<PersonAddRegular />}
            onClick={() => router.history.push(`/t/${encodeURIComponent(tenant)}/guests?invite=yes`)}
          >
            {t('guests.invite')}
          </Button>
        )
      }
    >
      <div className={styles.cards}>
        <Waiting />
        {abilities.sees('guests') && <EndingSoon />}
        {abilities.sees('audit') && <RecentChanges />}
        <Organisations />
      </div>
    </Page>
  );
}

function HomeCard(props: {
  picture: ReactNode;
  title: string;
  query: { isPending: boolean; error: ApiFault | null; refetch(): unknown };
  isEmpty: boolean;
  empty: string;
  more?: { path: string; text: string };
  children: ReactNode;
}) {
  const styles = useStyles();
  const { query, more } = props;
  return (
    <Card className={styles.card} appearance="outline" role="group" aria-label={props.title}>
      <div className={styles.head}>
        <span className={styles.picture} aria-hidden>
          {props.picture}
        </span>
        <Text as="h2" size={400} weight="semibold" style={{ margin: 0 }}>
          {props.title}
        </Text>
      </div>
      {query.error ? (
        <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <LoadingRows label={props.title} count={3} />
      ) : props.isEmpty ? (
        <Text className={styles.quiet}>{props.empty}</Text>
      ) : (
        <ul className={styles.rows}>{props.children}</ul>
      )}
      {more && !query.error && <InnerLink path={more.path}>{more.text}</InnerLink>}
    </Card>
  );
}

function Waiting() {
  const { t } = useTranslation();
  const styles = useStyles();
  const query = useThing<{ value: MyOrganisation[] }>('/me/organisations');
  const waiting = query.data?.value.filter(({ state, isBlocked }) => state === 'pending' && !isBlocked) ?? [];
  return (
    <HomeCard
      picture={<MailInboxRegular />}
      title={t('home.waiting')}
      query={query}
      isEmpty={waiting.length === 0}
      empty={t('home.noWaiting')}
    >
      {waiting.map((one) => (
        <li key={one.tenantId} className={styles.row}>
          <span className={styles.who}>
            <OrganisationBadge name={one.displayName} />
            {one.invitedBy && <Text>{t('home.invitedBy', { name: one.invitedBy })}</Text>}
          </span>
          <Link href={openAddress(one)}>{t('organisations.answer')}</Link>
        </li>
      ))}
    </HomeCard>
  );
}

function EndingSoon() {
  const { t } = useTranslation();
  const styles = useStyles();
  const query = useThing<Rows<Guest>>('/admin/guests', { params: { limit: '500' } });
  const soon = Date.now() + 30 * 86_400_000;
  const ending = (query.data?.value ?? [])
    .filter(({ state, endsAt }) => state !== 'ended' && endsAt !== null && new Date(endsAt).getTime() < soon)
    .sort((a, b) => (a.endsAt ?? '').localeCompare(b.endsAt ?? ''))
    .slice(0, 6);
  return (
    <HomeCard
      picture={<CalendarClockRegular />}
      title={t('home.ending')}
      query={query}
      isEmpty={ending.length === 0}
      empty={t('home.noEnding')}
      more={{ path: '/guests', text: t('home.allGuests') }}
    >
      {ending.map((guest) => (
        <li key={guest.id} className={styles.row}>
          <span className={styles.who}>
            <InnerLink path={`/guests/${guest.id}`}>{guest.displayName}</InnerLink>
            <OrganisationBadge name={guest.organisation ?? guest.mail?.split('@').at(-1) ?? ''} />
          </span>
          <WhenText at={guest.endsAt} />
        </li>
      ))}
    </HomeCard>
  );
}

function RecentChanges() {
  const { t } = useTranslation();
  const styles = useStyles();
  const query = useThing<Rows<AuditEvent>>('/admin/audit/events', { params: { limit: '60', refusals: 'false' } });
  // Who signed in and what was mailed is no change; both have lists of their own.
  const events = (query.data?.value ?? []).filter(({ category }) => category !== 'SignIn' && category !== 'Mail');
  return (
    <HomeCard
      picture={<HistoryRegular />}
      title={t('home.changes')}
      query={query}
      isEmpty={events.length === 0}
      empty={t('home.noChanges')}
      more={{ path: '/audit', text: t('home.allChanges') }}
    >
      {events.slice(0, 7).map((event) => (
        <li key={event.id}>
          <div className={styles.row}>
            <Text weight="semibold">{sayAction(event, t)}</Text>
            <span className={styles.quiet}>
              <WhenText at={event.at} />
            </span>
          </div>
          <Text size={200} className={styles.quiet}>
            {[actorName(event, t), ...event.targets.slice(0, 1).map((one) => sayTarget(one, t))].join(' → ')}
          </Text>
        </li>
      ))}
    </HomeCard>
  );
}

function Organisations() {
  const { t } = useTranslation();
  const styles = useStyles();
  const query = useThing<{ value: MyOrganisation[] }>('/me/organisations');
  const joined = query.data?.value.filter(({ state }) => state === 'accepted') ?? [];
  return (
    <HomeCard
      picture={<BuildingRegular />}
      title={t('home.organisations')}
      query={query}
      isEmpty={joined.length === 0}
      empty={t('home.noOrganisations')}
      more={{ path: '/organisations', text: t('home.allOrganisations') }}
    >
      {joined.map((one) => (
        <li key={one.tenantId} className={styles.row}>
          <Link href={openAddress(one)}>{one.displayName}</Link>
          <span className={styles.quiet}>
            {one.isHome ? (
              t('organisations.home')
            ) : one.endsAt ? (
              <>
                {t('guests.ends')} <WhenText at={one.endsAt} />
              </>
            ) : (
              t('organisations.guest')
            )}
          </span>
        </li>
      ))}
    </HomeCard>
  );
}
