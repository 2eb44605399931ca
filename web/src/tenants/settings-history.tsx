import { Button } from '@fluentui/react-components';
import { ArrowUndoRegular, HistoryRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { type Column, DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useList } from '../parts/list.ts';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useSettingWords } from './setting-words.ts';
import type { SettingChange, SettingsGroup } from './wire.ts';

/** Who changed which setting of a group from what to what, each to be taken back through the same save. */
export function SettingsHistory(props: { group: SettingsGroup; onClose: () => void }) {
  const { t } = useTranslation();
  const words = useSettingWords();
  const { group } = props;
  const address = `/admin/settings/${encodeURIComponent(group.name)}`;
  const list = useList<SettingChange>(`${address}/history`, { limit: 50 });
  const settingOf = ({ name }: SettingChange) => group.settings.find((setting) => setting.name === name);
  const nameOf = (change: SettingChange) => {
    const { name } = words.setting(group.name, { name: change.name, sentence: '' });
    return change.target ? t('settings.nameAndTarget', { name, target: change.target }) : name;
  };
  const sayKept = ({ name }: SettingChange, value: unknown) => words.value(group.name, name, value);
  /** Before and after in words; nothing kept means the default. */
  const say = (change: SettingChange, value: unknown) =>
    value === null
      ? t('settings.defaultOf', { value: sayKept(change, settingOf(change)?.default) })
      : sayKept(change, value);
  const put = (change: SettingChange, value: unknown) => ({
    values: { [change.name]: value },
    ...(change.target ? { target: change.target } : {}),
  });
  const undo = useAct<SettingChange>((api, change) => api.patch(address, put(change, change.oldValue)), {
    isTried: true,
    said: (change) => t('settings.putBack', { name: nameOf(change), value: say(change, change.oldValue) }),
    undo: (api, change) => api.patch(address, put(change, change.newValue)),
  });
  /** Whether it stands already as it stood before this change. Of another organisation's value nothing is known here. */
  const isBack = (change: SettingChange) => {
    const setting = settingOf(change);
    if (change.target || !setting) return false;
    return change.oldValue === null
      ? !setting.isSet
      : setting.isSet && JSON.stringify(setting.value) === JSON.stringify(change.oldValue);
  };
  const columns: Column<SettingChange>[] = [
    { key: 'name', title: t('settings.setting'), isName: true, sort: nameOf, render: nameOf },
    {
      key: 'change',
      title: t('settings.change'),
      render: (change) =>
        t('settings.oldToNew', { old: say(change, change.oldValue), next: say(change, change.newValue) }),
    },
    {
      key: 'who',
      title: t('audit.who'),
      sort: (change) => change.changedBy,
      render: (change) => change.changedBy,
    },
    {
      key: 'when',
      title: t('audit.when'),
      sort: (change) => change.changedAt,
      render: (change) => <WhenText at={change.changedAt} />,
    },
  ];
  if (group.mayChange) {
    columns.push({
      key: 'undo',
      title: t('list.actions'),
      render: (change) =>
        settingOf(change)?.agreementId == null &&
        !isBack(change) && (
          <Button
            size="small"
            icon={<ArrowUndoRegular />}
            disabled={undo.isBusy}
            aria-label={t('settings.undoNamed', { name: nameOf(change), value: say(change, change.oldValue) })}
            onClick={() => undo.run(change)}
          >
            {t('action.undo')}
          </Button>
        ),
    });
  }
  return (
    <FormPanel
      size="large"
      title={words.group(group).title}
      sentence={t('settings.historySentence')}
      submit=""
      onClose={props.onClose}
    >
      {undo.fault && <RefusalBar fault={undo.fault} />}
      <DataList
        label={t('settings.history')}
        list={list}
        rowKey={(change) => change.id}
        columns={columns}
        empty={<EmptyState picture={<HistoryRegular />} title={t('settings.noHistory')} />}
      />
    </FormPanel>
  );
}
