import { Checkbox, Field, Input, Textarea } from '@fluentui/react-components';
import { PeopleTeamRegular } from '@fluentui/react-icons';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { quoted } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import type { Column } from '../parts/data-list.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { ListPage } from '../parts/list-page.tsx';
import { textBox } from '../parts/text-box.ts';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useTenant } from '../shell/tenant.ts';
import type { Group } from './wire.ts';

/** Shared groups carry mail and work together; security groups only give access. */
export const isShared = (group: Pick<Group, 'groupTypes'>) => group.groupTypes.includes('Unified');

export function GroupsPage() {
  const { t } = useTranslation();
  const abilities = useAbilities();
  const [name, setName] = useState('');
  const [isCreating, setIsCreating] = useState(false);
  const list = useList<Group>('/v1.0/groups', {
    ...(name === '' ? {} : { $filter: `startswith(displayName,${quoted(name)})` }),
    $top: 50,
    $count: true,
  });
  const columns: Column<Group>[] = [
    {
      key: 'name',
      title: t('people.name'),
      isName: true,
      sort: (group) => group.displayName,
      orderBy: 'displayName',
      render: (group) => <InnerLink path={`/groups/${group.id}`}>{group.displayName}</InnerLink>,
    },
    {
      key: 'kind',
      title: t('groups.kind'),
      sort: (group) => String(isShared(group)),
      render: (group) => (isShared(group) ? t('groups.shared') : t('groups.security')),
    },
    { key: 'description', title: t('groups.description'), render: (group) => group.description ?? '' },
    { key: 'mail', title: t('people.mail'), sort: (group) => group.mail, render: (group) => group.mail ?? '' },
    {
      key: 'created',
      title: t('people.since'),
      sort: (group) => group.createdDateTime,
      render: (group) => <WhenText at={group.createdDateTime} />,
    },
  ];
  return (
    <ListPage
      area="groups"
      title={t('nav.groups')}
      sentence={t('groups.sentence')}
      list={list}
      columns={columns}
      create={abilities.writes('groups') ? { text: t('groups.create'), open: () => setIsCreating(true) } : undefined}
      search={{ value: name, change: setName }}
      empty={{ picture: <PeopleTeamRegular />, title: t('groups.empty'), sentence: t('groups.emptySentence') }}
    >
      {isCreating && <CreateGroup onClose={() => setIsCreating(false)} />}
    </ListPage>
  );
}

function CreateGroup(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const tenant = useTenant();
  const router = useRouter();
  const [kind, setKind] = useState<'security' | 'shared'>('security');
  const [isPrivate, setIsPrivate] = useState(true);
  const form = useForm({ defaultValues: { displayName: '', mailNickname: '', description: '' } });
  const create = useAct<{ displayName: string; mailNickname: string; description: string }, Group>(
    (api, values) =>
      api.post('/v1.0/groups', {
        displayName: values.displayName.trim(),
        description: values.description.trim() || null,
        mailNickname: values.mailNickname.trim() || nickname(values.displayName),
        mailEnabled: kind === 'shared',
        securityEnabled: kind === 'security',
        groupTypes: kind === 'shared' ? ['Unified'] : [],
        ...(kind === 'shared' ? { visibility: isPrivate ? 'Private' : 'Public' } : {}),
      }),
    {
      said: (values) => t('people.created', { name: values.displayName }),
      done: (group) => router.history.push(`/t/${encodeURIComponent(tenant)}/groups/${group.id}`),
    },
  );
  const { errors } = form.formState;
  return (
    <FormPanel
      title={t('groups.create')}
      submit={t('groups.create')}
      onClose={props.onClose}
      onSubmit={form.handleSubmit((values) => create.run(values))}
      isBusy={create.isBusy}
      fault={create.fault}
    >
      <Choice
        label={t('groups.kind')}
        value={kind}
        onChange={setKind}
        options={[
          ['security', t('groups.security')],
          ['shared', t('groups.shared')],
        ]}
        hint={kind === 'shared' ? t('groups.sharedHint') : t('groups.securityHint')}
      />
      <Field label={t('people.name')} required validationMessage={errors.displayName?.message}>
        <Input {...textBox(form, 'displayName', { required: t('form.required') })} autoFocus />
      </Field>
      {kind === 'shared' && (
        <Field
          label={t('groups.nickname')}
          hint={t('groups.nicknameHint')}
          validationMessage={errors.mailNickname?.message}
        >
          <Input
            {...textBox(form, 'mailNickname', { pattern: { value: /^[^\s@#]*$/, message: t('form.userName') } })}
            autoCapitalize="none"
          />
        </Field>
      )}
      <Field label={t('groups.description')}>
        <Textarea {...textBox(form, 'description')} rows={3} resize="vertical" />
      </Field>
      {kind === 'shared' && (
        <Checkbox
          label={t('groups.private')}
          checked={isPrivate}
          onChange={(_, { checked }) => setIsPrivate(checked === true)}
        />
      )}
    </FormPanel>
  );
}

/** A mail name made of a display name: letters and digits, dashes between. */
export function nickname(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '') || `group-${Date.now().toString(36)}`;
}
