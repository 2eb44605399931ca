import { Button, Field, Input, Spinner } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { ApiFault } from '../api.ts';
import type { Setup } from '../operator/setup.ts';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { textBox } from '../parts/text-box.ts';
import { Plain } from '../shell/plain.tsx';
import { useOpenApi } from '../shell/tenant.ts';
import { continueSignIn, lastTenant, rememberPerson, startSignIn, waitingSignIn } from '../signin/session.ts';

/** The bare address: goes where the person was last, asks who they are otherwise, or begins with an empty server. */
export function StartPage() {
  const { t } = useTranslation();
  const api = useOpenApi();
  const router = useRouter();
  const setup = useQuery<Setup, ApiFault>({
    queryKey: ['setup'],
    queryFn: () => api.get<Setup>('/operator/setup'),
  });
  const isEmpty = setup.data?.isEmpty === true;
  const waiting = waitingSignIn(location.search);
  // An application asks, and perhaps for another organisation than the last one.
  const tenant = waiting === undefined ? lastTenant() : undefined;

  useEffect(() => {
    if (setup.isPending) return;
    if (isEmpty) void router.navigate({ to: '/setup', replace: true });
    else if (tenant) void router.navigate({ to: '/t/$tenant', params: { tenant }, replace: true });
  }, [setup.isPending, isEmpty, tenant, router]);

  if (setup.isPending || isEmpty || tenant) {
    return (
      <Plain title={t('product')}>
        <Spinner label={t('list.loading')} />
      </Plain>
    );
  }
  return <WhoAreYou waiting={waiting} fault={setup.error?.status === 0 ? setup.error : undefined} />;
}

/** Finds the organisation from what stands after the @, and goes to its sign-in page. */
function WhoAreYou(props: { waiting: string | undefined; fault: ApiFault | undefined }) {
  const { t } = useTranslation();
  const form = useForm({ defaultValues: { userName: '' } });
  const [fault, setFault] = useState(props.fault);
  const error = form.formState.errors.userName?.message;
  const go = form.handleSubmit(async ({ userName }) => {
    const domain = userName.trim().split('@').at(-1)?.toLowerCase() ?? '';
    const loginHint = userName.includes('@') ? userName.trim() : undefined;
    if (loginHint) rememberPerson(loginHint);
    try {
      if (props.waiting !== undefined) await continueSignIn(domain, props.waiting, loginHint);
      else await startSignIn(domain, `/t/${encodeURIComponent(domain)}`, loginHint ? { loginHint } : {});
    } catch (error) {
      setFault(
        error instanceof ApiFault && error.status === 0
          ? error
          : new ApiFault(404, 'signin.no-such-tenant', t('start.unknown', { domain })),
      );
    }
  });
  return (
    <Plain title={t('start.title')} sentence={t('start.sentence')}>
      <form onSubmit={go} noValidate style={{ display: 'grid', gap: '16px' }}>
        {fault && <RefusalBar fault={fault} />}
        <Field label={t('start.userName')} required validationMessage={error} hint={t('start.hint')}>
          <Input
            {...textBox(form, 'userName', { required: t('form.required') })}
            type="text"
            inputMode="email"
            autoComplete="username"
            autoCapitalize="none"
            autoFocus
          />
        </Field>
        <div style={{ display: 'flex', justifyContent: 'flex-end' }}>
          <Button
            type="submit"
            appearance="primary"
            icon={form.formState.isSubmitting ? <Spinner size="tiny" aria-hidden /> : undefined}
          >
            {t('action.next')}
          </Button>
        </div>
      </form>
    </Plain>
  );
}
