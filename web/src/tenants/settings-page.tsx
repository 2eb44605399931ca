import { Button } from '@fluentui/react-components';
import { CodeTextRegular, SettingsRegular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { FilterBox } from '../parts/filter-box.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Page } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useApi, useTenant, useThing } from '../shell/tenant.ts';
import { useSettingWords } from './setting-words.ts';
import { matches } from './settings-form.ts';
import { SettingsGroupPart } from './settings-group.tsx';
import type { SettingsGroup } from './wire.ts';

/** Every setting of every module, from their declarations: search over all, each with its last change. */
export function SettingsPage() {
  const { t } = useTranslation();
  const given = useSearch({ strict: false }) as { find?: string };
  const [search, setSearch] = useState(given.find ?? '');
  const [isText, setIsText] = useState(false);
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
          <Button icon={<CodeTextRegular />} onClick={() => setIsText(true)}>
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
      {isText && <TextForm onClose={() => setIsText(false)} />}
    </Page>
  );
}

/** What is set, as the text that can be kept, compared and applied. */
function TextForm(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const tenant = useTenant();
  const query = useQuery<string, ApiFault>({
    queryKey: [tenant, '/admin/settings-text'],
    queryFn: async () => (await api.raw('GET', '/admin/settings-text', { headers: { accept: '*/*' } })).text(),
  });
  return (
    <FormPanel
      size="large"
      title={t('settings.asText')}
      sentence={t('settings.asTextSentence')}
      submit=""
      onClose={props.onClose}
    >
      {query.error && <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows />}
      {query.data !== undefined && (
        <CopyField
          label={t('settings.asText')}
          value={query.data}
          rows={Math.min(28, query.data.split('\n').length + 1)}
        />
      )}
    </FormPanel>
  );
}
