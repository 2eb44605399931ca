import { Button } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Section } from '../parts/page.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import type { SharingPolicy } from './admin-wire.ts';

/** Gives the policy to people and groups, in place of the default one. */
export function PolicyAssignment({ policy }: { policy: SharingPolicy }) {
  const { t } = useTranslation();
  const [people, setPeople] = useState<readonly Picked[]>([]);
  const [groups, setGroups] = useState<readonly Picked[]>([]);
  const assign = useAct(
    (api) =>
      api.put(`/admin/sharing-policies/${policy.id}/assignments`, {
        accountIds: people.map(({ id }) => id),
        groupIds: groups.map(({ id }) => id),
      }),
    {
      isTried: true,
      said: () => t('policies.assignedNow', { name: policy.name }),
      done: () => {
        setPeople([]);
        setGroups([]);
      },
    },
  );
  return (
    <Section title={t('policies.assign')} sentence={t('policies.assignSentence')}>
      {assign.fault && <RefusalBar fault={assign.fault} />}
      <PersonPicker kind="users" label={t('nav.people')} picked={people} onChange={setPeople} />
      <PersonPicker kind="groups" label={t('nav.groups')} picked={groups} onChange={setGroups} />
      <div>
        <Button disabled={people.length + groups.length === 0 || assign.isBusy} onClick={() => assign.run()}>
          {t('policies.assign')}
        </Button>
      </div>
    </Section>
  );
}
