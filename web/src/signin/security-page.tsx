import { Badge, Button, Card, Field, Input, MessageBar, MessageBarBody, Text } from '@fluentui/react-components';
import {
  FingerprintRegular,
  KeyMultipleRegular,
  KeyRegular,
  PhoneKeyRegular,
  PlugDisconnectedRegular,
} from '@fluentui/react-icons';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { ApiFault } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { DataList } from '../parts/data-list.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { wholeList } from '../parts/list.ts';
import { Page, Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { textBox } from '../parts/text-box.ts';
import { WhenText } from '../parts/when-text.tsx';
import { useMe } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';

interface Session {
  readonly id: string;
  readonly isCurrent: boolean;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly clientAddress: string | null;
  readonly userAgent: string | null;
  readonly methods: readonly string[];
}

interface SecurityMethods {
  readonly password: { readonly setAt: string } | null;
  readonly passkeys: readonly {
    readonly id: string;
    readonly displayName: string;
    readonly createdAt: string;
    readonly lastUsedAt: string | null;
  }[];
  readonly totp: { readonly addedAt: string } | null;
  readonly recoveryCodesLeft: number;
}

interface AppPassword {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

/** An application that the person lets act for them. */
interface AllowedApplication {
  readonly id: string;
  readonly displayName: string;
  readonly permissions: readonly string[];
  readonly givenAt: string;
}

/** What a person signs in with, and where they are signed in now. */
export function SecurityPage() {
  const { t } = useTranslation();
  const me = useMe().data;
  const methods = useThing<SecurityMethods>('/me/security');
  const isGuest = me?.userType === 'Guest';
  return (
    <Page title={t('nav.security')} sentence={t('security.sentence')}>
      {isGuest ? (
        <Text>{t('security.atHome')}</Text>
      ) : methods.error ? (
        <RefusalBar fault={methods.error} onRetry={() => void methods.refetch()} />
      ) : (
        methods.data && (
          <>
            <Password methods={methods.data} />
            <Passkeys methods={methods.data} />
            <Authenticator methods={methods.data} />
          </>
        )
      )}
      {me && !isGuest && <AppPasswords />}
      <AllowedApplications />
      <Sessions />
    </Page>
  );
}

function Password(props: { methods: SecurityMethods }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const form = useForm({ defaultValues: { current: '', next: '', again: '' } });
  const change = useAct<{ current: string; next: string }>(
    (api, values) => api.post('/me/password', { currentPassword: values.current, newPassword: values.next }),
    {
      said: () => t('security.passwordChanged'),
      done: () => {
        setIsOpen(false);
        form.reset();
      },
    },
  );
  const { errors } = form.formState;
  const required = t('form.required');
  return (
    <Section
      title={t('signin.password')}
      commands={
        <Button icon={<KeyRegular />} onClick={() => setIsOpen(true)}>
          {t('security.changePassword')}
        </Button>
      }
    >
      <Text>
        {props.methods.password ? (
          <>
            {t('security.passwordSet')} <WhenText at={props.methods.password.setAt} />
          </>
        ) : (
          t('security.noPassword')
        )}
      </Text>
      <FormPanel
        isOpen={isOpen}
        size="small"
        title={t('security.changePassword')}
        sentence={t('security.othersEnd')}
        submit={t('action.save')}
        onClose={() => setIsOpen(false)}
        onSubmit={form.handleSubmit((values) => change.run(values))}
        isBusy={change.isBusy}
        fault={change.fault}
      >
        <Field label={t('security.currentPassword')} required validationMessage={errors.current?.message}>
          <Input {...textBox(form, 'current', { required })} type="password" autoComplete="current-password" />
        </Field>
        <Field
          label={t('signin.newPassword')}
          hint={t('setup.passwordHint')}
          required
          validationMessage={errors.next?.message}
        >
          <Input
            {...textBox(form, 'next', { required, minLength: { value: 12, message: t('setup.passwordHint') } })}
            type="password"
            autoComplete="new-password"
          />
        </Field>
        <Field label={t('security.again')} required validationMessage={errors.again?.message}>
          <Input
            {...textBox(form, 'again', {
              required,
              validate: (value, { next }) => value === next || t('security.notEqual'),
            })}
            type="password"
            autoComplete="new-password"
          />
        </Field>
      </FormPanel>
    </Section>
  );
}

function Passkeys(props: { methods: SecurityMethods }) {
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
  const remove = useAct<string>((api, id) => api.delete(`/me/security/passkeys/${id}`), {
    said: () => t('security.passkeyRemoved'),
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
      {remove.fault && <RefusalBar fault={remove.fault} />}
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
              <Button size="small" disabled={remove.isBusy} onClick={() => remove.run(one.id)}>
                {t('action.remove')}
              </Button>
            ),
          },
        ]}
        empty={<Text>{t('security.noPasskeys')}</Text>}
      />
      {name !== undefined && (
        <FormPanel
          isOpen
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

function Authenticator(props: { methods: SecurityMethods }) {
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
      isOpen
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
    <FormPanel
      isOpen
      title={t('security.codes')}
      sentence={t('security.codesSentence')}
      submit=""
      onClose={props.onClose}
    >
      <CopyField label={t('security.codes')} value={props.codes.join('\n')} rows={props.codes.length + 1} />
    </FormPanel>
  );
}

/** Passwords for programs that know no other way to sign in: calendars, mail programs. */
function AppPasswords() {
  const { t } = useTranslation();
  const query = useThing<{ value: AppPassword[] }>('/me/app-passwords');
  const [isAdding, setIsAdding] = useState(false);
  const [ending, setEnding] = useState<AppPassword>();
  const end = useAct<AppPassword>((api, { id }) => api.delete(`/me/app-passwords/${id}`), {
    said: ({ name }) => t('security.appPasswordEnded', { name }),
    done: () => setEnding(undefined),
  });
  return (
    <Section
      title={t('security.appPasswords')}
      sentence={t('security.appPasswordsSentence')}
      commands={
        <Button icon={<KeyMultipleRegular />} onClick={() => setIsAdding(true)}>
          {t('security.addAppPassword')}
        </Button>
      }
    >
      <DataList
        label={t('security.appPasswords')}
        list={wholeList({ ...query, data: query.data?.value })}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'name',
            title: t('security.program'),
            isName: true,
            sort: (one) => one.name,
            render: (one) => one.name,
          },
          { key: 'made', title: t('security.added'), render: (one) => <WhenText at={one.createdAt} /> },
          { key: 'used', title: t('ledger.lastUsed'), render: (one) => <WhenText at={one.lastUsedAt} /> },
          {
            key: 'end',
            title: t('list.actions'),
            render: (one) => (
              <Button size="small" onClick={() => setEnding(one)}>
                {t('security.end')}
              </Button>
            ),
          },
        ]}
        empty={<Text>{t('security.noAppPasswords')}</Text>}
      />
      {isAdding && <AddAppPassword onClose={() => setIsAdding(false)} />}
      {ending && (
        <ConfirmDialog
          title={t('security.endAppPassword', { name: ending.name })}
          confirm={t('security.end')}
          act={end}
          input={ending}
          onClose={() => setEnding(undefined)}
        >
          {t('security.endAppPasswordSentence')}
        </ConfirmDialog>
      )}
    </Section>
  );
}

