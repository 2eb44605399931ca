import { Button, Card, Field, Input, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { BuildingRegular, PlayCircleRegular } from '@fluentui/react-icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { NARROW } from '../parts/narrow.ts';
import { PersonName } from '../parts/person-name.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { textBox } from '../parts/text-box.ts';
import { Plain } from '../shell/plain.tsx';
import { useOpenApi } from '../shell/tenant.ts';
import { startSignIn } from '../signin/session.ts';
import type { DemoDone, Setup } from './setup.ts';

const useStyles = makeStyles({
  choices: { display: 'grid', gridTemplateColumns: '1fr 1fr', gap: '16px', [NARROW]: { gridTemplateColumns: '1fr' } },
  choice: { display: 'grid', gap: '8px', alignContent: 'start', padding: '20px' },
  picture: { fontSize: '28px', color: tokens.colorBrandForeground1, lineHeight: 1 },
  form: { display: 'grid', gap: '16px' },
  ends: { display: 'flex', gap: '8px', justifyContent: 'flex-end' },
  people: { margin: 0, padding: 0, listStyleType: 'none', display: 'grid', gap: '12px' },
  person: { display: 'flex', gap: '12px', justifyContent: 'space-between', alignItems: 'center' },
});

/** The first visit to an empty server: an organisation of one's own, or the demonstration. */
export function SetupPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const api = useOpenApi();
  const router = useRouter();
  const [choice, setChoice] = useState<'organisation' | 'demo'>();
  const setup = useQuery<Setup, ApiFault>({ queryKey: ['setup'], queryFn: () => api.get<Setup>('/operator/setup') });
  const needsCode = setup.data?.needsCode === true;
  const [code, setCode] = useState('');
  const demo = useMutation<DemoDone, ApiFault>({
    mutationFn: () =>
      api.post<DemoDone>('/operator/setup', { demo: true, ...(needsCode ? { code: code.trim() } : {}) }),
  });

  if (demo.data) return <Loaded done={demo.data} />;
  if (setup.error) {
    return (
      <Plain title={t('product')}>
        <RefusalBar fault={setup.error} onRetry={() => void setup.refetch()} />
      </Plain>
    );
  }
  if (setup.data && !setup.data.isEmpty) {
    return (
      <Plain title={t('setup.done')} sentence={t('setup.doneSentence')}>
        <div>
          <Button appearance="primary" onClick={() => router.history.push('/')}>
            {t('setup.toSignIn')}
          </Button>
        </div>
      </Plain>
    );
  }
  if (choice === 'organisation') return <Create needsCode={needsCode} onBack={() => setChoice(undefined)} />;
  return (
    <Plain title={t('setup.title')} sentence={t('setup.sentence')} isWide>
      {demo.error && <RefusalBar fault={demo.error} />}
      <div className={styles.choices}>
        <Choice
          picture={<BuildingRegular />}
          title={t('setup.create')}
          sentence={t('setup.createSentence')}
          button={
            <Button appearance="primary" onClick={() => setChoice('organisation')} disabled={demo.isPending}>
              {t('setup.create')}
            </Button>
          }
        />
        <Choice
          picture={<PlayCircleRegular />}
          title={t('setup.demo')}
          sentence={t('setup.demoSentence')}
          button={
            setup.data?.mayLoadDemo ? (
              <form
                className={styles.form}
                onSubmit={(event) => {
                  event.preventDefault();
                  demo.mutate();
                }}
              >
                {needsCode && (
                  <Field label={t('setup.code')} required hint={t('setup.codeHint')}>
                    <Input
                      value={code}
                      onChange={(_, data) => setCode(data.value)}
                      autoComplete="off"
                      autoCapitalize="none"
                    />
                  </Field>
                )}
                <div>
                  <Button
                    type="submit"
                    disabled={demo.isPending || (needsCode && code.trim() === '')}
                    icon={demo.isPending ? <Spinner size="tiny" aria-hidden /> : undefined}
                  >
                    {demo.isPending ? t('setup.loadingDemo') : t('setup.demo')}
                  </Button>
                </div>
              </form>
            ) : (
              <CopyField label={t('setup.demoCommand')} value="npm start -- --demo" />
            )
          }
        />
      </div>
    </Plain>
  );
}

function Choice(props: { picture: ReactNode; title: string; sentence: string; button: ReactNode }) {
  const styles = useStyles();
  return (
    <Card className={styles.choice} appearance="outline">
      <span className={styles.picture} aria-hidden>
        {props.picture}
      </span>
      <Text as="h2" size={400} weight="semibold" style={{ margin: 0 }}>
        {props.title}
      </Text>
      <Text>{props.sentence}</Text>
      <div>{props.button}</div>
    </Card>
  );
}

