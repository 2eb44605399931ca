import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components';
import { ArrowSyncRegular, DeleteRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { Section } from '../parts/page.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { ConfirmPanel } from './confirm-panel.tsx';
import { hasMoved, healthOf, inGroups } from './health.ts';
import { useOwnPublished } from './own.ts';
import { hostOf, PublishedFacts } from './published-facts.tsx';
import { UntoldPart } from './untold-part.tsx';
import { PARTNERS, type Partner } from './wire.ts';

const useStyles = makeStyles({
  row: { display: 'flex', flexWrap: 'wrap', gap: '8px', alignItems: 'center' },
  list: { margin: 0, paddingInlineStart: '20px' },
  health: { display: 'grid', gap: '2px', justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** How a partner answers, and what fails. */
export function HealthText(props: { partner: Partner }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { tone, state, reason } = healthOf(props.partner, useOwnPublished()?.endpoint);
  return (
    <span className={styles.health}>
      <StateText tone={tone}>{t(state)}</StateText>
      {reason && (
        <Text size={200} className={styles.quiet}>
          {t(reason)}
        </Text>
      )}
    </span>
  );
}

/** One partner: what was confirmed of it, what it has changed since, how it answers, and the ways to look again and to forget it. */
export function PartnerPanel(props: { partner: Partner; mayWrite: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { partner, mayWrite } = props;
  const name = partner.displayName;
  const [isConfirming, setIsConfirming] = useState(false);
  const [isForgetting, setIsForgetting] = useState(false);
  const look = useAct<void, Partner>((api) => api.post(`${PARTNERS}/${partner.id}/look-again`), {
    said: (_, { proposed }) => t(proposed ? 'partners.foundChange' : 'partners.foundNothing', { name }),
  });
  const forget = useAct((api) => api.delete(`${PARTNERS}/${partner.id}`), {
    said: () => t('partners.forgotten', { name }),
    done: props.onClose,
  });
  if (isConfirming) return <ConfirmPanel place={partner.proposedAt ?? partner.foundAt} onClose={props.onClose} />;
  const { proposed, published } = partner;
  return (
    <FormPanel title={name} submit={t('action.save')} onClose={props.onClose} fault={look.fault}>
      {proposed && (
        <MessageBar intent={isCutOff(partner) ? 'error' : 'warning'} layout="multiline">
          <MessageBarBody>
            {t(changeOf(partner), { name })}
            <ul className={styles.list}>
              {changesOf(partner, proposed).map(([key, value, old]) => (
                <li key={key + value}>{t(key, { value, old })}</li>
              ))}
            </ul>
          </MessageBarBody>
          {mayWrite && (
            <MessageBarActions>
              <Button size="small" onClick={() => setIsConfirming(true)}>
                {t('partners.reviewChange')}
              </Button>
            </MessageBarActions>
          )}
        </MessageBar>
      )}
      <Facts
        facts={[
          [t('nav.domains'), partner.domains.join(', ')],
          [t('partners.health.title'), <HealthText key="health" partner={partner} />],
          [t('partners.answered'), <WhenText key="answered" at={partner.health.answeredAt} />],
          partner.health.failedAt !== null && [
            t('partners.failed'),
            <WhenText key="failed" at={partner.health.failedAt} />,
          ],
          [t('partners.confirmedAt'), <WhenText key="confirmed" at={partner.confirmedAt} />],
        ]}
      />
      <UntoldPart partner={partner} mayWrite={mayWrite} />
      <Section title={t('partners.publishes')} sentence={t('partners.publishesSentence')}>
        <PublishedFacts published={published} foundAt={partner.foundAt} known={partner.keys} />
      </Section>
      <div>
        <InnerLink path={`/partners/${partner.id}/test`}>{t('partnerTest.open')}</InnerLink>
      </div>
      <div>
        <InnerLink path={`/shared-logs/${partner.id}`}>{t('sharedLog.with', { name })}</InnerLink>
      </div>
      <div>
        <InnerLink path={`/cross-tenant-access/${partner.id}`}>{t('crossTenant.with', { name })}</InnerLink>
      </div>
      {mayWrite && (
        <div className={styles.row}>
          <Button icon={<ArrowSyncRegular />} disabled={look.isBusy} onClick={() => look.run()}>
            {t('partners.lookAgain')}
          </Button>
          <Button icon={<DeleteRegular />} onClick={() => setIsForgetting(true)}>
            {t('partners.forget')}
          </Button>
          <InnerLink path={`/partners/${partner.id}/part`}>{t('parting.part', { name })}</InnerLink>
        </div>
      )}
      {isForgetting && (
        <ConfirmDialog
          title={t('partners.forgetTitle', { name })}
          confirm={t('partners.forget')}
          act={forget}
          typed={partner.domains[0] ?? name}
          onClose={() => setIsForgetting(false)}
        >
          {t('partners.forgetSentence', { name })}
        </ConfirmDialog>
      )}
    </FormPanel>
  );
}

/** Whether no key is left by which it is believed. */
const isCutOff = ({ keys }: Partner) => !keys.some(({ state }) => state === 'confirmed' || state === 'announced');

/** Which sentence says what a change means until it is confirmed. */
function changeOf(partner: Partner): string {
  if (isCutOff(partner)) return 'partners.withdrawnSentence';
  if (partner.keys.some(({ state }) => state === 'announced')) return 'partners.announcedSentence';
  if (hasMoved(partner)) return 'partners.movedSentence';
  return 'partners.changeSentence';
}

/** What an organisation publishes now that it did not when it was confirmed: keys of the translations, each with a value. */
function changesOf(
  partner: Partner,
  now: Partner['published'],
): (readonly [key: string, value: string, old?: string])[] {
  const { published: old, foundAt, proposedAt, keys } = partner;
  const more = (from: readonly string[], to: readonly string[]) => to.filter((one) => !from.includes(one));
  // What has retired by itself, or is confirmed by now, is no change.
  const isSettled = (one: string) => keys.some(({ x, state }) => x === one && state !== 'announced');
  const keysOf = (of: Partner['published']) => of.keys.map(({ x }) => x).filter((one) => !isSettled(one));
  const kept = keys.filter(({ state }) => state === 'confirmed').map(({ x }) => x);
  return [
    ...(old.displayName === now.displayName ? [] : [['partners.change.name', now.displayName] as const]),
    ...more(old.domains, now.domains).map((one) => ['partners.change.domain', one] as const),
    ...more(now.domains, old.domains).map((one) => ['partners.change.noDomain', one] as const),
    ...(proposedAt === null || proposedAt === foundAt ? [] : [['partners.change.moved', proposedAt, foundAt] as const]),
    ...(old.endpoint === now.endpoint
      ? []
      : [['partners.change.server', hostOf(now.endpoint), hostOf(old.endpoint)] as const]),
    ...(old.issuer === now.issuer ? [] : [['partners.change.issuer', now.issuer] as const]),
    ...keysOf(now).map((one) => ['partners.change.key', inGroups(one)] as const),
    ...more(
      now.keys.map(({ x }) => x),
      kept,
    ).map((one) => ['partners.change.noKey', inGroups(one)] as const),
  ];
}
