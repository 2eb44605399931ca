import { Spinner } from '@fluentui/react-components';
import { useParams } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { forgetTenant, isSignedIn, startSignIn } from '../signin/session.ts';
import { Frame } from './frame.tsx';
import { Plain } from './plain.tsx';
import { TenantContext, useTenantApi } from './tenant.ts';

/** Everything under `/t/{tenant}`: signs the person in there if need be, and comes back to the same address. */
export function TenantPage() {
  const { tenant = '' } = useParams({ strict: false }) as { tenant?: string };
  const { t } = useTranslation();
  const api = useTenantApi(tenant);
  const context = useMemo(() => ({ tenant, api }), [tenant, api]);
  const [isUnknown, setIsUnknown] = useState(false);
  const isIn = isSignedIn(tenant);

  useEffect(() => {
    if (isIn) return;
    setIsUnknown(false);
    startSignIn(tenant, location.pathname + location.search).catch(() => {
      forgetTenant();
      setIsUnknown(true);
    });
  }, [tenant, isIn]);

  if (!isIn) {
    return isUnknown ? (
      <Plain title={t('signin.noSuchTenant')} sentence={t('signin.noSuchTenantSentence', { tenant })} link="/" />
    ) : (
      <Plain title={t('signin.goingTo', { tenant })}>
        <Spinner label={t('list.loading')} />
      </Plain>
    );
  }
  return (
    <TenantContext value={context}>
      <Frame />
    </TenantContext>
  );
}
