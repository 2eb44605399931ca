import { Badge, Button, Field, Input, Link, Text } from '@fluentui/react-components';
import { GlobeRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { Page as Rows } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { type Column, DataList } from '../parts/data-list.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useList, wholeList } from '../parts/list.ts';
import { ListPage } from '../parts/list-page.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { textBox } from '../parts/text-box.ts';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import type { DnsRecord, Domain } from './wire.ts';

/** The organisation's names: claim, prove by a TXT record, choose the default, give up. */
export function DomainsPage() {
  const { t } = useTranslation();
  const abilities = useAbilities();
  const list = useList<Domain>('/v1.0/domains');
  const [isAdding, setIsAdding] = useState(false);
  const [shown, setShown] = useState<string>();
  const mayWrite = abilities.writes('domains');
  const domain = list.rows.find(({ id }) => id === shown);
  const columns: Column<Domain>[] = [
    {
      key: 'name',
      title: t('domains.name'),
      isName: true,
      sort: ({ id }) => id,
      render: (one) => (
        <span style={{ display: 'inline-flex', gap: '8px', alignItems: 'center', flexWrap: 'wrap' }}>
          <Link as="button" onClick={() => setShown(one.id)}>
            {one.id}
          </Link>
          {one.isDefault && (
            <Badge appearance="tint" color="brand">
              {t('settings.default')}
            </Badge>
          )}
          {one.isInitial && (
            <Badge appearance="outline" color="informative">
              {t('domains.initial')}
            </Badge>
          )}
        </span>
      ),
    },
    {
      key: 'state',
      title: t('people.state'),
      sort: (one) => String(one.isVerified),
      render: (one) =>
        one.isVerified ? (
          <StateText tone="good">{t('domains.verified')}</StateText>
        ) : (
          <StateText tone="waiting">{t('domains.unverified')}</StateText>
        ),
    },
    {
      key: 'services',
      title: t('domains.usedFor'),
      render: (one) =>
        one.supportedServices?.map((name) => t(`domains.services.${name}`, { defaultValue: name })).join(', ') ?? '',
    },
  ];
  return (
    <ListPage
      area="domains"
      title={t('nav.domains')}
      sentence={t('domains.sentence')}
      list={list}
      columns={columns}
      create={mayWrite ? { text: t('domains.add'), open: () => setIsAdding(true) } : undefined}
      empty={{ picture: <GlobeRegular />, title: t('domains.empty') }}
    >
      {isAdding && (
        <AddDomain
          onClose={() => setIsAdding(false)}
          onAdded={(id) => {
            setIsAdding(false);
            setShown(id);
          }}
        />
      )}
      {domain && <DomainPanel domain={domain} mayWrite={mayWrite} onClose={() => setShown(undefined)} />}
    </ListPage>
  );
}

function AddDomain(props: { onClose: () => void; onAdded: (id: string) => void }) {
  const { t } = useTranslation();
  const form = useForm({ defaultValues: { id: '' } });
  const add = useAct<{ id: string }, Domain>((api, { id }) => api.post('/v1.0/domains', { id: id.trim() }), {
    said: ({ id }) => t('domains.added', { name: id.trim() }),
    done: ({ id }) => props.onAdded(id),
  });
  return (
    <FormPanel
      size="small"
      title={t('domains.add')}
      sentence={t('domains.addSentence')}
      submit={t('domains.add')}
      onClose={props.onClose}
      onSubmit={form.handleSubmit((values) => add.run(values))}
      isBusy={add.isBusy}
      fault={add.fault}
    >
      <Field label={t('domains.name')} required validationMessage={form.formState.errors.id?.message}>
        <Input
          {...textBox(form, 'id', {
            required: t('form.required'),
            pattern: { value: /^\s*[^\s@/]+(\.[^\s@/]+)+\s*$/, message: t('form.domain') },
          })}
          autoCapitalize="none"
          autoFocus
        />
      </Field>
    </FormPanel>
  );
}

function DomainPanel(props: { domain: Domain; mayWrite: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { domain, mayWrite } = props;
  const path = `/v1.0/domains/${encodeURIComponent(domain.id)}`;
  const proof = useThing<Rows<DnsRecord>>(`${path}/verificationDnsRecords`, { enabled: !domain.isVerified });
  const services = useThing<Rows<DnsRecord>>(`${path}/serviceConfigurationRecords`, { enabled: domain.isVerified });
  const uses = useThing<Rows<{ id: string; displayName: string; '@odata.type'?: string }>>(
    `${path}/domainNameReferences`,
  );
  const [isRemoving, setIsRemoving] = useState(false);
  const verify = useAct((api) => api.post(`${path}/verify`), {
    said: () => t('domains.isVerified', { name: domain.id }),
  });
  const makeDefault = useAct((api) => api.patch(path, { isDefault: true }), {
    said: () => t('domains.isDefault', { name: domain.id }),
  });
  const remove = useAct((api) => api.delete(path), {
    said: () => t('people.deleted', { name: domain.id }),
    done: props.onClose,
  });
  return (
    <FormPanel title={domain.id} submit="" onClose={props.onClose}>
      {verify.fault && <RefusalBar fault={verify.fault} />}
      {makeDefault.fault && <RefusalBar fault={makeDefault.fault} />}
      {!domain.isVerified && (
        <>
          <Text>{t('domains.proofSentence')}</Text>
          {proof.isPending && <LoadingRows count={2} />}
          {proof.error && <RefusalBar fault={proof.error} />}
          {proof.data?.value.map((record) => (
            <div key={record.label} style={{ display: 'grid', gap: '8px' }}>
              <CopyField
                label={t('domains.recordName', { type: record.recordType.toUpperCase() })}
                value={record.label}
              />
              <CopyField label={t('domains.recordText')} value={record.text ?? ''} />
            </div>
          ))}
          {mayWrite && (
            <div>
              <Button appearance="primary" disabled={verify.isBusy} onClick={() => verify.run()}>
                {t('domains.verify')}
              </Button>
            </div>
          )}
        </>
      )}
      {domain.isVerified && services.data && services.data.value.length > 0 && (
        <Section title={t('domains.records')} sentence={t('domains.recordsSentence')}>
          {services.data.value.map((record) => (
            <CopyField
              key={`${record.recordType}:${record.label}`}
              label={t('domains.recordName', { type: record.recordType.toUpperCase() })}
              value={sayRecord(record)}
            />
          ))}
        </Section>
      )}
      <Section title={t('domains.references')} sentence={t('domains.referencesSentence')}>
        <DataList
          label={t('domains.references')}
          list={wholeList({ ...uses, data: uses.data?.value })}
          rowKey={({ id }) => id}
          columns={[
            {
              key: 'name',
              title: t('people.name'),
              isName: true,
              sort: (one) => one.displayName,
              render: (one) => one.displayName,
            },
            {
              key: 'kind',
              title: t('groups.kind'),
              render: (one) => {
                const kind = one['@odata.type']?.split('.').at(-1) ?? '';
                return t(`domains.kinds.${kind}`, { defaultValue: kind });
              },
            },
          ]}
          empty={<Text>{t('domains.noReferences')}</Text>}
        />
      </Section>
      {mayWrite && (
        <div style={{ display: 'flex', gap: '8px', flexWrap: 'wrap' }}>
          {domain.isVerified && !domain.isDefault && (
            <Button disabled={makeDefault.isBusy} onClick={() => makeDefault.run()}>
              {t('domains.makeDefault')}
            </Button>
          )}
          {!domain.isInitial && !domain.isDefault && (
            <Button onClick={() => setIsRemoving(true)}>{t('domains.giveUp')}</Button>
          )}
        </div>
      )}
      {isRemoving && (
        <ConfirmDialog
          title={t('domains.giveUpTitle', { name: domain.id })}
          confirm={t('domains.giveUp')}
          typed={domain.id}
          act={remove}
          onClose={() => setIsRemoving(false)}
        >
          {t('domains.giveUpSentence')}
        </ConfirmDialog>
      )}
    </FormPanel>
  );
}

/** One line of a zone file, as far as the record goes. */
function sayRecord(record: DnsRecord): string {
  const target =
    record.text ??
    (record.mailExchange ? `${record.preference ?? 0} ${record.mailExchange}` : undefined) ??
    record.canonicalName ??
    (record.nameTarget ? `${record.priority ?? 0} ${record.weight ?? 0} ${record.port ?? 0} ${record.nameTarget}` : '');
  return `${record.label} ${record.recordType.toUpperCase()} ${target}`;
}
