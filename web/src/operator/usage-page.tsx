import { Badge, Text } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { DataList } from '../parts/data-list.tsx';
import { Facts } from '../parts/facts.tsx';
import { useList, wholeList } from '../parts/list.ts';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useThing } from '../shell/tenant.ts';
import { licenceName } from '../tenants/wire.ts';
import { sayBytes } from './bytes.ts';
import type { OperatedTenant, ServerUsage } from './wire.ts';

/** What the whole server holds, what each organisation uses, and which plans there are. */
export function UsagePage() {
  const { t, i18n } = useTranslation();
  const usage = useThing<ServerUsage>('/operator/usage');
  const tenants = useList<OperatedTenant>('/operator/tenants', { limit: 100 });
  const figures = usage.data && [
    ...Object.entries(usage.data.tenants).map(
      ([state, count]) => [`${t('nav.tenants')}: ${t(`state.${state}`)}`, count.toLocaleString(i18n.language)] as const,
    ),
    ...usage.data.storage.map(
      ({ name, usedBytes }) =>
        [t(`operator.pools.${name}`, { defaultValue: name }), sayBytes(usedBytes, i18n.language)] as const,
    ),
    ...usage.data.licences.map(
      ({ sku, units }) =>
        [licenceName(sku), units === null ? t('operator.unlimited') : units.toLocaleString(i18n.language)] as const,
    ),
  ];
  const poolOf = (tenant: OperatedTenant, name: string) => tenant.usage.storage.find((pool) => pool.name === name);
  const pools = [...new Set(tenants.rows.flatMap((one) => one.usage.storage.map(({ name }) => name)))];
  return (
    <Page title={t('nav.usage')} sentence={t('operator.usageSentence')}>
      {usage.error ? (
        <RefusalBar fault={usage.error} onRetry={() => void usage.refetch()} />
      ) : usage.isPending ? (
        <LoadingRows count={3} />
      ) : (
        <Facts facts={figures ?? []} />
      )}
      <Section title={t('operator.byTenant')}>
        <DataList
          label={t('operator.byTenant')}
          list={tenants}
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
              key: 'people',
              title: t('nav.people'),
              sort: (one) => one.usage.accounts,
              render: (one) => one.usage.accounts,
            },
            {
              key: 'guests',
              title: t('nav.guests'),
              sort: (one) => one.usage.guests,
              render: (one) => one.usage.guests,
            },
            ...pools.map((name) => ({
              key: name,
              title: t(`operator.pools.${name}`, { defaultValue: name }),
              sort: (one: OperatedTenant) => poolOf(one, name)?.usedBytes,
              render: (one: OperatedTenant) => sayBytes(poolOf(one, name)?.usedBytes ?? 0, i18n.language),
            })),
            {
              key: 'licences',
              title: t('nav.licences'),
              render: (one) =>
                one.usage.licences.map(({ sku, consumed }) => `${licenceName(sku)} (${consumed})`).join(', '),
            },
          ]}
          empty={<Text>{t('list.nothingFound')}</Text>}
        />
      </Section>
      <Section title={t('operator.plans')}>
        <DataList
          label={t('operator.plans')}
          list={wholeList({ ...usage, data: usage.data?.skus })}
          rowKey={({ sku }) => sku}
          columns={[
            {
              key: 'name',
              title: t('licences.licence'),
              isName: true,
              sort: (one) => one.sku,
              render: (one) => licenceName(one.sku),
            },
            {
              key: 'plans',
              title: t('licences.plans'),
              render: (one) => (
                <span style={{ display: 'inline-flex', gap: '4px', flexWrap: 'wrap' }}>
                  {one.plans.map((plan) => (
                    <Badge key={plan} appearance="outline" color="informative">
                      {t(`licences.planNames.${plan}`, { defaultValue: plan })}
                    </Badge>
                  ))}
                </span>
              ),
            },
          ]}
          empty={<Text>{t('licences.empty')}</Text>}
        />
      </Section>
    </Page>
  );
}
