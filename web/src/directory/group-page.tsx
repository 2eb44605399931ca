import { Button, Field, Input, Textarea } from '@fluentui/react-components';
import {
  DeleteRegular,
  EditRegular,
  PeopleTeamRegular,
  PersonAddRegular,
  PersonDeleteRegular,
} from '@fluentui/react-icons';
import { useParams, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DataList } from '../parts/data-list.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { Section } from '../parts/page.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { textBox } from '../parts/text-box.ts';
import { WhenText } from '../parts/when-text.tsx';
import { NotOfferedLine } from '../parts/why-not.tsx';
import { useHowFar, useMe } from '../shell/me.ts';
import { useTenant, useThing } from '../shell/tenant.ts';
import { isShared } from './groups-page.tsx';
import { type Group, type Member, organisationOf } from './wire.ts';

type Side = 'members' | 'owners';

const CHANGE = 'directory.group.change';

/** One group: who is in it (people, guests, other groups), who looks after it. */
export function GroupPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const { t } = useTranslation();
  const tenant = useTenant();
  const router = useRouter();
  const query = useThing<Group>(`/v1.0/groups/${id}`, { isSubject: true });
  const [open, setOpen] = useState<'edit' | 'delete'>();
  const group = query.data;
  const level = useHowFar(CHANGE, id);
  const isMember = useThing<{ value: readonly { id: string }[] }>('/v1.0/me/memberOf').data?.value.some(
    (one) => one.id === id,
  );
  const mayManage = level === 'manage';
  const mayAdd = mayManage || level === 'members';
  const remove = useAct((api) => api.delete(`/v1.0/groups/${id}`), {
    isTried: true,
    said: () => t('people.deleted', { name: group?.displayName ?? '' }),
    ...(group && isShared(group) ? { undo: (api) => api.post(`/v1.0/directory/deletedItems/${id}/restore`) } : {}),
    done: () => router.history.push(`/t/${encodeURIComponent(tenant)}/groups`),
  });
  return (
    <DetailPage
      list={{ path: '/groups', title: t('nav.groups') }}
      query={query}
      head={(group) => ({
        title: group.displayName,
        ...(group.description ? { sentence: group.description } : {}),
        commands: (
          <>
            {group && <OwnPlace group={group} level={level} isMember={isMember} />}
            {mayManage && (
              <>
                <Button icon={<EditRegular />} onClick={() => setOpen('edit')}>
                  {t('action.edit')}
                </Button>
                <Button icon={<DeleteRegular />} onClick={() => setOpen('delete')}>
                  {t('action.delete')}
                </Button>
              </>
            )}
          </>
        ),
      })}
    >
      {(group) => (
        <>
          {level !== undefined && !mayAdd && (
            <NotOfferedLine
              asked={{ question: CHANGE, input: id, wanted: isMember || level === 'join' ? 'members' : 'join' }}
              sentence={t(isMember || level === 'join' ? 'withheld.onlyReading' : 'groups.notOpen')}
              about={group.displayName}
            />
          )}
          <Facts
            facts={[
              [t('groups.kind'), isShared(group) ? t('groups.shared') : t('groups.security')],
              [t('people.mail'), group.mail],
              group.visibility
                ? [
                    t('groups.visibility'),
                    t(`groups.visibilities.${group.visibility}`, { defaultValue: group.visibility }),
                  ]
                : null,
              [t('people.since'), <WhenText key="c" at={group.createdDateTime} isExact />],
            ]}
          />
          <Members group={group} side="members" mayWrite={mayAdd} />
          <Members group={group} side="owners" mayWrite={mayManage} />
          {open === 'edit' && <EditGroup group={group} onClose={() => setOpen(undefined)} />}
          {open === 'delete' && (
            <ConfirmDialog
              title={t('groups.deleteTitle', { name: group.displayName })}
              confirm={t('action.delete')}
              typed={group.displayName}
              act={remove}
              onClose={() => setOpen(undefined)}
            >
              {t('groups.deleteSentence')}
            </ConfirmDialog>
          )}
        </>
      )}
    </DetailPage>
  );
}

/** The way in and out for whoever looks, where the group leaves it to them. */
function OwnPlace(props: { group: Group; level: string | undefined; isMember: boolean | undefined }) {
  const { t } = useTranslation();
  const { group, level, isMember } = props;
  const me = useMe().data?.id ?? '';
  const path = `/v1.0/groups/${group.id}/members`;
  const name = group.displayName;
  const join = useAct(
    (api) => api.post(`${path}/$ref`, { '@odata.id': `${location.origin}/v1.0/directoryObjects/${me}` }),
    { said: () => t('groups.joined', { name }) },
  );
  const leave = useAct((api) => api.delete(`${path}/${me}/$ref`), { said: () => t('groups.left', { name }) });
  const fault = join.fault ?? leave.fault;
  if (isMember === undefined || level === undefined || level === 'none') return null;
  return (
    <>
      {!isMember && level === 'join' && (
        <Button appearance="primary" disabled={join.isBusy} onClick={() => join.run()}>
          {t('groups.join')}
        </Button>
      )}
      {isMember && (
        <Button disabled={leave.isBusy} onClick={() => leave.run()}>
          {t('groups.leave')}
        </Button>
      )}
      {fault && <RefusalBar fault={fault} />}
    </>
  );
}

