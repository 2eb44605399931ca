import { Button } from '@fluentui/react-components';
import { CompassNorthwestRegular, PlugDisconnectedRegular } from '@fluentui/react-icons';
import { useParams, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../parts/empty-state.tsx';
import { Page } from '../parts/page.tsx';

/** An address that is no page. */
export function MissingPage() {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <main>
      <EmptyState picture={<CompassNorthwestRegular />} title={t('fault.noPage')} sentence={t('fault.noPageSentence')}>
        <Button appearance="primary" onClick={() => router.history.push('/')}>
          {t('fault.home')}
        </Button>
      </EmptyState>
    </main>
  );
}

/** The same inside an organisation: whoever is lost keeps the navigation, and the way they came. */
export function MissingInside() {
  const { t } = useTranslation();
  const { history } = useRouter();
  const { tenant = '' } = useParams({ strict: false }) as { tenant?: string };
  return (
    <Page title={t('fault.noPage')}>
      <EmptyState
        picture={<CompassNorthwestRegular />}
        title={t('fault.noPageHere')}
        sentence={t('fault.noPageSentence')}
      >
        {history.canGoBack() && <Button onClick={() => history.back()}>{t('fault.back')}</Button>}
        <Button appearance="primary" onClick={() => history.push(`/t/${encodeURIComponent(tenant)}`)}>
          {t('fault.home')}
        </Button>
      </EmptyState>
    </Page>
  );
}

/** A page that broke, or that could not be fetched because the server was updated meanwhile. */
export function FaultPage() {
  const { t } = useTranslation();
  return (
    <main>
      <EmptyState picture={<PlugDisconnectedRegular />} title={t('fault.broken')} sentence={t('fault.brokenSentence')}>
        <Button appearance="primary" onClick={() => location.reload()}>
          {t('fault.reload')}
        </Button>
      </EmptyState>
    </main>
  );
}
