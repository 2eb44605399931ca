import { Spinner } from '@fluentui/react-components';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Plain } from '../shell/plain.tsx';
import { finishSignIn, handBack } from './session.ts';

// React's strict mode runs effects twice; a code is good for one use.
let finishing: Promise<{ returnTo: string }> | undefined;

/** Where the provider sends the browser back to: takes the code and goes on to the page that was wanted. */
export function SignedInPage() {
  const { t } = useTranslation();
  const router = useRouter();
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    if (!finishing && handBack(new URL(location.href))) return;
    finishing ??= finishSignIn(new URL(location.href));
    finishing
      .then(
        ({ returnTo }) => router.history.replace(returnTo),
        () => setHasFailed(true),
      )
      .finally(() => {
        finishing = undefined;
      });
  }, [router]);
  return hasFailed ? (
    <Plain title={t('signin.failed')} sentence={t('signin.failedSentence')} link="/" />
  ) : (
    <Plain title={t('signin.finishing')}>
      <Spinner label={t('list.loading')} />
    </Plain>
  );
}
