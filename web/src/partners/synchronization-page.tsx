import { Button, MessageBar, MessageBarActions, MessageBarBody, makeStyles, Text } from '@fluentui/react-components';
import { ArrowResetRegular, EditRegular, PauseRegular, PlayRegular } from '@fluentui/react-icons';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DataList } from '../parts/data-list.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { Facts } from '../parts/facts.tsx';
import { wholeList } from '../parts/list.ts';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText, type Tone } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { printFilters } from './filter-lines.ts';
import { paceOf, SynchronizationForm } from './synchronization-form.tsx';
import { Counts, SynchronizationHistory } from './synchronization-history.tsx';
import { TheirPeople, WhatItTakes } from './synchronization-needs.tsx';
import { OnePerson, Why } from './synchronization-one.tsx';
import { type Synchronization, type SyncState, synchronizationOf } from './synchronization-wire.ts';
import { PARTNERS, type Partner } from './wire.ts';

const useStyles = makeStyles({
  bars: { display: 'grid', gap: '8px', marginBottom: '12px' },
  cycle: { display: 'grid', gap: '4px' },
});

const TONES: Readonly<Record<SyncState, Tone>> = {
  off: 'quiet',
  active: 'good',
  paused: 'warning',
  quarantined: 'warning',
  stopped: 'stopped',
};
const REFRESH_MS = 5_000;

/** Which of our people one partner gets by itself: what is set, how far it is, who is not there and why. */
export function SynchronizationPage() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const mayWrite = useAbilities().writes('synchronization');
  const path = synchronizationOf(id);
  const partner = useThing<Partner>(`${PARTNERS}/${id}`, { isSubject: true });
  const query = useThing<Synchronization>(path, { isSubject: true, refetchInterval: REFRESH_MS });
  const [isEditing, setIsEditing] = useState(false);
  const [isConfirming, setIsConfirming] = useState(false);
  const steer = useAct<{ action: 'pause' | 'resume' | 'restart'; confirmRemovals?: boolean }>(
    (api, input) => api.post(path, input),
    { said: ({ action }) => t(`sync.done.${action}`), done: () => setIsConfirming(false) },
  );
  const state = query.data?.state;
  const name = partner.data?.displayName ?? '';
  const commands = mayWrite && query.data && (
    <>
      {(state !== 'off' || query.data.lastCycle !== null) && (
        <Button icon={<EditRegular />} appearance="primary" onClick={() => setIsEditing(true)}>
          {t('sync.change')}
        </Button>
      )}
      {state === 'active' && (
        <Button icon={<PauseRegular />} disabled={steer.isBusy} onClick={() => steer.run({ action: 'pause' })}>
          {t('sync.pause')}
        </Button>
      )}
      {(state === 'paused' || state === 'stopped' || state === 'quarantined') && (
        <Button icon={<PlayRegular />} disabled={steer.isBusy} onClick={() => steer.run({ action: 'resume' })}>
          {t('sync.resume')}
        </Button>
      )}
      {state === 'active' && (
        <Button icon={<ArrowResetRegular />} disabled={steer.isBusy} onClick={() => steer.run({ action: 'restart' })}>
          {t('sync.restart')}
        </Button>
      )}
    </>
  );
  return (
    <>
      <DetailPage
        area="synchronization"
        list={{ path: '/partners', title: t('nav.partners') }}
        query={{
          data: partner.data && query.data ? query.data : undefined,
          error: partner.error ?? query.error,
          refetch: () => Promise.all([partner.refetch(), query.refetch()]),
        }}
        head={() => ({
          title: t('sync.with', { name }),
          sentence: t('sync.sentence', { name }),
          badge: <OrganisationBadge name={partner.data?.domains[0] ?? name} />,
          commands,
        })}
      >
        {(sync) => (
          <>
            {steer.fault && <RefusalBar fault={steer.fault} />}
            <Whole
              sync={sync}
              partnerId={id}
              name={name}
              mayWrite={mayWrite}
              onConfirm={() => setIsConfirming(true)}
              onChange={() => setIsEditing(true)}
            />
          </>
        )}
      </DetailPage>
      {isEditing && query.data && (
        <SynchronizationForm partnerId={id} name={name} now={query.data} onClose={() => setIsEditing(false)} />
      )}
      {isConfirming && (
        <ConfirmDialog
          title={t('sync.confirmTitle', { count: query.data?.lastCycle?.counts.leaving ?? 0 })}
          confirm={t('sync.confirm')}
          act={{ ...steer, run: () => steer.run({ action: 'resume', confirmRemovals: true }) }}
          onClose={() => setIsConfirming(false)}
        >
          {t('sync.confirmSentence', { name })}
        </ConfirmDialog>
      )}
    </>
  );
}

