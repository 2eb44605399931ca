import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { HistoryRegular, PeopleSyncRegular } from '@fluentui/react-icons';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { useList } from '../parts/list.ts';
import { Section } from '../parts/page.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { Why } from './synchronization-one.tsx';
import { type SyncEvent, type Synchronization, synchronizationOf } from './synchronization-wire.ts';

const useStyles = makeStyles({
  counts: { display: 'flex', flexWrap: 'wrap', gap: '4px 16px', color: tokens.colorNeutralForeground2 },
});

/** How many of each were done in one cycle. */
export function Counts(props: { counts: Readonly<Record<string, number>> }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const counts = Object.entries(props.counts);
  return (
    <span className={styles.counts}>
      {counts.length === 0 && <Text>{t('sync.nothingNew')}</Text>}
      {counts.map(([outcome, count]) => (
        <Text key={outcome}>
          {t(`sync.outcome.${outcome}`)}: {count}
        </Text>
      ))}
    </span>
  );
}

/** What was done in whole, and with each person, the newest first. */
export function SynchronizationHistory(props: { partnerId: string; name: string; sync: Synchronization }) {
  const { t } = useTranslation();
  const { partnerId, name, sync } = props;
  const path = `${synchronizationOf(partnerId)}/history`;
  const cycles = useList<SyncEvent>(path, { of: 'cycles', limit: 10 });
  const people = useList<SyncEvent>(path, { of: 'people', limit: 20 });
  const { state, lastCycle } = sync;
  const stand = `${state} ${lastCycle?.startedAt} ${lastCycle?.endedAt} ${JSON.stringify(sync.people)}`;
  // What the page sees anew every few seconds has come on: so has its history.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the lists are made anew at each render.
  useEffect(() => {
    cycles.reload();
    people.reload();
  }, [stand]);
  return (
    <>
      <Section title={t('sync.cycles')} sentence={t('sync.cyclesSentence')}>
        <DataList
          label={t('sync.cycles')}
          list={cycles}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              picture={<HistoryRegular />}
              title={t('sync.noCycle')}
              sentence={t('sync.noCycleSentence', { name })}
            />
          }
          columns={[
            { key: 'what', title: t('sync.what'), isName: true, render: ({ what }) => t(`sync.event.${what}`) },
            { key: 'counts', title: t('sync.result'), render: (event) => <Result event={event} name={name} /> },
            { key: 'by', title: t('sync.by'), render: ({ by }) => by ?? t('sync.itself') },
            { key: 'at', title: t('sync.when'), render: ({ at }) => <WhenText at={at} /> },
          ]}
        />
      </Section>
      <Section title={t('sync.log')} sentence={t('sync.logSentence')}>
        <DataList
          label={t('sync.log')}
          list={people}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              picture={<PeopleSyncRegular />}
              title={t('sync.nobodyYet')}
              sentence={t('sync.nobodyYetSentence')}
            />
          }
          columns={[
            { key: 'name', title: t('sync.person'), isName: true, render: ({ person }) => person?.displayName ?? '' },
            { key: 'outcome', title: t('sync.what'), render: ({ facts }) => t(`sync.outcome.${facts.outcome}`) },
            { key: 'why', title: t('sync.why'), render: ({ reason }) => <Why reason={reason} /> },
            { key: 'at', title: t('sync.when'), render: ({ at }) => <WhenText at={at} /> },
          ]}
        />
      </Section>
    </>
  );
}

function Result(props: { event: SyncEvent; name: string }) {
  const { t } = useTranslation();
  const { what, reason, facts } = props.event;
  if (facts.counts) return <Counts counts={facts.counts} />;
  if (what === 'quarantined') return t('sync.wouldLeave', { count: facts.leaving ?? 0, threshold: facts.threshold });
  if (what === 'resumed' && facts.confirmRemovals) return t('sync.confirmed');
  return reason ? t(`sync.short.${reason}`, { name: props.name, defaultValue: reason }) : null;
}
