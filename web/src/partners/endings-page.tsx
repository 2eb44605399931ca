import { PlugDisconnectedRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { ListPage } from '../parts/list-page.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { ENDINGS, type Ending } from './ending-wire.ts';
import { useEndingWords } from './ending-words.ts';

/** With whom the organisation has parted, the latest first. */
export function EndingsPage() {
  const { t } = useTranslation();
  const words = useEndingWords();
  const list = useList<Ending>(ENDINGS, {}, { cursor: 'before' });
  return (
    <ListPage
      area="partners"
      title={t('parting.past')}
      sentence={t('parting.pastSentence')}
      list={list}
      commands={<InnerLink path="/partners">{t('nav.partners')}</InnerLink>}
      empty={{
        picture: <PlugDisconnectedRegular />,
        title: t('parting.none'),
        sentence: t('parting.noneSentence'),
      }}
      columns={[
        {
          key: 'name',
          title: t('people.name'),
          isName: true,
          render: ({ id, displayName }) => <InnerLink path={`/partners/endings/${id}`}>{displayName}</InnerLink>,
        },
        {
          key: 'whom',
          title: t('parting.whom'),
          render: ({ accountId }) => t(accountId === null ? 'parting.organisation' : 'parting.guest'),
        },
        { key: 'when', title: t('parting.begun'), render: ({ askedAt }) => <WhenText at={askedAt} /> },
        { key: 'by', title: t('parting.by'), render: ({ askedBy }) => askedBy },
        {
          key: 'state',
          title: t('people.state'),
          render: (ending) => {
            const { tone, text } = words.state(ending);
            return <StateText tone={tone}>{text}</StateText>;
          },
        },
      ]}
    />
  );
}
