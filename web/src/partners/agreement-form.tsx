import { Button, Field, Input, MessageBar, MessageBarActions, MessageBarBody } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { useWritten } from '../parts/written.ts';
import { useOrganisationName, useOrganization } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { AGREEMENTS, type Agreement, isOurs, type Reach, type Term, type Version } from './agreement-wire.ts';
import { type Said, TermFields, type Way } from './term-fields.tsx';

/** What both sides say, by term and direction. Absent: the agreement does not speak of it. */
type Values = Readonly<Record<string, Said | undefined>>;

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
  const { partner, agreement, from, isCounter } = props;
  const terms = useThing<{ value: readonly Term[] }>('/admin/partners/agreement-terms');
  const domains = useOrganization()?.verifiedDomains;
  const us = useOrganisationName();
  const before = readValues(from);
  const written = useWritten(`agreement.${partner.domain}.${isCounter ? 'counter' : 'draft'}`, from?.digest ?? '', {
    title: from?.title ?? t('agreement.firstTitle', { us, name: partner.displayName }),
    values: before,
  });
  const { title, values } = written.value;
  const ownDomain = from?.terms.find(isOurs)?.of ?? domains?.find(({ isDefault }) => isDefault)?.name ?? '';
  const save = useAct<void, Agreement>(
    (api) => {
      const text = {
        title: title.trim(),
        terms: Object.entries(values).flatMap(([key, value]) => {
          const [term, way] = key.split(' ') as [string, Way];
          if (!value) return [];
          return way === 'ours'
            ? [{ term, of: ownDomain, offers: value.ours, accepts: value.theirs }]
            : [{ term, of: partner.domain, offers: value.theirs, accepts: value.ours }];
        }),
      };
      if (!agreement) return api.post(AGREEMENTS, { partner: partner.domain, ...text });
      if (!isCounter) return api.put(`${AGREEMENTS}/${agreement.id}/draft`, text);
      return api.post(`${AGREEMENTS}/${agreement.id}/counter`, { ...text, against: from?.version });
    },
    {
      said: () => t(isCounter ? 'agreement.sent' : 'agreement.draftKept'),
      done() {
        written.forget();
        props.onClose();
      },
    },
  );
  const choose = (key: string, side: Way, reach: Reach) =>
    written.change((known) => ({
      ...known,
      values: { ...known.values, [key]: saidAfter(known.values[key], side, reach) },
    }));
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
      {written.isFound && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{t('agreement.writtenBefore')}</MessageBarBody>
          <MessageBarActions>
            <Button size="small" onClick={written.startOver}>
              {t('agreement.startOver')}
            </Button>
          </MessageBarActions>
        </MessageBar>
      )}
      <Field label={t('agreement.title')} required>
        <Input
          value={title}
          maxLength={200}
          onChange={(_, { value }) => written.change((known) => ({ ...known, title: value }))}
        />
      </Field>
      {terms.isPending && <LoadingRows label={t('agreement.about')} />}
      {terms.data?.value.map((term) => (
        <TermFields
          key={`${term.name} ${written.isFound}`}
          term={term}
          partner={partner.displayName}
          said={(way) => values[keyOf(term.name, way)]}
          isChanged={(way) => from !== null && isOther(values, before, keyOf(term.name, way))}
          onChoose={(way, side, reach) => choose(keyOf(term.name, way), side, reach)}
        />
      ))}
    </FormPanel>
  );
}

const isOther = (values: Values, before: Values, key: string) =>
  JSON.stringify(values[key]) !== JSON.stringify(before[key]);

function saidAfter(old: Said | undefined, side: Way, reach: Reach): Said | undefined {
  if (reach.level === '') return undefined;
  // Of a term that nobody spoke of yet, both sides say the same until one is changed.
  return old ? { ...old, [side]: reach } : { ours: reach, theirs: reach };
}
