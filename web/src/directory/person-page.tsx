import { Button, Card, Field, Input, Switch, Text } from '@fluentui/react-components';
import {
  DeleteRegular,
  EditRegular,
  KeyResetRegular,
  PeopleTeamRegular,
  PersonProhibitedRegular,
  PlugDisconnectedRegular,
} from '@fluentui/react-icons';
import { useParams, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { Page as Rows } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { textBox } from '../parts/text-box.ts';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useTenant, useThing } from '../shell/tenant.ts';
import type { Sku } from '../tenants/wire.ts';
import { newPassword } from './people-page.tsx';
import { type Member, organisationOf, type Person, stateOf } from './wire.ts';

const SELECT =
  'id,displayName,givenName,surname,userPrincipalName,mail,userType,accountEnabled,jobTitle,department,officeLocation,mobilePhone,preferredLanguage,usageLocation,externalUserState,createdDateTime,signInActivity,assignedLicenses';

/** One person of the organisation: who they are, what they belong to, what they may sign in with. */
export function PersonPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const { t } = useTranslation();
  const tenant = useTenant();
  const router = useRouter();
  const abilities = useAbilities();
  const query = useThing<Person>(`/v1.0/users/${id}`, { params: { $select: SELECT } });
  const groups = useThing<Rows<Member>>(`/v1.0/users/${id}/memberOf`);
  const [open, setOpen] = useState<'edit' | 'password' | 'block' | 'delete' | 'sessions' | 'licences'>();
  const close = () => setOpen(undefined);
  const person = query.data;
  const mayWrite = abilities.writes('accounts');
  const setEnabled = useAct<boolean>((api, isOn) => api.patch(`/v1.0/users/${id}`, { accountEnabled: isOn }), {
    said: (isOn) => (isOn ? t('people.unblocked') : t('people.blocked')),
    undo: (api, isOn) => api.patch(`/v1.0/users/${id}`, { accountEnabled: !isOn }),
    done: close,
  });
  const endSessions = useAct((api) => api.post(`/v1.0/users/${id}/revokeSignInSessions`), {
    said: () => t('people.sessionsEnded'),
    done: close,
  });
  const remove = useAct((api) => api.delete(`/v1.0/users/${id}`), {
    said: () => t('people.deleted', { name: person?.displayName ?? '' }),
    undo: (api) => api.post(`/v1.0/directory/deletedItems/${id}/restore`),
    done: () => router.history.push(`/t/${encodeURIComponent(tenant)}/people`),
  });
  const above = <InnerLink path="/people">{t('nav.people')}</InnerLink>;
  if (query.error) {
    return (
      <Page title={t('nav.people')} above={above}>
        <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />
      </Page>
    );
  }
  if (!person) {
    return (
      <Page title={t('nav.people')} above={above}>
        <LoadingRows />
      </Page>
    );
  }
  const { key, tone } = stateOf(person);
  const organisation = organisationOf(person);
  return (
    <Page
      title={person.displayName}
      above={above}
      sentence={person.userPrincipalName}
      badge={organisation && <OrganisationBadge name={organisation} />}
      commands={
        <>
          {mayWrite && (
            <Button icon={<EditRegular />} onClick={() => setOpen('edit')}>
              {t('action.edit')}
            </Button>
          )}
          {mayWrite && (
            <Button icon={<KeyResetRegular />} onClick={() => setOpen('password')}>
              {t('people.resetPassword')}
            </Button>
          )}
          {mayWrite && (
            <Button icon={<PlugDisconnectedRegular />} onClick={() => setOpen('sessions')}>
              {t('people.endSessions')}
            </Button>
          )}
          {mayWrite && (
            <Button
              icon={<PersonProhibitedRegular />}
              onClick={() => (person.accountEnabled ? setOpen('block') : setEnabled.run(true))}
            >
              {person.accountEnabled ? t('people.block') : t('people.unblock')}
            </Button>
          )}
          {mayWrite && (
            <Button icon={<DeleteRegular />} onClick={() => setOpen('delete')}>
              {t('action.delete')}
            </Button>
          )}
        </>
      }
    >
      {!open && setEnabled.fault && <RefusalBar fault={setEnabled.fault} />}
      <Facts
        facts={[
          [
            t('people.state'),
            <StateText key="s" tone={tone}>
              {t(key)}
            </StateText>,
          ],
          [t('people.mail'), person.mail],
          [t('people.jobTitle'), person.jobTitle],
          [t('people.department'), person.department],
          [t('people.office'), person.officeLocation],
          [t('people.phone'), person.mobilePhone],
          [t('people.seen'), <WhenText key="w" at={person.signInActivity?.lastSignInDateTime} />],
          [t('people.since'), <WhenText key="c" at={person.createdDateTime} isExact />],
        ]}
      />
      <Section title={t('people.memberOf')}>
        {groups.error ? (
          <RefusalBar fault={groups.error} onRetry={() => void groups.refetch()} />
        ) : groups.isPending ? (
          <LoadingRows count={2} />
        ) : groups.data?.value.length === 0 ? (
          <Text>{t('people.noGroups')}</Text>
        ) : (
          <div style={{ display: 'flex', gap: '8px', flexWrap: 'wrap' }}>
            {groups.data?.value.map((group) => (
              <Card key={group.id} size="small" appearance="outline">
                <span style={{ display: 'inline-flex', gap: '8px', alignItems: 'center' }}>
                  <PeopleTeamRegular aria-hidden />
                  {group['@odata.type']?.endsWith('directoryRole') ? (
                    <InnerLink path="/roles">{group.displayName}</InnerLink>
                  ) : (
                    <InnerLink path={`/groups/${group.id}`}>{group.displayName}</InnerLink>
                  )}
                </span>
              </Card>
            ))}
          </div>
        )}
      </Section>
      {abilities.sees('licences') && (
        <Section
          title={t('nav.licences')}
          commands={
            abilities.writes('licences') && <Button onClick={() => setOpen('licences')}>{t('licences.assign')}</Button>
          }
        >
          <Licences person={person} />
        </Section>
      )}
      {open === 'edit' && <EditPerson person={person} onClose={close} />}
      {open === 'licences' && <AssignLicences person={person} onClose={close} />}
      {open === 'password' && <ResetPassword person={person} onClose={close} />}
      {open === 'block' && (
        <ConfirmDialog
          title={t('people.blockTitle', { name: person.displayName })}
          confirm={t('people.block')}
          act={setEnabled}
          input={false}
          onClose={close}
        >
          {t('people.blockSentence')}
        </ConfirmDialog>
      )}
      {open === 'sessions' && (
        <ConfirmDialog
          title={t('people.endSessions')}
          confirm={t('people.endSessions')}
          act={endSessions}
          onClose={close}
        >
          {t('people.endSessionsSentence', { name: person.displayName })}
        </ConfirmDialog>
      )}
      {open === 'delete' && (
        <ConfirmDialog
          title={t('people.deleteTitle', { name: person.displayName })}
          confirm={t('action.delete')}
          act={remove}
          onClose={close}
        >
          {t('people.deleteSentence')}
        </ConfirmDialog>
      )}
    </Page>
  );
}

