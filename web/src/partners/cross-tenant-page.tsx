import { Badge, Button, Field, Input, makeStyles, Text } from '@fluentui/react-components';
import { AddRegular, ArrowResetRegular } from '@fluentui/react-icons';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DataList } from '../parts/data-list.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { wholeList } from '../parts/list.ts';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { OnlyReading } from '../parts/why-not.tsx';
import { useAbilities, useOrganisationNamed } from '../shell/me.ts';
import { useTenant, useThing } from '../shell/tenant.ts';
import { useSettingWords } from '../tenants/setting-words.ts';
import { isId } from './access-draft.ts';
import { AccessPanel } from './access-panel.tsx';
import { Row, Rows } from './access-rows.tsx';
import { AccessValue } from './access-value.tsx';
import { type Defaults, type Entry, GROUPS, type Part, POLICY } from './access-wire.ts';
import { Capabilities } from './capabilities.tsx';
import { NetworkHeader, PolicyRows } from './policy-rows.tsx';
import { PARTNERS, type Partner } from './wire.ts';

const useStyles = makeStyles({ parts: { display: 'flex', flexWrap: 'wrap', gap: '4px' } });
const PARTS: readonly Part[] = GROUPS.flatMap(({ parts }) => parts);

/** The cross-tenant access policy: what holds for everybody, and who has values of their own. */
export function CrossTenantPage() {
  const { t } = useTranslation();
  const query = useThing<Defaults>(`${POLICY}/default`, { isSubject: true });
  const mayWrite = useAbilities().writes('accessDefaults');
  const [isResetting, setIsResetting] = useState(false);
  const reset = useAct((api) => api.post(`${POLICY}/default/resetToSystemDefault`), {
    isTried: true,
    said: () => t('crossTenant.wasReset'),
    done: () => setIsResetting(false),
  });
  return (
    <Page
      title={t('nav.crossTenant')}
      sentence={t('crossTenant.sentence')}
      commands={
        mayWrite &&
        query.data?.isServiceDefault === false && (
          <Button icon={<ArrowResetRegular />} onClick={() => setIsResetting(true)}>
            {t('crossTenant.reset')}
          </Button>
        )
      }
    >
      <Organisations />
      <OnlyReading area="accessDefaults" />
      {query.error ? (
        <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />
      ) : query.data ? (
        <>
          <Everybody defaults={query.data} mayWrite={mayWrite} />
          <Capabilities whose={undefined} />
          <PolicyRows mayWrite={mayWrite} />
        </>
      ) : (
        <LoadingRows label={t('nav.crossTenant')} />
      )}
      {isResetting && (
        <ConfirmDialog
          title={t('crossTenant.resetTitle')}
          confirm={t('crossTenant.reset')}
          act={reset}
          onClose={() => setIsResetting(false)}
        >
          {t('crossTenant.resetSentence')}
        </ConfirmDialog>
      )}
    </Page>
  );
}

function Everybody(props: { defaults: Defaults; mayWrite: boolean }) {
  const { t } = useTranslation();
  const words = useSettingWords();
  const { defaults, mayWrite } = props;
  const [changing, setChanging] = useState<Part>();
  return (
    <>
      {GROUPS.map(({ key, parts }) => (
        <Section key={key} title={t(`crossTenant.everybody.${key}`)} sentence={t('crossTenant.everybodySentence')}>
          <Rows>
            {parts.map((part: Part) => (
              <Row
                key={part}
                {...words.setting('partners.access-defaults', { name: part, sentence: '' })}
                value={<AccessValue part={part} value={defaults[part]} />}
                onChange={mayWrite ? () => setChanging(part) : undefined}
                below={part === 'tenantRestrictions' && <NetworkHeader />}
              />
            ))}
          </Rows>
        </Section>
      ))}
      {changing && (
        <AccessPanel
          part={changing}
          value={defaults[changing]}
          whose={undefined}
          isOwn
          onClose={() => setChanging(undefined)}
        />
      )}
    </>
  );
}

interface Known {
  readonly id: string;
  readonly partner: Partner | undefined;
  readonly entry: Entry | undefined;
}

