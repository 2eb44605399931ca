import {
  Badge,
  Button,
  Checkbox,
  Field,
  Input,
  Link,
  MessageBar,
  MessageBarBody,
  Text,
  Textarea,
} from '@fluentui/react-components';
import { AppsRegular, KeyRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { Page as Rows } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { type Column, DataList } from '../parts/data-list.tsx';
import { DateField } from '../parts/date-field.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useList, wholeList } from '../parts/list.ts';
import { ListPage } from '../parts/list-page.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { textBox } from '../parts/text-box.ts';
import { daysFromNow, endOfDay } from '../parts/when.ts';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';

interface Credential {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly hint?: string | null;
  readonly endDateTime: string;
  readonly secretText?: string | null;
}

interface Application {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly signInAudience: string;
  readonly createdDateTime: string;
  readonly web?: { readonly redirectUris?: readonly string[] };
  readonly spa?: { readonly redirectUris?: readonly string[] };
  readonly publicClient?: { readonly redirectUris?: readonly string[] };
  readonly passwordCredentials?: readonly Credential[];
  readonly requiredResourceAccess?: readonly {
    readonly resourceAppId: string;
    readonly resourceAccess: readonly { readonly id: string; readonly type: 'Scope' | 'Role' }[];
  }[];
}

interface Consent {
  readonly id: string;
  readonly clientId: string;
  readonly consentType: 'AllPrincipals' | 'Principal';
  readonly principalId: string | null;
  readonly scope: string;
}

/** Programs that sign people in or act here by themselves. */
export function ApplicationsPage() {
  const { t } = useTranslation();
  const abilities = useAbilities();
  const list = useList<Application>('/v1.0/applications', { $top: 50 });
  const [isCreating, setIsCreating] = useState(false);
  const [shown, setShown] = useState<string>();
  const mayWrite = abilities.writes('applications');
  const columns: Column<Application>[] = [
    {
      key: 'name',
      title: t('people.name'),
      isName: true,
      sort: (app) => app.displayName,
      render: (app) => (
        <Link as="button" onClick={() => setShown(app.id)}>
          {app.displayName}
        </Link>
      ),
    },
    { key: 'id', title: t('applications.clientId'), render: (app) => app.appId },
    {
      key: 'audience',
      title: t('applications.audience'),
      sort: (app) => app.signInAudience,
      render: (app) =>
        app.signInAudience === 'AzureADMultipleOrgs'
          ? t('applications.anyOrganisation')
          : t('applications.thisOrganisation'),
    },
    {
      key: 'created',
      title: t('people.since'),
      sort: (app) => app.createdDateTime,
      render: (app) => <WhenText at={app.createdDateTime} />,
    },
  ];
  return (
    <ListPage
      area="applications"
      title={t('nav.applications')}
      sentence={t('applications.sentence')}
      list={list}
      columns={columns}
      create={mayWrite ? { text: t('applications.create'), open: () => setIsCreating(true) } : undefined}
      empty={{ picture: <AppsRegular />, title: t('applications.empty'), sentence: t('applications.emptySentence') }}
    >
      {isCreating && (
        <Create
          onClose={() => setIsCreating(false)}
          onCreated={(id) => {
            setIsCreating(false);
            setShown(id);
          }}
        />
      )}
      {shown && <ApplicationPanel id={shown} mayWrite={mayWrite} onClose={() => setShown(undefined)} />}
    </ListPage>
  );
}

function Create(props: { onClose: () => void; onCreated: (id: string) => void }) {
  const { t } = useTranslation();
  const [isForAny, setIsForAny] = useState(false);
  const form = useForm({ defaultValues: { displayName: '', redirects: '' } });
  const create = useAct<{ displayName: string; redirects: string }, Application>(
    (api, values) =>
      api.post('/v1.0/applications', {
        displayName: values.displayName.trim(),
        signInAudience: isForAny ? 'AzureADMultipleOrgs' : 'AzureADMyOrg',
        web: { redirectUris: values.redirects.split(/\s+/).filter(Boolean) },
      }),
    { said: (values) => t('people.created', { name: values.displayName }), done: ({ id }) => props.onCreated(id) },
  );
  return (
    <FormPanel
      title={t('applications.create')}
      submit={t('applications.create')}
      onClose={props.onClose}
      onSubmit={form.handleSubmit((values) => create.run(values))}
      isBusy={create.isBusy}
      fault={create.fault}
    >
      <Field label={t('people.name')} required validationMessage={form.formState.errors.displayName?.message}>
        <Input {...textBox(form, 'displayName', { required: t('form.required') })} autoFocus />
      </Field>
      <Field label={t('applications.redirects')} hint={t('settings.onePerLine')}>
        <Textarea {...textBox(form, 'redirects')} rows={3} resize="vertical" />
      </Field>
      <Checkbox
        label={t('applications.forAny')}
        checked={isForAny}
        onChange={(_, { checked }) => setIsForAny(checked === true)}
      />
    </FormPanel>
  );
}

function ApplicationPanel(props: { id: string; mayWrite: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const path = `/v1.0/applications/${props.id}`;
  const app = useThing<Application>(path);
  const [isAdding, setIsAdding] = useState(false);
  const [isDeleting, setIsDeleting] = useState(false);
  const remove = useAct((api) => api.delete(path), {
    said: () => t('people.deleted', { name: app.data?.displayName ?? '' }),
    done: props.onClose,
  });
  const takeSecret = useAct<Credential>((api, { keyId }) => api.post(`${path}/removePassword`, { keyId }), {
    said: () => t('applications.secretRemoved'),
  });
  const credentials = app.data?.passwordCredentials ?? [];
  const redirects = [
    ...(app.data?.web?.redirectUris ?? []),
    ...(app.data?.spa?.redirectUris ?? []),
    ...(app.data?.publicClient?.redirectUris ?? []),
  ];
  return (
    <FormPanel size="large" title={app.data?.displayName ?? ''} submit="" onClose={props.onClose}>
      {app.error && <RefusalBar fault={app.error} onRetry={() => void app.refetch()} />}
      {app.data && (
        <>
          <CopyField label={t('applications.clientId')} value={app.data.appId} />
          <Field label={t('applications.redirects')}>
            <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{redirects.join('\n') || '–'}</Text>
          </Field>
          <Section
            title={t('applications.secrets')}
            sentence={t('applications.secretsSentence')}
            commands={
              props.mayWrite && (
                <Button icon={<KeyRegular />} onClick={() => setIsAdding(true)}>
                  {t('applications.addSecret')}
                </Button>
              )
            }
          >
            {takeSecret.fault && <RefusalBar fault={takeSecret.fault} />}
            <DataList
              label={t('applications.secrets')}
              list={wholeList({ data: credentials, isPending: false, error: null, refetch: () => {} })}
              rowKey={({ keyId }) => keyId}
              columns={[
                { key: 'name', title: t('people.name'), isName: true, render: (one) => one.displayName || one.keyId },
                { key: 'hint', title: t('applications.hint'), render: (one) => (one.hint ? `${one.hint}…` : '') },
                {
                  key: 'ends',
                  title: t('guests.ends'),
                  sort: (one) => one.endDateTime,
                  render: (one) => <WhenText at={one.endDateTime} />,
                },
                ...(props.mayWrite
                  ? [
                      {
                        key: 'remove',
                        title: t('list.actions'),
                        render: (one: Credential) => (
                          <Button size="small" disabled={takeSecret.isBusy} onClick={() => takeSecret.run(one)}>
                            {t('action.remove')}
                          </Button>
                        ),
                      },
                    ]
                  : []),
              ]}
              empty={<Text>{t('applications.noSecrets')}</Text>}
            />
          </Section>
          <Consents appId={app.data.appId} mayWrite={props.mayWrite} />
          {props.mayWrite && (
            <div>
              <Button onClick={() => setIsDeleting(true)}>{t('action.delete')}</Button>
            </div>
          )}
        </>
      )}
      {isAdding && <AddSecret path={path} onClose={() => setIsAdding(false)} />}
      {isDeleting && app.data && (
        <ConfirmDialog
          title={t('groups.deleteTitle', { name: app.data.displayName })}
          confirm={t('action.delete')}
          typed={app.data.displayName}
          act={remove}
          onClose={() => setIsDeleting(false)}
        >
          {t('applications.deleteSentence')}
        </ConfirmDialog>
      )}
    </FormPanel>
  );
}

/** What people and administrators agreed that the program may do. */
function Consents(props: { appId: string; mayWrite: boolean }) {
  const { t } = useTranslation();
  const principals = useThing<Rows<{ id: string }>>('/v1.0/servicePrincipals', {
    params: { $filter: `appId eq '${props.appId}'` },
  });
  const clientId = principals.data?.value[0]?.id;
  const consents = useThing<Rows<Consent>>('/v1.0/oauth2PermissionGrants', {
    enabled: clientId !== undefined,
    params: { $filter: `clientId eq '${clientId ?? ''}'` },
  });
  const revoke = useAct<Consent>((api, { id }) => api.delete(`/v1.0/oauth2PermissionGrants/${id}`), {
    said: () => t('applications.revoked'),
  });
  if (principals.error) return null;
  return (
    <Section title={t('applications.consents')} sentence={t('applications.consentsSentence')}>
      {revoke.fault && <RefusalBar fault={revoke.fault} />}
      <DataList
        label={t('applications.consents')}
        list={wholeList({
          ...consents,
          isPending: principals.isPending || (clientId !== undefined && consents.isPending),
          data: consents.data?.value,
        })}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'for',
            title: t('redeem.for'),
            isName: true,
            render: (one) =>
              one.consentType === 'AllPrincipals' ? t('applications.everyone') : t('applications.onePerson'),
          },
          {
            key: 'scope',
            title: t('applications.permissions'),
            render: (one) => (
              <span style={{ display: 'inline-flex', gap: '4px', flexWrap: 'wrap' }}>
                {one.scope
                  .split(' ')
                  .filter(Boolean)
                  .map((scope) => (
                    <Badge key={scope} appearance="outline" color="informative">
                      {scope}
                    </Badge>
                  ))}
              </span>
            ),
          },
          ...(props.mayWrite
            ? [
                {
                  key: 'revoke',
                  title: t('list.actions'),
                  render: (one: Consent) => (
                    <Button size="small" disabled={revoke.isBusy} onClick={() => revoke.run(one)}>
                      {t('applications.revoke')}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
        empty={<Text>{t('applications.noConsents')}</Text>}
      />
    </Section>
  );
}

function AddSecret(props: { path: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [ends, setEnds] = useState(daysFromNow(180));
  const add = useAct<void, Credential>((api) =>
    api.post(`${props.path}/addPassword`, {
      passwordCredential: { displayName: name.trim() || null, endDateTime: endOfDay(ends)?.toISOString() },
    }),
  );
  if (add.output) {
    return (
      <FormPanel size="small" title={t('applications.secretMade')} submit="" onClose={props.onClose}>
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t('applications.secretOnce')}</MessageBarBody>
        </MessageBar>
        <CopyField label={t('applications.secret')} value={add.output.secretText ?? ''} />
      </FormPanel>
    );
  }
  return (
    <FormPanel
      size="small"
      title={t('applications.addSecret')}
      submit={t('applications.addSecret')}
      onClose={props.onClose}
      onSubmit={() => add.run()}
      isBusy={add.isBusy}
      fault={add.fault}
    >
      <Field label={t('applications.secretName')}>
        <Input value={name} onChange={(_, data) => setName(data.value)} />
      </Field>
      <DateField label={t('guests.ends')} value={ends} onChange={setEnds} min={new Date()} isRequired />
    </FormPanel>
  );
}