function AddAppPassword(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ defaultValues: { name: '' } });
  const add = useAct<{ name: string }, AppPassword & { password: string }>((api, { name }) =>
    api.post('/me/app-passwords', { name: name.trim() }),
  );
  if (add.output) {
    return (
      <FormPanel isOpen title={add.output.name} submit="" onClose={props.onClose}>
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t('applications.secretOnce')}</MessageBarBody>
        </MessageBar>
        <CopyField label={t('security.appPassword')} value={add.output.password} hint={t('security.appPasswordHint')} />
      </FormPanel>
    );
  }
  return (
    <FormPanel
      isOpen
      size="small"
      title={t('security.addAppPassword')}
      submit={t('action.next')}
      onClose={props.onClose}
      onSubmit={form.handleSubmit((values) => add.run(values))}
      isBusy={add.isBusy}
      fault={add.fault}
    >
      <Field
        label={t('security.program')}
        hint={t('security.programHint')}
        required
        validationMessage={form.formState.errors.name?.message}
      >
        <Input {...textBox(form, 'name', { required: t('form.required') })} autoFocus />
      </Field>
    </FormPanel>
  );
}

/** What the person agreed to at a consent page, to be taken back. */
function AllowedApplications() {
  const { t } = useTranslation();
  const query = useThing<{ value: AllowedApplication[] }>('/me/applications');
  const [ending, setEnding] = useState<AllowedApplication>();
  const end = useAct<AllowedApplication>((api, { id }) => api.delete(`/me/applications/${id}`), {
    said: () => t('applications.revoked'),
    done: () => setEnding(undefined),
  });
  return (
    <Section title={t('security.allowed')} sentence={t('security.allowedSentence')}>
      <DataList
        label={t('security.allowed')}
        list={wholeList({ ...query, data: query.data?.value })}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'name',
            title: t('people.name'),
            isName: true,
            sort: (one) => one.displayName,
            render: (one) => one.displayName,
          },
          { key: 'may', title: t('applications.permissions'), render: (one) => one.permissions.join(', ') },
          { key: 'given', title: t('security.allowedSince'), render: (one) => <WhenText at={one.givenAt} /> },
          {
            key: 'end',
            title: t('list.actions'),
            render: (one) => (
              <Button size="small" onClick={() => setEnding(one)}>
                {t('applications.revoke')}
              </Button>
            ),
          },
        ]}
        empty={<Text>{t('security.noneAllowed')}</Text>}
      />
      {ending && (
        <ConfirmDialog
          title={t('security.endAllowed', { name: ending.displayName })}
          confirm={t('applications.revoke')}
          act={end}
          input={ending}
          onClose={() => setEnding(undefined)}
        >
          {t('security.endAllowedSentence')}
        </ConfirmDialog>
      )}
    </Section>
  );
}

