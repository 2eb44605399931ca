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
  Spinner,
} from '@fluentui/react-components';
import {
  ArrowClockwiseRegular,
  ArrowDownloadRegular,
  ArrowSyncRegular,
  DocumentMultipleSyncRegular,
  ShieldCheckmarkRegular,
} from '@fluentui/react-icons';
import { useParams } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveFile } from '../audit/export.ts';
import type { Verification } from '../audit/wire.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { type Column, DataList } from '../parts/data-list.tsx';
import { DateField } from '../parts/date-field.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Filters } from '../parts/filters.tsx';
import { useList } from '../parts/list.ts';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { endOfDay, startOfDay } from '../parts/when.ts';
import { WhenText } from '../parts/when-text.tsx';
import { useThing } from '../shell/tenant.ts';
import { Checked, LogAlarm, LogFacts } from './shared-log-state.tsx';
import { ACTS, ASKED, logPath, PAIR_TONES, type Pair, type SharedLog, sayOutcome, sayWhat } from './shared-log-wire.ts';
import { SharedRecordPanel } from './shared-record-panel.tsx';

/** The log shared with one partner: how it stands, and both sides' records beside each other. */
export function SharedLogPage() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const log = useThing<SharedLog>(logPath(id), { isSubject: true });
  return (
    <DetailPage
      list={{ path: '/shared-logs', title: t('nav.sharedLogs') }}
      query={log}
      head={({ displayName, partner }) => ({
        title: t('sharedLog.with', { name: displayName ?? partner }),
        sentence: t('sharedLog.sentence', { name: displayName ?? partner }),
      })}
    >
      {(found) => <WholeLog log={found} />}
    </DetailPage>
  );
}

function WholeLog({ log }: { log: SharedLog }) {
  const { t } = useTranslation();
  const base = logPath(log.partner);
  const name = log.displayName ?? log.partner;
  const compare = useAct((api) => api.post(`${base}/exchange`), { said: () => t('sharedLog.comparedNow') });
  const check = useAct<void, Readonly<Record<'ours' | 'theirs', Verification>>>(async (api) => ({
    ours: await api.get<Verification>(`${base}/verification`, { params: { side: 'ours' } }),
    theirs: await api.get<Verification>(`${base}/verification`, { params: { side: 'theirs' } }),
  }));
  const [file, setFile] = useState(`shared-ours-${log.partner}.ndjson`);
  const download = useAct<'ours' | 'theirs'>(async (api, side) => {
    const answer = await api.raw('GET', `${base}/export?side=${side}`, { headers: { accept: '*/*' } });
    const saved = `shared-${side}-${log.partner}.ndjson`;
    saveFile(saved, 'application/x-ndjson', await answer.blob());
    setFile(saved);
  });
  const fault = compare.fault ?? check.fault ?? download.fault;
  const busy = (isBusy: boolean, picture: React.ReactElement) =>
    isBusy ? <Spinner size="tiny" aria-hidden /> : picture;
  return (
    <>
      {fault && <RefusalBar fault={fault} />}
      <LogAlarm log={log} />
      <div role="status">{check.output && <Checked found={check.output} name={name} />}</div>
      <Section
        title={t('sharedLog.exchange')}
        sentence={t('sharedLog.exchangeSentence', { name })}
        commands={
          <>
            <Button
              icon={busy(compare.isBusy, <ArrowSyncRegular />)}
              disabled={compare.isBusy}
              onClick={() => compare.run()}
            >
              {t('sharedLog.compareNow')}
            </Button>
            <Button
              icon={busy(check.isBusy, <ShieldCheckmarkRegular />)}
              disabled={check.isBusy}
              onClick={() => check.run()}
            >
              {t('sharedLog.check')}
            </Button>
          </>
        }
      >
        <LogFacts log={log} />
      </Section>
      <Records log={log} />
      <Section
        title={t('sharedLog.elsewhere')}
        sentence={t('sharedLog.elsewhereSentence', { name })}
        commands={
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <Button icon={busy(download.isBusy, <ArrowDownloadRegular />)} disabled={download.isBusy}>
                {t('sharedLog.download')}
              </Button>
            </MenuTrigger>
            <MenuPopover>
              <MenuList>
                <MenuItem onClick={() => download.run('ours')}>{t('sharedLog.whatWeWrote')}</MenuItem>
                <MenuItem onClick={() => download.run('theirs')}>{t('sharedLog.whatTheyWrote', { name })}</MenuItem>
              </MenuList>
            </MenuPopover>
          </Menu>
        }
      >
        <CopyField
          label={t('sharedLog.command')}
          hint={t('sharedLog.commandHint')}
          value={`entente audit verify ${file}`}
        />
      </Section>
    </>
  );
}