const EDITABLE = [
  'displayName',
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'officeLocation',
  'mobilePhone',
  'usageLocation',
] as const;

/** ISO 3166-1 alpha-2, as the server keeps it. */
const COUNTRY = /^\s*([A-Za-z]{2})?\s*$/;

export function EditPerson(props: { person: Person; onClose: () => void }) {
  const { t } = useTranslation();
  const { person } = props;
  const form = useForm<Record<(typeof EDITABLE)[number], string>>({
    defaultValues: Object.fromEntries(EDITABLE.map((name) => [name, person[name] ?? ''])),
  });
  const save = useAct<Record<string, string>>(
    (api, values) => {
      const changed = EDITABLE.filter((name) => (person[name] ?? '') !== values[name]?.trim());
      return api.patch(
        `/v1.0/users/${person.id}`,
        Object.fromEntries(
          changed.map((name) => {
            const value = values[name]?.trim() || null;
            return [name, name === 'usageLocation' ? (value?.toUpperCase() ?? null) : value];
          }),
        ),
      );
    },
    { said: () => t('people.saved'), done: props.onClose },
  );
  const labels: Record<(typeof EDITABLE)[number], string> = {
    displayName: t('people.name'),
    givenName: t('people.givenName'),
    surname: t('people.surname'),
    jobTitle: t('people.jobTitle'),
    department: t('people.department'),
    officeLocation: t('people.office'),
    mobilePhone: t('people.phone'),
    usageLocation: t('people.usageLocation'),
  };
  return (
    <FormPanel
      isOpen
      title={t('people.editTitle', { name: person.displayName })}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={form.handleSubmit((values) => save.run(values))}
      isBusy={save.isBusy}
      fault={save.fault}
    >
      {EDITABLE.map((name) => (
        <Field
          key={name}
          label={labels[name]}
          required={name === 'displayName'}
          validationMessage={form.formState.errors[name]?.message}
          {...(name === 'usageLocation' ? { hint: t('people.usageLocationHint') } : {})}
        >
          <Input
            {...textBox(form, name, {
              ...(name === 'displayName' ? { required: t('form.required') } : {}),
              ...(name === 'usageLocation'
                ? { pattern: { value: COUNTRY, message: t('people.usageLocationHint') } }
                : {}),
            })}
          />
        </Field>
      ))}
    </FormPanel>
  );
}

