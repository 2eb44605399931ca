import {
  Badge,
  Button,
  Card,
  Checkbox,
  Field,
  Input,
  makeStyles,
  Select,
  Switch,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { ArrowResetRegular, HistoryRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { NARROW } from '../parts/narrow.ts';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { NotOfferedLine, Withheld } from '../parts/why-not.tsx';
import { useThing } from '../shell/tenant.ts';
import { useSettingWords } from './setting-words.ts';
import { editorFor, readValue, textOf } from './settings-form.ts';
import { SettingsHistory } from './settings-history.tsx';
import type { Setting, SettingsGroup } from './wire.ts';

const useStyles = makeStyles({
  setting: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) minmax(240px, 360px)',
    gap: '8px 32px',
    padding: '16px 20px',
    alignItems: 'start',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    ':last-child': { borderBottomStyle: 'none' },
    [NARROW]: { gridTemplateColumns: 'minmax(0, 1fr)', padding: '14px 12px' },
  },
  words: { display: 'grid', gap: '4px', minWidth: 0 },
  name: { display: 'flex', gap: '8px', alignItems: 'center', flexWrap: 'wrap', overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground3 },
  group: { padding: 0, gap: 0, display: 'block' },
  edit: { display: 'grid', gap: '8px', justifyItems: 'start', minWidth: 0 },
  wide: { width: '100%' },
  choices: { border: 0, margin: 0, padding: 0, display: 'flex', flexWrap: 'wrap', columnGap: '8px' },
  row: { display: 'flex', gap: '8px', flexWrap: 'wrap' },
});

/** One group of settings as a form, with its history; of a partner or an object, after that was chosen. */
export function SettingsGroupPart(props: { group: SettingsGroup; shown: readonly Setting[] }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const [isHistory, setIsHistory] = useState(false);
  const [target, setTarget] = useState<string>();
  const [isAdding, setIsAdding] = useState(false);
  const { group, shown } = props;
  const words = useSettingWords().group(group);
  const hasTargets = group.scope !== 'tenant';
  const chosen = useThing<SettingsGroup>(`/admin/settings/${encodeURIComponent(group.name)}`, {
    enabled: hasTargets && target !== undefined,
    params: { target: target ?? '' },
  });
  const settings = target === undefined ? shown : (chosen.data?.settings ?? []);
  return (
    <Section
      {...words}
      commands={
        <Button appearance="subtle" icon={<HistoryRegular />} onClick={() => setIsHistory(true)}>
          {t('settings.history')}
        </Button>
      }
    >
      {hasTargets && (
        <div className={styles.row}>
          {group.targets.map((one) => (
            <Button
              key={one}
              size="small"
              appearance={one === target ? 'primary' : 'secondary'}
              aria-pressed={one === target}
              onClick={() => setTarget(one === target ? undefined : one)}
            >
              {one}
            </Button>
          ))}
          {group.mayChange && (
            <Button size="small" appearance="outline" onClick={() => setIsAdding(true)}>
              {t('settings.addTarget')}
            </Button>
          )}
          {group.targets.length === 0 && <Text className={styles.quiet}>{t('settings.noTargets')}</Text>}
        </div>
      )}
      {hasTargets && target !== undefined && chosen.error && <RefusalBar fault={chosen.error} />}
      {hasTargets && target !== undefined && chosen.isPending && <LoadingRows count={2} />}
      {!group.mayChange && (
        <NotOfferedLine
          asked={{ question: `tenants.settings.administer:${group.name}`, wanted: 'write' }}
          sentence={t('withheld.onlyReading')}
          about={words.title}
        />
      )}
      {settings.length > 0 && (
        <Card className={styles.group} appearance="outline">
          {settings.map((setting) => (
            <SettingRow
              key={`${target ?? ''}:${setting.name}:${JSON.stringify(setting.value)}`}
              group={group}
              setting={setting}
              target={target}
              isReadOnly={!group.mayChange || (hasTargets && target === undefined)}
            />
          ))}
        </Card>
      )}
      {isHistory && <SettingsHistory group={group} onClose={() => setIsHistory(false)} />}
      {isAdding && (
        <AddTarget
          onClose={() => setIsAdding(false)}
          onAdd={(name) => {
            setTarget(name);
            setIsAdding(false);
          }}
        />
      )}
    </Section>
  );
}

