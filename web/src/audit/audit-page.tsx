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
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  Text,
} from '@fluentui/react-components';
import {
  ArrowClockwiseRegular,
  ArrowDownloadRegular,
  ClipboardTextLtrRegular,
  ShieldCheckmarkRegular,
} from '@fluentui/react-icons';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page as Rows } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { type Column, DataList } from '../parts/data-list.tsx';
import { DateField } from '../parts/date-field.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Facts } from '../parts/facts.tsx';
import { Filters } from '../parts/filters.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useList, wholeList } from '../parts/list.ts';
import { Page, Section } from '../parts/page.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { endOfDay, startOfDay } from '../parts/when.ts';
import { WhenText } from '../parts/when-text.tsx';
import { useSettingWords } from '../tenants/setting-words.ts';
import { saveFile, toCsv } from './export.ts';
import {
  type AuditEvent,
  actorName,
  isSettings,
  sayAction,
  sayKind,
  sayTarget,
  sayValue,
  type Verification,
} from './wire.ts';

const CATEGORIES = [
  'UserManagement',
  'GroupManagement',
  'RoleManagement',
  'ApplicationManagement',
  'DirectoryManagement',
  'DomainManagement',
  'TenantManagement',
  'Policy',
  'KeyManagement',
  'Security',
  'Access',
  'SignIn',
  'Mail',
  'Calendar',
  'Contacts',
  'Audit',
] as const;

/** Everything that was changed or refused: who, what, when, before and after. */
export function AuditPage() {
  const { t } = useTranslation();
  const [category, setCategory] = useState('');
  const [result, setResult] = useState('');
  const [words, setWords] = useState('');
  const [who, setWho] = useState<Picked[]>([]);
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const [shown, setShown] = useState<AuditEvent>();
  const search = useDeferredValue(words.trim());
  const filter = {
    category: category || undefined,
    result: result || undefined,
    actorId: who[0]?.id,
    search: search || undefined,
    since: startOfDay(from)?.toISOString(),
    until: endOfDay(until)?.toISOString(),
  };
  const isFiltered = Object.values(filter).some((one) => one !== undefined);
  const list = useList<AuditEvent>('/admin/audit/events', { ...filter, limit: 50 });
  const download = useAct<'csv' | 'json'>(async (api, format) => {
    const events: AuditEvent[] = [];
    let after: Rows<AuditEvent>['next'];
    do {
      const page: Rows<AuditEvent> = await api.get<Rows<AuditEvent>>('/admin/audit/events', {
        params: { ...filter, limit: 500, after: after ?? undefined },
      });
      events.push(...page.value);
      after = page.next;
    } while (after);
    if (format === 'json') saveFile('audit.json', 'application/json', JSON.stringify(events, null, 2));
    else {
      saveFile(
        'audit.csv',
        'text/csv',
        toCsv([
          ['at', 'category', 'action', 'result', 'actor', 'targets', 'correlationId', 'id'],
          ...events.map((event) => [
            event.at,
            event.category,
            event.action,
            event.result,
            actorName(event, t),
            event.targets.map((target) => target.displayName ?? target.id).join('; '),
            event.correlationId,
            event.id,
          ]),
        ]),
      );
    }
  });
  const downloadSealed = useAct(async (api) => {
    const answer = await api.raw('GET', '/admin/audit/export', { headers: { accept: '*/*' } });
    const [, name = 'audit.ndjson'] = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '') ?? [];
    saveFile(name, 'application/x-ndjson', await answer.blob());
  });
  const verify = useAct<void, Verification>((api) => api.get<Verification>('/admin/audit/verification'));
  const fault = verify.fault ?? download.fault ?? downloadSealed.fault;
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
      render: (event) => event.targets.map((one) => sayTarget(one, t)).join(', '),
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
    { key: 'when', title: t('audit.when'), render: (event) => <WhenText at={event.at} /> },
  ];
  return (
    <Page
      title={t('nav.audit')}
      sentence={t('audit.sentence')}
      commands={
        <>
          <Button icon={<ArrowClockwiseRegular />} onClick={list.reload}>
            {t('action.refresh')}
          </Button>
          <Button
            icon={verify.isBusy ? <Spinner size="tiny" aria-hidden /> : <ShieldCheckmarkRegular />}
            disabled={verify.isBusy}
            onClick={() => verify.run()}
          >
            {t('audit.verify')}
          </Button>
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <Button icon={<ArrowDownloadRegular />} disabled={download.isBusy || downloadSealed.isBusy}>
                {t('audit.export')}
              </Button>
            </MenuTrigger>
            <MenuPopover>
              <MenuList>
                <MenuItem onClick={() => download.run('csv')}>{t('audit.asCsv')}</MenuItem>
                <MenuItem onClick={() => download.run('json')}>{t('audit.asJson')}</MenuItem>
                <MenuItem onClick={() => downloadSealed.run()}>{t('audit.asSealed')}</MenuItem>
              </MenuList>
            </MenuPopover>
          </Menu>
        </>
      }
    >
      <Filters>
        <PersonPicker label={t('audit.who')} kind="users" picked={who} onChange={setWho} limit={1} />
        <Field label={t('audit.words')}>
          <Input value={words} onChange={(_, data) => setWords(data.value)} type="search" />
        </Field>
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
        <DateField label={t('audit.from')} value={from} onChange={setFrom} />
        <DateField label={t('audit.until')} value={until} onChange={setUntil} />
      </Filters>
      {fault && <RefusalBar fault={fault} />}
      {verify.output && <Verified verification={verify.output} />}
      <DataList
        label={t('nav.audit')}
        list={list}
        rowKey={(event) => event.id}
        columns={columns}
        empty={
          <EmptyState
            picture={<ClipboardTextLtrRegular />}
            title={isFiltered ? t('list.nothingFound') : t('audit.empty')}
          />
        }
      />
      {shown && <EventPanel event={shown} onClose={() => setShown(undefined)} />}
    </Page>
  );
}

