import { Button } from '@fluentui/react-components';
import { CodeTextRegular, SettingsRegular } from '@fluentui/react-icons';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../parts/empty-state.tsx';
import { FilterBox } from '../parts/filter-box.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Page } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useTenant, useThing } from '../shell/tenant.ts';
import { useSettingWords } from './setting-words.ts';
import { matches } from './settings-form.ts';
import { SettingsGroupPart } from './settings-group.tsx';
import type { SettingsGroup } from './wire.ts';

/** Every setting of every module, from their declarations: search over all, each with its last change. */
export function SettingsPage() {
  const { t } = useTranslation();
  const given = useSearch({ strict: false }) as { find?: string };
  const [search, setSearch] = useState(given.find ?? '');
  const tenant = useTenant();
  const router = useRouter();
  const words = useSettingWords();
  const query = useThing<{ value: SettingsGroup[] }>('/admin/settings');
  const groups = (query.data?.value ?? [])
    .map((group) => ({
      ...group,
      shown:
        search === ''
          ? group.settings
          : group.settings.filter((setting) =>
              matches(
                search,
                setting.name,
                setting.sentence,
                group.name,
                ...Object.values(words.group(group)),
                ...Object.values(words.setting(group.name, setting)),
              ),
            ),
    }))
    .filter(({ shown }) => shown.length > 0);
  return (
    <Page
      title={t('nav.settings')}
      sentence={t('settings.sentence')}
      commands={
        <>
          <FilterBox label={t('settings.search')} value={search} onChange={setSearch} />
          <Button
            icon={<CodeTextRegular />}
            onClick={() => router.history.push(`/t/${encodeURIComponent(tenant)}/settings/text`)}
          >
            {t('settings.asText')}
          </Button>
        </>
      }
    >
      {query.error ? (
        <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <LoadingRows label={t('nav.settings')} />
      ) : groups.length === 0 ? (
        <EmptyState
          picture={<SettingsRegular />}
          title={search === '' ? t('settings.empty') : t('list.nothingFound')}
          sentence={search === '' ? t('settings.emptySentence') : t('list.nothingFoundSentence')}
        />
      ) : (
        groups.map((group) => <SettingsGroupPart key={group.name} group={group} shown={group.shown} />)
      )}
    </Page>
  );
}
