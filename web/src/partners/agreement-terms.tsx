import { Badge, Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { type Column, DataList } from '../parts/data-list.tsx';
import { wholeList } from '../parts/list.ts';
import { Section } from '../parts/page.tsx';
import { absoluteTime } from '../parts/when.ts';
import { type Difference, isOurs, type Reach, type TermRow, type Whom } from './agreement-wire.ts';

const useStyles = makeStyles({
  cell: { display: 'grid', gap: '2px', justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground3 },
  none: { color: tokens.colorNeutralForeground3 },
});

/** Words of terms and levels; of one that this page does not know, the server's own. */
export function useTermWords() {
  const { t, i18n } = useTranslation();
  const whom = (who: Whom) =>
    who === 'everyone'
      ? ''
      : [
          ...(who.people ?? []),
          ...(who.domains ?? []),
          ...(who.groups ? [t('agreement.groups', { count: who.groups.length })] : []),
        ].join(', ');
  const term = ({ name, title }: { name: string; title: string }) =>
    t(`agreement.term.${name.replaceAll('.', '_')}`, { defaultValue: title });
  return {
    term,
    /** A term in one direction, by the domain of those whose things it opens. */
    termAt: (name: string, of: string) => t('agreement.termAt', { term: term({ name, title: name }), of }),
    workload: (name: string) => t(`agreement.workload.${name}`, { defaultValue: name }),
    level: (name: string) => t(`agreement.level.${name}`, { defaultValue: name }),
    whom,
    /** "Times alone, sales.example, until 1 May". */
    reach: ({ level, whom: who, until }: Reach): string =>
      [
        t(`agreement.level.${level}`, { defaultValue: level }),
        whom(who),
        until === null ? '' : t('agreement.until', { date: absoluteTime(new Date(until), i18n.language) }),
      ]
        .filter((one) => one !== '')
        .join(', '),
    until: (at: string | null) =>
      at === null ? '' : t('agreement.until', { date: absoluteTime(new Date(at), i18n.language) }),
  };
}

/** What both sides say of every term, direction by direction, with what comes of it between the two. */
export function AgreementTerms(props: {
  rows: readonly TermRow[];
  partner: string;
  /** What the version changes of the one before it: marked where it stands. */
  differences?: readonly Difference[];
  /** Lowers one of ours; absent where nothing can be. */
  onNarrow?: (row: TermRow) => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      {(['ours', 'theirs'] as const).map((way) => (
        <Section
          key={way}
          title={t(`agreement.way.${way}`, { name: props.partner })}
          sentence={t(`agreement.waySentence.${way}`, { name: props.partner })}
        >
          <Rows
            {...props}
            label={t(`agreement.way.${way}`, { name: props.partner })}
            rows={props.rows.filter((row) => isOurs(row) === (way === 'ours'))}
          />
        </Section>
      ))}
    </>
  );
}

function Rows(props: {
  label: string;
  rows: readonly TermRow[];
  partner: string;
  differences?: readonly Difference[];
  onNarrow?: (row: TermRow) => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useTermWords();
  const changedIn = (row: TermRow) =>
    (props.differences ?? []).filter(({ term, of }) => term === row.term && of === row.of);
  const side = (row: TermRow, reach: TermRow['ours']) => (
    <ReachText reach={reach} changes={changedIn(row).filter(({ place }) => place === reach.does)} />
  );
  const columns: Column<TermRow>[] = [
    {
      key: 'term',
      title: t('agreement.about'),
      isName: true,
      width: '34%',
      render: (row) => (
        <span className={styles.cell}>
          <Text weight="semibold">{words.term({ name: row.term, title: row.title })}</Text>
          <Text size={200} className={styles.quiet}>
            {words.workload(row.workload)}
          </Text>
          {changedIn(row).some(({ place, old }) => place === 'term' && old === null) && (
            <Badge appearance="tint" color="brand">
              {t('agreement.added')}
            </Badge>
          )}
          {!row.isEnforced && (
            <Badge appearance="outline" color="warning">
              {t('agreement.notEnforced')}
            </Badge>
          )}
        </span>
      ),
    },
    {
      key: 'ours',
      title: t('agreement.ours'),
      width: '22%',
      render: (row) => {
        const { onNarrow } = props;
        const name = words.term({ name: row.term, title: row.title });
        return (
          <span className={styles.cell}>
            {side(row, row.ours)}
            {onNarrow && row.ours.level !== row.levels[0] && (
              <Button
                size="small"
                aria-label={t('agreement.narrowTitle', { term: name })}
                onClick={() => onNarrow(row)}
              >
                {t('agreement.narrow')}
              </Button>
            )}
          </span>
        );
      },
    },
    {
      key: 'holds',
      title: t('agreement.narrower'),
      width: '22%',
      render: (row) => (
        <span className={styles.cell}>
          <Text weight="semibold">{words.level(row.effective.level)}</Text>
          {row.effective.until && <Text size={200}>{words.until(row.effective.until)}</Text>}
          {row.heldByOurRules && <Text size={200}>{t('agreement.heldByRules')}</Text>}
        </span>
      ),
    },
    {
      key: 'theirs',
      title: t('agreement.theirs', { name: props.partner }),
      width: '22%',
      render: (row) => side(row, row.theirs),
    },
  ];
  const byWorkload = [...props.rows].sort((a, b) => a.workload.localeCompare(b.workload));
  return (
    <DataList
      label={props.label}
      list={wholeList({ data: byWorkload, isPending: false, error: null, refetch: () => {} })}
      rowKey={({ term, of }) => `${term} ${of}`}
      columns={columns}
      empty={<Text className={styles.none}>{t('agreement.noTerms')}</Text>}
    />
  );
}

function ReachText(props: { reach: Reach; changes: readonly Difference[] }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useTermWords();
  const { reach, changes } = props;
  const level = changes.find(({ name, old }) => name === 'level' && typeof old === 'string');
  const isChanged = changes.some(({ old, name }) => old !== null || name === 'until');
  return (
    <span className={styles.cell}>
      <span>{words.level(reach.level)}</span>
      {reach.whom !== 'everyone' && <Text size={200}>{words.whom(reach.whom)}</Text>}
      {reach.until && <Text size={200}>{words.until(reach.until)}</Text>}
      {level ? (
        <Badge appearance="tint" color="brand">
          {t('agreement.was', { level: words.level(String(level.old)) })}
        </Badge>
      ) : (
        isChanged && (
          <Badge appearance="tint" color="brand">
            {t('agreement.changed')}
          </Badge>
        )
      )}
    </span>
  );
}