function Whole(props: {
  sync: Synchronization;
  partnerId: string;
  name: string;
  mayWrite: boolean;
  onConfirm: () => void;
  onChange: () => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { sync, partnerId, name, mayWrite } = props;
  const { state, configuration, lastCycle } = sync;
  const isSetUp = state !== 'off' || lastCycle !== null;
  return (
    <>
      {(sync.reason || sync.failure) && state !== 'off' && (
        <div className={styles.bars}>
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>
              {sync.reason
                ? t(`sync.reason.${sync.reason}`, {
                    name,
                    count: lastCycle?.counts.leaving ?? 0,
                    threshold: configuration.deletionThreshold,
                  })
                : t('sync.failed', { name })}
            </MessageBarBody>
            {state === 'quarantined' && mayWrite && (
              <MessageBarActions>
                <Button onClick={props.onConfirm}>{t('sync.confirm')}</Button>
                <Button onClick={props.onChange}>{t('sync.correct')}</Button>
              </MessageBarActions>
            )}
          </MessageBar>
        </div>
      )}
      {isSetUp && (
        <Facts
          facts={[
            [
              t('sync.state.title'),
              <StateText key="state" tone={TONES[state]}>
                {t(`sync.state.${state}`)}
              </StateText>,
            ],
            [t('sync.who'), <Scope key="who" configuration={configuration} />],
            [t('sync.createAs'), t(`sync.as.${configuration.createAs}`)],
            [
              t('sync.also'),
              [
                configuration.bringsGroups && t('sync.alsoGroups'),
                configuration.bringsManagers && t('sync.alsoManagers'),
              ]
                .filter(Boolean)
                .join(', '),
            ],
            [t('sync.pace'), paceOf(t, configuration.minutesBetween)],
            state === 'active' && [t('sync.next'), <Next key="next" dueAt={sync.dueAt} />],
            [t('sync.threshold'), String(configuration.deletionThreshold)],
            [t('sync.there'), String(sync.people.there ?? 0)],
            lastCycle && [
              t('sync.lastCycle'),
              <span key="cycle" className={styles.cycle}>
                {lastCycle.isRunning && state === 'active' ? (
                  <Text>{t('sync.running')}</Text>
                ) : (
                  <WhenText at={lastCycle.endedAt ?? lastCycle.startedAt} />
                )}
                {(state === 'active' || Object.keys(lastCycle.counts).length > 0) && (
                  <Counts counts={lastCycle.counts} />
                )}
              </span>,
            ],
          ]}
        />
      )}
      {(state === 'off' || !sync.isConsentGiven) && (
        <WhatItTakes partnerId={partnerId} name={name} sync={sync} mayWrite={mayWrite} onSetUp={props.onChange} />
      )}
      {sync.leaving.length > 0 && (
        <Section title={t('sync.leaving')} sentence={t('sync.leavingSentence', { name })}>
          <DataList
            label={t('sync.leaving')}
            list={wholeList({ data: sync.leaving, isPending: false, error: null, refetch: () => {} })}
            rowKey={({ accountId }) => accountId}
            empty={null}
            columns={[{ key: 'name', title: t('sync.person'), isName: true, render: ({ displayName }) => displayName }]}
          />
        </Section>
      )}
      {sync.problems.length > 0 && (
        <Section title={t('sync.notThere')} sentence={t('sync.notThereSentence', { name })}>
          <DataList
            label={t('sync.notThere')}
            list={wholeList({ data: sync.problems, isPending: false, error: null, refetch: () => {} })}
            rowKey={({ accountId }) => accountId}
            empty={null}
            columns={[
              { key: 'name', title: t('sync.person'), isName: true, render: ({ displayName }) => displayName },
              {
                key: 'state',
                title: t('sync.state.title'),
                render: ({ isThere }) => t(isThere ? 'sync.isOld' : 'sync.isAway'),
              },
              { key: 'why', title: t('sync.why'), render: ({ reason }) => <Why reason={reason} /> },
              { key: 'since', title: t('sync.lookedAt'), render: ({ changedAt }) => <WhenText at={changedAt} /> },
            ]}
          />
        </Section>
      )}
      {mayWrite && state !== 'off' && <OnePerson partnerId={partnerId} name={name} />}
      {isSetUp && <SynchronizationHistory partnerId={partnerId} name={name} sync={sync} />}
      <TheirPeople partnerId={partnerId} name={name} sync={sync} mayWrite={mayWrite} />
    </>
  );
}

function Next({ dueAt }: { dueAt: string | null }) {
  const { t } = useTranslation();
  if (dueAt === null) return t('sync.nextOnChange');
  return new Date(dueAt) <= new Date() ? t('sync.nextNow') : <WhenText at={dueAt} />;
}

/** Who is brought: how many are named, and what must be so of them. */
function Scope(props: { configuration: Synchronization['configuration'] }) {
  const { t } = useTranslation();
  const { everyone, groups, people, filters } = props.configuration;
  const named = [
    groups.length > 0 && t('sync.namedGroups', { count: groups.length }),
    people.length > 0 && t('sync.namedPeople', { count: people.length }),
  ].filter(Boolean);
  const who = everyone ? t('sync.everyone') : named.length > 0 ? named.join(', ') : t('sync.namedNobody');
  return filters.length === 0
    ? who
    : t('sync.filtered', { who, filters: printFilters(filters).replaceAll('\n', ', ') });
}
