import { Button } from '@fluentui/react-components';
import { CompassNorthwestRegular, PlugDisconnectedRegular } from '@fluentui/react-icons';
import { useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../parts/empty-state.tsx';

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
