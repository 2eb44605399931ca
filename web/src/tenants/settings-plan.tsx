import { Button, makeStyles, ProgressBar, Spinner, Text } from '@fluentui/react-components';
import { CheckmarkCircleRegular, CheckmarkRegular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { WhatIf, WhatIfLine } from '../access/what-if.ts';
import { Lines } from '../access/what-if-report.tsx';
import type { ApiFault } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { type Column, DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { useList, wholeList } from '../parts/list.ts';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useApi, useTenant } from '../shell/tenant.ts';
import { useSettingWords } from './setting-words.ts';
import type { PlannedChange, SettingsPlan } from './wire.ts';

const useStyles = makeStyles({
  frame: { display: 'grid', gap: '12px', gridTemplateColumns: 'minmax(0, 1fr)' },
  code: { fontFamily: 'ui-monospace, Consolas, monospace', overflowWrap: 'anywhere' },
  heading: { margin: '8px 0 0' },
});

/** What a text would change and who would gain and lose what by it, and the button that does it. */
export function SettingsPlanPart(props: {
  text: string;
  plan: SettingsPlan;
  onAgain: () => void;
  onApplied: () => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { plan, text } = props;
  const columns = useChangeColumns();
  const apply = useAct((api) => api.post('/admin/settings-text/apply', { text, digest: plan.digest }), {
    said: () => t('settingsText.applied', { count: plan.changes.length }),
    done: props.onApplied,
  });
  const isOutdated = apply.fault?.code === 'tenants.settings-plan-outdated';
  const list = wholeList({ data: plan.changes, isPending: false, error: null, refetch: () => {} });
  return (
    <div className={styles.frame}>
      <Text as="h3" size={400} weight="semibold" className={styles.heading}>
        {t('settingsText.planned', { count: plan.changes.length })}
      </Text>
      {plan.changes.length > 0 && (
        <DataList
          label={t('settingsText.changes')}
          list={list}
          rowKey={({ group, target, targetName, name }) => [group, target, targetName, name].join(' ')}
          columns={columns}
          empty={<EmptyState picture={<CheckmarkCircleRegular />} title={t('settingsText.nothing')} />}
        />
      )}
      {plan.whatIf && <WhoPart id={plan.whatIf.id} />}
      {!plan.mayApply && <Text>{t('settingsText.mayNot')}</Text>}
      {apply.fault && <RefusalBar fault={apply.fault} />}
      <div>
        {isOutdated ? (
          <Button appearance="primary" onClick={props.onAgain}>
            {t('settingsText.planAgain')}
          </Button>
        ) : (
          <Button
            appearance="primary"
            icon={apply.isBusy ? <Spinner size="tiny" aria-hidden /> : <CheckmarkRegular />}
            disabled={!plan.mayApply || apply.isBusy}
            onClick={() => apply.run()}
          >
            {t(plan.changes.length > 0 ? 'settingsText.doApply' : 'settingsText.keepAsReference')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** The columns of changed settings: where, which, from what to what. */
export function useChangeColumns<Row extends PlannedChange>(
  titles: { old: string; next: string } = { old: 'settingsText.before', next: 'settingsText.after' },
): Column<Row>[] {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useSettingWords();
  const said = (text: string | null) =>
    text === null ? t('settingsText.notSet') : <span className={styles.code}>{text}</span>;
  return [
    {
      key: 'name',
      title: t('settings.setting'),
      isName: true,
      render: ({ group, name, targetName }) => {
        const setting = words.setting(group, { name, sentence: '' }).name;
        return targetName === null ? setting : t('settings.nameAndTarget', { name: setting, target: targetName });
      },
    },
    {
      key: 'group',
      title: t('settingsText.group'),
      render: ({ group, title }) => words.group({ name: group, title, sentence: '' }).title,
    },
    { key: 'old', title: t(titles.old), render: ({ oldText }) => said(oldText) },
    { key: 'new', title: t(titles.next), render: ({ newText }) => said(newText) },
  ];
}

/** Who would gain and lose what, once what-if has found it out. */
function WhoPart({ id }: { id: string }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const api = useApi();
  const tenant = useTenant();
  const asked = useQuery<WhatIf, ApiFault>({
    queryKey: [tenant, `/admin/what-if/${id}`],
    queryFn: () => api.get<WhatIf>(`/admin/what-if/${id}`),
    refetchInterval: ({ state: { data } }) => (data?.state === 'waiting' || data?.state === 'running' ? 300 : false),
  });
  const isDone = asked.data?.state === 'done';
  const list = useList<WhatIfLine>(`/admin/what-if/${id}/lines`, {}, { enabled: isDone });
  if (asked.error) return <RefusalBar fault={asked.error} onRetry={() => void asked.refetch()} />;
  if (asked.data?.state === 'failed' || asked.data?.state === 'cancelled')
    return <Text>{t('settingsText.whoUnknown')}</Text>;
  if (!isDone || list.isPending)
    return (
      <div role="status">
        <Text>{t('whatIf.looking')}</Text>
        <ProgressBar />
      </div>
    );
  return (
    <div className={styles.frame}>
      {list.fault && <RefusalBar fault={list.fault} onRetry={list.reload} />}
      {list.rows.length === 0 && <Text>{t('settingsText.nobody')}</Text>}
      {(['lost', 'gained'] as const).map((direction) => (
        <Lines
          key={direction}
          title={t(`whatIf.${direction}`)}
          lines={list.rows.filter((line) => line.direction === direction)}
        />
      ))}
      {list.hasMore && (
        <div>
          <Button disabled={list.isLoadingMore} onClick={list.loadMore}>
            {t('list.more')}
          </Button>
        </div>
      )}
    </div>
  );
}
