import { Button, Text } from '@fluentui/react-components';
import { ArrowDownloadRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import { saveFile } from '../audit/export.ts';
import { useAct } from '../parts/act.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { DataList } from '../parts/data-list.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { wholeList } from '../parts/list.ts';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { absoluteTime } from '../parts/when.ts';
import { useThing } from '../shell/tenant.ts';
import {
  logPath,
  PAIR_TONES,
  type Pair,
  type PairDetail,
  type ProvenSide,
  type SharedLog,
  sayOutcome,
  sayWhat,
} from './shared-log-wire.ts';

/** One thing that happened: what both wrote of it, beside each other, and what proves each. */
export function SharedRecordPanel(props: { log: SharedLog; pair: Pair; onClose: () => void }) {
  const { t } = useTranslation();
  const { log, pair } = props;
  const found = useThing<PairDetail>(`${logPath(log.partner)}/pairs/${pair.id}`);
  const name = log.displayName ?? log.partner;
  return (
    <FormPanel size="large" title={sayWhat(pair, t)} submit="" onClose={props.onClose} fault={found.error}>
      {found.data ? (
        <BothTexts detail={found.data} log={log} name={name} />
      ) : (
        !found.error && <LoadingRows label={sayWhat(pair, t)} count={4} />
      )}
    </FormPanel>
  );
}

function BothTexts({ detail, log, name }: { detail: PairDetail; log: SharedLog; name: string }) {
  const { t, i18n } = useTranslation();
  const { state, ours, theirs } = detail;
  const saidOf = (side: ProvenSide | null) => {
    if (!side) return undefined;
    const organisation = (id: string) => (id === log.partner ? name : t('sharedLog.us'));
    return {
      what: sayWhat(side, t),
      way: t('sharedLog.way', { from: organisation(side.from), to: organisation(side.to) }),
      by: side.by ?? '–',
      about: side.about.join(', ') || '–',
      outcome: sayOutcome(side.outcome, t),
      written: absoluteTime(new Date(side.at), i18n.language),
      place: side.place === null ? t('sharedLog.notYetSealed') : String(side.place),
      belongs: side.correlationId,
    };
  };
  const [here, there] = [saidOf(ours), saidOf(theirs)];
  // Each writes by its own clock, at its own place.
  const mayDiffer: readonly string[] = ['written', 'place'];
  const rows = Object.keys({ ...here, ...there }).map((key) => {
    const [one, other] = [here, there].map((side) => side?.[key as keyof typeof side]);
    return { key, one, other, differs: here && there && one !== other && !mayDiffer.includes(key) };
  });
  return (
    <>
      <StateText tone={PAIR_TONES[state]}>{t(`sharedLog.pair.${state}`, { name })}</StateText>
      <Text>{t(`sharedLog.means.${state}`, { name })}</Text>
      <DataList
        label={t('sharedLog.texts')}
        list={wholeList({ data: rows, isPending: false, error: null, refetch: () => {} })}
        rowKey={({ key }) => key}
        empty={null}
        columns={[
          {
            key: 'field',
            title: t('sharedLog.field'),
            isName: true,
            render: ({ key, differs }) =>
              differs ? (
                <StateText tone="stopped">
                  {t('sharedLog.fieldDiffers', { field: t(`sharedLog.fields.${key}`) })}
                </StateText>
              ) : (
                t(`sharedLog.fields.${key}`)
              ),
          },
          { key: 'ours', title: t('sharedLog.whatWeWrote'), render: ({ one }) => one ?? t('sharedLog.nothingWritten') },
          {
            key: 'theirs',
            title: t('sharedLog.whatTheyWrote', { name }),
            render: ({ other }) => other ?? t('sharedLog.nothingWritten'),
          },
        ]}
      />
      <Section title={t('sharedLog.proof')}>
        {ours && <ProofWords side={ours} whose="ours" name={name} />}
        {theirs && <ProofWords side={theirs} whose="theirs" name={name} />}
        {ours?.isProven && ours.place !== null && <TakeProof partner={log.partner} place={ours.place} name={name} />}
      </Section>
    </>
  );
}

function ProofWords(props: { side: ProvenSide; whose: 'ours' | 'theirs'; name: string }) {
  const { t, i18n } = useTranslation();
  const { side, whose, name } = props;
  const { checkpoint } = side;
  const values = {
    name,
    at: checkpoint ? absoluteTime(new Date(checkpoint.at), i18n.language) : '',
    count: checkpoint?.size ?? 0,
  };
  if (!checkpoint) return <StateText tone="waiting">{t(`sharedLog.unsealed.${whose}`, values)}</StateText>;
  if (!side.isProven) return <StateText tone="stopped">{t(`sharedLog.notProven.${whose}`, values)}</StateText>;
  const key = whose === 'theirs' ? 'theirs' : side.isHeld ? 'both' : 'ours';
  return <StateText tone="good">{t(`sharedLog.proven.${key}`, values)}</StateText>;
}

/** The proof of this one record, for somebody who may see no other. */
function TakeProof(props: { partner: string; place: number; name: string }) {
  const { t } = useTranslation();
  const { partner, place } = props;
  const file = `proof-${place}-${partner}.json`;
  const take = useAct(async (api) =>
    saveFile(file, 'application/json', JSON.stringify(await api.get(`${logPath(partner)}/${place}/proof`), null, 2)),
  );
  return (
    <>
      <Text>{t('sharedLog.proofSentence')}</Text>
      {take.fault && <RefusalBar fault={take.fault} />}
      <div>
        <Button icon={<ArrowDownloadRegular />} onClick={() => take.run()}>
          {t('sharedLog.downloadProof')}
        </Button>
      </div>
      <CopyField label={t('sharedLog.command')} value={`entente audit verify ${file}`} />
    </>
  );
}