function ResetPassword(props: { person: Person; onClose: () => void }) {
  const { t } = useTranslation();
  const [password] = useState(newPassword);
  const [isDone, setIsDone] = useState(false);
  const reset = useAct(
    (api) =>
      api.patch(`/v1.0/users/${props.person.id}`, {
        passwordProfile: { password, forceChangePasswordNextSignIn: true },
      }),
    { said: () => t('people.passwordReset'), done: () => setIsDone(true) },
  );
  if (!isDone) {
    return (
      <ConfirmDialog
        title={t('people.resetTitle', { name: props.person.displayName })}
        confirm={t('people.resetPassword')}
        act={reset}
        onClose={props.onClose}
      >
        {t('people.resetSentence')}
      </ConfirmDialog>
    );
  }
  return (
    <FormPanel isOpen title={t('people.passwordReset')} submit="" onClose={props.onClose}>
      <Text>{t('people.handOver')}</Text>
      <CopyField label={t('people.firstPassword')} value={password} hint={t('people.firstPasswordHint')} />
    </FormPanel>
  );
}

function Licences(props: { person: Person }) {
  const { t } = useTranslation();
  const skus = useThing<Rows<Sku>>('/v1.0/subscribedSkus');
  if (skus.error) return <RefusalBar fault={skus.error} onRetry={() => void skus.refetch()} />;
  if (!skus.data) return <LoadingRows count={2} />;
  const held = skus.data.value.filter((sku) => props.person.assignedLicenses?.some(({ skuId }) => skuId === sku.skuId));
  if (held.length === 0) return <Text>{t('licences.none')}</Text>;
  return <Text>{held.map((sku) => sku.skuPartNumber).join(', ')}</Text>;
}

function AssignLicences(props: { person: Person; onClose: () => void }) {
  const { t } = useTranslation();
  const skus = useThing<Rows<Sku>>('/v1.0/subscribedSkus');
  const before = new Set(props.person.assignedLicenses?.map(({ skuId }) => skuId));
  const [wanted, setWanted] = useState<ReadonlySet<string>>(before);
  const save = useAct(
    (api) =>
      api.post(`/v1.0/users/${props.person.id}/assignLicense`, {
        addLicenses: [...wanted].filter((id) => !before.has(id)).map((skuId) => ({ skuId, disabledPlans: [] })),
        removeLicenses: [...before].filter((id) => !wanted.has(id)),
      }),
    { said: () => t('licences.assigned'), done: props.onClose },
  );
  return (
    <FormPanel
      isOpen
      title={t('licences.assignTo', { name: props.person.displayName })}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => save.run()}
      isBusy={save.isBusy}
      fault={save.fault ?? skus.error}
    >
      {skus.isPending && <LoadingRows count={2} />}
      {skus.data?.value.map((sku) => (
        <Switch
          key={sku.skuId}
          label={sku.skuPartNumber}
          checked={wanted.has(sku.skuId)}
          onChange={(_, { checked }) =>
            setWanted(new Set(checked ? [...wanted, sku.skuId] : [...wanted].filter((id) => id !== sku.skuId)))
          }
        />
      ))}
    </FormPanel>
  );
}