function Sessions() {
  const { t } = useTranslation();
  const query = useThing<{ value: Session[] }>('/me/sessions');
  const [isEndingAll, setIsEndingAll] = useState(false);
  const end = useAct<string>((api, id) => api.delete(`/me/sessions/${id}`), { said: () => t('security.sessionEnded') });
  const endAll = useAct((api) => api.delete('/me/sessions'), {
    said: () => t('security.sessionsEnded'),
    done: () => setIsEndingAll(false),
  });
  return (
    <Section
      title={t('security.sessions')}
      sentence={t('security.sessionsSentence')}
      commands={
        <Button icon={<PlugDisconnectedRegular />} onClick={() => setIsEndingAll(true)}>
          {t('security.endOthers')}
        </Button>
      }
    >
      {end.fault && <RefusalBar fault={end.fault} />}
      <DataList
        label={t('security.sessions')}
        list={wholeList({ ...query, data: query.data?.value })}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'where',
            title: t('security.device'),
            isName: true,
            render: (session) => (
              <span style={{ display: 'inline-flex', gap: '8px', alignItems: 'center', flexWrap: 'wrap' }}>
                {sayAgent(session.userAgent) || t('security.unknownDevice')}
                {session.isCurrent && (
                  <Badge appearance="tint" color="success">
                    {t('security.thisOne')}
                  </Badge>
                )}
              </span>
            ),
          },
          { key: 'address', title: t('audit.address'), render: (session) => session.clientAddress ?? '' },
          {
            key: 'seen',
            title: t('people.seen'),
            sort: (session) => session.lastSeenAt,
            render: (session) => <WhenText at={session.lastSeenAt} />,
          },
          {
            key: 'since',
            title: t('security.signedIn'),
            sort: (session) => session.createdAt,
            render: (session) => <WhenText at={session.createdAt} />,
          },
          {
            key: 'end',
            title: t('list.actions'),
            render: (session) =>
              session.isCurrent ? null : (
                <Button size="small" disabled={end.isBusy} onClick={() => end.run(session.id)}>
                  {t('security.end')}
                </Button>
              ),
          },
        ]}
        empty={<Text>{t('security.noSessions')}</Text>}
      />
      {isEndingAll && (
        <ConfirmDialog
          title={t('security.endOthers')}
          confirm={t('security.endOthers')}
          act={endAll}
          onClose={() => setIsEndingAll(false)}
        >
          {t('security.endOthersSentence')}
        </ConfirmDialog>
      )}
    </Section>
  );
}

/** A browser's description of itself as people say it: "Firefox, Windows". */
export function sayAgent(agent: string | null): string {
  if (!agent) return '';
  const first = (pairs: readonly (readonly [RegExp, string])[]) => pairs.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = first([
    [/Edg\//, 'Edge'],
    [/Firefox\//, 'Firefox'],
    [/Chrome\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ]);
  const system = first([
    [/Windows/, 'Windows'],
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  return [browser ?? agent.split(' ')[0], system].filter(Boolean).join(', ');
}
