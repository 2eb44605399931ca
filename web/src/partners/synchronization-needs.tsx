import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Facts } from '../parts/facts.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import type { Synchronization } from './synchronization-wire.ts';

const useStyles = makeStyles({
  steps: { margin: 0, padding: 0, listStyleType: 'none', display: 'grid', gap: '12px', maxWidth: '76ch' },
  step: { display: 'grid', gap: '6px', justifyItems: 'start' },
  hint: { color: tokens.colorNeutralForeground3 },
});

const ACCESS = '/admin/settings/partners.partner-access';

interface Consent {
  readonly inboundAllowed: boolean;
  readonly outboundAllowed: boolean;
}
const consentOf = ({ isConsentGiven, inbound }: Synchronization): Consent => ({
  inboundAllowed: inbound.isConsentAutomatic,
  outboundAllowed: isConsentGiven,
});

/** What bringing our people takes, step by step, and how far that is. */
export function WhatItTakes(props: {
  partnerId: string;
  name: string;
  sync: Synchronization;
  mayWrite: boolean;
  onSetUp: () => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { partnerId, name, sync, mayWrite } = props;
  const consent = useAct(
    (api) =>
      api.patch(ACCESS, {
        target: partnerId,
        values: { automaticUserConsentSettings: { ...consentOf(sync), outboundAllowed: true } },
      }),
    { said: () => t('sync.consentGiven') },
  );
  const isOn = sync.state !== 'off';
  return (
    <Section title={t('sync.takes')}>
      {consent.fault && <RefusalBar fault={consent.fault} />}
      <ol className={styles.steps}>
        <Step isDone={sync.isConsentGiven} text={t('sync.takesConsent', { name })}>
          {!sync.isConsentGiven && mayWrite && (
            <Button disabled={consent.isBusy} onClick={() => consent.run()}>
              {t('sync.giveConsent')}
            </Button>
          )}
        </Step>
        <Step isDone={isOn} text={t('sync.takesScope')}>
          {!isOn && mayWrite && (
            <Button appearance="primary" onClick={props.onSetUp}>
              {t('sync.setUp')}
            </Button>
          )}
        </Step>
        <Step isDone={isOn && sync.lastCycle !== null && sync.state !== 'stopped'} text={t('sync.takesThem', { name })}>
          <Text className={styles.hint}>{t('sync.takesThemHint', { name })}</Text>
        </Step>
      </ol>
    </Section>
  );
}

function Step(props: { isDone: boolean; text: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <li className={styles.step}>
      <StateText tone={props.isDone ? 'good' : 'quiet'}>{props.text}</StateText>
      {props.children}
    </li>
  );
}

/** The other way round: whether the partner may bring its people here. */
export function TheirPeople(props: { partnerId: string; name: string; sync: Synchronization; mayWrite: boolean }) {
  const { t } = useTranslation();
  const { partnerId, name, sync, mayWrite } = props;
  const { isSyncAllowed, isConsentAutomatic, people } = sync.inbound;
  const isAllowed = isSyncAllowed && isConsentAutomatic;
  const allow = useAct<boolean>(
    (api, isNow) =>
      api.patch(ACCESS, {
        target: partnerId,
        values: {
          identitySynchronization: { userSyncInbound: { isSyncAllowed: isNow } },
          ...(isNow ? { automaticUserConsentSettings: { ...consentOf(sync), inboundAllowed: true } } : {}),
        },
      }),
    { said: (isNow) => t(isNow ? 'sync.inboundAllowed' : 'sync.inboundClosed', { name }) },
  );
  return (
    <Section title={t('sync.theirs', { name })} sentence={t('sync.theirsSentence', { name })}>
      {allow.fault && <RefusalBar fault={allow.fault} />}
      <Facts
        facts={[
          [
            t('sync.inbound', { name }),
            <StateText key="inbound" tone={isAllowed ? 'good' : 'quiet'}>
              {t(isAllowed ? 'sync.allowed' : isSyncAllowed ? 'sync.notUnasked' : 'sync.notAllowed', { name })}
            </StateText>,
          ],
          [t('sync.hereNow'), String(people)],
        ]}
      />
      {mayWrite && (
        <div>
          <Button disabled={allow.isBusy} onClick={() => allow.run(!isAllowed)}>
            {t(isAllowed ? 'sync.close' : 'sync.allow')}
          </Button>
        </div>
      )}
    </Section>
  );
}