function AddTarget(props: { onClose: () => void; onAdd: (target: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  return (
    <FormPanel
      size="small"
      title={t('settings.addTarget')}
      submit={t('action.next')}
      onClose={props.onClose}
      onSubmit={() => text.trim() !== '' && props.onAdd(text.trim().toLowerCase())}
    >
      <Field label={t('settings.target')} hint={t('settings.targetHint')} required>
        <Input value={text} onChange={(_, data) => setText(data.value)} autoCapitalize="none" autoFocus />
      </Field>
    </FormPanel>
  );
}

/** A value that was agreed: what that means, and the agreement, where both sides can change it. */
function HeldByAgreement({ target }: { target: string | undefined }) {
  const { t } = useTranslation();
  return (
    <Withheld
      why={
        <InnerLink path={target === undefined ? '/partners' : `/partners/${encodeURIComponent(target)}/agreement`}>
          {t('withheld.agreement')}
        </InnerLink>
      }
    >
      {t('withheld.held')}
    </Withheld>
  );
}

/** One setting: what it says, its value to change at once or after "Save", whether it is set, who changed it last. */
function SettingRow(props: {
  group: SettingsGroup;
  setting: Setting;
  target: string | undefined;
  isReadOnly: boolean;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { group, setting, target } = props;
  const editor = editorFor(setting.schema);
  const kept = textOf(editor, setting.value);
  const [text, setText] = useState(kept);
  const [error, setError] = useState<string>();
  const isHeld = setting.agreementId !== null;
  const isDisabled = props.isReadOnly || isHeld;
  const change = useAct<unknown>(
    (api, value) =>
      api.patch(`/admin/settings/${encodeURIComponent(group.name)}`, {
        values: { [setting.name]: value },
        ...(target === undefined ? {} : { target }),
      }),
    {
      isTried: true,
      said: () => t('settings.saved', { name: label }),
      undo: (api) =>
        api.patch(`/admin/settings/${encodeURIComponent(group.name)}`, {
          values: { [setting.name]: setting.isSet ? setting.value : null },
          ...(target === undefined ? {} : { target }),
        }),
    },
  );
  const save = (value: string) => {
    setText(value);
    try {
      const parsed = readValue(editor, value);
      setError(undefined);
      change.run(parsed);
    } catch {
      setError(editor.kind === 'number' ? t('settings.notNumber') : t('settings.notJson'));
    }
  };
  const words = useSettingWords();
  const { name: label, sentence } = words.setting(group.name, setting);
  const chosen = text.split('\n');
  const isLines = editor.kind === 'list' || editor.kind === 'domains';
  const isAtOnce = editor.kind === 'switch' || editor.kind === 'choice';
  return (
    <div className={styles.setting}>
      <div className={styles.words}>
        <div className={styles.name}>
          <Text weight="semibold">{label}</Text>
          <Badge appearance={setting.isSet ? 'filled' : 'outline'} color={setting.isSet ? 'brand' : 'informative'}>
            {setting.isSet ? t('settings.set') : t('settings.default')}
          </Badge>
          {isHeld && (
            <Badge appearance="tint" color="important">
              {t('settings.held')}
            </Badge>
          )}
        </div>
        <Text>{sentence}</Text>
        <Text size={200} className={styles.quiet}>
          {setting.changedAt ? (
            <>
              {t('settings.changedBy', { name: setting.changedBy ?? t('audit.system') })}{' '}
              <WhenText at={setting.changedAt} />
            </>
          ) : (
            t('settings.neverChanged')
          )}
        </Text>
      </div>
      <div className={styles.edit}>
        {editor.kind === 'switch' ? (
          <Switch
            aria-label={label}
            label={text === 'true' ? t('settings.on') : t('settings.off')}
            checked={text === 'true'}
            disabled={isDisabled}
            onChange={(_, { checked }) => save(String(checked))}
          />
        ) : editor.kind === 'choice' ? (
          <Select
            className={styles.wide}
            aria-label={label}
            value={text}
            disabled={isDisabled}
            onChange={(_, { value }) => save(value)}
          >
            {editor.isNullable && <option value="">{t('settings.nothing')}</option>}
            {editor.options.map((option) => (
              <option key={option} value={option}>
                {words.option(group.name, setting.name, option)}
              </option>
            ))}
          </Select>
        ) : editor.kind === 'choices' ? (
          <fieldset aria-label={label} className={styles.choices}>
            {editor.options.map((option) => (
              <Checkbox
                key={option}
                label={words.option(group.name, setting.name, option)}
                checked={chosen.includes(option)}
                disabled={isDisabled}
                onChange={(_, { checked }) =>
                  setText(editor.options.filter((one) => (one === option ? checked : chosen.includes(one))).join('\n'))
                }
              />
            ))}
          </fieldset>
        ) : (
          <Field className={styles.wide} validationMessage={error}>
            {isLines || editor.kind === 'json' || (editor.kind === 'text' && editor.isLong) ? (
              <Textarea
                aria-label={label}
                value={text}
                disabled={isDisabled}
                rows={isLines ? Math.min(6, Math.max(2, text.split('\n').length)) : 3}
                placeholder={
                  isLines ? t(editor.kind === 'domains' ? 'settings.domainPerLine' : 'settings.onePerLine') : undefined
                }
                resize="vertical"
                onChange={(_, { value }) => setText(value)}
              />
            ) : (
              <Input
                aria-label={label}
                type={editor.kind === 'number' ? 'number' : 'text'}
                value={text}
                disabled={isDisabled}
                placeholder={editor.isNullable ? t('settings.nothing') : undefined}
                onChange={(_, { value }) => setText(value)}
              />
            )}
          </Field>
        )}
        {change.fault && <RefusalBar fault={change.fault} />}
        {isHeld && <HeldByAgreement target={target} />}
        <div className={styles.row}>
          {!isAtOnce && text !== kept && (
            <>
              <Button size="small" appearance="primary" disabled={change.isBusy} onClick={() => save(text)}>
                {t('action.save')}
              </Button>
              <Button size="small" onClick={() => setText(kept)}>
                {t('action.cancel')}
              </Button>
            </>
          )}
          {setting.isSet && !isDisabled && text === kept && (
            <Button
              size="small"
              appearance="subtle"
              icon={<ArrowResetRegular />}
              disabled={change.isBusy}
              onClick={() => change.run(null)}
            >
              {t('settings.toDefault', { value: words.value(group.name, setting.name, setting.default) })}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}
