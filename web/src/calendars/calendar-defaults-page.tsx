import { useTranslation } from 'react-i18next';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Page } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useThing } from '../shell/tenant.ts';
import { SettingsGroupPart } from '../tenants/settings-group.tsx';
import type { SettingsGroup } from '../tenants/wire.ts';

/** The groups of settings that say what calendars begin with, and what senders are told of their owners. */
const GROUPS = ['calendars.defaults', 'calendars.mail-tips'];

/** What everybody's calendar begins with, until its owner changes it. */
export function CalendarDefaultsPage() {
  const { t } = useTranslation();
  const query = useThing<{ value: SettingsGroup[] }>('/admin/settings');
  const groups = (query.data?.value ?? []).filter(({ name }) => GROUPS.includes(name));
  return (
    <Page title={t('nav.calendarDefaults')} sentence={t('calendarDefaults.sentence')}>
      {query.error ? (
        <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <LoadingRows label={t('nav.calendarDefaults')} />
      ) : (
        groups.map((group) => <SettingsGroupPart key={group.name} group={group} shown={group.settings} />)
      )}
    </Page>
  );
}
