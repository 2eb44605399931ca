import { Text } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Page } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useMe } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { AllowedApplications } from './security/allowed-applications.tsx';
import { AppPasswords } from './security/app-passwords.tsx';
import { Authenticator } from './security/authenticator.tsx';
import { Passkeys } from './security/passkeys.tsx';
import { Password } from './security/password.tsx';
import { Sessions } from './security/sessions.tsx';
import type { SecurityMethods } from './security/wire.ts';

/** What a person signs in with, and where they are signed in now. */
export function SecurityPage() {
  const { t } = useTranslation();
  const me = useMe().data;
  const methods = useThing<SecurityMethods>('/me/security');
  const isGuest = me?.userType === 'Guest';
  return (
    <Page title={t('nav.security')} sentence={t('security.sentence')}>
      {isGuest ? (
        <Text>{t('security.atHome')}</Text>
      ) : methods.error ? (
        <RefusalBar fault={methods.error} onRetry={() => void methods.refetch()} />
      ) : !methods.data ? (
        <LoadingRows label={t('nav.security')} />
      ) : (
        <>
          <Password methods={methods.data} />
          <Passkeys methods={methods.data} />
          <Authenticator methods={methods.data} />
        </>
      )}
      {me && !isGuest && <AppPasswords />}
      <AllowedApplications />
      <Sessions />
    </Page>
  );
}
