import { Button, Text } from '@fluentui/react-components';
import { HistoryRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { DataList } from '../parts/data-list.tsx';
import { wholeList } from '../parts/list.ts';
import { Section } from '../parts/page.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { WhenText } from '../parts/when-text.tsx';
import type { AccessSetting } from './access-wire.ts';
import { useApplicationWords } from './applications.ts';

/** What is shown of each who signed in of late and could not any more. */
interface Looked {
  readonly isComplete: boolean;
  readonly blocked: readonly {
    readonly displayName: string;
    readonly userName: string;
    readonly applicationId: string | null;
    readonly signIns: number;
    readonly lastAt: string;
    readonly accountId: string;
    readonly partnerTenantId: string;
  }[];
}

/** Whose sign-ins of the last 30 days a change would have blocked (CT-20). Homes are asked about their people. */
export function PastSignIns(props: {
  part: 'b2bCollaborationInbound' | 'b2bCollaborationOutbound';
  /** Undefined: everybody. */
  tenantId: string | undefined;
  /** Null: as for everybody. */
  wanted: AccessSetting | null;
}) {
  const { t } = useTranslation();
  const { part, tenantId, wanted } = props;
  const look = useAct<void, Looked>((api) =>
    api.post('/admin/partners/access/what-if', {
      ...(tenantId === undefined ? {} : { tenantId }),
      changes: { [part]: wanted },
    }),
  );
  const found = look.output;
  const words = useApplicationWords();
  return (
    <Section
      title={t('crossTenant.past.title')}
      sentence={t('crossTenant.past.sentence')}
      commands={
        <Button size="small" icon={<HistoryRegular />} disabled={look.isBusy} onClick={() => look.run()}>
          {t('crossTenant.past.look')}
        </Button>
      }
    >
      {look.fault && <RefusalBar fault={look.fault} />}
      <div role="status">
        {found && !found.isComplete && <Text block>{t('crossTenant.past.incomplete')}</Text>}
        {found?.blocked.length === 0 && <Text block>{t('crossTenant.past.nobody')}</Text>}
      </div>
      {found && found.blocked.length > 0 && (
        <DataList
          label={t('crossTenant.past.title')}
          list={wholeList({ data: found.blocked, isPending: false, error: null, refetch: () => {} })}
          rowKey={({ accountId, applicationId, partnerTenantId }) => `${partnerTenantId} ${accountId} ${applicationId}`}
          empty={null}
          columns={[
            {
              key: 'name',
              title: t('people.name'),
              isName: true,
              render: ({ displayName, userName }) => <PersonName name={displayName} second={userName} />,
            },
            {
              key: 'application',
              title: t('crossTenant.past.application'),
              render: ({ applicationId }) =>
                applicationId === null ? t('crossTenant.past.elsewhere') : words.called(applicationId),
            },
            { key: 'times', title: t('crossTenant.past.times'), render: ({ signIns }) => String(signIns) },
            { key: 'last', title: t('crossTenant.past.last'), render: ({ lastAt }) => <WhenText at={lastAt} /> },
          ]}
        />
      )}
    </Section>
  );
}
