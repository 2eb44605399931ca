import { Button, Field, makeStyles, SpinButton, Text, Textarea } from '@fluentui/react-components';
import { KeyRegular, ShieldErrorRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { KeyStates } from './key-states.tsx';
import type { OwnKey } from './wire.ts';

const OWN_KEYS = '/admin/partner-keys';

const useStyles = makeStyles({
  all: { display: 'grid', gap: '12px' },
  row: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
});

/** What the others compare when they confirm us, and the ways to change it. */
export function OwnKeys() {
  const { t } = useTranslation();
  const styles = useStyles();
  const mayWrite = useAbilities().writes('partners');
  const found = useThing<{ value: readonly OwnKey[] }>(OWN_KEYS);
  const [doing, setDoing] = useState<'change' | 'withdraw'>();
  if (found.error) return <RefusalBar fault={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return null;
  const isUnderWay = found.data.value.some(({ state }) => state === 'next' || state === 'leaving');
  return (
    <Section title={t('partners.ownKey')} sentence={t('partners.ownKeySentence')}>
      <div className={styles.all}>
        <KeyStates keys={found.data.value} />
        {isUnderWay && <Text>{t('partners.keyChange.underWay')}</Text>}
        {mayWrite && (
          <div className={styles.row}>
            <Button icon={<KeyRegular />} disabled={isUnderWay} onClick={() => setDoing('change')}>
              {t('partners.keyChange.open')}
            </Button>
            <Button icon={<ShieldErrorRegular />} onClick={() => setDoing('withdraw')}>
              {t('partners.keyChange.lost')}
            </Button>
          </div>
        )}
      </div>
      {doing === 'change' && <ChangePanel onClose={() => setDoing(undefined)} />}
      {doing === 'withdraw' && <WithdrawPanel onClose={() => setDoing(undefined)} />}
    </Section>
  );
}

function ChangePanel(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const [days, setDays] = useState<number | null>(14);
  const isGood = days !== null && days >= 1 && days <= 90;
  const change = useAct((api) => api.post(OWN_KEYS, { overlapDays: days }), {
    said: () => t('partners.keyChange.begun'),
    done: props.onClose,
  });
  return (
    <FormPanel
      title={t('partners.keyChange.title')}
      submit={t('partners.keyChange.confirm')}
      onClose={props.onClose}
      onSubmit={() => isGood && change.run()}
      isBusy={change.isBusy || !isGood}
      fault={change.fault}
    >
      <Text>{t('partners.keyChange.sentence')}</Text>
      <Field label={t('partners.keyChange.days')} hint={t('partners.keyChange.daysHint')} required>
        <SpinButton
          value={days}
          min={1}
          max={90}
          onChange={(_, { value, displayValue }) => setDays(value ?? (Number(displayValue) || null))}
        />
      </Field>
    </FormPanel>
  );
}

function WithdrawPanel(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const withdraw = useAct((api) => api.post(`${OWN_KEYS}/withdraw`, { reason: reason.trim() }), {
    said: () => t('partners.keyLost.done'),
    done: props.onClose,
  });
  return (
    <FormPanel
      title={t('partners.keyLost.title')}
      submit={t('partners.keyLost.confirm')}
      onClose={props.onClose}
      onSubmit={() => reason.trim() !== '' && withdraw.run()}
      isBusy={withdraw.isBusy || reason.trim() === ''}
      fault={withdraw.fault}
    >
      <Text>{t('partners.keyLost.sentence')}</Text>
      <Field label={t('partners.keyLost.reason')} hint={t('partners.keyLost.reasonHint')} required>
        <Textarea value={reason} rows={2} maxLength={500} onChange={(_, { value }) => setReason(value)} />
      </Field>
    </FormPanel>
  );
}
