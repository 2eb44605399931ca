import { Badge, Field, Input, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { NARROW } from '../parts/narrow.ts';
import { useOrganisationName, useOrganization } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { useTermWords } from './agreement-terms.tsx';
import { AGREEMENTS, type Agreement, isOurs, type Reach, type Term, type Version } from './agreement-wire.ts';
import { ReachFields } from './reach-fields.tsx';

const useStyles = makeStyles({
  term: {
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    margin: 0,
    padding: '8px 12px 12px',
    display: 'grid',
    gap: '8px',
    minWidth: 0,
  },
  legend: { display: 'inline-flex', gap: '8px', alignItems: 'center', flexWrap: 'wrap' },
  sides: { display: 'grid', gridTemplateColumns: '1fr 1fr', gap: '12px', [NARROW]: { gridTemplateColumns: '1fr' } },
  way: { display: 'grid', gap: '4px' },
});

const WAYS = ['ours', 'theirs'] as const;
type Way = (typeof WAYS)[number];
/** What both sides say of one term in one direction. Absent: the agreement does not speak of it. */
type Values = Readonly<Record<string, { readonly ours: Reach; readonly theirs: Reach } | undefined>>;

const NOTHING: Reach = { level: '', whom: 'everyone', until: null };

const keyOf = (term: string, way: Way) => `${term} ${way}`;
const readValues = (version: Version | null): Values =>
  Object.fromEntries(
    (version?.terms ?? []).map((row) => {
      const side = ({ level, whom, until }: Reach): Reach => ({ level, whom, until });
      return [keyOf(row.term, isOurs(row) ? 'ours' : 'theirs'), { ours: side(row.ours), theirs: side(row.theirs) }];
    }),
  );

/**
 * Writes a version: a draft, or with `isCounter` an answer that is signed and sent at once. It begins with what stands
 * in `from`, and marks what differs from it.
 */
export function AgreementForm(props: {
  partner: { readonly displayName: string; readonly domain: string };
  agreement: Agreement | undefined;
  from: Version | null;
  isCounter: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useTermWords();
  const { partner, agreement, from, isCounter } = props;
  const terms = useThing<{ value: readonly Term[] }>('/admin/partners/agreement-terms');
  const domains = useOrganization()?.verifiedDomains;
  const us = useOrganisationName();
  const before = readValues(from);
  const [values, setValues] = useState(before);
  const [title, setTitle] = useState(from?.title ?? t('agreement.firstTitle', { us, name: partner.displayName }));
  const ownDomain = from?.terms.find(isOurs)?.of ?? domains?.find(({ isDefault }) => isDefault)?.name ?? '';
  const save = useAct<void, Agreement>(
    (api) => {
      const written = {
        title: title.trim(),
        terms: Object.entries(values).flatMap(([key, value]) => {
          const [term, way] = key.split(' ') as [string, Way];
          if (!value) return [];
          return way === 'ours'
            ? [{ term, of: ownDomain, offers: value.ours, accepts: value.theirs }]
            : [{ term, of: partner.domain, offers: value.theirs, accepts: value.ours }];
        }),
      };
      if (!agreement) return api.post(AGREEMENTS, { partner: partner.domain, ...written });
      if (!isCounter) return api.put(`${AGREEMENTS}/${agreement.id}/draft`, written);
      return api.post(`${AGREEMENTS}/${agreement.id}/counter`, { ...written, against: from?.version });
    },
    { said: () => t(isCounter ? 'agreement.sent' : 'agreement.draftKept'), done: props.onClose },
  );
  const choose = (key: string, side: Way, reach: Reach) =>
    setValues((known) => {
      if (reach.level === '') return { ...known, [key]: undefined };
      const old = known[key];
      // Of a term that nobody spoke of yet, both sides say the same until one is changed.
      if (!old) return { ...known, [key]: { ours: reach, theirs: reach } };
      return { ...known, [key]: { ...old, [side]: reach } };
    });
  return (
    <FormPanel
      title={t(isCounter ? 'agreement.counter' : 'agreement.begin')}
      sentence={t(isCounter ? 'agreement.counterSentence' : 'agreement.writeSentence')}
      submit={t(isCounter ? 'agreement.signAndSend' : 'agreement.keepDraft')}
      size="large"
      onClose={props.onClose}
      onSubmit={() => save.run()}
      isBusy={save.isBusy}
      fault={save.fault ?? terms.error}
    >
      <Field label={t('agreement.title')} required>
        <Input value={title} maxLength={200} onChange={(_, { value }) => setTitle(value)} />
      </Field>
      {terms.isPending && <LoadingRows label={t('agreement.about')} />}
      {terms.data?.value.map((term) => (
        <fieldset key={term.name} className={styles.term}>
          <legend className={styles.legend}>
            <Text weight="semibold">{words.term(term)}</Text>
            {!term.isEnforced && (
              <Badge appearance="outline" color="warning">
                {t('agreement.notEnforced')}
              </Badge>
            )}
          </legend>
          {WAYS.map((way) => {
            const key = keyOf(term.name, way);
            const value = values[key];
            const isChanged = from !== null && JSON.stringify(value) !== JSON.stringify(before[key]);
            return (
              <div key={way} className={styles.way}>
                <span className={styles.legend}>
                  <Text size={200}>{t(`agreement.way.${way}`, { name: partner.displayName })}</Text>
                  {isChanged && (
                    <Badge appearance="tint" color="brand">
                      {t('agreement.changed')}
                    </Badge>
                  )}
                </span>
                <div className={styles.sides}>
                  {WAYS.map((side) => (
                    <ReachFields
                      key={`${side} ${value === undefined}`}
                      label={
                        side === 'ours' ? t('agreement.ours') : t('agreement.theirs', { name: partner.displayName })
                      }
                      levels={term.levels}
                      none={t('agreement.notMentioned')}
                      isOurs={side === 'ours'}
                      reach={value?.[side] ?? NOTHING}
                      onChange={(reach) => choose(key, side, reach)}
                    />
                  ))}
                </div>
              </div>
            );
          })}
        </fieldset>
      ))}
    </FormPanel>
  );
}