function Verified(props: { verification: Verification }) {
  const { t } = useTranslation();
  const { isIntact, events, checkpoints, fault } = props.verification;
  const counts = {
    events: t('audit.events', { count: events }),
    checkpoints: t('audit.signed', { count: checkpoints }),
  };
  return (
    <MessageBar intent={isIntact ? 'success' : 'error'} layout="multiline" style={{ marginBottom: '16px' }}>
      <MessageBarBody>
        <MessageBarTitle>{isIntact ? t('audit.intact') : t('audit.broken')}</MessageBarTitle>
        {isIntact
          ? events === 0
            ? t('audit.nothingSealed')
            : t('audit.intactSentence', counts)
          : t('audit.brokenSentence', { ...counts, position: fault?.position, problem: fault?.problem })}
      </MessageBarBody>
    </MessageBar>
  );
}

function EventPanel(props: { event: AuditEvent; onClose: () => void }) {
  const { t } = useTranslation();
  const words = useSettingWords();
  const { event } = props;
  return (
    <FormPanel size="large" title={sayAction(event, t)} sentence={event.action} submit="" onClose={props.onClose}>
      <Facts
        facts={[
          [t('audit.who'), actorName(event, t)],
          [t('audit.address'), event.clientAddress],
          [t('audit.when'), <WhenText key="w" at={event.at} isExact />],
          [t('audit.result'), event.result === 'success' ? t('audit.success') : t('audit.failure')],
          [t('audit.reason'), event.reason],
          [t('audit.category'), t(`audit.categories.${event.category}`, { defaultValue: event.category })],
          [t('audit.correlation'), event.correlationId],
          [t('audit.id'), event.id],
          [t('audit.place'), event.sequence === null ? t('audit.unsealed') : String(event.sequence)],
          ...Object.entries(event.facts).map(([name, value]) => [name, sayValue(value)] as const),
        ]}
      />
      {event.targets.map((target, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list of an event never changes.
        <Section key={place} title={sayTarget(target, t)} sentence={`${sayKind(target, t)}: ${target.id}`}>
          {target.changes?.length ? (
            <DataList
              label={t('audit.changes')}
              list={wholeList({ data: target.changes, isPending: false, error: null, refetch: () => {} })}
              rowKey={(one) => one.name}
              columns={[
                {
                  key: 'name',
                  title: t('settings.setting'),
                  isName: true,
                  render: (one) =>
                    isSettings(target) ? words.setting(target.id, { ...one, sentence: '' }).name : one.name,
                },
                { key: 'old', title: t('audit.before'), render: (one) => sayValue(one.old) },
                { key: 'new', title: t('audit.after'), render: (one) => sayValue(one.new) },
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
