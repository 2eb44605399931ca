import { Field, Input, Text } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { Section } from '../parts/page.tsx';
import { useOrganization } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { useSettingWords } from '../tenants/setting-words.ts';
import { Row, Rows } from './access-rows.tsx';
import { POLICY } from './access-wire.ts';

/** What is said of the policy itself. */
export function PolicyRows({ mayWrite }: { mayWrite: boolean }) {
  const { t } = useTranslation();
  const words = useSettingWords().setting('partners.access-defaults', { name: 'displayName', sentence: '' });
  const policy = useThing<{ displayName: string }>(POLICY, { isSubject: true });
  const [isNaming, setIsNaming] = useState(false);
  if (!policy.data) return null;
  return (
    <Section title={t('crossTenant.itself')}>
      <Rows>
        <Row
          {...words}
          value={<Text>{policy.data.displayName}</Text>}
          onChange={mayWrite ? () => setIsNaming(true) : undefined}
        />
        <Row
          name={t('crossTenant.proofOrder')}
          sentence={t('crossTenant.proofOrderSentence')}
          value={<Text>{t('crossTenant.proofOrderValue')}</Text>}
        />
        <Row
          name={t('crossTenant.clouds')}
          sentence={t('crossTenant.cloudsSentence')}
          value={<Text>{t('crossTenant.cloudsValue')}</Text>}
        />
      </Rows>
      {isNaming && <NamePanel words={words} value={policy.data.displayName} onClose={() => setIsNaming(false)} />}
    </Section>
  );
}

function NamePanel(props: { words: { name: string; sentence: string }; value: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { words } = props;
  const [text, setText] = useState(props.value);
  const name = text.trim();
  const act = useAct((api) => api.patch(POLICY, { displayName: name }), {
    said: () => t('crossTenant.saved', { name: words.name }),
    done: props.onClose,
  });
  return (
    <FormPanel
      {...{ title: words.name, sentence: words.sentence }}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => name !== '' && act.run()}
      isBusy={act.isBusy}
      fault={act.fault}
    >
      <Field label={words.name} required validationMessage={name === '' ? t('crossTenant.nameMissing') : undefined}>
        <Input value={text} maxLength={256} autoFocus onChange={(_, { value }) => setText(value)} />
      </Field>
    </FormPanel>
  );
}

/** What the network's own proxy has to say for its restrictions to be felt. */
export function NetworkHeader() {
  const { t } = useTranslation();
  const id = useOrganization()?.id;
  if (id === undefined) return null;
  return (
    <div style={{ gridColumn: '1 / -1' }}>
      <CopyField
        label={t('crossTenant.header')}
        hint={t('crossTenant.headerHint')}
        value={`sec-Restrict-Tenant-Access-Policy: ${id}:${id}`}
      />
    </div>
  );
}
