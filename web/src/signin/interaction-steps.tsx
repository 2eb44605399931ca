import {
  Button,
  Card,
  Checkbox,
  Field,
  Input,
  Link,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { FingerprintRegular, PersonRegular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { referenceOf } from '../parts/refusal.ts';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { textBox } from '../parts/text-box.ts';
import { type Branding, Plain } from '../shell/plain.tsx';
import { useOpenApi } from '../shell/tenant.ts';
import type { Interaction } from './interaction.ts';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '16px' },
  ends: { display: 'flex', gap: '8px', justifyContent: 'flex-end', flexWrap: 'wrap' },
  person: {
    display: 'inline-flex',
    gap: '8px',
    alignItems: 'center',
    padding: '4px 12px 4px 8px',
    borderRadius: tokens.borderRadiusCircular,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    width: 'fit-content',
    maxWidth: '100%',
    overflowWrap: 'anywhere',
  },
  permissions: { margin: 0, paddingInlineStart: '20px', display: 'grid', gap: '6px' },
  other: { display: 'grid', gap: '8px', justifyItems: 'start' },
});

export interface Step {
  readonly current: Interaction;
  readonly isBusy: boolean;
  readonly fault: ApiFault | null;
  /** Where this sign-in stands on the server. */
  readonly base: string;
  /** Answers the step; `path` names the answer. */
  answer(path: string, body?: unknown): void;
  withPasskey(): void;
}

export function Whom(props: { step: Step }) {
  const styles = useStyles();
  const { t } = useTranslation();
  const { userName } = props.step.current;
  if (!userName) return null;
  return (
    <div style={{ display: 'flex', gap: '12px', alignItems: 'center', flexWrap: 'wrap' }}>
      <span className={styles.person}>
        <PersonRegular aria-hidden />
        <Text>{userName}</Text>
      </span>
      <Link as="button" type="button" onClick={() => props.step.answer('switch-account')}>
        {t('signin.notYou')}
      </Link>
    </div>
  );
}

/** A step with a single thing to type. */
export function OneField(props: {
  step: Step;
  path: string;
  name: string;
  label: string;
  hint?: string;
  type?: 'text' | 'password';
  inputMode?: 'text' | 'numeric';
  autoComplete: string;
  children?: ReactNode;
}) {
  const styles = useStyles();
  const { t } = useTranslation();
  const { step } = props;
  const form = useForm<Record<string, string>>({
    defaultValues: { [props.name]: props.name === 'userName' ? (step.current.userName ?? '') : '' },
  });
  const hasPasskey = step.current.methods?.includes('passkey') && typeof PublicKeyCredential !== 'undefined';
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={form.handleSubmit((values) => step.answer(props.path, { [props.name]: values[props.name]?.trim() }))}
    >
      {step.fault && <RefusalBar fault={step.fault} />}
      {props.name === 'password' && (
        // Password managers look for the user name beside the password.
        <input type="text" autoComplete="username" value={step.current.userName ?? ''} readOnly hidden />
      )}
      <Field
        label={props.label}
        required
        hint={props.hint}
        validationMessage={form.formState.errors[props.name]?.message}
      >
        <Input
          {...textBox(form, props.name, { required: t('form.required') })}
          type={props.type ?? 'text'}
          inputMode={props.inputMode ?? 'text'}
          autoComplete={props.autoComplete}
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
        />
      </Field>
      {props.children && <div>{props.children}</div>}
      <div className={styles.ends}>
        {hasPasskey && (
          <Button icon={<FingerprintRegular />} disabled={step.isBusy} onClick={step.withPasskey}>
            {t('signin.withPasskey')}
          </Button>
        )}
        <Button
          type="submit"
          appearance="primary"
          disabled={step.isBusy}
          icon={step.isBusy ? <Spinner size="tiny" aria-hidden /> : undefined}
        >
          {t('action.next')}
        </Button>
      </div>
    </form>
  );
}

export function SecondFactor(props: { step: Step; branding: Branding | undefined }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { methods = [] } = props.step.current;
  const [method, setMethod] = useState(methods.includes('totp') ? 'totp' : (methods[0] ?? 'recovery-code'));
  const isTotp = method === 'totp';
  return (
    <Plain
      title={t('signin.secondFactor')}
      sentence={isTotp ? t('signin.totpSentence') : t('signin.recoverySentence')}
      branding={props.branding}
    >
      <Whom step={props.step} />
      <OneField
        key={method}
        step={props.step}
        path={isTotp ? 'totp' : 'recovery-code'}
        name="code"
        label={isTotp ? t('signin.code') : t('signin.recoveryCode')}
        inputMode={isTotp ? 'numeric' : 'text'}
        autoComplete="one-time-code"
      />
      <div className={styles.other}>
        {methods.includes('recovery-code') && (
          <Link as="button" type="button" onClick={() => setMethod(isTotp ? 'recovery-code' : 'totp')}>
            {isTotp ? t('signin.useRecovery') : t('signin.useTotp')}
          </Link>
        )}
        <ReferenceText reference={props.step.current.reference} />
      </div>
    </Plain>
  );
}

