import { makeStyles, tokens } from '@fluentui/react-components';
import {
  CheckmarkCircleRegular,
  CircleRegular,
  ClockRegular,
  DismissCircleRegular,
  WarningRegular,
} from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';

export type Tone = 'good' | 'waiting' | 'warning' | 'stopped' | 'quiet';

const PICTURES = {
  good: CheckmarkCircleRegular,
  waiting: ClockRegular,
  warning: WarningRegular,
  stopped: DismissCircleRegular,
  quiet: CircleRegular,
};

const useStyles = makeStyles({
  frame: { display: 'inline-flex', gap: '6px', alignItems: 'center' },
  good: { color: tokens.colorStatusSuccessForeground1 },
  waiting: { color: tokens.colorBrandForeground1 },
  warning: { color: tokens.colorStatusWarningForeground1 },
  stopped: { color: tokens.colorStatusDangerForeground1 },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** A state in words. The sign beside it only repeats them: nothing is told by colour alone. */
export function StateText(props: { tone: Tone; children: string }) {
  const styles = useStyles();
  const Picture = PICTURES[props.tone];
  return (
    <span className={styles.frame}>
      <Picture className={styles[props.tone]} aria-hidden />
      {props.children}
    </span>
  );
}

/** A state known by its key of the translations. */
export function StateOf(props: { state: { readonly key: string; readonly tone: Tone } }) {
  const { t } = useTranslation();
  return <StateText tone={props.state.tone}>{t(props.state.key)}</StateText>;
}
