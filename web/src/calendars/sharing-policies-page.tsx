import { Badge } from '@fluentui/react-components';
import { ShareRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import type { Column } from '../parts/data-list.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { PanelListPage } from '../parts/panel-list-page.tsx';
import { useAbilities } from '../shell/me.ts';
import type { SharingPolicy } from './admin-wire.ts';
import { readRule } from './policy-rules.ts';
import { InForce } from './relationships-page.tsx';
import { POLICIES, RuleWords, SharingPolicyPanel } from './sharing-policy-panel.tsx';

/** How much of their calendars people may share outside, by the other's domain. */
export function SharingPoliciesPage() {
  const { t } = useTranslation();
  const list = useList<SharingPolicy>(POLICIES);
  const columns: Column<SharingPolicy>[] = [
    {
      key: 'rules',
      title: t('policies.allows'),
      render: ({ rules }) => (rules.length === 0 ? t('policies.nothing') : <RuleWords rules={rules.map(readRule)} />),
    },
    { key: 'state', title: t('people.state'), render: ({ enabled }) => <InForce is={enabled} /> },
    { key: 'mailboxes', title: t('policies.assigned'), render: (one) => String(one.assignedMailboxes) },
  ];
  return (
    <PanelListPage
      area="calendars"
      title={t('nav.sharingPolicies')}
      sentence={t('policies.sentence')}
      list={list}
      nameOf={({ name }) => name}
      badge={({ isDefault }) =>
        isDefault && (
          <Badge appearance="tint" color="brand">
            {t('settings.default')}
          </Badge>
        )
      }
      columns={columns}
      add={t('policies.add')}
      mayWrite={useAbilities().writes('calendars')}
      empty={{ picture: <ShareRegular />, title: t('policies.empty') }}
      above={
        <p>
          <InnerLink path="/published">{t('published.seeAll')}</InnerLink>
        </p>
      }
      panel={(props) => <SharingPolicyPanel {...props} />}
    />
  );
}
