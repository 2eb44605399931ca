import { Checkbox, Field, Input, MessageBar, MessageBarBody, Text, Textarea } from '@fluentui/react-components';
import { useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { Foretold } from '../access/foretold.tsx';
import { faultOf } from '../api.ts';
import { LANGUAGES } from '../i18n/index.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { DateField } from '../parts/date-field.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { textBox } from '../parts/text-box.ts';
import { daysFromNow, endOfDay } from '../parts/when.ts';
import { useAbilities, useMe } from '../shell/me.ts';
import { useTenant } from '../shell/tenant.ts';

interface Invitation {
  readonly id: string;
  readonly inviteRedeemUrl: string;
  readonly status: string;
  readonly invitedUser: { readonly id: string };
  readonly mailSuppressed?: boolean;
  readonly assigned?: readonly { readonly id: string; readonly error?: { readonly message: string } | null }[];
}

interface Values {
  address: string;
  name: string;
  message: string;
}

const ADDRESS = /^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$/;

/** Asks somebody in: whom, why, into which groups, until when, and who answers for them. */
export function InvitePanel(props: { onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const tenant = useTenant();
  const me = useMe().data;
  const abilities = useAbilities();
  const [isMailed, setIsMailed] = useState(true);
  const [language, setLanguage] = useState(i18n.language);
  const [ends, setEnds] = useState(daysFromNow(180));
  const [groups, setGroups] = useState<Picked[]>([]);
  const [sponsors, setSponsors] = useState<Picked[]>();
  const form = useForm<Values>({ defaultValues: { address: '', name: '', message: '' } });
  const answering = sponsors ?? (me ? [{ id: me.id, displayName: me.displayName }] : []);
  const bodyOf = (values: Values) => ({
    invitedUserEmailAddress: values.address.trim(),
    ...(values.name.trim() === '' ? {} : { invitedUserDisplayName: values.name.trim() }),
    inviteRedirectUrl: `${location.origin}/t/${encodeURIComponent(tenant)}`,
    sendInvitationMessage: isMailed,
    invitedUserMessageInfo: {
      messageLanguage: language,
      ...(values.message.trim() === '' ? {} : { customizedMessageBody: values.message.trim() }),
    },
    invitedUserSponsors: answering.map(({ id }) => ({ id })),
    ...(ends === '' ? {} : { endDateTime: endOfDay(ends)?.toISOString() }),
    ...(groups.length === 0 ? {} : { assign: { groups: groups.map(({ id }) => id) } }),
  });
  const invite = useAct<Values, Invitation>((api, values) => api.post('/v1.0/invitations', bodyOf(values)), {
    isTried: 'quietly',
    said: (values) => t('invite.done', { address: values.address.trim() }),
  });
  const address = useWatch({ control: form.control, name: 'address' });
  const foretold = ADDRESS.test(address)
    ? ({ method: 'POST', path: '/v1.0/invitations', body: bodyOf({ address, name: '', message: '' }) } as const)
    : undefined;
  const { errors } = form.formState;

  if (invite.output) {
    const { output } = invite;
    const refused = output.assigned?.filter((one) => one.error) ?? [];
    return (
      <FormPanel title={t('invite.doneTitle')} submit="" onClose={props.onClose}>
        {output.mailSuppressed && (
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>{t('invite.suppressed')}</MessageBarBody>
          </MessageBar>
        )}
        {refused.map((one) => (
          <RefusalBar key={one.id} fault={faultOf(403, { error: one.error }, t('fault.unknown'))} />
        ))}
        <Text>{isMailed && !output.mailSuppressed ? t('invite.mailed') : t('invite.notMailed')}</Text>
        <CopyField label={t('invite.link')} value={output.inviteRedeemUrl} hint={t('invite.linkHint')} />
        <InnerLink path={`/guests/${output.invitedUser.id}`}>{t('invite.openGuest')}</InnerLink>
      </FormPanel>
    );
  }
  return (
    <FormPanel
      title={t('guests.invite')}
      sentence={t('invite.sentence')}
      submit={t('invite.send')}
      onClose={props.onClose}
      onSubmit={form.handleSubmit((values) => invite.run(values))}
      isBusy={invite.isBusy}
      fault={invite.fault}
    >
      <Field label={t('people.mail')} required validationMessage={errors.address?.message}>
        <Input
          {...textBox(form, 'address', {
            required: t('form.required'),
            pattern: { value: ADDRESS, message: t('form.address') },
          })}
          type="email"
          autoCapitalize="none"
          autoFocus
        />
      </Field>
      <Foretold request={foretold} />
      <Field label={t('people.name')} hint={t('invite.nameHint')}>
        <Input {...textBox(form, 'name')} />
      </Field>
      <Checkbox
        label={t('invite.sendMail')}
        checked={isMailed}
        onChange={(_, { checked }) => setIsMailed(checked === true)}
      />
      {isMailed && (
        <>
          <Field label={t('invite.message')} hint={t('invite.messageHint')}>
            <Textarea {...textBox(form, 'message')} rows={3} resize="vertical" />
          </Field>
          <Choice
            label={t('invite.language')}
            value={language}
            onChange={setLanguage}
            options={LANGUAGES.map(({ code, name }) => [code as string, name] as const)}
          />
        </>
      )}
      <DateField
        label={t('guests.ends')}
        value={ends}
        onChange={setEnds}
        min={new Date()}
        hint={t('invite.endsHint')}
      />
      <PersonPicker
        label={t('guests.sponsor')}
        kind="users"
        filter="userType eq 'Member'"
        picked={answering}
        onChange={setSponsors}
        limit={5}
        hint={t('invite.sponsorHint')}
      />
      {abilities.sees('groups') && (
        <PersonPicker
          label={t('nav.groups')}
          kind="groups"
          picked={groups}
          onChange={setGroups}
          hint={t('invite.groupsHint')}
        />
      )}
    </FormPanel>
  );
}
