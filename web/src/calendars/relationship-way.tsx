import { Button, Field, Input, makeStyles } from '@fluentui/react-components';
import { PlayRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TestSteps, TestVerdict } from '../partners/test-steps.tsx';
import { follow, type Testing } from '../partners/test-wire.ts';
import { useAct } from '../parts/act.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import type { Relationship } from './admin-wire.ts';

const useStyles = makeStyles({
  row: { display: 'flex', gap: '8px', alignItems: 'end', '> :first-child': { flexGrow: 1 } },
});

/** Tests the partnership of a relationship with one mailbox looked up, each step as it comes. */
export function RelationshipWay({ relationship, mayWrite }: { relationship: Relationship; mayWrite: boolean }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const [address, setAddress] = useState('');
  const [testing, setTesting] = useState<Testing>();
  const test = useAct<string, Testing>((api, of) =>
    follow(
      api,
      `/admin/organization-relationships/${relationship.id}/test`,
      { address: of },
      {
        tell: setTesting,
        cutOff: t('partnerTest.cutOff'),
      },
    ),
  );
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
      {testing && (
        <>
          <TestVerdict testing={testing} partner={relationship.name} />
          <TestSteps testing={testing} partner={relationship.name} isBusy={test.isBusy} />
        </>
      )}
    </Section>
  );
}
