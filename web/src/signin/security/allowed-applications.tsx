import { Button, Text } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../../parts/act.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { DataList } from '../../parts/data-list.tsx';
import { wholeList } from '../../parts/list.ts';
import { Section } from '../../parts/page.tsx';
import { WhenText } from '../../parts/when-text.tsx';
import { useThing } from '../../shell/tenant.ts';

/** An application that the person lets act for them. */
interface AllowedApplication {
  readonly id: string;
  readonly displayName: string;
  readonly permissions: readonly string[];
  readonly givenAt: string;
}

/** What the person agreed to at a consent page, to be taken back. */
export function AllowedApplications() {
  const { t } = useTranslation();
  const query = useThing<{ value: AllowedApplication[] }>('/me/applications');
  const [ending, setEnding] = useState<AllowedApplication>();
  const end = useAct<AllowedApplication>((api, { id }) => api.delete(`/me/applications/${id}`), {
    said: () => t('applications.revoked'),
    done: () => setEnding(undefined),
  });
  return (
    <Section title={t('security.allowed')} sentence={t('security.allowedSentence')}>
      <DataList
        label={t('security.allowed')}
        list={wholeList({ ...query, data: query.data?.value })}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'name',
            title: t('people.name'),
            isName: true,
            sort: (one) => one.displayName,
            render: (one) => one.displayName,
          },
          { key: 'may', title: t('applications.permissions'), render: (one) => one.permissions.join(', ') },
          { key: 'given', title: t('security.allowedSince'), render: (one) => <WhenText at={one.givenAt} /> },
          {
            key: 'end',
            title: t('list.actions'),
            render: (one) => (
              <Button size="small" onClick={() => setEnding(one)}>
                {t('applications.revoke')}
              </Button>
            ),
          },
        ]}
        empty={<Text>{t('security.noneAllowed')}</Text>}
      />
      {ending && (
        <ConfirmDialog
          title={t('security.endAllowed', { name: ending.displayName })}
          confirm={t('applications.revoke')}
          act={end}
          input={ending}
          onClose={() => setEnding(undefined)}
        >
          {t('security.endAllowedSentence')}
        </ConfirmDialog>
      )}
    </Section>
  );
}
