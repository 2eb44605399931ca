import { Button, Card, Field, Input, Text } from '@fluentui/react-components';
import { PhoneKeyRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../../parts/act.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { CopyField } from '../../parts/copy-field.tsx';
import { FormPanel } from '../../parts/form-panel.tsx';
import { Section } from '../../parts/page.tsx';
import { StateText } from '../../parts/state-text.tsx';

import type { SecurityMethods } from './wire.ts';

/** Codes from a phone beside the password, and the codes for the day the phone is lost. */
export function Authenticator(props: { methods: SecurityMethods }) {
  const { t } = useTranslation();
  const { totp, recoveryCodesLeft } = props.methods;
  const [open, setOpen] = useState<'add' | 'remove' | 'codes'>();
  const remove = useAct((api) => api.delete('/me/security/totp'), {
    said: () => t('security.totpRemoved'),
    done: () => setOpen(undefined),
  });
  return (
    <Section
      title={t('security.totp')}
      sentence={t('security.totpSentence')}
      commands={
        totp ? (
          <>
            <Button onClick={() => setOpen('codes')}>{t('security.newCodes')}</Button>
            <Button onClick={() => setOpen('remove')}>{t('action.remove')}</Button>
          </>
        ) : (
          <Button icon={<PhoneKeyRegular />} onClick={() => setOpen('add')}>
            {t('security.addTotp')}
          </Button>
        )
      }
    >
      {totp ? (
        <StateText tone={recoveryCodesLeft > 2 ? 'good' : 'warning'}>
          {t('security.totpOn', { count: recoveryCodesLeft })}
        </StateText>
      ) : (
        <StateText tone="quiet">{t('security.totpOff')}</StateText>
      )}
      {open === 'add' && <AddTotp onClose={() => setOpen(undefined)} />}
      {open === 'codes' && <NewCodes onClose={() => setOpen(undefined)} />}
      {open === 'remove' && (
        <ConfirmDialog
          title={t('security.removeTotp')}
          confirm={t('action.remove')}
          act={remove}
          onClose={() => setOpen(undefined)}
        >
          {t('security.removeTotpSentence')}
        </ConfirmDialog>
      )}
    </Section>
  );
}

function AddTotp(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const [picture, setPicture] = useState('');
  const begin = useAct<void, { uri: string; secret: string }>((api) => api.post('/me/security/totp'), {
    done: async ({ uri }) => {
      const { toDataURL } = await import('qrcode');
      setPicture(await toDataURL(uri, { margin: 2, width: 208 }));
    },
  });
  const confirm = useAct<void, { recoveryCodes: string[] }>((api) =>
    api.post('/me/security/totp/confirm', { code: code.replace(/\s/g, '') }),
  );
  if (confirm.output) return <Codes codes={confirm.output.recoveryCodes} onClose={props.onClose} />;
  if (!begin.output) {
    return (
      <ConfirmDialog title={t('security.addTotp')} confirm={t('action.next')} act={begin} onClose={props.onClose}>
        {t('security.addTotpSentence')}
      </ConfirmDialog>
    );
  }
  return (
    <FormPanel
      title={t('security.addTotp')}
      submit={t('action.next')}
      onClose={props.onClose}
      onSubmit={() => confirm.run()}
      isBusy={confirm.isBusy}
      fault={confirm.fault}
    >
      <Text>{t('security.scan')}</Text>
      {picture && (
        <Card appearance="outline" style={{ width: 'fit-content', background: '#ffffff' }}>
          <img src={picture} alt={t('security.qr')} width={208} height={208} />
        </Card>
      )}
      <CopyField label={t('security.secret')} value={begin.output.secret} />
      <Field label={t('signin.code')} hint={t('security.codeHint')} required>
        <Input
          value={code}
          onChange={(_, data) => setCode(data.value)}
          inputMode="numeric"
          autoComplete="one-time-code"
        />
      </Field>
    </FormPanel>
  );
}

function NewCodes(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const make = useAct<void, { recoveryCodes: string[] }>((api) => api.post('/me/security/recovery-codes'));
  if (make.output) return <Codes codes={make.output.recoveryCodes} onClose={props.onClose} />;
  return (
    <ConfirmDialog title={t('security.newCodes')} confirm={t('security.newCodes')} act={make} onClose={props.onClose}>
      {t('security.newCodesSentence')}
    </ConfirmDialog>
  );
}

function Codes(props: { codes: readonly string[]; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <FormPanel title={t('security.codes')} sentence={t('security.codesSentence')} submit="" onClose={props.onClose}>
      <CopyField label={t('security.codes')} value={props.codes.join('\n')} rows={props.codes.length + 1} />
    </FormPanel>
  );
}
