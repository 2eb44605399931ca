import { Text } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useTermWords } from './agreement-terms.tsx';
import { AGREEMENTS, type Agreement, type Reach, type TermRow } from './agreement-wire.ts';
import { ReachFields } from './reach-fields.tsx';
import { ReasonField } from './reason-field.tsx';

/** Lowers what we offer or accept in one term, alone and at once. Wider is only what both sign. */
export function NarrowPanel(props: { agreement: Agreement; row: TermRow; onClose: () => void }) {
  const { t } = useTranslation();
  const words = useTermWords();
  const { agreement, row } = props;
  const { level, whom, until, does } = row.ours;
  const name = agreement.partner.displayName;
  const [reach, setReach] = useState<Reach>({ level, whom, until });
  const [reason, setReason] = useState('');
  const narrow = useAct<void, Agreement>(
    (api) =>
      api.post(`${AGREEMENTS}/${agreement.id}/narrow`, {
        terms: [{ term: row.term, of: row.of, to: reach }],
        reason: reason.trim() || null,
      }),
    { isTried: true, said: () => t('agreement.narrowed'), done: props.onClose },
  );
  return (
    <FormPanel
      title={t('agreement.narrowTitle', { term: words.term({ name: row.term, title: row.title }) })}
      sentence={t('agreement.narrowSentence', { name })}
      submit={t('agreement.narrow')}
      onClose={props.onClose}
      onSubmit={() => narrow.run()}
      isBusy={narrow.isBusy}
      fault={narrow.fault}
    >
      <Text>{t(`agreement.way.${does === 'offers' ? 'ours' : 'theirs'}`, { name })}</Text>
      <ReachFields
        label={t('agreement.ours')}
        levels={row.levels.slice(0, row.levels.indexOf(level) + 1)}
        reach={reach}
        isOurs
        onChange={setReach}
      />
      <ReasonField name={name} reason={reason} onChange={setReason} />
    </FormPanel>
  );
}