/** Partners, and whoever else has values of their own. */
function Organisations() {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useSettingWords();
  const mayWrite = useAbilities().writes('partners');
  const partners = useThing<{ value: Partner[] }>(PARTNERS);
  const entries = useThing<{ value: Entry[] }>(`${POLICY}/partners`, { isSubject: true });
  const [isAdding, setIsAdding] = useState(false);
  const ids = new Set([
    ...(partners.data?.value ?? []).map(({ id }) => id),
    ...(entries.data?.value ?? []).map(({ tenantId }) => tenantId),
  ]);
  const rows: readonly Known[] = [...ids].map((id) => ({
    id,
    partner: partners.data?.value.find((one) => one.id === id),
    entry: entries.data?.value.find(({ tenantId }) => tenantId === id),
  }));
  const isPending = partners.isPending || entries.isPending;
  return (
    <Section
      title={t('crossTenant.organisations')}
      sentence={t('crossTenant.organisationsSentence')}
      commands={
        mayWrite && (
          <Button icon={<AddRegular />} onClick={() => setIsAdding(true)}>
            {t('crossTenant.add')}
          </Button>
        )
      }
    >
      <DataList
        label={t('crossTenant.organisations')}
        list={wholeList({
          data: isPending || entries.error ? undefined : rows,
          isPending,
          error: entries.error,
          refetch: () => void entries.refetch(),
        })}
        rowKey={({ id }) => id}
        empty={<Text>{t('crossTenant.nobodyYet')}</Text>}
        columns={[
          { key: 'name', title: t('people.name'), isName: true, render: (one) => <Name known={one} /> },
          {
            key: 'own',
            title: t('crossTenant.ownValues'),
            render: ({ entry }) => {
              const own = entry ? PARTS.filter((part) => entry[part] !== null) : [];
              if (own.length === 0) return t('crossTenant.allDefault');
              return (
                <span className={styles.parts}>
                  {own.map((part) => (
                    <Badge key={part} appearance="outline" color="informative">
                      {words.setting('partners.access-defaults', { name: part, sentence: '' }).name}
                    </Badge>
                  ))}
                </span>
              );
            },
          },
        ]}
      />
      {isAdding && <AddOrganisation known={rows} onClose={() => setIsAdding(false)} />}
    </Section>
  );
}

function Name({ known }: { known: Known }) {
  const { id, partner } = known;
  const named = useOrganisationNamed(partner ? null : id);
  const name = partner?.displayName ?? named ?? id;
  return (
    <span style={{ display: 'inline-flex', gap: '8px', alignItems: 'center', flexWrap: 'wrap' }}>
      <InnerLink path={`/cross-tenant-access/${id}`}>{name}</InnerLink>
      {partner && <OrganisationBadge name={partner.domains[0] ?? name} />}
    </span>
  );
}

/** An organisation that is no partner yet, by the id that its administrator tells. */
function AddOrganisation(props: { known: readonly Known[]; onClose: () => void }) {
  const { t } = useTranslation();
  const tenant = useTenant();
  const router = useRouter();
  const own = useThing<{ value: { id: string }[] }>('/v1.0/organization');
  const [text, setText] = useState('');
  const [isAsked, setIsAsked] = useState(false);
  const id = text.trim().toLowerCase();
  const problem = !isId(id)
    ? t('crossTenant.notAnId')
    : own.data?.value[0]?.id === id
      ? t('crossTenant.ourselves')
      : undefined;
  const act = useAct((api) => api.post(`${POLICY}/partners`, { tenantId: id }), {
    isTried: true,
    said: () => t('crossTenant.added'),
    done: () => router.history.push(`/t/${encodeURIComponent(tenant)}/cross-tenant-access/${id}`),
  });
  return (
    <FormPanel
      title={t('crossTenant.add')}
      sentence={t('crossTenant.addSentence')}
      submit={t('action.next')}
      onClose={props.onClose}
      isBusy={act.isBusy}
      fault={act.fault}
      onSubmit={() => {
        setIsAsked(true);
        if (problem !== undefined) return;
        if (props.known.some((one) => one.id === id))
          router.history.push(`/t/${encodeURIComponent(tenant)}/cross-tenant-access/${id}`);
        else act.run();
      }}
    >
      <Field
        label={t('crossTenant.id')}
        hint={t('crossTenant.idHint')}
        required
        validationMessage={isAsked ? problem : undefined}
      >
        <Input
          value={text}
          autoFocus
          autoCapitalize="none"
          spellCheck={false}
          onChange={(_, data) => setText(data.value)}
        />
      </Field>
    </FormPanel>
  );
}
