import { Link, Spinner } from '@fluentui/react-components';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiFault } from '../api.ts';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { type Branding, Plain } from '../shell/plain.tsx';
import { useOpenApi } from '../shell/tenant.ts';
import type { Interaction } from './interaction.ts';
import {
  Answers,
  Blocked,
  Consent,
  OneField,
  SecondFactor,
  SetUpSecondFactor,
  type Step,
  Whom,
} from './interaction-steps.tsx';

/** The sign-in pages: one question at a time, in the look of the organisation that asks. */
export function InteractionPage() {
  const { uid = '' } = useParams({ strict: false }) as { uid?: string };
  const tenant = new URLSearchParams(location.search).get('tenant') ?? '';
  const { t } = useTranslation();
  const api = useOpenApi();
  const base = `/${encodeURIComponent(tenant)}/signin/${encodeURIComponent(uid)}`;
  const branding = useQuery<Branding, ApiFault>({
    queryKey: ['branding', tenant],
    queryFn: () => api.get<Branding>(`/${encodeURIComponent(tenant)}/branding`),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: tenant !== '',
  });
  const first = useQuery<Interaction, ApiFault>({
    queryKey: ['interaction', base],
    queryFn: () => api.get<Interaction>(base),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const [answered, setAnswered] = useState<Interaction>();
  const current = answered ?? first.data;
  const act = useMutation<Interaction, ApiFault, { path: string; body: unknown }>({
    mutationFn: async ({ path, body }) =>
      path === 'passkey' ? signInWithPasskey() : api.post<Interaction>(`${base}/${path}`, body ?? {}),
    onSuccess: setAnswered,
  });

  async function signInWithPasskey(): Promise<Interaction> {
    const { startAuthentication } = await import('@simplewebauthn/browser');
    const options = await api.post<never>(`${base}/passkey-options`, {});
    try {
      return await api.post<Interaction>(`${base}/passkey`, await startAuthentication({ optionsJSON: options }));
    } catch (error) {
      if (error instanceof ApiFault) throw error;
      throw new ApiFault(400, 'signin.passkey-cancelled', t('signin.passkeyCancelled'));
    }
  }

  // Whoever was named at the beginning and is at home elsewhere goes there without being asked again.
  const isNamed = first.data?.step === 'home' && !answered && !act.error;
  const { mutate, isIdle } = act;
  useEffect(() => {
    if (isNamed && isIdle) mutate({ path: 'home', body: {} });
  }, [isNamed, isIdle, mutate]);

  const target = current?.redirectTo;
  useEffect(() => {
    if (target) location.assign(target);
  }, [target]);

  if (first.error) {
    const isOver = [400, 404, 410].includes(first.error.status);
    return (
      <Plain
        branding={branding.data}
        title={isOver ? t('signin.over') : t('fault.failed')}
        sentence={isOver ? t('signin.overSentence') : undefined}
        {...(isOver ? { link: '/' } : {})}
      >
        {!isOver && <RefusalBar fault={first.error} onRetry={() => void first.refetch()} />}
      </Plain>
    );
  }
  if (!current) {
    return (
      <Plain title={t('start.title')} branding={branding.data}>
        <LoadingRows count={3} />
      </Plain>
    );
  }
  if (target || current.step === 'done' || isNamed) {
    return (
      <Plain
        title={
          current.step === 'home'
            ? t('signin.atHome', { name: current.home?.displayName ?? '' })
            : t('signin.finishing')
        }
        branding={branding.data}
      >
        <Spinner label={t('list.loading')} />
      </Plain>
    );
  }
  const step: Step = {
    current,
    isBusy: act.isPending,
    fault: act.error,
    base,
    answer: (path, body) => act.mutate({ path, body }),
    withPasskey: () => act.mutate({ path: 'passkey', body: undefined }),
  };
  return <StepPage key={current.step} step={step} branding={branding.data} />;
}

function StepPage(props: { step: Step; branding: Branding | undefined }) {
  const { t } = useTranslation();
  const { step, branding } = props;
  const { current } = step;
  const organisation = branding?.displayName ?? '';
  switch (current.step) {
    case 'username':
      return (
        <Plain
          title={t('start.title')}
          sentence={current.application && t('signin.toContinue', { name: current.application.displayName })}
          branding={branding}
        >
          <OneField
            step={step}
            path="username"
            name="userName"
            label={t('signin.userName')}
            autoComplete="username webauthn"
          />
        </Plain>
      );
    case 'password':
      return (
        <Plain title={t('signin.enterPassword')} branding={branding}>
          <Whom step={step} />
          <OneField
            step={step}
            path="password"
            name="password"
            label={t('signin.password')}
            type="password"
            autoComplete="current-password"
          />
        </Plain>
      );
    case 'change-password':
      return (
        <Plain title={t('signin.newPassword')} sentence={t('signin.newPasswordSentence')} branding={branding}>
          <Whom step={step} />
          <OneField
            step={step}
            path="change-password"
            name="newPassword"
            label={t('signin.newPassword')}
            hint={t('setup.passwordHint')}
            type="password"
            autoComplete="new-password"
          />
        </Plain>
      );
    case 'second-factor':
      return <SecondFactor step={step} branding={branding} />;
    case 'set-up-second-factor':
      return <SetUpSecondFactor step={step} branding={branding} />;
    case 'blocked':
      return <Blocked step={step} branding={branding} />;
    case 'passcode':
      return (
        <Plain
          title={t('signin.passcode')}
          sentence={t('signin.passcodeSentence', { address: current.userName ?? '' })}
          branding={branding}
        >
          <OneField
            step={step}
            path="passcode"
            name="code"
            label={t('signin.code')}
            inputMode="numeric"
            autoComplete="one-time-code"
          >
            <Link as="button" type="button" onClick={() => step.answer('passcode-again')}>
              {t('signin.sendAgain')}
            </Link>
          </OneField>
        </Plain>
      );
    case 'not-a-guest':
      return (
        <Plain
          title={t('signin.notAGuest', { name: organisation })}
          sentence={t('signin.notAGuestSentence', { current: current.signedInAs ?? '', name: organisation })}
          branding={branding}
        >
          <Answers
            step={step}
            answers={[
              ['switch-account', t('signin.switchAccount')],
              ['cancel', t('action.cancel')],
            ]}
          />
        </Plain>
      );
    case 'home':
      return (
        <Plain
          title={t('signin.homeTitle')}
          sentence={t('signin.homeSentence', { name: current.home?.displayName ?? '', organisation })}
          branding={branding}
        >
          <Answers
            step={step}
            answers={[
              ['home', t('signin.goHome')],
              ['cancel', t('action.cancel')],
            ]}
          />
        </Plain>
      );
    default:
      return <Consent step={step} branding={branding} />;
  }
}
