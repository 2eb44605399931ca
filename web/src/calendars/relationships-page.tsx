import { Badge, makeStyles } from '@fluentui/react-components';
import { BuildingMultipleRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import type { Column } from '../parts/data-list.tsx';
import { useList } from '../parts/list.ts';
import { PanelListPage } from '../parts/panel-list-page.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { levelOf, type Relationship } from './admin-wire.ts';
import { RelationshipPanel } from './relationship-panel.tsx';

const useStyles = makeStyles({ domains: { display: 'flex', flexWrap: 'wrap', gap: '4px' } });

/** What other organisations may look up of our calendars, one by one, and whether it works. */
export function RelationshipsPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const list = useList<Relationship>('/admin/organization-relationships');
  const columns: Column<Relationship>[] = [
    {
      key: 'domains',
      title: t('nav.domains'),
      render: ({ domainNames }) => (
        <span className={styles.domains}>
          {domainNames.map((domain) => (
            <Badge key={domain} appearance="outline" color="informative">
              {domain}
            </Badge>
          ))}
        </span>
      ),
    },
    { key: 'sees', title: t('relationships.theySee'), render: (one) => t(`relationships.level.${levelOf(one)}`) },
    { key: 'state', title: t('people.state'), render: ({ enabled }) => <InForce is={enabled} /> },
    {
      key: 'checked',
      title: t('relationships.checked'),
      render: ({ status }) => <WhenText at={status.lastCheckedAt} />,
    },
  ];
  return (
    <PanelListPage
      area="calendars"
      title={t('nav.relationships')}
      sentence={t('relationships.sentence')}
      list={list}
      nameOf={({ name }) => name}
      columns={columns}
      add={t('relationships.add')}
      mayWrite={useAbilities().writes('calendars')}
      empty={{
        picture: <BuildingMultipleRegular />,
        title: t('relationships.empty'),
        sentence: t('relationships.emptySentence'),
      }}
      panel={(props) => <RelationshipPanel {...props} />}
    />
  );
}

/** Whether something that administrators decided counts now. */
export function InForce(props: { is: boolean }) {
  const { t } = useTranslation();
  return props.is ? (
    <StateText tone="good">{t('relationships.on')}</StateText>
  ) : (
    <StateText tone="stopped">{t('relationships.off')}</StateText>
  );
}
