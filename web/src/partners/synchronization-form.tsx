import { Field, Input, Switch, Textarea } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { useApi, useTenant } from '../shell/tenant.ts';
import { parseMappings, printMappings } from './mapping-lines.ts';
import type { Synchronization } from './synchronization-wire.ts';

/** Names of people and groups that are known by their ids; one that is gone keeps its id. */
export function useNames(kind: 'users' | 'groups', ids: readonly string[]): readonly Picked[] {
  const api = useApi();
  const tenant = useTenant();
  const found = useQuery({
    queryKey: [tenant, 'names', kind, ids],
    queryFn: () =>
      Promise.all(
        ids.map((id) =>
          api
            .get<Picked>(`/v1.0/${kind}/${id}`, { params: { $select: 'id,displayName' } })
            .catch(() => ({ id, displayName: id })),
        ),
      ),
  });
  return found.data ?? ids.map((id) => ({ id, displayName: id }));
}

/** What is set about bringing our people to one partner. */
export function SynchronizationForm(props: {
  partnerId: string;
  name: string;
  now: Synchronization;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { configuration } = props.now;
  const [isOn, setIsOn] = useState(configuration.isOn);
  const [who, setWho] = useState<'named' | 'everyone'>(configuration.everyone ? 'everyone' : 'named');
  const [groups, setGroups] = useState<readonly Picked[]>();
  const [people, setPeople] = useState<readonly Picked[]>();
  const [createAs, setCreateAs] = useState(configuration.createAs);
  const [threshold, setThreshold] = useState(String(configuration.deletionThreshold));
  const [lines, setLines] = useState(printMappings(configuration.mappings));
  const knownGroups = useNames('groups', configuration.groups);
  const knownPeople = useNames('users', configuration.people);
  const mappings = parseMappings(lines);
  const isNumber = /^\d{1,7}$/.test(threshold.trim());
  const act = useAct(
    (api) =>
      api.patch('/admin/settings/directory.synchronization', {
        target: props.partnerId,
        values: {
          isOn,
          everyone: who === 'everyone',
          groups: (groups ?? knownGroups).map(({ id }) => id),
          people: (people ?? knownPeople).map(({ id }) => id),
          createAs,
          mappings,
          deletionThreshold: Number(threshold),
        },
      }),
    { said: () => t('sync.saved'), done: props.onClose },
  );
  return (
    <FormPanel
      title={t('sync.with', { name: props.name })}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => typeof mappings !== 'number' && isNumber && act.run()}
      isBusy={act.isBusy}
      fault={act.fault}
    >
      <Switch
        label={t('sync.isOn', { name: props.name })}
        checked={isOn}
        onChange={(_, data) => setIsOn(data.checked)}
      />
      <Choice
        label={t('sync.who')}
        value={who}
        options={[
          ['named', t('sync.onlyNamed')],
          ['everyone', t('sync.everyone')],
        ]}
        onChange={setWho}
      />
      {who === 'named' && (
        <>
          <PersonPicker label={t('sync.groups')} kind="groups" picked={groups ?? knownGroups} onChange={setGroups} />
          <PersonPicker
            label={t('sync.persons')}
            kind="users"
            filter="userType eq 'Member'"
            picked={people ?? knownPeople}
            onChange={setPeople}
          />
        </>
      )}
      <Choice
        label={t('sync.createAs')}
        value={createAs}
        options={[
          ['Member', t('sync.as.Member')],
          ['Guest', t('sync.as.Guest')],
        ]}
        onChange={setCreateAs}
      />
      <Field
        label={t('sync.mappings')}
        hint={t('sync.mappingsHint')}
        validationMessage={typeof mappings === 'number' ? t('sync.badLine', { line: mappings }) : undefined}
      >
        <Textarea
          rows={10}
          resize="vertical"
          spellCheck={false}
          value={lines}
          onChange={(_, data) => setLines(data.value)}
          textarea={{ style: { fontFamily: 'monospace' } }}
        />
      </Field>
      <Field
        label={t('sync.threshold')}
        hint={t('sync.thresholdHint')}
        validationMessage={isNumber ? undefined : t('sync.badNumber')}
      >
        <Input inputMode="numeric" value={threshold} onChange={(_, data) => setThreshold(data.value)} />
      </Field>
    </FormPanel>
  );
}
