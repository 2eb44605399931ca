import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { StateText, type Tone } from '../parts/state-text.tsx';
import { absoluteTime } from '../parts/when.ts';
import { inGroups } from './health.ts';
import type { KeyState } from './wire.ts';

const useStyles = makeStyles({
  all: { display: 'grid', gap: '12px' },
  keys: { margin: 0, padding: 0, listStyleType: 'none', display: 'grid', gap: '8px' },
  one: { display: 'grid', gap: '4px', justifyItems: 'start' },
  key: {
    display: 'block',
    padding: '8px 12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    overflowWrap: 'anywhere',
  },
  group: { whiteSpace: 'nowrap' },
  summary: { cursor: 'pointer' },
});

const TONES: Readonly<Record<KeyState, Tone>> = {
  signs: 'good',
  next: 'waiting',
  leaving: 'quiet',
  former: 'quiet',
  withdrawn: 'stopped',
  confirmed: 'good',
  announced: 'waiting',
  published: 'quiet',
  unknown: 'warning',
};

interface Shown {
  readonly kid: string;
  readonly x: string;
  readonly state: KeyState;
  readonly signsFrom?: string;
  readonly retiresAt?: string | null;
}

/** Keys with what each is good for, to compare over another way. Those that sign no more are folded away. */
export function KeyStates(props: { keys: readonly Shown[] }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const isPast = ({ state }: Shown) => state === 'former' || state === 'withdrawn';
  const past = props.keys.filter(isPast);
  const now = props.keys.filter((key) => !isPast(key));
  return (
    <div className={styles.all}>
      {now.length > 0 && <List keys={now} />}
      {past.length > 0 && (
        <details>
          <summary className={styles.summary}>
            <Text>{t('partners.earlierKeys')}</Text>
          </summary>
          <List keys={past} />
        </details>
      )}
    </div>
  );
}

function List(props: { keys: readonly Shown[] }) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  return (
    <ul className={styles.keys}>
      {props.keys.map(({ kid, x, state, signsFrom, retiresAt }) => {
        const at = state === 'next' ? signsFrom : retiresAt;
        const when = at ? absoluteTime(new Date(at), i18n.language) : '';
        return (
          <li key={kid} className={styles.one}>
            <StateText tone={TONES[state]}>{t(`partners.keyState.${state}`, { when })}</StateText>
            <code className={styles.key}>
              {inGroups(x)
                .split(' ')
                .flatMap((group, at) => [
                  at > 0 && ' ',
                  // biome-ignore lint/suspicious/noArrayIndexKey: the groups of a key never move.
                  <span key={at} className={styles.group}>
                    {group}
                  </span>,
                ])}
            </code>
          </li>
        );
      })}
    </ul>
  );
}
