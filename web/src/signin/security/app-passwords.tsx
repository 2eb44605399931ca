import { Button, Field, Input, MessageBar, MessageBarBody, Text } from '@fluentui/react-components';
import { KeyMultipleRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useAct } from '../../parts/act.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { CopyField } from '../../parts/copy-field.tsx';
import { DataList } from '../../parts/data-list.tsx';
import { FormPanel } from '../../parts/form-panel.tsx';
import { wholeList } from '../../parts/list.ts';
import { Section } from '../../parts/page.tsx';
import { textBox } from '../../parts/text-box.ts';
import { WhenText } from '../../parts/when-text.tsx';
import { useThing } from '../../shell/tenant.ts';

interface AppPassword {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

/** Passwords for programs that know no other way to sign in: calendars, mail programs. */
export function AppPasswords() {
  const { t } = useTranslation();
  const query = useThing<{ value: AppPassword[] }>('/me/app-passwords');
  const [isAdding, setIsAdding] = useState(false);
  const [ending, setEnding] = useState<AppPassword>();
  const end = useAct<AppPassword>((api, { id }) => api.delete(`/me/app-passwords/${id}`), {
    said: ({ name }) => t('security.appPasswordEnded', { name }),
    done: () => setEnding(undefined),
  });
  return (
    <Section
      title={t('security.appPasswords')}
      sentence={t('security.appPasswordsSentence')}
      commands={
        <Button icon={<KeyMultipleRegular />} onClick={() => setIsAdding(true)}>
          {t('security.addAppPassword')}
        </Button>
      }
    >
      <DataList
        label={t('security.appPasswords')}
        list={wholeList({ ...query, data: query.data?.value })}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'name',
            title: t('security.program'),
            isName: true,
            sort: (one) => one.name,
            render: (one) => one.name,
          },
          { key: 'made', title: t('security.added'), render: (one) => <WhenText at={one.createdAt} /> },
          { key: 'used', title: t('ledger.lastUsed'), render: (one) => <WhenText at={one.lastUsedAt} /> },
          {
            key: 'end',
            title: t('list.actions'),
            render: (one) => (
              <Button size="small" onClick={() => setEnding(one)}>
                {t('security.end')}
              </Button>
            ),
          },
        ]}
        empty={<Text>{t('security.noAppPasswords')}</Text>}
      />
      {isAdding && <AddAppPassword onClose={() => setIsAdding(false)} />}
      {ending && (
        <ConfirmDialog
          title={t('security.endAppPassword', { name: ending.name })}
          confirm={t('security.end')}
          act={end}
          input={ending}
          onClose={() => setEnding(undefined)}
        >
          {t('security.endAppPasswordSentence')}
        </ConfirmDialog>
      )}
    </Section>
  );
}

function AddAppPassword(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ defaultValues: { name: '' } });
  const add = useAct<{ name: string }, AppPassword & { password: string }>((api, { name }) =>
    api.post('/me/app-passwords', { name: name.trim() }),
  );
  if (add.output) {
    return (
      <FormPanel title={add.output.name} submit="" onClose={props.onClose}>
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t('applications.secretOnce')}</MessageBarBody>
        </MessageBar>
        <CopyField label={t('security.appPassword')} value={add.output.password} hint={t('security.appPasswordHint')} />
      </FormPanel>
    );
  }
  return (
    <FormPanel
      size="small"
      title={t('security.addAppPassword')}
      submit={t('action.next')}
      onClose={props.onClose}
      onSubmit={form.handleSubmit((values) => add.run(values))}
      isBusy={add.isBusy}
      fault={add.fault}
    >
      <Field
        label={t('security.program')}
        hint={t('security.programHint')}
        required
        validationMessage={form.formState.errors.name?.message}
      >
        <Input {...textBox(form, 'name', { required: t('form.required') })} autoFocus />
      </Field>
    </FormPanel>
  );
}
