import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { StateText } from '../parts/state-text.tsx';
import { capital, useAccessWords } from './access-words.ts';
import { ExplanationText } from './explanation.tsx';
import type { Explanation } from './wire.ts';

const useStyles = makeStyles({
  answer: { display: 'grid', gap: '2px', justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** An answer in a few words, with what decided it. */
export function Answer({ explanation }: { explanation: Explanation }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useAccessWords();
  const isDenied = explanation.level === explanation.levels[0];
  const rules = explanation.rules.filter(({ decided }) => decided);
  const grant = explanation.grants.find(({ decided }) => decided);
  const hasNoGrant = explanation.because?.some(({ kind }) => kind === 'no-grant') ?? false;
  return (
    <div className={styles.answer}>
      <StateText tone={isDenied ? 'stopped' : 'good'}>
        {capital(isDenied ? t('explain.levels.none') : words.level(explanation.question, explanation.level))}
      </StateText>
      <Text size={200} className={styles.quiet}>
        {[
          ...rules.map(words.rule),
          ...(rules.length === 0 && grant ? [words.given(grant)] : []),
          ...(rules.length === 0 && hasNoGrant ? [t('explain.noGrant')] : []),
        ].join(' ')}
      </Text>
    </div>
  );
}

/** Opens all that stands behind an answer. `about` names it for those who only hear the button. */
export function WhyAnswer(props: { explanation: Explanation; about: string }) {
  const { t } = useTranslation();
  return (
    <Dialog>
      <DialogTrigger disableButtonEnhancement>
        <Button size="small" aria-label={t('explain.whyOf', { name: props.about })}>
          {t('fault.why')}
        </Button>
      </DialogTrigger>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{props.about}</DialogTitle>
          <DialogContent>
            <ExplanationText explanation={props.explanation} />
          </DialogContent>
          <DialogActions>
            <DialogTrigger disableButtonEnhancement>
              <Button appearance="primary">{t('action.close')}</Button>
            </DialogTrigger>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
