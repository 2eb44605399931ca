import {
  Badge,
  Button,
  Checkbox,
  Field,
  Input,
  Link,
  makeStyles,
  Switch,
  Text,
  tokens,
} from '@fluentui/react-components';
import { AddRegular, DeleteRegular, DismissRegular, ShareRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page as Rows } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import type { Column } from '../parts/data-list.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useList } from '../parts/list.ts';
import { ListPage } from '../parts/list-page.tsx';
import { Section } from '../parts/page.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { useAbilities } from '../shell/me.ts';
import type { Excess, SharingPolicy } from './admin-wire.ts';
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

const PATH = '/admin/sharing-policies';

/** How much of their calendars people may share outside, by the other's domain. */
export function SharingPoliciesPage() {
  const { t } = useTranslation();
  const mayWrite = useAbilities().writes('calendars');
  const list = useList<SharingPolicy>(PATH);
  const [open, setOpen] = useState<SharingPolicy | 'new'>();
  const columns: Column<SharingPolicy>[] = [
    {
      key: 'name',
      title: t('people.name'),
      isName: true,
      sort: ({ name }) => name,
      render: (one) => (
        <span style={{ display: 'inline-flex', gap: '8px', alignItems: 'center', flexWrap: 'wrap' }}>
          <Link as="button" onClick={() => setOpen(one)}>
            {one.name}
          </Link>
          {one.isDefault && (
            <Badge appearance="tint" color="brand">
              {t('settings.default')}
            </Badge>
          )}
        </span>
      ),
    },
    {
      key: 'rules',
      title: t('policies.allows'),
      render: ({ rules }) => (rules.length === 0 ? t('policies.nothing') : <RuleWords rules={rules.map(readRule)} />),
    },
    {
      key: 'state',
      title: t('people.state'),
      render: (one) =>
        one.enabled ? (
          <StateText tone="good">{t('relationships.on')}</StateText>
        ) : (
          <StateText tone="stopped">{t('relationships.off')}</StateText>
        ),
    },
    { key: 'mailboxes', title: t('policies.assigned'), render: (one) => String(one.assignedMailboxes) },
  ];
  return (
    <ListPage
      title={t('nav.sharingPolicies')}
      sentence={t('policies.sentence')}
      list={list}
      columns={columns}
      create={mayWrite ? { text: t('policies.add'), open: () => setOpen('new') } : undefined}
      empty={{ picture: <ShareRegular />, title: t('policies.empty') }}
    >
      {open && (
        <PolicyPanel
          key={open === 'new' ? 'new' : open.id}
          policy={open === 'new' ? undefined : open}
          mayWrite={mayWrite}
          onClose={() => setOpen(undefined)}
        />
      )}
    </ListPage>
  );
}

/** Rules as sentences: whom, and what they may be given at most. */
function RuleWords({ rules }: { rules: readonly Rule[] }) {
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

function PolicyPanel(props: { policy: SharingPolicy | undefined; mayWrite: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const known = props.policy;
  const [values, setValues] = useState<Values>({
    name: known?.name ?? '',
    enabled: known?.enabled ?? true,
    isDefault: known?.isDefault ?? false,
    rules: known?.rules.map(readRule) ?? [{ domain: '*', role: 'freeBusyRead', hasContacts: false }],
  });
  const [lost, setLost] = useState<readonly Excess[]>();
  const [isDeleting, setIsDeleting] = useState(false);
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
        ? api.patch(`${PATH}/${known.id}`, body(wanted), { headers: { 'if-match': known['@odata.etag'] } })
        : api.post(PATH, body(wanted)),
    { said: ({ name }) => t('policies.saved', { name }), done: props.onClose },
  );
  // Asked first: nobody loses a share without the administrator having seen whose.
  const check = useAct<Values, Rows<Excess>>(
    (api, wanted) => api.post(`${PATH}/dry-run`, { ...body(wanted), ...(known ? { id: known.id } : {}) }),
    { done: ({ value }, wanted) => (value.length === 0 ? save.run(wanted) : setLost(value)) },
  );
  const remove = useAct((api) => api.delete(`${PATH}/${known?.id}`), {
    said: () => t('policies.deleted', { name: known?.name ?? '' }),
    done: props.onClose,
  });
  return (
    <>
      <FormPanel
        title={known?.name ?? t('policies.add')}
        sentence={t('policies.panelSentence')}
        submit={t('action.save')}
        onClose={props.onClose}
        {...(props.mayWrite ? { onSubmit: () => check.run(values) } : {})}
        isBusy={check.isBusy || save.isBusy}
        fault={check.fault ?? save.fault}
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
        {known && props.mayWrite && <Assign policy={known} />}
        {known && props.mayWrite && !known.isDefault && (
          <div>
            <Button icon={<DeleteRegular />} onClick={() => setIsDeleting(true)}>
              {t('action.delete')}
            </Button>
          </div>
        )}
      </FormPanel>
      {lost && (
        <ConfirmDialog
          title={t('policies.lostTitle', { count: lost.length })}
          confirm={t('policies.saveAnyway')}
          act={save}
          input={values}
          onClose={() => setLost(undefined)}
        >
          {lost
            .slice(0, 12)
            .map((one) =>
              t(one.to ? 'policies.lowered' : 'policies.ended', {
                calendar: one.calendarName ?? one.addressBookName,
                who: one.recipient ?? t('policies.anybody'),
                from: t(`calendars.role.${one.from}.name`),
                to: one.to ? t(`calendars.role.${one.to}.name`) : '',
              }),
            )
            .join(' ')}
        </ConfirmDialog>
      )}
      {isDeleting && (
        <ConfirmDialog
          title={t('policies.deleteTitle', { name: known?.name ?? '' })}
          confirm={t('action.delete')}
          act={remove}
          onClose={() => setIsDeleting(false)}
        >
          {t('policies.deleteSentence')}
        </ConfirmDialog>
      )}
    </>
  );
}

/** Gives the policy to people and groups, in place of the default one. */
function Assign({ policy }: { policy: SharingPolicy }) {
  const { t } = useTranslation();
  const [people, setPeople] = useState<readonly Picked[]>([]);
  const [groups, setGroups] = useState<readonly Picked[]>([]);
  const assign = useAct(
    (api) =>
      api.put(`${PATH}/${policy.id}/assignments`, {
        accountIds: people.map(({ id }) => id),
        groupIds: groups.map(({ id }) => id),
      }),
    {
      said: () => t('policies.assignedNow', { name: policy.name }),
      done: () => {
        setPeople([]);
        setGroups([]);
      },
    },
  );
  return (
    <Section title={t('policies.assign')} sentence={t('policies.assignSentence')}>
      {assign.fault && <RefusalBar fault={assign.fault} />}
      <PersonPicker kind="users" label={t('nav.people')} picked={people} onChange={setPeople} />
      <PersonPicker kind="groups" label={t('nav.groups')} picked={groups} onChange={setGroups} />
      <div>
        <Button disabled={people.length + groups.length === 0 || assign.isBusy} onClick={() => assign.run()}>
          {t('policies.assign')}
        </Button>
      </div>
    </Section>
  );
}
