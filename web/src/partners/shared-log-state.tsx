import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import type { Verification } from '../audit/wire.ts';
import { Facts } from '../parts/facts.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { LOG_TONES, type SharedLog, type SignedUpTo, stateOfLog } from './shared-log-wire.ts';

const useStyles = makeStyles({
  list: { margin: '4px 0 0', paddingInlineStart: '20px' },
  bar: { marginTop: '12px' },
});

/** What is wrong with the log, in plain words, and what to do about it. Nothing is shown where nothing is. */
export function LogAlarm({ log }: { log: SharedLog }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const state = stateOfLog(log);
  const { exchange } = log;
  if (state === 'same' || state === 'waiting') return null;
  const values = {
    name: log.displayName ?? log.partner,
    place: exchange?.faultPosition,
    problem: exchange?.faultProblem,
    count: log.told,
  };
  const todo = t(`sharedLog.todo.${state}`, values).split('\n');
  return (
    <MessageBar
      className={styles.bar}
      intent={LOG_TONES[state] === 'stopped' ? 'error' : 'warning'}
      layout="multiline"
      role="alert"
    >
      <MessageBarBody>
        <MessageBarTitle>{t(`sharedLog.state.${state}`)}</MessageBarTitle>
        {t(`sharedLog.alarm.${state}`, values)}
        <ul className={styles.list}>
          {todo.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </MessageBarBody>
    </MessageBar>
  );
}

/** How far each has come, and how far each has read the other. */
export function LogFacts({ log }: { log: SharedLog }) {
  const { t } = useTranslation();
  const { ours, theirs, exchange, checkpoints } = log;
  const name = log.displayName ?? log.partner;
  const state = stateOfLog(log);
  const unread = ours.records - (checkpoints.held?.size ?? 0);
  const signed = (one: SignedUpTo | null) =>
    one === null ? (
      t('sharedLog.notYetSigned')
    ) : (
      <span>
        {t('sharedLog.signedUpTo', { count: one.size })} · <WhenText at={one.at} />
      </span>
    );
  return (
    <Facts
      facts={[
        [
          t('people.state'),
          <StateText key="state" tone={LOG_TONES[state]}>
            {t(`sharedLog.state.${state}`)}
          </StateText>,
        ],
        [t('sharedLog.compared'), <WhenText key="compared" at={exchange?.exchangedAt} />],
        exchange?.apartSince != null && [
          t('sharedLog.apartSince', { name }),
          <WhenText key="apart" at={exchange.apartSince} />,
        ],
        [t('sharedLog.oursSigned'), signed(checkpoints.ours)],
        [
          t('sharedLog.readByThem', { name }),
          unread <= 0 ? t('sharedLog.allRead') : t('sharedLog.behind', { count: unread }),
        ],
        [t('sharedLog.theirsSigned', { name }), signed(checkpoints.theirs)],
        [
          t('sharedLog.withoutCounterpart'),
          ours.unmatched + theirs.unmatched === 0
            ? t('sharedLog.none')
            : t('sharedLog.unmatchedCounts', { ours: ours.unmatched, theirs: theirs.unmatched, name }),
        ],
      ]}
    />
  );
}

/** What came of reading both logs again. */
export function Checked(props: { found: Readonly<Record<'ours' | 'theirs', Verification>>; name: string }) {
  const { t } = useTranslation();
  const styles = useStyles();
  return (['ours', 'theirs'] as const).map((side) => {
    const { isIntact, events, checkpoints, fault } = props.found[side];
    const whose = side === 'ours' ? t('sharedLog.whatWeWrote') : t('sharedLog.whatTheyWrote', { name: props.name });
    return (
      <MessageBar key={side} className={styles.bar} intent={isIntact ? 'success' : 'error'} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{whose}</MessageBarTitle>
          {isIntact
            ? t('sharedLog.intact', { count: events, signed: checkpoints })
            : t('sharedLog.notIntact', { place: fault?.position, problem: fault?.problem })}
        </MessageBarBody>
      </MessageBar>
    );
  });
}
