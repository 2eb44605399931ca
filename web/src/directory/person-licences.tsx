import { Button, Switch, Text } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page as Rows } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { OnlyReading } from '../parts/why-not.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { licenceName, type Sku } from '../tenants/wire.ts';
import type { Person } from './wire.ts';

/** What a person may use, by licence, and the panel that changes it. */
export function Licences(props: { person: Person }) {
  const { t } = useTranslation();
  const abilities = useAbilities();
  const [isChanging, setIsChanging] = useState(false);
  const held = useThing<Rows<Sku>>(`/v1.0/users/${props.person.id}/licenseDetails`);
  return (
    <Section
      title={t('nav.licences')}
      commands={
        abilities.writes('licences') &&
        held.data && <Button onClick={() => setIsChanging(true)}>{t('licences.assign')}</Button>
      }
    >
      <OnlyReading area="licences" />
      {held.error ? (
        <RefusalBar fault={held.error} onRetry={() => void held.refetch()} />
      ) : !held.data ? (
        <LoadingRows count={2} />
      ) : (
        <Text>
          {held.data.value.map(({ skuPartNumber }) => licenceName(skuPartNumber)).join(', ') || t('licences.none')}
        </Text>
      )}
      {isChanging && held.data && (
        <AssignLicences person={props.person} held={held.data.value} onClose={() => setIsChanging(false)} />
      )}
    </Section>
  );
}

function AssignLicences(props: { person: Person; held: readonly Sku[]; onClose: () => void }) {
  const { t } = useTranslation();
  const skus = useThing<Rows<Sku>>('/v1.0/subscribedSkus');
  const before = new Set(props.held.map(({ skuId }) => skuId));
  const [wanted, setWanted] = useState<ReadonlySet<string>>(before);
  const save = useAct(
    (api) =>
      api.post(`/v1.0/users/${props.person.id}/assignLicense`, {
        addLicenses: [...wanted].filter((id) => !before.has(id)).map((skuId) => ({ skuId, disabledPlans: [] })),
        removeLicenses: [...before].filter((id) => !wanted.has(id)),
      }),
    { isTried: true, said: () => t('licences.assigned'), done: props.onClose },
  );
  return (
    <FormPanel
      title={t('licences.assignTo', { name: props.person.displayName })}
      submit={t('action.save')}
      onClose={props.onClose}
      onSubmit={() => save.run()}
      isBusy={save.isBusy}
      fault={save.fault ?? skus.error}
    >
      {skus.isPending && <LoadingRows count={2} />}
      {skus.data?.value.map((sku) => (
        <Switch
          key={sku.skuId}
          label={licenceName(sku.skuPartNumber)}
          checked={wanted.has(sku.skuId)}
          onChange={(_, { checked }) =>
            setWanted(new Set(checked ? [...wanted, sku.skuId] : [...wanted].filter((id) => id !== sku.skuId)))
          }
        />
      ))}
    </FormPanel>
  );
}
