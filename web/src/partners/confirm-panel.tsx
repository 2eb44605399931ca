import {
  Checkbox,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { StateText } from '../parts/state-text.tsx';
import { useThing } from '../shell/tenant.ts';
import { PublishedFacts } from './published-facts.tsx';
import { type Found, PARTNERS, type Partner } from './wire.ts';

const useStyles = makeStyles({
  domains: { border: 0, margin: 0, padding: 0, display: 'grid', gap: '4px' },
  domain: { display: 'flex', flexWrap: 'wrap', gap: '4px 12px', alignItems: 'center' },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/**
 * Finds an organisation by a domain, shows what it publishes, and confirms what was shown: a new partner, one that asked
 * to be known, or what a known one has changed. With a `place` it looks there at once.
 */
export function ConfirmPanel(props: { place?: string; onClose: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const [domain, setDomain] = useState(props.place ?? '');
  const [place, setPlace] = useState(props.place);
  const found = useThing<Found>(`${PARTNERS}/discover`, {
    enabled: place !== undefined,
    params: { domain: place ?? '' },
    isSubject: true,
  });
  // What was unticked, so that everything proven is ticked whenever something is found.
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const shown = found.error ? undefined : found.data;
  const isShown = shown !== undefined && domain.trim() === place;
  const chosen = shown?.proven.filter((one) => !left.has(one) && !shown.taken.includes(one)) ?? [];
  const confirm = useAct<Found, Partner>(
    (api, what) => api.post(PARTNERS, { domain: what.foundAt, digest: what.digest, domains: chosen }),
    { said: (_, { displayName }) => t('partners.confirmed', { name: displayName }), done: props.onClose },
  );
  const look = () => {
    confirm.reset();
    setLeft(new Set());
    if (domain.trim() === place) void found.refetch();
    else setPlace(domain.trim());
  };
  return (
    <FormPanel
      title={t(shown?.isConfirmed ? 'partners.confirmChange' : 'partners.add')}
      sentence={t('partners.addSentence')}
      submit={t(isShown ? 'partners.confirm' : 'partners.look')}
      onClose={props.onClose}
      onSubmit={() => {
        if (isShown) confirm.run(shown);
        else if (domain.trim() !== '') look();
      }}
      isBusy={confirm.isBusy || found.isFetching || (isShown && (chosen.length === 0 || shown.isOlder))}
      fault={confirm.fault ?? found.error}
    >
      <Field label={t('partners.domain')} hint={t('partners.domainHint')} required>
        <Input
          value={domain}
          onChange={(_, { value }) => setDomain(value)}
          placeholder="contoso.example"
          autoCapitalize="none"
          autoComplete="off"
        />
      </Field>
      {found.isFetching && <LoadingRows label={t('partners.looking')} />}
      {isShown && !found.isFetching && (
        <>
          {shown.isOlder && (
            <MessageBar intent="error" layout="multiline">
              <MessageBarBody>{t('partners.olderSentence', { name: shown.published.displayName })}</MessageBarBody>
            </MessageBar>
          )}
          <PublishedFacts published={shown.published} foundAt={shown.foundAt} known={shown.knownKeys} />
          <MessageBar intent="info" layout="multiline">
            <MessageBarBody>{t('partners.compare', { name: shown.published.displayName })}</MessageBarBody>
          </MessageBar>
          {shown.isHere && <Text className={styles.quiet}>{t('partners.isHere')}</Text>}
          <fieldset className={styles.domains}>
            <legend>{t('partners.chooseDomains')}</legend>
            {shown.proven.map((one) => {
              const isTaken = shown.taken.includes(one);
              return (
                <span key={one} className={styles.domain}>
                  <Checkbox
                    label={one}
                    checked={!isTaken && !left.has(one)}
                    disabled={isTaken}
                    onChange={(_, { checked }) => {
                      const next = new Set(left);
                      if (checked) next.delete(one);
                      else next.add(one);
                      setLeft(next);
                    }}
                  />
                  {isTaken ? (
                    <StateText tone="stopped">{t('partners.taken')}</StateText>
                  ) : (
                    <StateText tone="good">{t('partners.proven')}</StateText>
                  )}
                  {shown.isConfirmed && !shown.confirmedDomains.includes(one) && (
                    <Text size={200}>{t('partners.newDomain')}</Text>
                  )}
                </span>
              );
            })}
            {shown.unproven.map((one) => (
              <span key={one} className={styles.domain}>
                <Checkbox label={one} checked={false} disabled />
                <StateText tone="warning">{t('partners.unproven')}</StateText>
              </span>
            ))}
          </fieldset>
          {shown.unproven.length > 0 && (
            <Text size={200} className={styles.quiet}>
              {t('partners.unprovenSentence')}
            </Text>
          )}
          {chosen.length === 0 && <Text role="status">{t('partners.chooseOne')}</Text>}
        </>
      )}
    </FormPanel>
  );
}
