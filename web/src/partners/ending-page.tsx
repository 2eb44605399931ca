import { Button, MessageBar, MessageBarBody, makeStyles, ProgressBar, Text, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular, PrintRegular } from '@fluentui/react-icons';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveFile } from '../audit/export.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { type Column, DataList } from '../parts/data-list.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { Facts } from '../parts/facts.tsx';
import { wholeList } from '../parts/list.ts';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText, type Tone } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useThing } from '../shell/tenant.ts';
import { ENDINGS, type FollowedEnding, type SignedReceipt } from './ending-wire.ts';
import { useEndingWords } from './ending-words.ts';

const useStyles = makeStyles({
  list: { margin: 0, paddingInlineStart: '20px', display: 'grid', gap: '4px' },
  progress: { display: 'grid', gap: '4px', maxWidth: '520px', marginBottom: '12px' },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** Milliseconds between two looks at one that is under way, and at one whose partner does not know yet. */
const WHILE_RUNNING = 1_000;
const WHILE_OUTSTANDING = 10_000;

/** One parting: how far it is, and its receipt. */
export function EndingPage() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const words = useEndingWords();
  const [pause, setPause] = useState<number>(WHILE_RUNNING);
  const query = useThing<FollowedEnding>(`${ENDINGS}/${id}`, { isSubject: true, refetchInterval: pause });
  const wanted =
    query.data?.state === 'done' ? (query.data.notice === 'outstanding' ? WHILE_OUTSTANDING : 60_000) : WHILE_RUNNING;
  if (wanted !== pause) setPause(wanted);
  return (
    <DetailPage
      area="partners"
      list={{ path: '/partners/endings', title: t('parting.past') }}
      query={query}
      head={({ displayName, domains, hasReceipt }) => ({
        title: t('parting.withTitle', { name: displayName }),
        badge: domains[0] && <OrganisationBadge name={domains[0]} />,
        ...(hasReceipt
          ? {
              commands: (
                <Button icon={<PrintRegular />} onClick={() => window.print()}>
                  {t('agreement.print')}
                </Button>
              ),
            }
          : {}),
      })}
    >
      {(ending) => {
        const state = words.state(ending);
        const notice = words.notice(ending);
        return (
          <>
            {ending.state === 'running' && <Progress ending={ending} />}
            <Facts
              facts={[
                [
                  t('people.state'),
                  <StateText key="state" tone={state.tone}>
                    {state.text}
                  </StateText>,
                ],
                [t('parting.begun'), <WhenText key="begun" at={ending.askedAt} isExact />],
                [t('parting.by'), ending.askedBy],
                [t('parting.reason'), ending.reason],
                ending.accountId === null && [
                  t('parting.theyKnow'),
                  <StateText key="notice" tone={notice.tone}>
                    {notice.text}
                  </StateText>,
                ],
              ]}
            />
            {ending.notice === 'outstanding' && ending.noticeFailure && (
              <MessageBar intent="warning" layout="multiline">
                <MessageBarBody>{t('parting.noticeFailed', { why: ending.noticeFailure })}</MessageBarBody>
              </MessageBar>
            )}
            {ending.hasReceipt && <ReceiptPart key={ending.notice} ending={ending} />}
          </>
        );
      }}
    </DetailPage>
  );
}

function Progress({ ending }: { ending: FollowedEnding }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useEndingWords();
  const total = ending.kinds.reduce((sum, { found }) => sum + found, 0);
  const ended = ending.kinds.reduce((sum, one) => sum + Math.min(one.ended, one.found), 0);
  return (
    <div className={styles.progress}>
      <ProgressBar aria-label={t('parting.state.running')} {...(total > 0 ? { value: ended / total } : {})} />
      <Text role="status">{t('parting.endedOf', { count: ended, total })}</Text>
      {ending.kinds.map((one) => (
        <Text key={one.kind} size={200} className={styles.quiet}>
          {t('parting.kindEnded', { kind: words.kind(one), count: one.ended, total: one.found })}
        </Text>
      ))}
    </div>
  );
}

type KindRow = SignedReceipt['receipt']['kinds'][number];
type ItemRow = SignedReceipt['receipt']['items'][number];

const TONES: Readonly<Record<ItemRow['outcome'], Tone>> = {
  revoked: 'good',
  transferred: 'waiting',
  irrecoverable: 'warning',
};

function ReceiptPart({ ending }: { ending: FollowedEnding }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useEndingWords();
  const query = useThing<SignedReceipt>(`${ENDINGS}/${ending.id}/receipt`, { isSubject: true });
  if (query.error) return <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows label={t('parting.receipt')} />;
  const { kinds, items, cannotRecall } = query.data.receipt;
  const file = `receipt-${ending.domains[0] ?? ending.id}.json`;
  const count = (key: 'found' | ItemRow['outcome']): Column<KindRow> => ({
    key,
    title: t(`parting.outcome.${key}`),
    render: (row) => row[key],
  });
  const rows = <Row,>(data: readonly Row[]) =>
    wholeList({ data, isPending: false, error: null, refetch: query.refetch });
  return (
    <>
      <Section
        title={t('parting.receipt')}
        sentence={t('parting.receiptSentence')}
        commands={
          <Button
            icon={<ArrowDownloadRegular />}
            onClick={() => saveFile(file, 'application/json', JSON.stringify(query.data, null, 2))}
          >
            {t('parting.download')}
          </Button>
        }
      >
        <DataList
          label={t('parting.receipt')}
          list={rows(kinds)}
          rowKey={({ kind }) => kind}
          columns={[
            { key: 'kind', title: t('parting.what'), isName: true, render: (row) => words.kind(row) },
            count('found'),
            count('revoked'),
            count('transferred'),
            count('irrecoverable'),
          ]}
          empty={<Text>{t('parting.nothing', { name: ending.displayName })}</Text>}
        />
        <CopyField
          label={t('parting.verify')}
          hint={t('parting.verifyHint')}
          value={`entente receipt verify ${file}`}
        />
      </Section>
      <Section title={t('parting.cannotRecall')}>
        <ul className={styles.list}>
          {cannotRecall.map((sentence) => (
            <li key={sentence}>{t(`parting.recall.${keyOf(sentence)}`, { defaultValue: sentence })}</li>
          ))}
        </ul>
      </Section>
      {items.length > 0 && (
        <Section title={t('parting.items')}>
          <DataList
            label={t('parting.items')}
            list={rows(items)}
            rowKey={({ kind, id, outcome }) => `${kind} ${id} ${outcome}`}
            columns={[
              { key: 'subject', title: t('parting.whose'), isName: true, render: ({ subject }) => subject },
              {
                key: 'kind',
                title: t('parting.what'),
                render: ({ kind }) =>
                  words.kind({ kind, title: kinds.find((one) => one.kind === kind)?.title ?? kind }),
              },
              { key: 'object', title: t('parting.onWhat'), render: ({ object }) => object },
              {
                key: 'outcome',
                title: t('parting.became'),
                render: ({ outcome, detail }) => (
                  <span>
                    <StateText tone={TONES[outcome]}>{t(`parting.outcome.${outcome}`)}</StateText>
                    {detail && <Text size={200}> {detail}</Text>}
                  </span>
                ),
              },
            ]}
            empty={null}
          />
        </Section>
      )}
    </>
  );
}

/** A sentence of the server as the name of its translation: letters only, and short. */
const keyOf = (sentence: string) =>
  sentence
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .slice(0, 24)
    .replace(/-$/, '');
