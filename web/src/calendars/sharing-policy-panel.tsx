import { Button, Checkbox, Field, Input, makeStyles, Switch, Text, tokens } from '@fluentui/react-components';
import { AddRegular, DismissRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { Section } from '../parts/page.tsx';
import { DeletePart, type PanelProps } from '../parts/panel-list-page.tsx';
import type { SharingPolicy } from './admin-wire.ts';
import { PolicyAssignment } from './policy-assignment.tsx';
import { printRule, RULE_ROLES, type Rule, readRule } from './policy-rules.ts';

const useStyles = makeStyles({
  rules: { display: 'grid', gap: '12px' },
  rule: {
    display: 'grid',
    gap: '8px',
    padding: '12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  row: { display: 'grid', gridTemplateColumns: '1fr 1fr auto', gap: '8px', alignItems: 'end' },
  list: { margin: 0, paddingInlineStart: '20px' },
});

/** Where the policies are. */
export const POLICIES = '/admin/sharing-policies';

/** Rules as sentences: whom, and what they may be given at most. */
export function RuleWords({ rules }: { rules: readonly Rule[] }) {
  const { t } = useTranslation();
  const styles = useStyles();
  return (
    <ul className={styles.list}>
      {rules.map((rule) => (
        <li key={rule.domain}>
          {t('policies.ruleWords', {
            who: whoOf(rule.domain, t),
            what: t(`calendars.role.${rule.role}.name`),
          })}
        </li>
      ))}
    </ul>
  );
}

const whoOf = (domain: string, t: (key: string) => string) =>
  domain === '*'
    ? t('policies.everyOrganisation')
    : domain.toLowerCase() === 'anonymous'
      ? t('policies.anybody')
      : domain;

interface Values {
  readonly name: string;
  readonly enabled: boolean;
  readonly isDefault: boolean;
  readonly rules: readonly Rule[];
}

/** One policy: its rules, and whose it is. What a change would take from people is shown before it is made. */
export function SharingPolicyPanel(props: PanelProps<SharingPolicy>) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { known } = props;
  const [values, setValues] = useState<Values>({
    name: known?.name ?? '',
    enabled: known?.enabled ?? true,
    isDefault: known?.isDefault ?? false,
    rules: known?.rules.map(readRule) ?? [{ domain: '*', role: 'freeBusyRead', hasContacts: false }],
  });
  const set = (change: Partial<Values>) => setValues((before) => ({ ...before, ...change }));
  const setRule = (at: number, change: Partial<Rule>) =>
    set({ rules: values.rules.map((rule, i) => (i === at ? { ...rule, ...change } : rule)) });
  const body = (wanted: Values) => ({
    name: wanted.name.trim(),
    enabled: wanted.enabled,
    ...(wanted.isDefault && !known?.isDefault ? { isDefault: true } : {}),
    rules: wanted.rules.flatMap((rule) => printRule(rule) ?? []),
  });
  const save = useAct<Values, unknown>(
    (api, wanted) =>
      known
        ? api.patch(`${POLICIES}/${known.id}`, body(wanted), { headers: { 'if-match': known['@odata.etag'] } })
        : api.post(POLICIES, body(wanted)),
    { isTried: true, said: ({ name }) => t('policies.saved', { name }), done: props.onClose },
  );
  const remove = useAct((api) => api.delete(`${POLICIES}/${known?.id}`), {
    isTried: true,
    said: () => t('policies.deleted', { name: known?.name ?? '' }),
    done: props.onClose,
  });
  return (
    <FormPanel
      title={known?.name ?? t('policies.add')}
      sentence={t('policies.panelSentence')}
      submit={t('action.save')}
      onClose={props.onClose}
      {...(props.mayWrite ? { onSubmit: () => save.run(values) } : {})}
      isBusy={save.isBusy}
      fault={save.fault}
    >
      <Field label={t('people.name')} required>
        <Input value={values.name} maxLength={64} onChange={(_, { value }) => set({ name: value })} />
      </Field>
      <Switch
        label={t('policies.enabled')}
        checked={values.enabled}
        onChange={(_, { checked }) => set({ enabled: checked })}
      />
      <Checkbox
        label={t('policies.isDefault')}
        checked={values.isDefault}
        disabled={known?.isDefault ?? false}
        onChange={(_, { checked }) => set({ isDefault: checked === true })}
      />
      <Section title={t('policies.rules')} sentence={t('policies.rulesSentence')}>
        <div className={styles.rules}>
          {values.rules.map((rule, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a rule being written has no other name.
            <div key={i} className={styles.rule}>
              <div className={styles.row}>
                <Field label={t('policies.who')}>
                  <Input
                    value={rule.domain}
                    onChange={(_, { value }) => setRule(i, { domain: value })}
                    autoCapitalize="none"
                  />
                </Field>
                <Choice
                  label={t('policies.most')}
                  value={rule.role}
                  onChange={(role) => setRule(i, { role })}
                  options={RULE_ROLES.map((role) => [role, t(`calendars.role.${role}.name`)])}
                />
                <Button
                  appearance="subtle"
                  icon={<DismissRegular />}
                  aria-label={t('policies.removeRule', { name: rule.domain })}
                  onClick={() => set({ rules: values.rules.filter((_, at) => at !== i) })}
                />
              </div>
              <Text size={200}>
                {t('policies.ruleWords', {
                  who: whoOf(rule.domain, t),
                  what: t(`calendars.role.${rule.role}.name`),
                })}
              </Text>
              <Checkbox
                label={t('policies.contacts')}
                checked={rule.hasContacts}
                onChange={(_, { checked }) => setRule(i, { hasContacts: checked === true })}
              />
            </div>
          ))}
          <div>
            <Button
              icon={<AddRegular />}
              onClick={() =>
                set({ rules: [...values.rules, { domain: '', role: 'freeBusyRead', hasContacts: false }] })
              }
            >
              {t('policies.addRule')}
            </Button>
          </div>
        </div>
      </Section>
      {known && props.mayWrite && <PolicyAssignment policy={known} />}
      {known && props.mayWrite && !known.isDefault && (
        <DeletePart
          title={t('policies.deleteTitle', { name: known.name })}
          sentence={t('policies.deleteSentence')}
          act={remove}
        />
      )}
    </FormPanel>
  );
}