function Members(props: { group: Group; side: Side; mayWrite: boolean }) {
  const { t } = useTranslation();
  const { group, side, mayWrite } = props;
  const path = `/v1.0/groups/${group.id}/${side}`;
  const list = useList<Member>(path, { $top: 50 });
  const [isAdding, setIsAdding] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const reference = (id: string) => ({ '@odata.id': `${location.origin}/v1.0/directoryObjects/${id}` });
  const remove = useAct<ReadonlySet<string>>(
    async (api, ids) => {
      for (const id of ids) await api.delete(`${path}/${id}/$ref`);
    },
    {
      isTried: true,
      said: (ids) => t('groups.removed', { count: ids.size }),
      undo: async (api, ids) => {
        for (const id of ids) await api.post(`${path}/$ref`, reference(id));
      },
      done: () => setChosen(new Set()),
    },
  );
  const isGroup = (member: Member) => member['@odata.type']?.endsWith('.group') ?? !member.userPrincipalName;
  const title = side === 'members' ? t('groups.members') : t('groups.owners');
  return (
    <Section
      title={title}
      sentence={side === 'members' ? t('groups.membersSentence') : t('groups.ownersSentence')}
      commands={
        mayWrite && (
          <>
            {chosen.size > 0 && (
              <Button icon={<PersonDeleteRegular />} disabled={remove.isBusy} onClick={() => remove.run(chosen)}>
                {t('groups.removeMany', { count: chosen.size })}
              </Button>
            )}
            <Button icon={<PersonAddRegular />} onClick={() => setIsAdding(true)}>
              {side === 'members' ? t('groups.addMembers') : t('groups.addOwners')}
            </Button>
          </>
        )
      }
    >
      {remove.fault && <RefusalBar fault={remove.fault} />}
      <DataList
        label={title}
        list={list}
        rowKey={(member) => member.id}
        columns={[
          {
            key: 'name',
            title: t('people.name'),
            isName: true,
            sort: (member) => member.displayName,
            render: (member) => (
              <PersonName
                name={member.displayName}
                link={
                  <InnerLink
                    path={`/${isGroup(member) ? 'groups' : member.userType === 'Guest' ? 'guests' : 'people'}/${member.id}`}
                  >
                    {member.displayName}
                  </InnerLink>
                }
                second={member.mail ?? member.userPrincipalName}
                organisation={
                  isGroup(member)
                    ? undefined
                    : organisationOf({ userType: member.userType ?? 'Member', mail: member.mail ?? null })
                }
              />
            ),
          },
          {
            key: 'kind',
            title: t('groups.kind'),
            sort: (member) => String(isGroup(member)),
            render: (member) =>
              isGroup(member)
                ? t('groups.nested')
                : member.userType === 'Guest'
                  ? t('organisations.guest')
                  : t('explain.person'),
          },
        ]}
        {...(mayWrite
          ? { selection: { keys: chosen, change: setChosen, nameOf: (member: Member) => member.displayName } }
          : {})}
        empty={
          <EmptyState
            picture={<PeopleTeamRegular />}
            title={side === 'members' ? t('groups.noMembers') : t('groups.noOwners')}
          />
        }
      />
      {isAdding && <AddMembers path={path} side={side} onClose={() => setIsAdding(false)} />}
    </Section>
  );
}

function AddMembers(props: { path: string; side: Side; onClose: () => void }) {
  const { t } = useTranslation();
  const [people, setPeople] = useState<Picked[]>([]);
  const [groups, setGroups] = useState<Picked[]>([]);
  const add = useAct(
    async (api) => {
      for (const { id } of [...people, ...groups]) {
        await api.post(`${props.path}/$ref`, { '@odata.id': `${location.origin}/v1.0/directoryObjects/${id}` });
      }
    },
    { isTried: true, said: () => t('groups.added', { count: people.length + groups.length }), done: props.onClose },
  );
  const isMembers = props.side === 'members';
  return (
    <FormPanel
      title={isMembers ? t('groups.addMembers') : t('groups.addOwners')}
      submit={t('action.add')}
      onClose={props.onClose}
      onSubmit={() => people.length + groups.length > 0 && add.run()}
      isBusy={add.isBusy}
      fault={add.fault}
    >
      <PersonPicker label={t('groups.peopleAndGuests')} kind="users" picked={people} onChange={setPeople} />
      {isMembers && (
        <PersonPicker
          label={t('nav.groups')}
          kind="groups"
          picked={groups}
          onChange={setGroups}
          hint={t('groups.nestedHint')}
        />
      )}
    </FormPanel>
  );
}

function EditGroup(props: { group: Group; onClose: () => void }) {
  const { t } = useTranslation();
  const { group } = props;
  const form = useForm({ defaultValues: { displayName: group.displayName, description: group.description ?? '' } });
  const save = useAct<{ displayName: string; description: string }>(
    (api, values) =>
      api.patch(`/v1.0/groups/${group.id}`, {
        displayName: values.displayName.trim(),
        description: values.description.trim() || null,
      }),
    { isTried: true, said: () => t('people.saved'), done: props.onClose },
  );
  return (
    <FormPanel
      title={t('people.editTitle', { name: group.displayName })}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={form.handleSubmit((values) => save.run(values))}
      isBusy={save.isBusy}
      fault={save.fault}
    >
      <Field label={t('people.name')} required validationMessage={form.formState.errors.displayName?.message}>
        <Input {...textBox(form, 'displayName', { required: t('form.required') })} />
      </Field>
      <Field label={t('groups.description')}>
        <Textarea {...textBox(form, 'description')} rows={3} resize="vertical" />
      </Field>
    </FormPanel>
  );
}
