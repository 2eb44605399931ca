import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { NARROW } from '../parts/narrow.ts';
import { StateText, type Tone } from '../parts/state-text.tsx';
import { useTermWords } from './agreement-terms.tsx';
import { readAgreedTerms, type Step, type StepEnd, type Testing } from './test-wire.ts';

const useStyles = makeStyles({
  ends: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr)',
    gap: '24px 32px',
    [NARROW]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  whole: { gridColumn: '1 / -1' },
  title: {
    margin: '0 0 8px',
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
  },
  steps: { margin: 0, padding: 0, listStyleType: 'none', display: 'grid', gap: '10px' },
  step: { display: 'grid', gap: '2px', justifyItems: 'start', overflowWrap: 'anywhere' },
  words: { display: 'grid', gap: '4px', paddingInlineStart: '26px', whiteSpace: 'pre-line' },
  quiet: { color: tokens.colorNeutralForeground3 },
  failed: {
    padding: '10px 12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorStatusDangerBackground1,
  },
});

const TONES: Readonly<Record<Step['status'], Tone>> = {
  passed: 'good',
  failed: 'stopped',
  'not-applicable': 'quiet',
  'not-reached': 'waiting',
};
const ENDS: readonly StepEnd[] = ['ours', 'theirs', 'both'];

const keyOf = (step: string) => step.replace('.', '_');

/** A step in the words of the page's language; in the server's English where it says something newer than the page. */
export function useStepWords() {
  const { t } = useTranslation();
  const { term, level } = useTermWords();
  /** What was agreed stands in one fact of all terms, so that both servers may be of different ages: a line for each. */
  const agreed = (terms: string) =>
    readAgreedTerms(terms)
      .map((one) =>
        t('partnerTest.agreedTerm', {
          term: term({ name: one.term, title: one.term }),
          of: one.of,
          level: level(one.level),
        }),
      )
      .join('\n');
  return {
    title: (step: string) => t(`partnerTest.step.${keyOf(step)}`, { defaultValue: step }),
    seen: ({ code, facts, seen }: Step) =>
      (code === 'terms-agreed' && agreed(facts.terms ?? '')) ||
      t(`partnerTest.seen.${code}`, { ...facts, defaultValue: seen }),
    todo: ({ code, facts, todo }: Step) => todo && t(`partnerTest.todo.${code}`, { ...facts, defaultValue: todo }),
  };
}

/** What it came to, in one sentence. */
export function TestVerdict({ testing, partner }: { testing: Testing; partner: string }) {
  const { t } = useTranslation();
  const words = useStepWords();
  const { verdict, steps } = testing;
  const first = steps.find(({ status }) => status === 'failed');
  if (!verdict) return null;
  if (verdict.isHealthy || !first)
    return (
      <MessageBar intent="success" layout="multiline">
        <MessageBarBody>{t('partnerTest.healthy', { name: partner })}</MessageBarBody>
      </MessageBar>
    );
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>
          {t('partnerTest.failing', {
            step: words.title(first.step),
            side: t(`partnerTest.side.${first.side}`, { name: partner }),
          })}
        </MessageBarTitle>{' '}
        {words.seen(first)} {words.todo(first)}
      </MessageBarBody>
    </MessageBar>
  );
}

/** Every step that is known, by who looked: we, the partner from its end, and what comes of both. */
export function TestSteps({ testing, partner }: { testing: Testing; partner: string }) {
  const { t } = useTranslation();
  const styles = useStyles();
  return (
    <div className={styles.ends} aria-live="polite" aria-busy={testing.verdict === undefined}>
      {ENDS.map((end) => {
        const steps = testing.steps.filter((one) => one.end === end);
        if (steps.length === 0) return null;
        return (
          <section key={end} className={end === 'both' ? styles.whole : undefined}>
            <h2 className={styles.title}>{t(`partnerTest.end.${end}`, { name: partner })}</h2>
            <ol className={styles.steps}>
              {steps.map((step) => (
                <OneStep key={step.step} step={step} partner={partner} />
              ))}
            </ol>
          </section>
        );
      })}
    </div>
  );
}

function OneStep({ step, partner }: { step: Step; partner: string }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useStepWords();
  const isFailed = step.status === 'failed';
  const todo = isFailed ? words.todo(step) : null;
  return (
    <li className={isFailed ? `${styles.step} ${styles.failed}` : styles.step}>
      <StateText tone={TONES[step.status]}>
        {t('partnerTest.titled', { step: words.title(step.step), status: t(`partnerTest.status.${step.status}`) })}
      </StateText>
      <span className={styles.words}>
        {step.status !== 'not-reached' && (
          <Text size={200} className={isFailed ? undefined : styles.quiet}>
            {words.seen(step)}
          </Text>
        )}
        {isFailed && (
          <Text size={200}>
            {t('partnerTest.where', { side: t(`partnerTest.side.${step.side}`, { name: partner }) })}
          </Text>
        )}
        {todo && (
          <Text size={200} weight="semibold">
            {step.who
              ? t('partnerTest.todoBy', { who: t(`partnerTest.who.${step.who}`, { name: partner }), todo })
              : todo}
          </Text>
        )}
      </span>
    </li>
  );
}
