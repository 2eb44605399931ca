import { Switch, Text } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Api } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useSettingWords } from '../tenants/setting-words.ts';
import { type AccessDraft, gapsIn, printDraft, readSetting } from './access-draft.ts';
import { AccessFields } from './access-fields.tsx';
import { useValueWords } from './access-value.tsx';
import {
  type AccessSetting,
  entryOf,
  isAccessPart,
  isOfOurs,
  type Part,
  type PartValue,
  POLICY,
  SWITCHES,
  type Switched,
} from './access-wire.ts';
import { PastSignIns } from './past-sign-ins.tsx';

/** Of one organisation: its id, its name, and whether it has an entry already. */
export interface Whose {
  readonly id: string;
  readonly name: string;
  readonly hasEntry: boolean;
}

/** Writes one thing into an organisation's entry, which is made where there is none. */
export async function writeEntry(api: Api, { id, hasEntry }: Whose, values: Record<string, unknown>): Promise<void> {
  if (hasEntry) await api.patch(entryOf(id), values);
  else await api.post(`${POLICY}/partners`, { tenantId: id, ...values });
}

/** Changes one part: of everybody, or of one organisation, which may leave it as it is for everybody. */
export function AccessPanel(props: {
  part: Part;
  /** What holds now. */
  value: PartValue;
  /** Undefined: everybody. */
  whose: Whose | undefined;
  /** What holds for everybody, where this is about one organisation. */
  standard?: PartValue | undefined;
  isOwn: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { part, value, whose, standard } = props;
  const words = useSettingWords().setting('partners.access-defaults', { name: part, sentence: '' });
  const valueWords = useValueWords();
  const [isOwn, setIsOwn] = useState(props.isOwn || whose === undefined);
  const [draft, setDraft] = useState<AccessDraft>(() =>
    readSetting(isAccessPart(part) ? (value as AccessSetting) : NOTHING),
  );
  const [switched, setSwitched] = useState<Switched>(isAccessPart(part) ? {} : (value as Switched));
  const [unreadable, setUnreadable] = useState<ReadonlySet<string>>(new Set());
  const [isAsked, setIsAsked] = useState(false);
  const gaps = isOwn && isAccessPart(part) ? gapsIn(draft) : [];
  const isReady = gaps.length === 0 && (unreadable.size === 0 || !isOwn);
  const wanted = isOwn ? (isAccessPart(part) ? printDraft(draft) : switched) : null;
  const act = useAct(
    (api) => (whose ? writeEntry(api, whose, { [part]: wanted }) : api.patch(`${POLICY}/default`, { [part]: wanted })),
    { isTried: true, said: () => t('crossTenant.saved', { name: words.name }), done: props.onClose },
  );
  return (
    <FormPanel
      title={words.name}
      sentence={words.sentence}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => {
        setIsAsked(true);
        if (isReady) act.run();
      }}
      isBusy={act.isBusy}
      fault={act.fault}
    >
      {whose && (
        <Choice
          label={t('crossTenant.forName', { name: whose.name })}
          value={isOwn ? 'own' : 'default'}
          options={[
            [
              'default',
              standard ? t('crossTenant.asDefault', { value: valueWords(part, standard) }) : t('crossTenant.default'),
            ],
            ['own', t('crossTenant.ownValue')],
          ]}
          onChange={(one) => setIsOwn(one === 'own')}
        />
      )}
      {isOwn && isAccessPart(part) && (
        <AccessFields
          part={part}
          partner={whose?.name}
          draft={draft}
          gaps={isAsked ? gaps : []}
          onChange={setDraft}
          onReadable={(name, isReadable) =>
            setUnreadable((before) => {
              const after = new Set(before);
              if (isReadable) after.delete(name);
              else after.add(name);
              return after;
            })
          }
        />
      )}
      {isOwn &&
        !isAccessPart(part) &&
        SWITCHES[part].map((name) => (
          <Switch
            key={name}
            label={t(`crossTenant.switchLabel.${name}`)}
            checked={switched[name] ?? false}
            onChange={(_, { checked }) => setSwitched({ ...switched, [name]: checked })}
          />
        ))}
      {isAccessPart(part) && isOwn && gaps.length === 0 && (
        <Text>
          {t(isOfOurs(part) ? 'crossTenant.meansOurs' : 'crossTenant.meansTheirs', {
            value: valueWords(part, printDraft(draft)),
          })}
        </Text>
      )}
      {(part === 'b2bDirectConnectInbound' || part === 'b2bDirectConnectOutbound') && (
        <Text>{t('crossTenant.directConnectNote')}</Text>
      )}
      {(part === 'b2bCollaborationInbound' || part === 'b2bCollaborationOutbound') && isReady && (
        <PastSignIns
          key={JSON.stringify(wanted)}
          part={part}
          tenantId={whose?.id}
          wanted={wanted as AccessSetting | null}
        />
      )}
    </FormPanel>
  );
}

const NOTHING: AccessSetting = {
  usersAndGroups: { accessType: 'blocked', targets: [{ target: 'AllUsers', targetType: 'user' }] },
  applications: { accessType: 'blocked', targets: [{ target: 'AllApplications', targetType: 'application' }] },
};
