import { Button, Checkbox, Field, Input, Link, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { Facts } from '../parts/facts.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { type Branding, Plain } from '../shell/plain.tsx';
import { useOpenApi } from '../shell/tenant.ts';
import { rememberPerson } from '../signin/session.ts';

/** An invitation as the invited person sees it before accepting. */
interface Offer {
  readonly step: 'sign-in' | 'passcode' | 'wrong-account' | 'consent' | 'done' | 'refused';
  readonly organisation: { readonly displayName: string; readonly domain: string };
  readonly branding?: Branding;
  readonly invitedBy?: { readonly displayName: string; readonly mail?: string | null } | null;
  readonly invitedAddress: string;
  readonly message?: string | null;
  readonly endsAt?: string | null;
  /** What will be known of the person there. */
  readonly shares?: readonly string[];
  readonly signedInAs?: string | null;
  readonly home?: { readonly displayName: string } | null;
  readonly privacyUrl?: string | null;
  readonly termsUrl?: string | null;
  readonly contact?: string | null;
  readonly redirectTo?: string | null;
  readonly sentence?: string | null;
}

const useStyles = makeStyles({
  message: {
    margin: 0,
    padding: '12px 16px',
    borderInlineStartWidth: '3px',
    borderInlineStartStyle: 'solid',
    borderInlineStartColor: tokens.colorBrandStroke1,
    backgroundColor: tokens.colorNeutralBackground2,
    whiteSpace: 'pre-wrap',
  },
  shares: { margin: 0, paddingInlineStart: '20px' },
  ends: { display: 'flex', gap: '8px', justifyContent: 'flex-end', flexWrap: 'wrap' },
});

/** Accepting an invitation: who invites, what for, until when, what they will see; or never again from there. */
export function RedeemPage() {
  const { t } = useTranslation();
  const api = useOpenApi();
  const search = location.search;
  const [answered, setAnswered] = useState<Offer>();
  const query = useQuery<Offer, ApiFault>({
    queryKey: ['redeem', search],
    queryFn: () => api.get<Offer>(`/me/redemption${search}`),
    refetchOnWindowFocus: false,
  });
  const act = useMutation<Offer, ApiFault, { path: string; body?: unknown }>({
    mutationFn: ({ path, body }) => api.post<Offer>(`/me/redemption/${path}${search}`, body ?? {}),
    onSuccess: setAnswered,
  });
  const offer = answered ?? query.data;
  const target = offer?.redirectTo;
  useEffect(() => {
    if (!target || !offer) return;
    rememberPerson(offer.signedInAs ?? offer.invitedAddress);
    location.assign(target);
  }, [target, offer]);

  if (query.error) {
    return (
      <Plain title={t('redeem.over')} sentence={query.error.status === 404 ? t('redeem.overSentence') : undefined}>
        {query.error.status !== 404 && <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />}
      </Plain>
    );
  }
  if (!offer) {
    return (
      <Plain title={t('redeem.title')}>
        <LoadingRows count={4} />
      </Plain>
    );
  }
  if (target) {
    return (
      <Plain title={t('redeem.opening')} branding={offer.branding}>
        <Spinner label={t('list.loading')} />
      </Plain>
    );
  }
  const step: Acting = {
    offer,
    isBusy: act.isPending,
    fault: act.error,
    run: (path, body) => act.mutate({ path, body }),
  };
  return <StepOf step={step} />;
}

interface Acting {
  readonly offer: Offer;
  readonly isBusy: boolean;
  readonly fault: ApiFault | null;
  run(path: string, body?: unknown): void;
}

function Offered(props: { offer: Offer }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { offer } = props;
  return (
    <>
      {offer.message && <blockquote className={styles.message}>{offer.message}</blockquote>}
      <Facts
        facts={[
          [t('redeem.organisation'), <OrganisationBadge key="o" name={offer.organisation.displayName} />],
          [t('redeem.domain'), offer.organisation.domain],
          [
            t('redeem.invitedBy'),
            offer.invitedBy && [offer.invitedBy.displayName, offer.invitedBy.mail].filter(Boolean).join(', '),
          ],
          [t('redeem.for'), offer.invitedAddress],
          [t('guests.ends'), <WhenText key="u" at={offer.endsAt} none={t('guests.noEnd')} isExact />],
        ]}
      />
    </>
  );
}

function Buttons(props: { step: Acting; children: ReactNode }) {
  const styles = useStyles();
  return (
    <>
      {props.step.fault && <RefusalBar fault={props.step.fault} />}
      <div className={styles.ends}>{props.children}</div>
    </>
  );
}

function StepOf(props: { step: Acting }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { step } = props;
  const { offer } = step;
  const [code, setCode] = useState('');
  const [isAgreed, setIsAgreed] = useState(false);
  const title = t('redeem.invites', { name: offer.organisation.displayName });
  switch (offer.step) {
    case 'refused':
      return (
        <Plain title={t('redeem.refused')} branding={offer.branding}>
          <Text>{offer.sentence}</Text>
          {offer.contact && <Text>{t('redeem.contact', { address: offer.contact })}</Text>}
        </Plain>
      );
    case 'wrong-account':
      return (
        <Plain
          title={t('signin.wrongAccount')}
          sentence={t('signin.wrongAccountSentence', {
            current: offer.signedInAs ?? '',
            expected: offer.invitedAddress,
          })}
          branding={offer.branding}
        >
          <Buttons step={step}>
            <Button appearance="primary" disabled={step.isBusy} onClick={() => step.run('switch-account')}>
              {t('signin.switchAccount')}
            </Button>
          </Buttons>
        </Plain>
      );
    case 'passcode':
      return (
        <Plain
          title={t('signin.passcode')}
          sentence={t('signin.passcodeSentence', { address: offer.invitedAddress })}
          branding={offer.branding}
        >
          <form
            onSubmit={(event) => {
              event.preventDefault();
              step.run('passcode', { code: code.trim() });
            }}
            style={{ display: 'grid', gap: '16px' }}
          >
            <Field label={t('signin.code')} required>
              <Input
                value={code}
                onChange={(_, data) => setCode(data.value)}
                inputMode="numeric"
                autoComplete="one-time-code"
                autoFocus
              />
            </Field>
            <Link as="button" type="button" onClick={() => step.run('passcode-again')} style={{ justifySelf: 'start' }}>
              {t('signin.sendAgain')}
            </Link>
            <Buttons step={step}>
              <Button type="submit" appearance="primary" disabled={step.isBusy || code.trim() === ''}>
                {t('action.next')}
              </Button>
            </Buttons>
          </form>
        </Plain>
      );
    case 'consent':
      return (
        <Plain title={t('redeem.consent', { name: offer.organisation.displayName })} branding={offer.branding}>
          <Offered offer={offer} />
          <Text>{t('redeem.shares')}</Text>
          <ul className={styles.shares}>
            {(offer.shares ?? ['name', 'photo', 'mail', 'identifiers']).map((what) => (
              <li key={what}>{t(`redeem.shared.${what}`, { defaultValue: what })}</li>
            ))}
          </ul>
          {offer.privacyUrl && (
            <Link href={offer.privacyUrl} target="_blank" rel="noreferrer">
              {t('redeem.privacy', { name: offer.organisation.displayName })}
            </Link>
          )}
          {offer.termsUrl && (
            <Checkbox
              checked={isAgreed}
              onChange={(_, { checked }) => setIsAgreed(checked === true)}
              label={
                <Link href={offer.termsUrl} target="_blank" rel="noreferrer">
                  {t('signin.terms')}
                </Link>
              }
            />
          )}
          <Buttons step={step}>
            <Button disabled={step.isBusy} onClick={() => step.run('decline')}>
              {t('redeem.decline')}
            </Button>
            <Button
              appearance="primary"
              disabled={step.isBusy || (Boolean(offer.termsUrl) && !isAgreed)}
              onClick={() => {
                rememberPerson(offer.signedInAs ?? offer.invitedAddress);
                step.run('consent', { accepted: true });
              }}
            >
              {t('signin.accept')}
            </Button>
          </Buttons>
        </Plain>
      );
    case 'done':
      return (
        <Plain
          title={t('redeem.done', { name: offer.organisation.displayName })}
          link={`/t/${offer.organisation.domain}`}
          branding={offer.branding}
        />
      );
    default:
      return (
        <Plain title={title} sentence={t('redeem.careful')} branding={offer.branding}>
          <Offered offer={offer} />
          <Text>
            {offer.home
              ? t('redeem.signInAt', { name: offer.home.displayName })
              : t('redeem.byCode', { address: offer.invitedAddress })}
          </Text>
          <Buttons step={step}>
            <Button appearance="primary" disabled={step.isBusy} onClick={() => step.run('start')}>
              {t('signin.goHome')}
            </Button>
          </Buttons>
          <Link
            href={`/blocked-organisations?${new URLSearchParams({
              t: new URLSearchParams(location.search).get('t') ?? '',
              address: offer.invitedAddress,
            })}`}
          >
            {t('redeem.block', { name: offer.organisation.displayName })}
          </Link>
        </Plain>
      );
  }
}
