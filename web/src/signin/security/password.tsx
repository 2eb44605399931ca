import { Button, Field, Input, Text } from '@fluentui/react-components';
import { KeyRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useAct } from '../../parts/act.tsx';
import { FormPanel } from '../../parts/form-panel.tsx';
import { Section } from '../../parts/page.tsx';
import { textBox } from '../../parts/text-box.ts';
import { WhenText } from '../../parts/when-text.tsx';

import type { SecurityMethods } from './wire.ts';

/** The password: when it was set, and a new one. */
export function Password(props: { methods: SecurityMethods }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const form = useForm({ defaultValues: { current: '', next: '', again: '' } });
  const change = useAct<{ current: string; next: string }>(
    (api, values) => api.post('/me/password', { currentPassword: values.current, newPassword: values.next }),
    {
      said: () => t('security.passwordChanged'),
      done: () => {
        setIsOpen(false);
        form.reset();
      },
    },
  );
  const { errors } = form.formState;
  const required = t('form.required');
  return (
    <Section
      title={t('signin.password')}
      commands={
        <Button icon={<KeyRegular />} onClick={() => setIsOpen(true)}>
          {t('security.changePassword')}
        </Button>
      }
    >
      <Text>
        {props.methods.password ? (
          <>
            {t('security.passwordSet')} <WhenText at={props.methods.password.setAt} />
          </>
        ) : (
          t('security.noPassword')
        )}
      </Text>
      {isOpen && (
        <FormPanel
          size="small"
          title={t('security.changePassword')}
          sentence={t('security.othersEnd')}
          submit={t('action.save')}
          onClose={() => setIsOpen(false)}
          onSubmit={form.handleSubmit((values) => change.run(values))}
          isBusy={change.isBusy}
          fault={change.fault}
        >
          <Field label={t('security.currentPassword')} required validationMessage={errors.current?.message}>
            <Input {...textBox(form, 'current', { required })} type="password" autoComplete="current-password" />
          </Field>
          <Field
            label={t('signin.newPassword')}
            hint={t('setup.passwordHint')}
            required
            validationMessage={errors.next?.message}
          >
            <Input
              {...textBox(form, 'next', { required, minLength: { value: 12, message: t('setup.passwordHint') } })}
              type="password"
              autoComplete="new-password"
            />
          </Field>
          <Field label={t('security.again')} required validationMessage={errors.again?.message}>
            <Input
              {...textBox(form, 'again', {
                required,
                validate: (value, { next }) => value === next || t('security.notEqual'),
              })}
              type="password"
              autoComplete="new-password"
            />
          </Field>
        </FormPanel>
      )}
    </Section>
  );
}
