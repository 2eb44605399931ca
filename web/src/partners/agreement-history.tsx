import { Badge, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useThing } from '../shell/tenant.ts';
import { useTermWords } from './agreement-terms.tsx';
import { AGREEMENTS, type Agreement, type Difference, type History, type Reach } from './agreement-wire.ts';

const useStyles = makeStyles({
  list: { margin: 0, padding: 0, listStyleType: 'none', display: 'grid', gap: '8px' },
  one: {
    display: 'grid',
    gap: '4px',
    padding: '12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground2,
    overflowWrap: 'anywhere',
  },
  row: { display: 'flex', flexWrap: 'wrap', gap: '4px 12px', alignItems: 'center' },
  quiet: { color: tokens.colorNeutralForeground3 },
  inner: { margin: 0, paddingInlineStart: '20px' },
  digest: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
});

/** All that was said of an agreement, the latest first: versions with their signatures, and what either narrowed since. */
export function AgreementHistory({ agreement }: { agreement: Agreement }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const query = useThing<History>(`${AGREEMENTS}/${agreement.id}/history`, { isSubject: true });
  if (query.error) return <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows label={t('agreement.shown.history')} />;
  const steps = [
    ...query.data.versions
      .filter(({ isDraft }) => !isDraft)
      .map((one) => ({
        at: one.receivedAt,
        key: one.digest,
        shown: <VersionStep key={one.digest} version={one} partner={agreement.partner} />,
      })),
    ...query.data.amendments.map((one) => ({
      at: one.receivedAt,
      key: one.digest,
      shown: <AmendmentStep key={one.digest} amendment={one} />,
    })),
  ]
    // Of two that came at the same moment, the later one stands further down the list.
    .reverse()
    .sort((a, b) => b.at.localeCompare(a.at));
  return (
    <Section title={t('agreement.shown.history')} sentence={t('agreement.historySentence')}>
      {steps.length === 0 ? (
        <Text>{t('agreement.noHistory')}</Text>
      ) : (
        <ol className={styles.list}>
          {steps.map(({ key, shown }) => (
            <li key={key} className={styles.one}>
              {shown}
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

function VersionStep(props: { version: History['versions'][number]; partner: Agreement['partner'] }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { version: one, partner } = props;
  const signerOf = ({ tenantId, signedBy }: (typeof one.signatures)[number]) =>
    signedBy ?? (tenantId === partner.tenantId ? partner.domain : tenantId);
  return (
    <>
      <span className={styles.row}>
        <Text weight="semibold">{t('agreement.versionOf', { version: one.version, name: one.author ?? '' })}</Text>
        {one.isSuperseded && (
          <Badge appearance="outline" color="informative">
            {t('agreement.superseded')}
          </Badge>
        )}
        <WhenText at={one.receivedAt} isExact />
      </span>
      {one.signatures.map((signature) => (
        <Text key={signature.tenantId} size={200}>
          {t('agreement.signedBy', { name: signerOf(signature) })} <WhenText at={signature.receivedAt} isExact />
        </Text>
      ))}
      <Differences differences={one.differences} />
      <Text className={`${styles.digest} ${styles.quiet}`}>{t('agreement.digest', { digest: one.digest })}</Text>
    </>
  );
}

function AmendmentStep({ amendment: one }: { amendment: History['amendments'][number] }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useTermWords();
  const text = typeof one.text === 'string' ? undefined : one.text;
  const narrowed = text?.narrowed ?? [];
  const name = one.author ?? '';
  const what = narrowed.length > 0 ? 'narrowed' : (text?.stance ?? 'broken');
  return (
    <>
      <span className={styles.row}>
        <Text weight="semibold">{t(`agreement.step.${what}`, { name })}</Text>
        <WhenText at={one.receivedAt} isExact />
      </span>
      {one.signedBy && <Text size={200}>{t('agreement.signedBy', { name: one.signedBy })}</Text>}
      {narrowed.length > 0 && (
        <ul className={styles.inner}>
          {narrowed.map(({ term, of, to }) => (
            <li key={`${term} ${of}`}>
              {words.termAt(term, of)}: {words.reach(to)}
            </li>
          ))}
        </ul>
      )}
      {text?.reason && <Text className={styles.quiet}>{text.reason}</Text>}
    </>
  );
}

/** What a version changes of the one before it. */
function Differences({ differences }: { differences: readonly Difference[] }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useTermWords();
  const said = (value: unknown): string => {
    if (value === null || value === undefined) return t('agreement.notMentioned');
    if (typeof value === 'string') return /^\d{4}-/.test(value) ? words.until(value) : words.level(value);
    return words.whom(value as Reach['whom']);
  };
  if (differences.length === 0) return null;
  return (
    <ul className={styles.inner}>
      {differences.map(({ term, of, place, name, old, new: now }) => {
        const about = term && of ? words.termAt(term, of) : t('agreement.title');
        if (place === 'title') return <li key="title">{t('agreement.titleNow', { title: String(now) })}</li>;
        if (place === 'term')
          return (
            <li key={`${term} ${of} term`}>
              {about}: {t(now === null ? 'agreement.takenOut' : 'agreement.added')}
            </li>
          );
        return (
          <li key={`${term} ${of} ${place} ${name}`}>
            {t(`agreement.change.${place}`, { about })}: <del>{said(old)}</del> → <ins>{said(now)}</ins>
          </li>
        );
      })}
    </ul>
  );
}
