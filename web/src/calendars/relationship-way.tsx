import { Button, Field, Input, makeStyles, Text } from '@fluentui/react-components';
import { PlayRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText, type Tone } from '../parts/state-text.tsx';
import type { Relationship, Step } from './admin-wire.ts';

const useStyles = makeStyles({
  row: { display: 'flex', gap: '8px', alignItems: 'end', '> :first-child': { flexGrow: 1 } },
  steps: { margin: 0, paddingInlineStart: '0', listStyleType: 'none', display: 'grid', gap: '8px' },
  step: { display: 'grid', gap: '2px' },
});

const TONES: Readonly<Record<Step['status'], Tone>> = { passed: 'good', failed: 'stopped', skipped: 'quiet' };

/** Goes the way to one mailbox of the partner and says of each step how it went. */
export function RelationshipWay({ relationship, mayWrite }: { relationship: Relationship; mayWrite: boolean }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const [address, setAddress] = useState('');
  const test = useAct<string, readonly Step[]>(async (api, of) => {
    const path = `/admin/organization-relationships/${relationship.id}/test`;
    const text = await (await api.raw('POST', path, { body: { address: of } })).text();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Step);
  });
  return (
    <Section title={t('relationships.test')} sentence={t('relationships.testSentence')}>
      {test.fault && <RefusalBar fault={test.fault} />}
      <div className={styles.row}>
        <Field label={t('relationships.testAddress')}>
          <Input type="email" value={address} onChange={(_, { value }) => setAddress(value)} />
        </Field>
        <Button
          icon={<PlayRegular />}
          disabled={!mayWrite || !address.includes('@') || test.isBusy}
          onClick={() => test.run(address.trim())}
        >
          {t('relationships.run')}
        </Button>
      </div>
      {test.output && (
        <ol className={styles.steps} aria-live="polite">
          {test.output.map((step) => (
            <li key={step.step} className={styles.step}>
              <StateText tone={TONES[step.status]}>{t(`relationships.step.${step.step}`)}</StateText>
              <Text size={200}>{step.detail}</Text>
              {step.remedy && <Text size={200}>{t('relationships.remedy', { remedy: step.remedy })}</Text>}
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
