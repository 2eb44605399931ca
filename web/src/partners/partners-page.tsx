import { Badge, Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { HandshakeRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import type { Column } from '../parts/data-list.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Section } from '../parts/page.tsx';
import { PanelListPage } from '../parts/panel-list-page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { ConfirmPanel } from './confirm-panel.tsx';
import { OwnKeys } from './own-key.tsx';
import { HealthText, PartnerPanel } from './partner-panel.tsx';
import { type Introduction, PARTNERS, type Partner } from './wire.ts';

const useStyles = makeStyles({
  domains: { display: 'flex', flexWrap: 'wrap', gap: '4px' },
  waiting: { margin: 0, padding: 0, listStyleType: 'none', display: 'grid', gap: '8px' },
  one: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: '8px 16px',
    alignItems: 'center',
    justifyContent: 'space-between',
    padding: '12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  who: { display: 'grid', gap: '4px', justifyItems: 'start', minWidth: 0, overflowWrap: 'anywhere' },
  row: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
  past: { marginTop: '16px' },
  apart: { marginBottom: '28px' },
});

/** Other organisations that an administrator here has confirmed, and those that ask to be. */
export function PartnersPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const list = useList<Partner>(PARTNERS);
  const mayWrite = useAbilities().writes('partners');
  /** Whom to look at, from those who wait. */
  const [place, setPlace] = useState<string>();
  const columns: Column<Partner>[] = [
    {
      key: 'domains',
      title: t('nav.domains'),
      render: ({ domains }) => (
        <span className={styles.domains}>
          {domains.map((domain) => (
            <Badge key={domain} appearance="outline" color="informative">
              {domain}
            </Badge>
          ))}
        </span>
      ),
    },
    {
      key: 'health',
      title: t('partners.health.title'),
      sort: ({ health }) => health.failures,
      render: (partner) => <HealthText partner={partner} />,
    },
    {
      key: 'answered',
      title: t('partners.answered'),
      render: ({ health }) => <WhenText at={health.answeredAt} />,
    },
    {
      key: 'change',
      title: t('partners.changes'),
      sort: ({ proposed }) => (proposed ? 1 : 0),
      render: ({ proposed }) =>
        proposed ? <StateText tone="waiting">{t('partners.changeWaits')}</StateText> : t('partners.noChange'),
    },
    {
      key: 'agreement',
      title: t('partners.agreement'),
      render: ({ id, displayName }) => (
        <InnerLink path={`/partners/${id}/agreement`}>{t('agreement.with', { name: displayName })}</InnerLink>
      ),
    },
    {
      key: 'synchronization',
      title: t('sync.persons'),
      render: ({ id, displayName }) => (
        <InnerLink path={`/partners/${id}/synchronization`}>{t('sync.link', { name: displayName })}</InnerLink>
      ),
    },
  ];
  return (
    <>
      <PanelListPage
        area="partners"
        title={t('nav.partners')}
        sentence={t('partners.sentence')}
        list={list}
        nameOf={({ displayName }) => displayName}
        badge={({ domains, displayName }) => <OrganisationBadge name={domains[0] ?? displayName} />}
        columns={columns}
        add={t('partners.add')}
        mayWrite={mayWrite}
        empty={{
          picture: <HandshakeRegular />,
          title: t('partners.empty'),
          sentence: t('partners.emptySentence'),
        }}
        // Whoever may not see the partners is told so once.
        above={list.fault ? undefined : <Waiting mayWrite={mayWrite} onConfirm={setPlace} />}
        panel={({ known, ...rest }) =>
          known ? <PartnerPanel partner={known} {...rest} /> : <ConfirmPanel onClose={rest.onClose} />
        }
        below={
          <>
            <div className={styles.past}>
              <InnerLink path="/partners/endings">{t('parting.past')}</InnerLink>
            </div>
            <OwnKeys />
          </>
        }
      />
      {place !== undefined && <ConfirmPanel place={place} onClose={() => setPlace(undefined)} />}
    </>
  );
}

/** Those who asked to be known. Nothing is shown where nobody waits. */
function Waiting(props: { mayWrite: boolean; onConfirm: (place: string) => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const list = useList<Introduction>(`${PARTNERS}/introductions`);
  const turnAway = useAct<Introduction>((api, { id }) => api.delete(`${PARTNERS}/introductions/${id}`), {
    said: ({ published }) => t('partners.turnedAway', { name: published.displayName }),
  });
  if (list.fault) return <RefusalBar fault={list.fault} onRetry={list.reload} />;
  if (list.rows.length === 0) return null;
  return (
    <div className={styles.apart}>
      <Section title={t('partners.waiting')} sentence={t('partners.waitingSentence')}>
        {turnAway.fault && <RefusalBar fault={turnAway.fault} />}
        <ul className={styles.waiting}>
          {list.rows.map((one) => (
            <li key={one.id} className={styles.one}>
              <span className={styles.who}>
                <span className={styles.row}>
                  <Text weight="semibold">{one.published.displayName}</Text>
                  <OrganisationBadge name={one.foundAt} />
                </span>
                <Text size={200}>
                  {t('partners.introduced')} <WhenText at={one.introducedAt} />
                </Text>
              </span>
              {props.mayWrite && (
                <span className={styles.row}>
                  <Button appearance="primary" onClick={() => props.onConfirm(one.foundAt)}>
                    {t('partners.review')}
                  </Button>
                  <Button disabled={turnAway.isBusy} onClick={() => turnAway.run(one)}>
                    {t('partners.turnAway')}
                  </Button>
                </span>
              )}
            </li>
          ))}
        </ul>
      </Section>
    </div>
  );
}
