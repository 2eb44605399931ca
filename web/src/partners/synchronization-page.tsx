import { Button, MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import { ArrowResetRegular, EditRegular, PauseRegular, PeopleSyncRegular, PlayRegular } from '@fluentui/react-icons';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DataList } from '../parts/data-list.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Facts } from '../parts/facts.tsx';
import { useList, wholeList } from '../parts/list.ts';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText, type Tone } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { SynchronizationForm } from './synchronization-form.tsx';
import { OnePerson, Why } from './synchronization-one.tsx';
import { type Brought, type Synchronization, type SyncState, synchronizationOf } from './synchronization-wire.ts';
import { PARTNERS, type Partner } from './wire.ts';

const useStyles = makeStyles({
  bars: { display: 'grid', gap: '8px', marginBottom: '12px' },
  counts: { display: 'flex', flexWrap: 'wrap', gap: '4px 16px', color: tokens.colorNeutralForeground2 },
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
      <Button icon={<EditRegular />} appearance="primary" onClick={() => setIsEditing(true)}>
        {t('sync.change')}
      </Button>
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
            <Whole sync={sync} partnerId={id} name={name} mayWrite={mayWrite} onConfirm={() => setIsConfirming(true)} />
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
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { sync, partnerId, name, mayWrite } = props;
  const { state, configuration, lastCycle } = sync;
  const counts = Object.entries(lastCycle?.counts ?? {});
  return (
    <>
      {(sync.reason || sync.failure) && state !== 'off' && (
        <div className={styles.bars}>
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>
              {sync.reason
                ? t(`sync.reason.${sync.reason}`, { name, count: lastCycle?.counts.leaving ?? 0 })
                : t('sync.failed', { name })}{' '}
              {state === 'quarantined' && mayWrite && (
                <Button size="small" onClick={props.onConfirm}>
                  {t('sync.confirm')}
                </Button>
              )}
            </MessageBarBody>
          </MessageBar>
        </div>
      )}
      <Facts
        facts={[
          [
            t('sync.state.title'),
            <StateText key="state" tone={TONES[state]}>
              {t(`sync.state.${state}`)}
            </StateText>,
          ],
          [
            t('sync.who'),
            configuration.everyone
              ? t('sync.everyone')
              : t('sync.named', { groups: configuration.groups.length, people: configuration.people.length }),
          ],
          [t('sync.createAs'), t(`sync.as.${configuration.createAs}`)],
          [t('sync.threshold'), String(configuration.deletionThreshold)],
          [t('sync.there'), String(sync.people.there ?? 0)],
          lastCycle && [
            t('sync.lastCycle'),
            <span key="cycle" className={styles.counts}>
              <WhenText at={lastCycle.endedAt ?? lastCycle.startedAt} />
              {counts.length === 0 && <Text>{t('sync.nothingNew')}</Text>}
              {counts.map(([outcome, count]) => (
                <Text key={outcome}>
                  {t(`sync.outcome.${outcome}`)}: {count}
                </Text>
              ))}
            </span>,
          ],
          [
            t('sync.inbound', { name }),
            t(sync.inbound.isSyncAllowed && sync.inbound.isConsentAutomatic ? 'sync.allowed' : 'sync.notAllowed'),
          ],
        ]}
      />
      {sync.problems.length > 0 && (
        <Section title={t('sync.notThere')} sentence={t('sync.notThereSentence', { name })}>
          <DataList
            label={t('sync.notThere')}
            list={wholeList({ data: sync.problems, isPending: false, error: null, refetch: () => {} })}
            rowKey={({ accountId }) => accountId}
            empty={null}
            columns={[
              { key: 'name', title: t('sync.person'), isName: true, render: ({ displayName }) => displayName },
              { key: 'why', title: t('sync.why'), render: ({ reason }) => <Why reason={reason} /> },
              { key: 'since', title: t('sync.since'), render: ({ changedAt }) => <WhenText at={changedAt} /> },
            ]}
          />
        </Section>
      )}
      {mayWrite && state !== 'off' && <OnePerson partnerId={partnerId} name={name} />}
      <Log partnerId={partnerId} />
    </>
  );
}

/** What was done with each person, the newest first. */
function Log(props: { partnerId: string }) {
  const { t } = useTranslation();
  const list = useList<Brought>('/admin/audit/events', { action: 'directory.person-synchronized', limit: 50 });
  const rows = list.rows.filter(({ facts }) => facts.partnerTenantId === props.partnerId);
  return (
    <Section title={t('sync.log')} sentence={t('sync.logSentence')}>
      <DataList
        label={t('sync.log')}
        list={{ ...list, rows }}
        rowKey={({ id }) => id}
        empty={
          <EmptyState
            picture={<PeopleSyncRegular />}
            title={t('sync.nobodyYet')}
            sentence={t('sync.nobodyYetSentence')}
          />
        }
        columns={[
          {
            key: 'name',
            title: t('sync.person'),
            isName: true,
            render: ({ targets }) => targets[0]?.displayName ?? targets[0]?.id ?? '',
          },
          { key: 'outcome', title: t('sync.what'), render: ({ facts }) => t(`sync.outcome.${facts.outcome}`) },
          { key: 'why', title: t('sync.why'), render: ({ reason }) => <Why reason={reason ?? null} /> },
          { key: 'at', title: t('sync.when'), render: ({ at }) => <WhenText at={at} /> },
        ]}
      />
    </Section>
  );
}
