import { DocumentMultipleSyncRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { ListPage } from '../parts/list-page.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { LOG_TONES, type SharedLog, stateOfLog } from './shared-log-wire.ts';

/** The logs that the organisation shares with each partner, and how each stands. */
export function SharedLogsPage() {
  const { t } = useTranslation();
  const list = useList<SharedLog>('/admin/partners/shared-logs');
  return (
    <ListPage
      title={t('nav.sharedLogs')}
      sentence={t('sharedLog.allSentence')}
      list={{ ...list, rows: list.rows.map((log) => ({ ...log, id: log.partner })) }}
      empty={{
        picture: <DocumentMultipleSyncRegular />,
        title: t('sharedLog.nobody'),
        sentence: t('sharedLog.nobodySentence'),
      }}
      columns={[
        {
          key: 'name',
          title: t('sharedLog.partner'),
          isName: true,
          sort: ({ displayName, partner }) => displayName ?? partner,
          render: ({ displayName, partner }) => (
            <InnerLink path={`/shared-logs/${partner}`}>{displayName ?? partner}</InnerLink>
          ),
        },
        {
          key: 'state',
          title: t('people.state'),
          render: (log) => {
            const state = stateOfLog(log);
            return <StateText tone={LOG_TONES[state]}>{t(`sharedLog.state.${state}`)}</StateText>;
          },
        },
        { key: 'ours', title: t('sharedLog.ours'), render: ({ ours }) => ours.records.toLocaleString() },
        { key: 'theirs', title: t('sharedLog.theirs'), render: ({ theirs }) => theirs.records.toLocaleString() },
        {
          key: 'compared',
          title: t('sharedLog.compared'),
          render: ({ exchange }) => <WhenText at={exchange?.exchangedAt} />,
        },
      ]}
    />
  );
}
