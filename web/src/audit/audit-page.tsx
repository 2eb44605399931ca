import {
  Button,
  Field,
  Input,
  Link,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Text,
} from '@fluentui/react-components';
import { ArrowClockwiseRegular, ArrowDownloadRegular, ClipboardTextLtrRegular } from '@fluentui/react-icons';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { quoted, type Page as Rows, samePath } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { type Column, DataList } from '../parts/data-list.tsx';
import { DateField } from '../parts/date-field.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useList } from '../parts/list.ts';
import { Page, Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { endOfDay } from '../parts/when.ts';
import { WhenText } from '../parts/when-text.tsx';
import { saveFile, toCsv } from './export.ts';
import { type AuditEvent, actorName, sayAction } from './wire.ts';

const CATEGORIES = [
  'UserManagement',
  'GroupManagement',
  'RoleManagement',
  'ApplicationManagement',
  'DirectoryManagement',
  'Policy',
  'CrossTenantAccessSettings',
  'Authentication',
  'Access',
] as const;

/** Everything that was changed or refused: who, what, when, before and after. */
export function AuditPage() {
  const { t } = useTranslation();
  const given = useSearch({ strict: false }) as { id?: string };
  const [category, setCategory] = useState('');
  const [result, setResult] = useState('');
  const [person, setPerson] = useState('');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const [shown, setShown] = useState<AuditEvent>();
  const filter = [
    given.id && `id eq ${quoted(given.id)}`,
    category && `category eq ${quoted(category)}`,
    result && `result eq ${quoted(result)}`,
    person && `startswith(initiatedBy/user/displayName,${quoted(person)})`,
    from && `activityDateTime ge ${new Date(`${from}T00:00:00`).toISOString()}`,
    until && `activityDateTime le ${endOfDay(until)?.toISOString()}`,
  ]
    .filter(Boolean)
    .join(' and ');
  const list = useList<AuditEvent>('/v1.0/auditLogs/directoryAudits', {
    $top: 50,
    ...(filter === '' ? {} : { $filter: filter }),
  });
  const download = useAct<'csv' | 'json'>(async (api, format) => {
    const events: AuditEvent[] = [];
    let next: string | undefined =
      `/v1.0/auditLogs/directoryAudits?$top=500${filter === '' ? '' : `&$filter=${encodeURIComponent(filter)}`}`;
    while (next) {
      const page: Rows<AuditEvent> = await api.get<Rows<AuditEvent>>(next);
      events.push(...page.value);
      next = page['@odata.nextLink'] && samePath(page['@odata.nextLink']);
    }
    if (format === 'json') saveFile('audit.json', 'application/json', JSON.stringify(events, null, 2));
    else {
      saveFile(
        'audit.csv',
        'text/csv',
        toCsv([
          ['activityDateTime', 'category', 'activity', 'result', 'actor', 'targets', 'correlationId', 'id'],
          ...events.map((event) => [
            event.activityDateTime,
            event.category,
            event.activityDisplayName,
            event.result,
            actorName(event, t),
            event.targetResources.map((target) => target.displayName ?? target.id ?? '').join('; '),
            event.correlationId ?? '',
            event.id,
          ]),
        ]),
      );
    }
  });
  const columns: Column<AuditEvent>[] = [
    {
      key: 'what',
      title: t('audit.what'),
      isName: true,
      render: (event) => (
        <Link as="button" onClick={() => setShown(event)}>
          {sayAction(event, t)}
        </Link>
      ),
    },
    { key: 'who', title: t('audit.who'), render: (event) => actorName(event, t) },
    {
      key: 'target',
      title: t('audit.target'),
      render: (event) => event.targetResources.map((one) => one.displayName ?? one.id).join(', '),
    },
    {
      key: 'result',
      title: t('audit.result'),
      render: (event) =>
        event.result === 'success' ? (
          <StateText tone="good">{t('audit.success')}</StateText>
        ) : (
          <StateText tone="stopped">{t('audit.failure')}</StateText>
        ),
    },
    { key: 'when', title: t('audit.when'), render: (event) => <WhenText at={event.activityDateTime} /> },
  ];
  return (
    <Page
      title={t('nav.audit')}
      sentence={t('audit.sentence')}
      commands={
        <>
          <Button icon={<ArrowClockwiseRegular />} appearance="subtle" onClick={list.reload}>
            {t('action.refresh')}
          </Button>
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <Button icon={<ArrowDownloadRegular />} disabled={download.isBusy}>
                {t('audit.export')}
              </Button>
            </MenuTrigger>
            <MenuPopover>
              <MenuList>
                <MenuItem onClick={() => download.run('csv')}>{t('audit.asCsv')}</MenuItem>
                <MenuItem onClick={() => download.run('json')}>{t('audit.asJson')}</MenuItem>
              </MenuList>
            </MenuPopover>
          </Menu>
        </>
      }
    >
      <div style={{ display: 'flex', gap: '12px', flexWrap: 'wrap', alignItems: 'end', marginBottom: '16px' }}>
        <Choice
          label={t('audit.category')}
          value={category}
          onChange={setCategory}
          options={[
            ['', t('audit.allCategories')],
            ...CATEGORIES.map((one) => [one as string, t(`audit.categories.${one}`)] as const),
          ]}
        />
        <Choice
          label={t('audit.result')}
          value={result}
          onChange={setResult}
          options={[
            ['', t('audit.allResults')],
            ['success', t('audit.success')],
            ['failure', t('audit.failure')],
          ]}
        />
        <Field label={t('audit.who')}>
          <Input value={person} onChange={(_, data) => setPerson(data.value)} type="search" />
        </Field>
        <DateField label={t('audit.from')} value={from} onChange={setFrom} />
        <DateField label={t('audit.until')} value={until} onChange={setUntil} />
      </div>
      {download.fault && <RefusalBar fault={download.fault} />}
      <DataList
        label={t('nav.audit')}
        list={list}
        rowKey={(event) => event.id}
        columns={columns}
        empty={
          <EmptyState
            picture={<ClipboardTextLtrRegular />}
            title={filter === '' ? t('audit.empty') : t('list.nothingFound')}
          />
        }
      />
      {shown && <EventPanel event={shown} onClose={() => setShown(undefined)} />}
    </Page>
  );
}

function EventPanel(props: { event: AuditEvent; onClose: () => void }) {
  const { t } = useTranslation();
  const { event } = props;
  return (
    <FormPanel
      isOpen
      size="large"
      title={sayAction(event, t)}
      sentence={event.activityDisplayName}
      submit=""
      onClose={props.onClose}
    >
      <Facts
        facts={[
          [t('audit.who'), actorName(event, t)],
          [t('audit.address'), event.initiatedBy?.user?.ipAddress],
          [t('audit.when'), <WhenText key="w" at={event.activityDateTime} isExact />],
          [t('audit.result'), event.result === 'success' ? t('audit.success') : t('audit.failure')],
          [t('audit.reason'), event.resultReason],
          [t('audit.category'), t(`audit.categories.${event.category}`, { defaultValue: event.category })],
          [t('audit.correlation'), event.correlationId],
          [t('audit.id'), event.id],
          ...(event.additionalDetails ?? []).map(({ key, value }) => [key, value] as const),
        ]}
      />
      {event.targetResources.map((target, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list of an event never changes.
        <Section key={place} title={target.displayName ?? target.id ?? ''} sentence={target.type ?? ''}>
          {target.modifiedProperties?.length ? (
            <DataList
              label={t('audit.changes')}
              list={wholeProperties(target.modifiedProperties)}
              rowKey={(one) => one.displayName}
              columns={[
                { key: 'name', title: t('settings.setting'), isName: true, render: (one) => one.displayName },
                { key: 'old', title: t('audit.before'), render: (one) => one.oldValue ?? '–' },
                { key: 'new', title: t('audit.after'), render: (one) => one.newValue ?? '–' },
              ]}
              empty={null}
            />
          ) : (
            <Text>{t('audit.noChanges')}</Text>
          )}
        </Section>
      ))}
    </FormPanel>
  );
}

function wholeProperties<Row>(rows: readonly Row[]) {
  return {
    rows,
    isPending: false,
    fault: undefined,
    total: rows.length,
    hasMore: false,
    isLoadingMore: false,
    loadMore: () => {},
    reload: () => {},
  };
}
