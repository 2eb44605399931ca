import { Button, Field, Input, Switch, Text } from '@fluentui/react-components';
import { ArrowResetRegular, DeleteRegular } from '@fluentui/react-icons';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Section } from '../parts/page.tsx';
import { useAbilities, useOrganisationNamed } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { useSettingWords } from '../tenants/setting-words.ts';
import { Narrowed } from './access-narrowed.tsx';
import { AccessPanel, type Whose, writeEntry } from './access-panel.tsx';
import { Row, Rows } from './access-rows.tsx';
import { AccessValue } from './access-value.tsx';
import { type Defaults, type Effective, entryOf, GROUPS, isAccessPart, type Part, POLICY } from './access-wire.ts';
import { Capabilities } from './capabilities.tsx';
import { PARTNERS, type Partner } from './wire.ts';

/** How one organisation and ours work together: every value as for everybody, or its own. */
export function PartnerAccessPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const query = useThing<Effective>(entryOf(encodeURIComponent(id)), {
    params: { $select: 'effective' },
    isSubject: true,
  });
  const partners = useThing<{ value: Partner[] }>(PARTNERS);
  const partner = partners.data?.value.find((one) => one.id === id);
  const named = useOrganisationNamed(partners.data && !partner ? id : null);
  const name = partner?.displayName ?? named ?? id;
  const mayWrite = useAbilities().writes('partners');
  const [isRemoving, setIsRemoving] = useState(false);
  const remove = useAct((api) => api.delete(entryOf(encodeURIComponent(id))), {
    isTried: true,
    said: () => t('crossTenant.wasResetOf', { name }),
    done: () => setIsRemoving(false),
  });
  const word = partner ? 'reset' : 'remove';
  return (
    <>
      <DetailPage
        area="partners"
        list={{ path: '/cross-tenant-access', title: t('nav.crossTenant') }}
        query={query}
        head={({ hasEntry }) => ({
          title: t('crossTenant.with', { name }),
          sentence: t('crossTenant.withSentence', { name }),
          badge: partner && <OrganisationBadge name={partner.domains[0] ?? name} />,
          commands: ((mayWrite && hasEntry) || partner) && (
            <>
              {mayWrite && hasEntry && (
                <Button icon={partner ? <ArrowResetRegular /> : <DeleteRegular />} onClick={() => setIsRemoving(true)}>
                  {t(`crossTenant.${word}`)}
                </Button>
              )}
              {partner && <InnerLink path={`/partners?open=${id}`}>{t('crossTenant.partner', { name })}</InnerLink>}
            </>
          ),
        })}
      >
        {(effective) => (
          <Whole
            effective={effective}
            whose={{ id: effective.tenantId, name, hasEntry: effective.hasEntry }}
            mayWrite={mayWrite}
          />
        )}
      </DetailPage>
      {isRemoving && (
        <ConfirmDialog
          title={t(`crossTenant.${word}TitleOf`, { name })}
          confirm={t(`crossTenant.${word}`)}
          act={remove}
          onClose={() => setIsRemoving(false)}
        >
          {t('crossTenant.removeSentence', { name })}
        </ConfirmDialog>
      )}
    </>
  );
}

const ALONE = ['identitySynchronization', 'isServiceProvider'] as const;
type Alone = (typeof ALONE)[number];

function Whole(props: { effective: Effective; whose: Whose; mayWrite: boolean }) {
  const { t } = useTranslation();
  const words = useSettingWords();
  const { effective, whose, mayWrite } = props;
  const defaults = useThing<Defaults>(`${POLICY}/default`);
  const [changing, setChanging] = useState<Part>();
  const [switching, setSwitching] = useState<Alone>();
  const called = effective.identitySynchronization?.displayName;
  const wordsOf = (name: string) => words.setting('partners.partner-access', { name, sentence: '' });
  const isOn = (name: Alone) =>
    name === 'isServiceProvider'
      ? effective.isServiceProvider
      : (effective.identitySynchronization?.userSyncInbound.isSyncAllowed ?? false);
  return (
    <>
      {GROUPS.map(({ key, parts }) => (
        <Section key={key} title={t(`crossTenant.one.${key}`, { name: whose.name })}>
          <Rows>
            {parts.map((part: Part) => (
              <Row
                key={part}
                {...wordsOf(part)}
                isOwn={effective.effective[part].origin === 'partner'}
                value={<AccessValue part={part} value={effective.effective[part].value} />}
                onChange={mayWrite ? () => setChanging(part) : undefined}
                below={isAccessPart(part) && <Narrowed part={part} id={whose.id} about={wordsOf(part).name} />}
              />
            ))}
          </Rows>
        </Section>
      ))}
      <Section title={t('crossTenant.one.alone', { name: whose.name })}>
        <Rows>
          {ALONE.map((name) => (
            <Row
              key={name}
              {...wordsOf(name)}
              value={
                <Text>
                  {t(isOn(name) ? 'crossTenant.yes' : 'crossTenant.no')}
                  {name === 'identitySynchronization' && called && ` (${called})`}
                </Text>
              }
              onChange={mayWrite ? () => setSwitching(name) : undefined}
            />
          ))}
        </Rows>
      </Section>
      <Capabilities whose={whose} />
      {changing && (
        <AccessPanel
          part={changing}
          value={effective.effective[changing].value}
          whose={whose}
          standard={defaults.data?.[changing]}
          isOwn={effective.effective[changing].origin === 'partner'}
          onClose={() => setChanging(undefined)}
        />
      )}
      {switching && (
        <SwitchPanel
          name={switching}
          isOn={isOn(switching)}
          called={effective.identitySynchronization?.displayName ?? ''}
          whose={whose}
          onClose={() => setSwitching(undefined)}
        />
      )}
    </>
  );
}

/** What is yes or no, and of one organisation alone. */
function SwitchPanel(props: {
  name: Alone;
  isOn: boolean;
  /** What the synchronisation is called here; empty: nothing. */
  called: string;
  whose: Whose;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { name, whose } = props;
  const words = useSettingWords().setting('partners.partner-access', { name, sentence: '' });
  const [isOn, setIsOn] = useState(props.isOn);
  const [called, setCalled] = useState(props.called);
  const act = useAct(
    async (api) => {
      if (name === 'isServiceProvider') return writeEntry(api, whose, { isServiceProvider: isOn });
      if (!whose.hasEntry) await writeEntry(api, whose, {});
      await api.put(`${entryOf(whose.id)}/identitySynchronization`, {
        displayName: called.trim() || null,
        userSyncInbound: { isSyncAllowed: isOn },
      });
    },
    { isTried: true, said: () => t('crossTenant.saved', { name: words.name }), done: props.onClose },
  );
  return (
    <FormPanel
      title={words.name}
      sentence={words.sentence}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => act.run()}
      isBusy={act.isBusy}
      fault={act.fault}
    >
      <Switch
        label={t(`crossTenant.alone.${name}`, { name: whose.name })}
        checked={isOn}
        onChange={(_, { checked }) => setIsOn(checked)}
      />
      {name === 'identitySynchronization' && (
        <Field label={t('crossTenant.syncName')} hint={t('crossTenant.syncNameHint')}>
          <Input value={called} maxLength={256} onChange={(_, { value }) => setCalled(value)} />
        </Field>
      )}
    </FormPanel>
  );
}
