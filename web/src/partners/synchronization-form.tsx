import { Field, Input, Switch, Text, Textarea } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { useApi, useTenant } from '../shell/tenant.ts';
import { parseFilters, printFilters } from './filter-lines.ts';
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

const PACES = [0, 15, 40, 60, 240, 1_440];

/** How often people are brought, in words. */
export const paceOf = (t: TFunction, minutes: number): string => {
  if (minutes === 0) return t('sync.atOnce');
  return minutes % 60 === 0
    ? t('sync.everyHours', { count: minutes / 60 })
    : t('sync.everyMinutes', { count: minutes });
};

/** What is set about bringing our people to one partner. */
export function SynchronizationForm(props: {
  partnerId: string;
  name: string;
  now: Synchronization;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { configuration } = props.now;
  const [isOn, setIsOn] = useState(configuration.isOn || props.now.lastCycle === null);
  const [who, setWho] = useState<'named' | 'everyone'>(configuration.everyone ? 'everyone' : 'named');
  const [groups, setGroups] = useState<readonly Picked[]>();
  const [people, setPeople] = useState<readonly Picked[]>();
  const [createAs, setCreateAs] = useState(configuration.createAs);
  const [threshold, setThreshold] = useState(String(configuration.deletionThreshold));
  const [pace, setPace] = useState(String(configuration.minutesBetween));
  const [filterLines, setFilterLines] = useState(printFilters(configuration.filters));
  const [bringsGroups, setBringsGroups] = useState(configuration.bringsGroups);
  const [bringsManagers, setBringsManagers] = useState(configuration.bringsManagers);
  const [lines, setLines] = useState(printMappings(configuration.mappings));
  const knownGroups = useNames('groups', configuration.groups);
  const knownPeople = useNames('users', configuration.people);
  const mappings = parseMappings(lines);
  const filters = parseFilters(filterLines);
  const paces = [...new Set([...PACES, configuration.minutesBetween])].sort((a, b) => a - b);
  const nobodyNamed = who === 'named' && (groups ?? knownGroups).length + (people ?? knownPeople).length === 0;
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
          filters,
          bringsGroups,
          bringsManagers,
          mappings,
          minutesBetween: Number(pace),
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
      onSubmit={() => typeof mappings !== 'number' && typeof filters !== 'number' && isNumber && act.run()}
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
          {isOn && nobodyNamed && <Text>{t('sync.namedNobodyHint', { name: props.name })}</Text>}
        </>
      )}
      <Field
        label={t('sync.filters')}
        hint={t('sync.filtersHint')}
        validationMessage={typeof filters === 'number' ? t('sync.badLine', { line: filters }) : undefined}
      >
        <Textarea
          rows={3}
          resize="vertical"
          spellCheck={false}
          value={filterLines}
          onChange={(_, data) => setFilterLines(data.value)}
          textarea={{ style: { fontFamily: 'monospace' } }}
        />
      </Field>
      <Switch
        label={t('sync.bringsGroups')}
        checked={bringsGroups}
        onChange={(_, data) => setBringsGroups(data.checked)}
      />
      <Switch
        label={t('sync.bringsManagers')}
        checked={bringsManagers}
        onChange={(_, data) => setBringsManagers(data.checked)}
      />
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
      <Choice
        label={t('sync.pace')}
        value={pace}
        options={paces.map((minutes) => [String(minutes), paceOf(t, minutes)])}
        onChange={setPace}
      />
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
