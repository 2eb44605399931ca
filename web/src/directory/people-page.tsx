import { Field, Input, Text } from '@fluentui/react-components';
import { PeopleRegular, PersonAddRegular, PersonProhibitedRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { type Api, eachInTurn, quoted } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import type { Column } from '../parts/data-list.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { ListPage } from '../parts/list-page.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { StateOf } from '../parts/state-text.tsx';
import { textBox } from '../parts/text-box.ts';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities, useOrganization } from '../shell/me.ts';
import { organisationOf, type Person, stateOf } from './wire.ts';

const SELECT =
  'id,displayName,userPrincipalName,mail,userType,accountEnabled,jobTitle,department,externalUserState,createdDateTime,signInActivity';

/** The organisation's own people. */
export function PeoplePage() {
  const { t } = useTranslation();
  const abilities = useAbilities();
  const [name, setName] = useState('');
  const [state, setState] = useState<'all' | 'active' | 'blocked'>('all');
  const [isCreating, setIsCreating] = useState(false);
  const mayWrite = abilities.writes('accounts');
  const filter = [
    "userType eq 'Member'",
    state !== 'all' && `accountEnabled eq ${state === 'active'}`,
    name && `startswith(displayName,${quoted(name)})`,
  ].filter(Boolean);
  const list = useList<Person>('/v1.0/users', {
    $filter: filter.join(' and '),
    $select: SELECT,
    $top: 50,
    $count: true,
  });
  const columns: Column<Person>[] = [
    {
      key: 'name',
      title: t('people.name'),
      isName: true,
      sort: (person) => person.displayName,
      orderBy: 'displayName',
      render: (person) => (
        <PersonName
          name={person.displayName}
          link={<InnerLink path={`/people/${person.id}`}>{person.displayName}</InnerLink>}
          second={person.userPrincipalName}
          organisation={organisationOf(person)}
        />
      ),
    },
    {
      key: 'department',
      title: t('people.work'),
      sort: (person) => person.department,
      render: (person) => [person.jobTitle, person.department].filter(Boolean).join(', ') || t('people.none'),
    },
    {
      key: 'state',
      title: t('people.state'),
      sort: (person) => t(stateOf(person).key),
      render: (person) => <StateOf state={stateOf(person)} />,
    },
    {
      key: 'seen',
      title: t('people.seen'),
      sort: (person) => person.signInActivity?.lastSignInDateTime,
      render: (person) => <WhenText at={person.signInActivity?.lastSignInDateTime} />,
    },
  ];
  const setEnabled = (api: Api, ids: readonly string[], isOn: boolean) =>
    eachInTurn(ids, (id) => api.patch(`/v1.0/users/${id}`, { accountEnabled: isOn }));
  return (
    <ListPage
      area="accounts"
      title={t('nav.people')}
      sentence={t('people.sentence')}
      list={list}
      columns={columns}
      create={
        mayWrite
          ? { text: t('people.create'), picture: <PersonAddRegular />, open: () => setIsCreating(true) }
          : undefined
      }
      search={{ value: name, change: setName }}
      filter={{
        label: t('people.state'),
        value: state,
        change: setState,
        options: [
          ['all', t('people.allStates')],
          ['active', t('state.active')],
          ['blocked', t('state.blocked')],
        ],
      }}
      bulk={
        mayWrite
          ? {
              picture: <PersonProhibitedRegular />,
              nameOf: (person) => person.displayName,
              title: (count) => t('people.blockMany', { count }),
              confirm: t('people.block'),
              sentence: t('people.blockSentence'),
              run: (api, ids) => setEnabled(api, ids, false),
              undo: (api, ids) => setEnabled(api, ids, true),
              said: (count) => t('people.blockedMany', { count }),
            }
          : undefined
      }
      empty={{ picture: <PeopleRegular />, title: t('people.empty'), sentence: t('people.emptySentence') }}
    >
      {isCreating && <CreatePerson onClose={() => setIsCreating(false)} />}
    </ListPage>
  );
}

interface NewPerson {
  displayName: string;
  localPart: string;
  domain: string;
  jobTitle: string;
  department: string;
}

function CreatePerson(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const organization = useOrganization();
  const domains = (organization?.verifiedDomains ?? []).filter(({ name }) => name.includes('.'));
  const [domain, setDomain] = useState<string>();
  const chosenDomain = domain ?? domains.find(({ isDefault }) => isDefault)?.name ?? domains[0]?.name ?? '';
  const form = useForm<NewPerson>({ defaultValues: { displayName: '', localPart: '', jobTitle: '', department: '' } });
  const [password] = useState(newPassword);
  const create = useAct<NewPerson, Person>(
    (api, values) =>
      api.post('/v1.0/users', {
        displayName: values.displayName.trim(),
        userPrincipalName: `${values.localPart.trim()}@${chosenDomain}`,
        mailNickname: values.localPart.trim(),
        accountEnabled: true,
        jobTitle: values.jobTitle.trim() || null,
        department: values.department.trim() || null,
        passwordProfile: { password, forceChangePasswordNextSignIn: true },
      }),
    { said: (values) => t('people.created', { name: values.displayName }) },
  );
  const { errors } = form.formState;
  const required = t('form.required');
  if (create.output) {
    return (
      <FormPanel title={t('people.created', { name: create.output.displayName })} submit="" onClose={props.onClose}>
        <Text>{t('people.handOver')}</Text>
        <CopyField label={t('signin.userName')} value={create.output.userPrincipalName} />
        <CopyField label={t('people.firstPassword')} value={password} hint={t('people.firstPasswordHint')} />
      </FormPanel>
    );
  }
  return (
    <FormPanel
      title={t('people.create')}
      submit={t('people.create')}
      onClose={props.onClose}
      onSubmit={form.handleSubmit((values) => create.run(values))}
      isBusy={create.isBusy}
      fault={create.fault}
    >
      <Field label={t('people.name')} required validationMessage={errors.displayName?.message}>
        <Input {...textBox(form, 'displayName', { required })} autoFocus />
      </Field>
      <Field label={t('signin.userName')} required validationMessage={errors.localPart?.message}>
        <Input
          {...textBox(form, 'localPart', {
            required,
            pattern: { value: /^[^\s@#]+$/, message: t('form.userName') },
          })}
          autoCapitalize="none"
        />
      </Field>
      <Choice
        label={t('people.domain')}
        value={chosenDomain}
        onChange={setDomain}
        options={domains.map(({ name }) => [name, name] as const)}
      />
      <Field label={t('people.jobTitle')}>
        <Input {...textBox(form, 'jobTitle')} />
      </Field>
      <Field label={t('people.department')}>
        <Input {...textBox(form, 'department')} />
      </Field>
      <Text size={200}>{t('people.passwordComes')}</Text>
    </FormPanel>
  );
}

/** A first password that can be read out on the telephone: four groups of letters and digits, 78 random bits. */
export function newPassword(): string {
  const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
  const bytes = crypto.getRandomValues(new Uint8Array(64));
  const text = [...bytes]
    .filter((byte) => byte < LETTERS.length * 8)
    .map((byte) => LETTERS[byte % LETTERS.length])
    .slice(0, 16)
    .join('');
  return text.replace(/(.{4})(?=.)/g, '$1-');
}
