import { Spinner } from '@fluentui/react-components';
import { useParams } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTrying } from '../access/trying.tsx';
import { ApiFault } from '../api.ts';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useProveAgain } from '../signin/prove-again.tsx';
import { forgetTenant, isSignedIn, lastPerson, startSignIn } from '../signin/session.ts';
import { Frame } from './frame.tsx';
import { Plain } from './plain.tsx';
import { TenantContext, useTenantApi } from './tenant.ts';
import { LiveProvider } from './use-live.tsx';

/** Everything under `/t/{tenant}`: signs the person in there if need be, and comes back to the same address. */
export function TenantPage() {
  const { tenant = '' } = useParams({ strict: false }) as { tenant?: string };
  const { t } = useTranslation();
  const proving = useProveAgain(tenant);
  const api = useTenantApi(tenant, proving.ask);
  const trying = useTrying();
  const context = useMemo(() => ({ tenant, api, tryOut: trying.ask }), [tenant, api, trying.ask]);
  const [fault, setFault] = useState<ApiFault>();
  const isIn = isSignedIn(tenant);

  useEffect(() => {
    if (isIn) return;
    setFault(undefined);
    const person = lastPerson();
    startSignIn(tenant, location.pathname + location.search, person ? { loginHint: person } : {}).catch(
      (error: unknown) => {
        const isUnknown = error instanceof ApiFault && error.status === 404;
        if (isUnknown) forgetTenant();
        setFault(isUnknown ? (error as ApiFault) : new ApiFault(0, 'network', t('fault.network')));
      },
    );
  }, [tenant, isIn, t]);

  if (!isIn) {
    if (fault?.status === 404) {
      return (
        <Plain title={t('signin.noSuchTenant')} sentence={t('signin.noSuchTenantSentence', { tenant })} link="/" />
      );
    }
    return fault ? (
      <Plain title={t('signin.failed')}>
        <RefusalBar fault={fault} onRetry={() => location.reload()} />
      </Plain>
    ) : (
      <Plain title={t('signin.goingTo', { tenant })}>
        <Spinner label={t('list.loading')} />
      </Plain>
    );
  }
  return (
    <TenantContext value={context}>
      <LiveProvider tenant={tenant}>
        <Frame />
      </LiveProvider>
      {trying.prompt}
      {proving.prompt}
    </TenantContext>
  );
}
