import { Badge, Button, Text } from '@fluentui/react-components';
import { PlugDisconnectedRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../../parts/act.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { DataList } from '../../parts/data-list.tsx';
import { wholeList } from '../../parts/list.ts';
import { Section } from '../../parts/page.tsx';
import { RefusalBar } from '../../parts/refusal-bar.tsx';
import { WhenText } from '../../parts/when-text.tsx';
import { useThing } from '../../shell/tenant.ts';

interface Session {
  readonly id: string;
  readonly isCurrent: boolean;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly clientAddress: string | null;
  readonly userAgent: string | null;
  readonly methods: readonly string[];
}

/** Where the person is signed in, to be ended from here. */
export function Sessions() {
  const { t } = useTranslation();
  const query = useThing<{ value: Session[] }>('/me/sessions');
  const [isEndingAll, setIsEndingAll] = useState(false);
  const end = useAct<string>((api, id) => api.delete(`/me/sessions/${id}`), { said: () => t('security.sessionEnded') });
  const endAll = useAct((api) => api.delete('/me/sessions'), {
    said: () => t('security.sessionsEnded'),
    done: () => setIsEndingAll(false),
  });
  return (
    <Section
      title={t('security.sessions')}
      sentence={t('security.sessionsSentence')}
      commands={
        <Button icon={<PlugDisconnectedRegular />} onClick={() => setIsEndingAll(true)}>
          {t('security.endOthers')}
        </Button>
      }
    >
      {end.fault && <RefusalBar fault={end.fault} />}
      <DataList
        label={t('security.sessions')}
        list={wholeList({ ...query, data: query.data?.value })}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'where',
            title: t('security.device'),
            isName: true,
            render: (session) => (
              <span style={{ display: 'inline-flex', gap: '8px', alignItems: 'center', flexWrap: 'wrap' }}>
                {sayAgent(session.userAgent) || t('security.unknownDevice')}
                {session.isCurrent && (
                  <Badge appearance="tint" color="success">
                    {t('security.thisOne')}
                  </Badge>
                )}
              </span>
            ),
          },
          { key: 'address', title: t('audit.address'), render: (session) => session.clientAddress ?? '' },
          {
            key: 'seen',
            title: t('people.seen'),
            sort: (session) => session.lastSeenAt,
            render: (session) => <WhenText at={session.lastSeenAt} />,
          },
          {
            key: 'since',
            title: t('security.signedIn'),
            sort: (session) => session.createdAt,
            render: (session) => <WhenText at={session.createdAt} />,
          },
          {
            key: 'end',
            title: t('list.actions'),
            render: (session) =>
              session.isCurrent ? null : (
                <Button size="small" disabled={end.isBusy} onClick={() => end.run(session.id)}>
                  {t('security.end')}
                </Button>
              ),
          },
        ]}
        empty={<Text>{t('security.noSessions')}</Text>}
      />
      {isEndingAll && (
        <ConfirmDialog
          title={t('security.endOthers')}
          confirm={t('security.endOthers')}
          act={endAll}
          onClose={() => setIsEndingAll(false)}
        >
          {t('security.endOthersSentence')}
        </ConfirmDialog>
      )}
    </Section>
  );
}

/** A browser's description of itself as people say it: "Firefox, Windows". */
export function sayAgent(agent: string | null): string {
  if (!agent) return '';
  const first = (pairs: readonly (readonly [RegExp, string])[]) => pairs.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = first([
    [/Edg\//, 'Edge'],
    [/Firefox\//, 'Firefox'],
    [/Chrome\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ]);
  const system = first([
    [/Windows/, 'Windows'],
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  return [browser ?? agent.split(' ')[0], system].filter(Boolean).join(', ');
}
