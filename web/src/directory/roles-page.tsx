import { Accordion, AccordionHeader, AccordionItem, AccordionPanel, Button, Text } from '@fluentui/react-components';
import { PersonAddRegular, PersonKeyRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page as Rows } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Page } from '../parts/page.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { OnlyReading } from '../parts/why-not.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { type Member, organisationOf } from './wire.ts';

interface Role {
  readonly id: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly roleTemplateId: string;
}

/** Who may administer what, least powerful role first. */
export function RolesPage() {
  const { t } = useTranslation();
  const query = useThing<Rows<Role>>('/v1.0/directoryRoles');
  const say = (role: Role) => t(`roles.names.${role.roleTemplateId}`, { defaultValue: role.displayName });
  return (
    <Page title={t('nav.roles')} sentence={t('roles.sentence')}>
      <OnlyReading area="roles" />
      {query.error ? (
        <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <LoadingRows label={t('nav.roles')} />
      ) : query.data?.value.length === 0 ? (
        <EmptyState picture={<PersonKeyRegular />} title={t('roles.empty')} />
      ) : (
        <Accordion collapsible multiple>
          {query.data?.value.map((role) => (
            <AccordionItem key={role.id} value={role.id}>
              <AccordionHeader as="h2">
                <span style={{ display: 'grid', padding: '6px 0' }}>
                  <Text weight="semibold">{say(role)}</Text>
                  <Text size={200}>
                    {t(`roles.sentences.${role.roleTemplateId}`, { defaultValue: role.description ?? '' })}
                  </Text>
                </span>
              </AccordionHeader>
              <AccordionPanel>
                <Holders role={role} name={say(role)} />
              </AccordionPanel>
            </AccordionItem>
          ))}
        </Accordion>
      )}
    </Page>
  );
}

function Holders(props: { role: Role; name: string }) {
  const { t } = useTranslation();
  const abilities = useAbilities();
  const [isAdding, setIsAdding] = useState(false);
  const path = `/v1.0/directoryRoles/${props.role.id}/members`;
  const list = useList<Member>(path);
  const mayWrite = abilities.writes('roles');
  const reference = (id: string) => ({ '@odata.id': `${location.origin}/v1.0/directoryObjects/${id}` });
  const take = useAct<Member>((api, member) => api.delete(`${path}/${member.id}/$ref`), {
    isTried: true,
    said: (member) => t('roles.taken', { name: member.displayName }),
    undo: (api, member) => api.post(`${path}/$ref`, reference(member.id)),
  });
  return (
    <div style={{ display: 'grid', gap: '8px', paddingBottom: '16px' }}>
      {mayWrite && (
        <div>
          <Button icon={<PersonAddRegular />} onClick={() => setIsAdding(true)}>
            {t('roles.give')}
          </Button>
        </div>
      )}
      {take.fault && <RefusalBar fault={take.fault} />}
      <DataList
        label={props.name}
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
                  <InnerLink path={`/${member.userPrincipalName ? 'people' : 'groups'}/${member.id}`}>
                    {member.displayName}
                  </InnerLink>
                }
                second={member.userPrincipalName}
                organisation={organisationOf({ userType: member.userType ?? 'Member', mail: member.mail ?? null })}
              />
            ),
          },
          ...(mayWrite
            ? [
                {
                  key: 'take',
                  title: t('list.actions'),
                  render: (member: Member) => (
                    <Button size="small" disabled={take.isBusy} onClick={() => take.run(member)}>
                      {t('roles.take')}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
        empty={<Text>{t('roles.nobody')}</Text>}
      />
      {isAdding && <Give path={path} name={props.name} onClose={() => setIsAdding(false)} />}
    </div>
  );
}

function Give(props: { path: string; name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [people, setPeople] = useState<Picked[]>([]);
  const give = useAct(
    async (api) => {
      for (const { id } of people) {
        await api.post(`${props.path}/$ref`, { '@odata.id': `${location.origin}/v1.0/directoryObjects/${id}` });
      }
    },
    { isTried: true, said: () => t('roles.given'), done: props.onClose },
  );
  return (
    <FormPanel
      size="small"
      title={props.name}
      sentence={t('roles.giveSentence')}
      submit={t('roles.give')}
      onClose={props.onClose}
      onSubmit={() => people.length > 0 && give.run()}
      isBusy={give.isBusy}
      fault={give.fault}
    >
      <PersonPicker label={t('groups.peopleAndGuests')} kind="users" picked={people} onChange={setPeople} />
    </FormPanel>
  );
}