interface NewOrganisation {
  displayName: string;
  domain: string;
  administratorName: string;
  administratorUserName: string;
  password: string;
  code: string;
}

function Create(props: { needsCode: boolean; onBack: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const api = useOpenApi();
  const form = useForm<NewOrganisation>({
    defaultValues: {
      displayName: '',
      domain: '',
      administratorName: '',
      administratorUserName: '',
      password: '',
      code: '',
    },
  });
  const domain = form.watch('domain').trim();
  const create = useMutation<unknown, ApiFault, NewOrganisation>({
    mutationFn: (values) =>
      api.post('/operator/setup', {
        displayName: values.displayName.trim(),
        initialDomain: values.domain.trim().toLowerCase(),
        administrator: {
          displayName: values.administratorName.trim(),
          userPrincipalName: `${values.administratorUserName.trim()}@${values.domain.trim().toLowerCase()}`,
          password: values.password,
        },
        ...(props.needsCode ? { code: values.code.trim() } : {}),
      }),
    onSuccess: (_, values) =>
      startSignIn(values.domain.trim().toLowerCase(), `/t/${values.domain.trim().toLowerCase()}`, {
        loginHint: `${values.administratorUserName.trim()}@${values.domain.trim().toLowerCase()}`,
      }),
  });
  const { errors } = form.formState;
  const required = t('form.required');
  return (
    <Plain title={t('setup.create')} sentence={t('setup.createForm')}>
      <form className={styles.form} noValidate onSubmit={form.handleSubmit((values) => create.mutate(values))}>
        {create.error && <RefusalBar fault={create.error} />}
        {props.needsCode && (
          <Field label={t('setup.code')} required hint={t('setup.codeHint')} validationMessage={errors.code?.message}>
            <Input {...form.register('code', { required })} autoComplete="off" autoCapitalize="none" />
          </Field>
        )}
        <Field label={t('setup.organisationName')} required validationMessage={errors.displayName?.message}>
          <Input {...textBox(form, 'displayName', { required })} autoComplete="organization" autoFocus />
        </Field>
        <Field
          label={t('setup.domain')}
          required
          hint={t('setup.domainHint')}
          validationMessage={errors.domain?.message}
        >
          <Input
            {...textBox(form, 'domain', {
              required,
              pattern: { value: /^[^\s@/.]+(\.[^\s@/.]+)+$/, message: t('form.domain') },
            })}
            placeholder="fabrikam.example"
            autoCapitalize="none"
          />
        </Field>
        <Field label={t('setup.yourName')} required validationMessage={errors.administratorName?.message}>
          <Input {...textBox(form, 'administratorName', { required })} autoComplete="name" />
        </Field>
        <Field label={t('setup.userName')} required validationMessage={errors.administratorUserName?.message}>
          <Input
            {...textBox(form, 'administratorUserName', {
              required,
              pattern: { value: /^[^\s@#]+$/, message: t('form.userName') },
            })}
            autoComplete="username"
            autoCapitalize="none"
            contentAfter={domain === '' ? undefined : <Text>{`@${domain}`}</Text>}
          />
        </Field>
        <Field
          label={t('setup.password')}
          required
          hint={t('setup.passwordHint')}
          validationMessage={errors.password?.message}
        >
          <Input
            {...textBox(form, 'password', { required, minLength: { value: 12, message: t('setup.passwordHint') } })}
            type="password"
            autoComplete="new-password"
          />
        </Field>
        <div className={styles.ends}>
          <Button onClick={props.onBack}>{t('action.back')}</Button>
          <Button
            type="submit"
            appearance="primary"
            disabled={create.isPending}
            icon={create.isPending ? <Spinner size="tiny" aria-hidden /> : undefined}
          >
            {t('setup.create')}
          </Button>
        </div>
      </form>
    </Plain>
  );
}

function Loaded(props: { done: DemoDone }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { people, password } = props.done;
  const domainOf = (userName: string) => userName.split('@').at(-1) ?? '';
  const signIn = (userName: string) =>
    startSignIn(domainOf(userName), `/t/${encodeURIComponent(domainOf(userName))}`, { loginHint: userName });
  return (
    <Plain title={t('setup.demoReady')} sentence={t('setup.demoReadySentence')} isWide>
      <CopyField label={t('setup.demoPassword')} value={password} hint={t('setup.demoPasswordHint')} />
      <ul className={styles.people}>
        {people.map((person) => (
          <li key={person.userPrincipalName} className={styles.person}>
            <PersonName
              name={person.displayName}
              second={[person.userPrincipalName, person.role].filter(Boolean).join(' · ')}
            />
            <Button
              aria-label={t('setup.signInAs', { name: person.displayName })}
              onClick={() => void signIn(person.userPrincipalName)}
            >
              {t('setup.signIn')}
            </Button>
          </li>
        ))}
      </ul>
    </Plain>
  );
}
