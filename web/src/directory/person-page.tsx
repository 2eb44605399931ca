import { Button, Card, Field, Input, Text } from '@fluentui/react-components';
import {
  DeleteRegular,
  EditRegular,
  KeyResetRegular,
  PeopleTeamRegular,
  PersonKeyRegular,
  PersonProhibitedRegular,
  PlugDisconnectedRegular,
} from '@fluentui/react-icons';
import { useParams, useRouter } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { quoted, type Page as Rows } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateOf } from '../parts/state-text.tsx';
import { textBox } from '../parts/text-box.ts';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useTenant, useThing } from '../shell/tenant.ts';
import { useBlocking } from './blocking.ts';
import { newPassword } from './people-page.tsx';
import { Licences } from './person-licences.tsx';
import { type Member, organisationOf, type Person, stateOf } from './wire.ts';

const SELECT =
  'id,displayName,givenName,surname,userPrincipalName,mail,userType,accountEnabled,jobTitle,department,officeLocation,mobilePhone,preferredLanguage,usageLocation,externalUserState,createdDateTime,signInActivity';

/** One person of the organisation: who they are, what they belong to, what they may sign in with. */
export function PersonPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const { t } = useTranslation();
  const tenant = useTenant();
  const router = useRouter();
  const abilities = useAbilities();
  const query = useThing<Person>(`/v1.0/users/${id}`, { params: { $select: SELECT }, isSubject: true });
  const _groups = useThing<Rows<Member>>(`/v1.0/users/${id}/memberOf`);
  const [open, setOpen] = useState<'edit' | 'password' | 'block' | 'delete' | 'sessions'>();
  const close = () => setOpen(undefined);
  const person = query.data;
  const mayWrite = abilities.writes('accounts');
  const setEnabled = useBlocking(id, close);
  const endSessions = useAct((api) => api.post(`/v1.0/users/${id}/revokeSignInSessions`), {
    said: () => t('people.sessionsEnded'),
    done: close,
  });
  const remove = useAct((api) => api.delete(`/v1.0/users/${id}`), {
    isTried: true,
    said: () => t('people.deleted', { name: person?.displayName ?? '' }),
    undo: (api) => api.post(`/v1.0/directory/deletedItems/${id}/restore`),
    done: () => router.history.push(`/t/${encodeURIComponent(tenant)}/people`),
  });
  return (
    <DetailPage
      area="accounts"
      list={{ path: '/people', title: t('nav.people') }}
      query={query}
      head={(person) => ({
        title: person.displayName,
        sentence: person.userPrincipalName,
        badge: <OrganisationOf person={person} />,
        commands: mayWrite && (
          <>
            <Button icon={<EditRegular />} onClick={() => setOpen('edit')}>
              {t('action.edit')}
            </Button>
            <Button icon={<KeyResetRegular />} onClick={() => setOpen('password')}>
              {t('people.resetPassword')}
            </Button>
            <Button icon={<PlugDisconnectedRegular />} onClick={() => setOpen('sessions')}>
              {t('people.endSessions')}
            </Button>
            <Button
              icon={<PersonProhibitedRegular />}
              onClick={() => (person.accountEnabled ? setOpen('block') : setEnabled.run(true))}
            >
              {person.accountEnabled ? t('people.block') : t('people.unblock')}
            </Button>
            <Button icon={<DeleteRegular />} onClick={() => setOpen('delete')}>
              {t('action.delete')}
            </Button>
          </>
        ),
      })}
    >
      {(person) => (
        <>
          {!open && setEnabled.fault && <RefusalBar fault={setEnabled.fault} />}
          <Facts
            facts={[
              [t('people.state'), <StateOf key="s" state={stateOf(person)} />],
              [t('people.mail'), person.mail],
              [t('people.jobTitle'), person.jobTitle],
              [t('people.department'), person.department],
              [t('people.office'), person.officeLocation],
              [t('people.phone'), person.mobilePhone],
              [t('people.seen'), <WhenText key="w" at={person.signInActivity?.lastSignInDateTime} />],
              [t('people.since'), <WhenText key="c" at={person.createdDateTime} isExact />],
            ]}
          />
          <Belongings id={id} />
          {abilities.sees('licences') && <Licences person={person} />}
          {open === 'edit' && <EditPerson person={person} onClose={close} />}
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
        </>
      )}
    </DetailPage>
  );
}

/** The badge of the organisation that somebody comes from; nothing for one's own people. */
function OrganisationOf(props: { person: Person }) {
  const name = organisationOf(props.person);
  return name && <OrganisationBadge name={name} />;
}

/** The groups somebody is in, and the administrative roles they hold. */
function Belongings(props: { id: string }) {
  const { t } = useTranslation();
  const maySeeRoles = useAbilities().sees('roles');
  const groups = useThing<Rows<Member>>(`/v1.0/users/${props.id}/memberOf`);
  const roles = useThing<Rows<{ id: string; roleDefinitionId: string }>>(
    '/v1.0/roleManagement/directory/roleAssignments',
    { params: { $filter: `principalId eq ${quoted(props.id)}` }, enabled: maySeeRoles },
  );
  const error = groups.error ?? roles.error;
  const held = roles.data?.value ?? [];
  return (
    <Section title={t('people.memberOf')}>
      {error ? (
        <RefusalBar
          fault={error}
          onRetry={() => {
            void groups.refetch();
            if (maySeeRoles) void roles.refetch();
          }}
        />
      ) : !groups.data || (maySeeRoles && !roles.data) ? (
        <LoadingRows count={2} />
      ) : groups.data.value.length + held.length === 0 ? (
        <Text>{t('people.noGroups')}</Text>
      ) : (
        <div style={{ display: 'flex', gap: '8px', flexWrap: 'wrap' }}>
          {held.map(({ id, roleDefinitionId }) => (
            <Belonging key={id} picture={<PersonKeyRegular aria-hidden />} path="/roles">
              {t(`roles.names.${roleDefinitionId}`, { defaultValue: roleDefinitionId })}
            </Belonging>
          ))}
          {groups.data.value.map((group) => (
            <Belonging key={group.id} picture={<PeopleTeamRegular aria-hidden />} path={`/groups/${group.id}`}>
              {group.displayName}
            </Belonging>
          ))}
        </div>
      )}
    </Section>
  );
}

function Belonging(props: { picture: ReactNode; path: string; children: string }) {
  return (
    <Card size="small" appearance="outline">
      <span style={{ display: 'inline-flex', gap: '8px', alignItems: 'center' }}>
        {props.picture}
        <InnerLink path={props.path}>{props.children}</InnerLink>
      </span>
    </Card>
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
    <FormPanel title={t('people.passwordReset')} submit="" onClose={props.onClose}>
      <Text>{t('people.handOver')}</Text>
      <CopyField label={t('people.firstPassword')} value={password} hint={t('people.firstPasswordHint')} />
    </FormPanel>
  );
}