/** A guest of an organisation that does not take home's word for it makes a second factor here, once. */
export function SetUpSecondFactor(props: { step: Step; branding: Branding | undefined }) {
  const { t } = useTranslation();
  const api = useOpenApi();
  const { base } = props.step;
  const made = useQuery<{ secret: string; image: string }, ApiFault>({
    queryKey: ['second-factor', base],
    queryFn: () => api.post<{ secret: string; image: string }>(`${base}/second-factor-options`, {}),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  return (
    <Plain
      title={t('security.addTotp')}
      sentence={t('signin.setUpSentence', { name: props.branding?.displayName ?? '' })}
      branding={props.branding}
    >
      {made.error && <RefusalBar fault={made.error} onRetry={() => void made.refetch()} />}
      {made.data ? (
        <>
          <Text>{t('security.scan')}</Text>
          <Card appearance="outline" style={{ width: 'fit-content', background: '#ffffff' }}>
            <img src={made.data.image} alt={t('security.qr')} width={208} height={208} />
          </Card>
          <CopyField label={t('security.secret')} value={made.data.secret} />
          <OneField
            step={props.step}
            path="totp"
            name="code"
            label={t('signin.code')}
            hint={t('security.codeHint')}
            inputMode="numeric"
            autoComplete="one-time-code"
          />
        </>
      ) : (
        !made.error && <LoadingRows count={3} />
      )}
      <ReferenceText reference={props.step.current.reference} />
    </Plain>
  );
}

/** What is read out to the administrator of the organisation that asks for more, or lets nobody further. */
function ReferenceText({ reference }: Pick<Interaction, 'reference'>) {
  const { t } = useTranslation();
  if (!reference) return null;
  return <Text size={200}>{t('signin.blockedReference', { name: reference.at, id: reference.id })}</Text>;
}

/** The end of a sign-in that an organisation does not let through, and whose administrator could. */
export function Blocked(props: { step: Step; branding: Branding | undefined }) {
  const { t } = useTranslation();
  const { why = 'policy', organisation: name = '', reference } = props.step.current.blocked ?? {};
  const sentences = {
    policy: t('signin.blockedByPolicy', { name }),
    device: t('signin.blockedByDevice', { name }),
    'second-factor': t('signin.blockedSecondFactor', { name }),
    network: t('signin.blockedByNetwork'),
  };
  return (
    <Plain title={t('signin.blocked')} sentence={sentences[why]} branding={props.branding}>
      <ReferenceText reference={reference} />
      <Answers
        step={props.step}
        answers={[
          ['switch-account', t('signin.switchAccount')],
          ['cancel', t('action.cancel')],
        ]}
      />
    </Plain>
  );
}

export function Answers(props: { step: Step; answers: readonly (readonly [string, string])[]; body?: unknown }) {
  const styles = useStyles();
  return (
    <>
      {props.step.fault && <RefusalBar fault={props.step.fault} />}
      <div className={styles.ends}>
        {[...props.answers].reverse().map(([path, text], place) => (
          <Button
            key={path}
            appearance={place === props.answers.length - 1 ? 'primary' : 'secondary'}
            disabled={props.step.isBusy}
            onClick={() => props.step.answer(path, props.body)}
          >
            {text}
          </Button>
        ))}
      </div>
    </>
  );
}

export function Consent(props: { step: Step; branding: Branding | undefined }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { application, permissions = [], userName, mayConsent = 'self', decisionId } = props.step.current;
  const tenant = new URLSearchParams(location.search).get('tenant') ?? '';
  const [isForEveryone, setIsForEveryone] = useState(false);
  const name = application?.displayName ?? '';
  return (
    <Plain
      title={t('signin.consent', { name })}
      sentence={application?.publisher ? t('signin.publisher', { name: application.publisher }) : undefined}
      branding={props.branding}
    >
      {userName && <Whom step={props.step} />}
      {mayConsent === 'none' && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            {t('signin.consentNotYours', { name })}{' '}
            {decisionId !== undefined && t('fault.reference', { id: referenceOf(decisionId) })}
          </MessageBarBody>
          {decisionId !== undefined && (
            <MessageBarActions>
              <Link href={`/t/${encodeURIComponent(tenant)}/requests?ask=${decisionId}`}>{t('requests.ask')}</Link>
            </MessageBarActions>
          )}
        </MessageBar>
      )}
      <Text>{t(mayConsent === 'none' ? 'signin.consentWanted' : 'signin.consentSentence')}</Text>
      <ul className={styles.permissions}>
        {permissions.map((one) => (
          <li key={one.name}>
            <Text>{one.sentence ?? one.name}</Text>
          </li>
        ))}
      </ul>
      {mayConsent === 'everyone' && (
        <Checkbox
          checked={isForEveryone}
          onChange={(_, { checked }) => setIsForEveryone(checked === true)}
          label={t('signin.consentForEveryone')}
        />
      )}
      {mayConsent !== 'none' && <Text size={200}>{t('signin.consentLater')}</Text>}
      <Answers
        step={props.step}
        body={{ forEveryone: isForEveryone }}
        answers={[
          ...(mayConsent === 'none' ? [] : [['consent', t('signin.accept')] as const]),
          ['cancel', t('action.cancel')],
        ]}
      />
    </Plain>
  );
}
