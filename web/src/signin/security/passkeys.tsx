import { Button, Field, Input, Text } from '@fluentui/react-components';
import { FingerprintRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiFault } from '../../api.ts';
import { useAct } from '../../parts/act.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { DataList } from '../../parts/data-list.tsx';
import { FormPanel } from '../../parts/form-panel.tsx';
import { wholeList } from '../../parts/list.ts';
import { Section } from '../../parts/page.tsx';
import { WhenText } from '../../parts/when-text.tsx';

import type { SecurityMethods } from './wire.ts';

/** Passkeys: which there are, one more, one less. */
export function Passkeys(props: { methods: SecurityMethods }) {
  const { t } = useTranslation();
  const [name, setName] = useState<string>();
  const add = useAct<string>(
    async (api, displayName) => {
      const { startRegistration } = await import('@simplewebauthn/browser');
      const options = await api.post<never>('/me/security/passkeys/options', {});
      try {
        const response = await startRegistration({ optionsJSON: options });
        return await api.post('/me/security/passkeys', { displayName, response });
      } catch (error) {
        if (error instanceof ApiFault) throw error;
        throw new ApiFault(400, 'signin.passkey-cancelled', t('signin.passkeyCancelled'));
      }
    },
    { said: () => t('security.passkeyAdded'), done: () => setName(undefined) },
  );
  const [removing, setRemoving] = useState<SecurityMethods['passkeys'][number]>();
  const remove = useAct<string>((api, id) => api.delete(`/me/security/passkeys/${id}`), {
    said: () => t('security.passkeyRemoved'),
    done: () => setRemoving(undefined),
  });
  return (
    <Section
      title={t('security.passkeys')}
      sentence={t('security.passkeysSentence')}
      commands={
        <Button icon={<FingerprintRegular />} onClick={() => setName('')}>
          {t('security.addPasskey')}
        </Button>
      }
    >
      <DataList
        label={t('security.passkeys')}
        list={wholeList({ data: props.methods.passkeys, isPending: false, error: null, refetch: () => {} })}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'name',
            title: t('people.name'),
            isName: true,
            sort: (one) => one.displayName,
            render: (one) => one.displayName,
          },
          { key: 'added', title: t('security.added'), render: (one) => <WhenText at={one.createdAt} /> },
          { key: 'used', title: t('ledger.lastUsed'), render: (one) => <WhenText at={one.lastUsedAt} /> },
          {
            key: 'remove',
            title: t('list.actions'),
            render: (one) => (
              <Button size="small" onClick={() => setRemoving(one)}>
                {t('action.remove')}
              </Button>
            ),
          },
        ]}
        empty={<Text>{t('security.noPasskeys')}</Text>}
      />
      {removing && (
        <ConfirmDialog
          title={t('security.removePasskey', { name: removing.displayName })}
          confirm={t('action.remove')}
          act={remove}
          input={removing.id}
          onClose={() => setRemoving(undefined)}
        >
          {t('security.removePasskeySentence')}
        </ConfirmDialog>
      )}
      {name !== undefined && (
        <FormPanel
          size="small"
          title={t('security.addPasskey')}
          sentence={t('security.addPasskeySentence')}
          submit={t('action.next')}
          onClose={() => setName(undefined)}
          onSubmit={() => add.run(name.trim() || t('security.passkey'))}
          isBusy={add.isBusy}
          fault={add.fault}
        >
          <Field label={t('security.passkeyName')} hint={t('security.passkeyNameHint')}>
            <Input value={name} onChange={(_, data) => setName(data.value)} autoFocus />
          </Field>
        </FormPanel>
      )}
    </Section>
  );
}
