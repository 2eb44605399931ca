import { Button, makeStyles } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Section } from '../parts/page.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { type BringStep, synchronizationOf } from './synchronization-wire.ts';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '12px', maxWidth: '480px', justifyItems: 'start', '> :first-child': { width: '100%' } },
  steps: { margin: 0, paddingInlineStart: '20px', display: 'grid', gap: '6px' },
});

const TONES = { done: 'good', skipped: 'quiet', failed: 'stopped' } as const;

/** Brings one person at once, and shows step by step what was done. */
export function OnePerson(props: { partnerId: string; name: string }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const [picked, setPicked] = useState<Picked[]>([]);
  const act = useAct<string, { steps: readonly BringStep[] }>((api, accountId) =>
    api.post(`${synchronizationOf(props.partnerId)}/people`, { accountId }),
  );
  const [person] = picked;
  return (
    <Section title={t('sync.one')} sentence={t('sync.oneSentence', { name: props.name })}>
      <div className={styles.form}>
        <PersonPicker
          label={t('sync.person')}
          kind="users"
          limit={1}
          picked={picked}
          onChange={(now) => {
            act.reset();
            setPicked(now);
          }}
        />
        <Button disabled={!person || act.isBusy} onClick={() => person && act.run(person.id)}>
          {t('sync.bring')}
        </Button>
      </div>
      {act.fault && <RefusalBar fault={act.fault} />}
      {act.output && (
        <ol className={styles.steps} aria-live="polite">
          {act.output.steps.map(({ step, outcome, detail }) => (
            <li key={step}>
              <StateText tone={TONES[outcome]}>{t(`sync.step.${step}`)}</StateText>
              {step === 'read' ? null : <Detail detail={detail} />}
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

/** Why somebody is not there: the partner's own code where we have no words for it. */
export function Why(props: { reason: string | null }) {
  const { t } = useTranslation();
  const { reason } = props;
  return reason === null ? null : t(`sync.because.${reason.replace(/[.:]/g, '_')}`, { defaultValue: reason });
}

function Detail(props: { detail: unknown }) {
  const { t } = useTranslation();
  const { detail } = props;
  const { outcome, reason } = (detail ?? {}) as { outcome?: string; reason?: string | null };
  const why = typeof detail === 'string' ? detail : reason;
  if (why)
    return (
      <>
        {' '}
        (<Why reason={why} />)
      </>
    );
  return outcome ? ` (${t(`sync.outcome.${outcome}`)})` : null;
}
