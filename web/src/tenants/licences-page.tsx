import { Badge, ProgressBar, Text } from '@fluentui/react-components';
import { ApprovalsAppRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import { DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { Page } from '../parts/page.tsx';
import { StateText } from '../parts/state-text.tsx';
import { licenceName, type Sku } from './wire.ts';

/** What the organisation is licensed for, and how much of it is in use. */
export function LicencesPage() {
  const { t } = useTranslation();
  const list = useList<Sku>('/v1.0/subscribedSkus');
  return (
    <Page
      title={t('nav.licences')}
      sentence={t('licences.sentence')}
      commands={<InnerLink path="/people">{t('licences.assignAt')}</InnerLink>}
    >
      <DataList
        label={t('nav.licences')}
        list={list}
        rowKey={(sku) => sku.id}
        columns={[
          {
            key: 'name',
            title: t('licences.licence'),
            isName: true,
            sort: (sku) => sku.skuPartNumber,
            render: (sku) => <Text weight="semibold">{licenceName(sku.skuPartNumber)}</Text>,
          },
          {
            key: 'used',
            title: t('licences.used'),
            sort: (sku) => sku.consumedUnits,
            render: (sku) =>
              sku.isUnlimited ? (
                t('licences.unlimited', { used: sku.consumedUnits })
              ) : (
                <div style={{ display: 'grid', gap: '4px', minWidth: '140px' }}>
                  <Text>{t('licences.ofAll', { used: sku.consumedUnits, all: sku.prepaidUnits.enabled })}</Text>
                  <ProgressBar
                    aria-label={t('licences.used')}
                    value={
                      sku.prepaidUnits.enabled === 0 ? 1 : Math.min(1, sku.consumedUnits / sku.prepaidUnits.enabled)
                    }
                    color={sku.consumedUnits >= sku.prepaidUnits.enabled ? 'warning' : 'brand'}
                  />
                </div>
              ),
          },
          {
            key: 'plans',
            title: t('licences.plans'),
            render: (sku) => (
              <span style={{ display: 'inline-flex', gap: '4px', flexWrap: 'wrap' }}>
                {sku.servicePlans.map((plan) => (
                  <Badge key={plan.servicePlanId} appearance="outline" color="informative">
                    {t(`licences.planNames.${plan.servicePlanName}`, { defaultValue: plan.servicePlanName })}
                  </Badge>
                ))}
              </span>
            ),
          },
          {
            key: 'state',
            title: t('people.state'),
            render: (sku) =>
              (sku.capabilityStatus ?? 'Enabled') === 'Enabled' ? (
                <StateText tone="good">{t('state.active')}</StateText>
              ) : (
                <StateText tone="warning">
                  {t(`licences.states.${sku.capabilityStatus}`, { defaultValue: sku.capabilityStatus ?? '' })}
                </StateText>
              ),
          },
        ]}
        empty={
          <EmptyState
            picture={<ApprovalsAppRegular />}
            title={t('licences.empty')}
            sentence={t('licences.emptySentence')}
          />
        }
      />
    </Page>
  );
}
