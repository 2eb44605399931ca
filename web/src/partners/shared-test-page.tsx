import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Page } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useOpenApi } from '../shell/tenant.ts';
import { TestSteps, TestVerdict } from './test-steps.tsx';
import type { Testing } from './test-wire.ts';

interface SharedTest extends Testing {
  /** Who had the test made, and whom it is shown. */
  readonly by: string;
  readonly partnerName: string;
  readonly askedAt: string;
  readonly linkEndsAt: string;
}

/** What a partner's test found that concerns us, for whoever was sent the address. The secret stands behind the hash. */
export function SharedTestPage() {
  const { t } = useTranslation();
  const api = useOpenApi();
  const [key] = useState(() => location.hash.slice(1));
  const { data, error, refetch } = useQuery<SharedTest, ApiFault>({
    queryKey: ['partner-test', key],
    queryFn: () => api.get<SharedTest>(`/partners/tests/${encodeURIComponent(key)}`),
    retry: false,
    refetchOnWindowFocus: false,
  });
  if (!data)
    return (
      <main>
        <Page title={t('partnerTest.shared')}>
          {error ? (
            <RefusalBar fault={error} onRetry={() => void refetch()} />
          ) : (
            <LoadingRows label={t('partnerTest.shared')} />
          )}
        </Page>
      </main>
    );
  return (
    <main>
      <Page
        title={t('partnerTest.with', { name: data.by })}
        sentence={t('partnerTest.sharedSentence', { name: data.by, own: data.partnerName })}
      >
        <p>
          {t('partnerTest.made')} <WhenText at={data.askedAt} />
        </p>
        <div style={{ display: 'grid', gap: '20px' }}>
          <TestVerdict testing={data} partner={data.by} />
          <TestSteps testing={data} partner={data.by} />
        </div>
      </Page>
    </main>
  );
}
