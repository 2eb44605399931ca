import { Button, Field, Input, Link, Text } from '@fluentui/react-components';
import { BuildingMultipleRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import type { Column } from '../parts/data-list.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useList } from '../parts/list.ts';
import { ListPage } from '../parts/list-page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { textBox } from '../parts/text-box.ts';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { licenceName } from '../tenants/wire.ts';
import { sayBytes } from './bytes.ts';
import type { OperatedTenant } from './wire.ts';

type State = 'all' | 'active' | 'suspended' | 'deleted';

const TONES = { active: 'good', suspended: 'warning', deleted: 'stopped' } as const;

/** The organisations of this server: create, suspend, delete, restore. What is in them stays theirs. */
export function TenantsPage() {
  const { t } = useTranslation();
  const mayOperate = useAbilities().sees('operator');
  const [search, setSearch] = useState('');
  const [state, setState] = useState<State>('all');
  const [isCreating, setIsCreating] = useState(false);
  const [shown, setShown] = useState<string>();
  const list = useList<OperatedTenant>('/operator/tenants', {
    limit: 50,
    ...(search === '' ? {} : { search }),
    ...(state === 'all' ? {} : { state }),
  });
  const tenant = list.rows.find(({ id }) => id === shown);
  const columns: Column<OperatedTenant>[] = [
    {
      key: 'name',
      title: t('people.name'),
      isName: true,
      sort: (one) => one.displayName,
      render: (one) => (
        <Link as="button" onClick={() => setShown(one.id)}>
          {one.displayName}
        </Link>
      ),
    },
    {
      key: 'domain',
      title: t('redeem.domain'),
      sort: (one) => one.initialDomain,
      render: (one) => one.initialDomain,
    },
    {
      key: 'state',
      title: t('people.state'),
      sort: (one) => one.state,
      render: (one) => <StateText tone={TONES[one.state]}>{t(`state.${one.state}`)}</StateText>,
    },
    {
      key: 'people',
      title: t('nav.people'),
      sort: (one) => one.usage.accounts,
      render: (one) => one.usage.accounts,
    },
    { key: 'guests', title: t('nav.guests'), sort: (one) => one.usage.guests, render: (one) => one.usage.guests },
    {
      key: 'created',
      title: t('people.since'),
      sort: (one) => one.createdAt,
      render: (one) => <WhenText at={one.createdAt} />,
    },
  ];
  return (
    <ListPage
      title={t('nav.tenants')}
      sentence={t('operator.tenantsSentence')}
      list={list}
      columns={columns}
      {...(mayOperate ? { create: { text: t('operator.create'), open: () => setIsCreating(true) } } : {})}
      search={{ value: search, change: setSearch }}
      filter={{
        label: t('people.state'),
        value: state,
        change: setState,
        options: [
          ['all', t('people.allStates')],
          ['active', t('state.active')],
          ['suspended', t('state.suspended')],
          ['deleted', t('state.deleted')],
        ],
      }}
      empty={{ picture: <BuildingMultipleRegular />, title: t('list.nothingFound') }}
    >
      {isCreating && <CreateTenant onClose={() => setIsCreating(false)} />}
      {tenant && <TenantPanel tenant={tenant} onClose={() => setShown(undefined)} />}
    </ListPage>
  );
}

function TenantPanel(props: { tenant: OperatedTenant; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const { tenant } = props;
  const path = `/operator/tenants/${tenant.id}`;
  const [asked, setAsked] = useState<'suspend' | 'delete' | 'erase'>();
  const setState = useAct<'active' | 'suspended'>((api, state) => api.patch(path, { state }), {
    said: (state) => t(state === 'active' ? 'operator.resumed' : 'operator.suspended', { name: tenant.displayName }),
    undo: (api, state) => api.patch(path, { state: state === 'active' ? 'suspended' : 'active' }),
    done: () => setAsked(undefined),
  });
  const remove = useAct<boolean>((api, isFinal) => api.delete(path, { params: { final: isFinal } }), {
    said: () => t('people.deleted', { name: tenant.displayName }),
    done: () => setAsked(undefined),
  });
  const restore = useAct((api) => api.post(`${path}/restore`), {
    said: () => t('operator.restored', { name: tenant.displayName }),
  });
  const fault = setState.fault ?? restore.fault;
  return (
    <FormPanel title={tenant.displayName} sentence={tenant.initialDomain} submit="" onClose={props.onClose}>
      {fault && !asked && <RefusalBar fault={fault} />}
      <Facts
        facts={[
          [
            t('people.state'),
            <StateText key="s" tone={TONES[tenant.state]}>
              {t(`state.${tenant.state}`)}
            </StateText>,
          ],
          [t('people.since'), <WhenText key="c" at={tenant.createdAt} isExact />],
          [t('nav.people'), String(tenant.usage.accounts)],
          [t('nav.guests'), String(tenant.usage.guests)],
          ...tenant.usage.storage.map(
            (pool) =>
              [
                t(`operator.pools.${pool.name}`, { defaultValue: pool.name }),
                pool.limitBytes === null
                  ? t('licences.unlimited', { used: sayBytes(pool.usedBytes, i18n.language) })
                  : t('licences.ofAll', {
                      used: sayBytes(pool.usedBytes, i18n.language),
                      all: sayBytes(pool.limitBytes, i18n.language),
                    }),
              ] as const,
          ),
          ...tenant.usage.licences.map(
            (one) =>
              [
                licenceName(one.sku),
                one.units === null
                  ? t('licences.unlimited', { used: one.consumed })
                  : t('licences.ofAll', { used: one.consumed, all: one.units }),
              ] as const,
          ),
        ]}
      />
      <div style={{ display: 'flex', gap: '8px', flexWrap: 'wrap' }}>
        {tenant.state === 'active' && <Button onClick={() => setAsked('suspend')}>{t('operator.suspend')}</Button>}
        {tenant.state === 'suspended' && (
          <Button appearance="primary" disabled={setState.isBusy} onClick={() => setState.run('active')}>
            {t('operator.resume')}
          </Button>
        )}
        {tenant.state === 'deleted' ? (
          <>
            <Button appearance="primary" disabled={restore.isBusy} onClick={() => restore.run()}>
              {t('guests.restore')}
            </Button>
            <Button onClick={() => setAsked('erase')}>{t('guests.erase')}</Button>
          </>
        ) : (
          <Button onClick={() => setAsked('delete')}>{t('action.delete')}</Button>
        )}
      </div>
      {asked === 'suspend' && (
        <ConfirmDialog
          title={t('operator.suspendTitle', { name: tenant.displayName })}
          confirm={t('operator.suspend')}
          act={setState}
          input={'suspended'}
          onClose={() => setAsked(undefined)}
        >
          {t('operator.suspendSentence')}
        </ConfirmDialog>
      )}
      {(asked === 'delete' || asked === 'erase') && (
        <ConfirmDialog
          title={t('groups.deleteTitle', { name: tenant.displayName })}
          confirm={asked === 'erase' ? t('guests.erase') : t('action.delete')}
          typed={tenant.displayName}
          act={remove}
          input={asked === 'erase'}
          onClose={() => setAsked(undefined)}
        >
          {asked === 'erase' ? t('operator.eraseSentence') : t('operator.deleteSentence')}
        </ConfirmDialog>
      )}
    </FormPanel>
  );
}

interface NewTenant {
  displayName: string;
  domain: string;
  name: string;
  localPart: string;
}

function CreateTenant(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm<NewTenant>({ defaultValues: { displayName: '', domain: '', name: '', localPart: 'admin' } });
  const create = useAct<
    NewTenant,
    { tenant: { id: string }; administrator?: { userPrincipalName: string; password?: string } }
  >(
    (api, values) =>
      api.post('/operator/tenants', {
        displayName: values.displayName.trim(),
        initialDomain: values.domain.trim().toLowerCase(),
        administrator: {
          displayName: values.name.trim(),
          userPrincipalName: `${values.localPart.trim()}@${values.domain.trim().toLowerCase()}`,
        },
      }),
    { said: (values) => t('people.created', { name: values.displayName }) },
  );
  const { errors } = form.formState;
  const required = t('form.required');
  if (create.output) {
    const { administrator } = create.output;
    return (
      <FormPanel title={t('operator.created')} submit="" onClose={props.onClose}>
        <Text>{t('people.handOver')}</Text>
        {administrator && <CopyField label={t('signin.userName')} value={administrator.userPrincipalName} />}
        {administrator?.password && (
          <CopyField
            label={t('people.firstPassword')}
            value={administrator.password}
            hint={t('people.firstPasswordHint')}
          />
        )}
      </FormPanel>
    );
  }
  return (
    <FormPanel
      title={t('operator.create')}
      submit={t('operator.create')}
      onClose={props.onClose}
      onSubmit={form.handleSubmit((values) => create.run(values))}
      isBusy={create.isBusy}
      fault={create.fault}
    >
      <Field label={t('setup.organisationName')} required validationMessage={errors.displayName?.message}>
        <Input {...textBox(form, 'displayName', { required })} autoFocus />
      </Field>
      <Field label={t('setup.domain')} required validationMessage={errors.domain?.message}>
        <Input
          {...textBox(form, 'domain', {
            required,
            pattern: { value: /^\s*[^\s@/.]+(\.[^\s@/.]+)+\s*$/, message: t('form.domain') },
          })}
          autoCapitalize="none"
        />
      </Field>
      <Field label={t('operator.administratorName')} required validationMessage={errors.name?.message}>
        <Input {...textBox(form, 'name', { required })} />
      </Field>
      <Field label={t('operator.administratorUserName')} required validationMessage={errors.localPart?.message}>
        <Input
          {...textBox(form, 'localPart', { required, pattern: { value: /^[^\s@#]+$/, message: t('form.userName') } })}
          autoCapitalize="none"
        />
      </Field>
    </FormPanel>
  );
}
