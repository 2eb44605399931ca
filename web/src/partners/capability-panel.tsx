import { Text } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { type Whose, writeEntry } from './access-panel.tsx';
import {
  type CapabilityDraft,
  type CapabilityName,
  type CapabilityValue,
  capabilitiesAt,
  namesNobody,
  printCapability,
  readCapability,
} from './capability-wire.ts';
import { useCapabilityWords } from './capability-words.ts';
import { useNames } from './synchronization-form.tsx';

const idsOf = (picked: readonly Picked[]) => picked.map(({ id }) => id);

/** Allows or denies one capability, of everybody's mailboxes or of some; or leaves it as it is for everybody. */
export function CapabilityPanel(props: {
  name: CapabilityName;
  words: { readonly name: string; readonly sentence: string };
  /** What is said now; undefined: nothing. */
  value: CapabilityValue | undefined;
  /** What holds for everybody, where this is about one organisation. */
  standard: CapabilityValue | undefined;
  /** Undefined: everybody. */
  whose: Whose | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { name, words, value, standard, whose } = props;
  const valueWords = useCapabilityWords();
  const [draft, setDraft] = useState<CapabilityDraft>(() => readCapability(value));
  const [isAsked, setIsAsked] = useState(false);
  const users = useNames('users', draft.users);
  const groups = useNames('groups', draft.groups);
  const exceptUsers = useNames('users', draft.exceptUsers);
  const exceptGroups = useNames('groups', draft.exceptGroups);
  const change = (part: Partial<CapabilityDraft>) => setDraft({ ...draft, ...part });
  const wanted = printCapability(draft);
  const act = useAct(
    async (api) => {
      const at = capabilitiesAt(whose?.id);
      if (wanted === null) {
        if (value !== undefined) await api.delete(`${at}/${name}`);
        return;
      }
      // What an organisation is given is a part of its entry.
      if (whose && !whose.hasEntry) await writeEntry(api, whose, {});
      await api.post(at, { name, inboundAccess: wanted });
    },
    { isTried: true, said: () => t('crossTenant.saved', { name: words.name }), done: props.onClose },
  );
  const isGap = namesNobody(draft);
  const unsaid = whose ? t('crossTenant.asDefault', { value: valueWords(standard) }) : t('capabilities.unsaid');
  return (
    <FormPanel
      title={words.name}
      sentence={words.sentence}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => {
        setIsAsked(true);
        if (!isGap) act.run();
      }}
      isBusy={act.isBusy}
      fault={act.fault}
    >
      <Choice
        label={whose ? t('crossTenant.forName', { name: whose.name }) : t('capabilities.forEverybody')}
        value={draft.what}
        options={[
          ['unsaid', unsaid],
          ['allowed', t('capabilities.allowed')],
          ['denied', t('capabilities.denied')],
        ]}
        onChange={(what) => change({ what })}
      />
      {draft.what === 'allowed' && (
        <>
          <Choice
            label={t('capabilities.whose')}
            value={draft.whose}
            options={[
              ['everybody', t('crossTenant.whoOption.everybody')],
              ['named', t('crossTenant.whoOption.named')],
            ]}
            onChange={(of) => change({ whose: of })}
          />
          {draft.whose === 'named' && (
            <>
              <PersonPicker
                label={t('crossTenant.ourPeople')}
                kind="users"
                filter="userType eq 'Member'"
                picked={users}
                error={isAsked && isGap ? t('crossTenant.nameSomebody') : undefined}
                onChange={(picked) => change({ users: idsOf(picked) })}
              />
              <PersonPicker
                label={t('crossTenant.ourGroups')}
                kind="groups"
                picked={groups}
                onChange={(picked) => change({ groups: idsOf(picked) })}
              />
            </>
          )}
          <PersonPicker
            label={t('capabilities.exceptPeople')}
            kind="users"
            filter="userType eq 'Member'"
            picked={exceptUsers}
            onChange={(picked) => change({ exceptUsers: idsOf(picked) })}
          />
          <PersonPicker
            label={t('capabilities.exceptGroups')}
            hint={t('capabilities.exceptHint')}
            kind="groups"
            picked={exceptGroups}
            onChange={(picked) => change({ exceptGroups: idsOf(picked) })}
          />
        </>
      )}
      {wanted && !isGap && <Text>{t('capabilities.means', { value: valueWords(wanted) })}</Text>}
    </FormPanel>
  );
}