/** Both sides' records, the newest first, a page at a time. */
function Records({ log }: { log: SharedLog }) {
  const { t } = useTranslation();
  const [person, setPerson] = useState('');
  const [what, setWhat] = useState('');
  const [which, setWhich] = useState<'all' | 'unmatched'>('all');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const [shown, setShown] = useState<Pair>();
  const name = log.displayName ?? log.partner;
  const filter = {
    person: useDeferredValue(person.trim()) || undefined,
    what: what || undefined,
    unmatched: which === 'unmatched' ? 'true' : undefined,
    since: startOfDay(from)?.toISOString(),
    until: endOfDay(until)?.toISOString(),
  };
  const isFiltered = Object.values(filter).some((one) => one !== undefined);
  const list = useList<Pair>(`${logPath(log.partner)}/pairs`, { ...filter, limit: 50 });
  const whats = [...ASKED.map((one) => ['request', one] as const), ...ACTS.map((one) => ['act', one] as const)]
    // A dot in a name is a line below in the translations.
    .map(([kind, key]) => [key.replaceAll('_', '.'), sayWhat({ kind, what: key }, t)] as const)
    .sort(([, one], [, other]) => one.localeCompare(other));
  const columns: Column<Pair>[] = [
    {
      key: 'what',
      title: t('sharedLog.what'),
      isName: true,
      render: (pair) => (
        <Link as="button" onClick={() => setShown(pair)}>
          {sayWhat(pair, t)}
        </Link>
      ),
    },
    {
      key: 'who',
      title: t('sharedLog.by'),
      render: ({ by, from }) => by ?? (from === log.partner ? name : t('sharedLog.us')),
    },
    {
      key: 'about',
      title: t('sharedLog.about'),
      render: ({ about }) =>
        about.length > 3
          ? t('sharedLog.andMore', { names: about.slice(0, 3).join(', '), count: about.length - 3 })
          : about.join(', '),
    },
    { key: 'ours', title: t('sharedLog.here'), render: ({ at }) => at.ours && <WhenText at={at.ours} /> },
    { key: 'theirs', title: t('sharedLog.there'), render: ({ at }) => at.theirs && <WhenText at={at.theirs} /> },
    { key: 'outcome', title: t('sharedLog.outcome'), render: ({ outcome }) => sayOutcome(outcome, t) },
    {
      key: 'state',
      title: t('people.state'),
      render: ({ state }) => <StateText tone={PAIR_TONES[state]}>{t(`sharedLog.pair.${state}`, { name })}</StateText>,
    },
  ];
  return (
    <Section
      title={t('sharedLog.records')}
      sentence={t('sharedLog.recordsSentence')}
      commands={
        <Button icon={<ArrowClockwiseRegular />} onClick={list.reload}>
          {t('action.refresh')}
        </Button>
      }
    >
      <Filters>
        <Field label={t('sharedLog.person')}>
          <Input value={person} type="search" onChange={(_, { value }) => setPerson(value)} />
        </Field>
        <Choice
          label={t('sharedLog.what')}
          value={what}
          onChange={setWhat}
          options={[['', t('sharedLog.everything')], ...whats]}
        />
        <Choice
          label={t('sharedLog.which')}
          value={which}
          onChange={setWhich}
          options={[
            ['all', t('sharedLog.all')],
            ['unmatched', t('sharedLog.onlyUnmatched')],
          ]}
        />
        <DateField label={t('audit.from')} value={from} onChange={setFrom} />
        <DateField label={t('audit.until')} value={until} onChange={setUntil} />
      </Filters>
      <DataList
        label={t('sharedLog.records')}
        list={list}
        rowKey={({ id }) => id}
        columns={columns}
        empty={
          <EmptyState
            picture={<DocumentMultipleSyncRegular />}
            title={
              list.hasMore
                ? t('sharedLog.notYetFound')
                : isFiltered
                  ? t('list.nothingFound')
                  : t('sharedLog.nothingYet', { name })
            }
          >
            {list.hasMore && (
              <Button disabled={list.isLoadingMore} onClick={list.loadMore}>
                {t('sharedLog.lookFurther')}
              </Button>
            )}
          </EmptyState>
        }
      />
      {shown && <SharedRecordPanel log={log} pair={shown} onClose={() => setShown(undefined)} />}
    </Section>
  );
}
