import { Button, Checkbox, makeStyles, mergeClasses, Spinner, tokens } from '@fluentui/react-components';
import { ArrowSortDownRegular, ArrowSortUpRegular } from '@fluentui/react-icons';
import { type KeyboardEvent, type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { List } from './list.ts';
import { LoadingRows } from './loading-rows.tsx';
import { NARROW, useIsNarrow } from './narrow.ts';
import { RefusalBar } from './refusal-bar.tsx';
import { compare, type Sortable } from './sort.ts';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  render(row: Row): ReactNode;
  /** Sorts what is loaded. */
  readonly sort?: (row: Row) => Sortable;
  /** Sorts at the server, when not everything is loaded. */
  readonly orderBy?: string;
  /** Names the row: its cell is the row's heading and stands first on a phone's card. */
  readonly isName?: boolean;
  readonly width?: string;
  readonly isHiddenOnCards?: boolean;
}

const useStyles = makeStyles({
  frame: { overflowX: 'auto', position: 'relative' },
  table: { width: '100%', borderCollapse: 'collapse', fontSize: tokens.fontSizeBase300 },
  head: {
    textAlign: 'start',
    fontWeight: tokens.fontWeightSemibold,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    padding: '8px 12px',
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    whiteSpace: 'nowrap',
  },
  sort: {
    border: 'none',
    background: 'none',
    padding: 0,
    font: 'inherit',
    color: 'inherit',
    cursor: 'pointer',
    display: 'inline-flex',
    alignItems: 'center',
    gap: '4px',
    minHeight: '24px',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '2px', borderRadius: '2px' },
  },
  row: { ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover } },
  chosen: { backgroundColor: tokens.colorNeutralBackground1Selected },
  cell: {
    padding: '10px 12px',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    textAlign: 'start',
    verticalAlign: 'middle',
    fontWeight: tokens.fontWeightRegular,
  },
  tick: { width: '32px', padding: '0 0 0 4px' },
  cards: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '8px' },
  card: {
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    padding: '12px',
    display: 'flex',
    gap: '4px',
    alignItems: 'flex-start',
    backgroundColor: tokens.colorNeutralBackground1,
  },
  facts: {
    margin: '8px 0 0',
    display: 'grid',
    gridTemplateColumns: 'minmax(88px, auto) 1fr',
    columnGap: '12px',
    rowGap: '6px',
    fontSize: tokens.fontSizeBase200,
    '& dt': { color: tokens.colorNeutralForeground3 },
    '& dd': { margin: 0, minWidth: 0, overflowWrap: 'anywhere' },
  },
  grow: { flexGrow: 1, minWidth: 0 },
  foot: {
    display: 'flex',
    gap: '12px',
    alignItems: 'center',
    padding: '12px',
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    [NARROW]: { justifyContent: 'space-between', padding: '12px 0' },
  },
});

interface Sorting {
  readonly key: string;
  readonly isDescending: boolean;
}

/**
 * The one list of the app: sorting, "load more", optional selection, arrow keys between rows; cards on a phone.
 * Shows its own loading, empty and error states.
 */
export function DataList<Row>(props: {
  label: string;
  list: List<Row>;
  rowKey: (row: Row) => string;
  columns: readonly Column<Row>[];
  empty: ReactNode;
  selection?: { readonly keys: ReadonlySet<string>; change(keys: ReadonlySet<string>): void; nameOf(row: Row): string };
}) {
  const { label, list, rowKey, columns, empty, selection } = props;
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const isNarrow = useIsNarrow();
  const [sorting, setSorting] = useState<Sorting>();

  const rows = useMemo(() => {
    const sort = columns.find((column) => column.key === sorting?.key)?.sort;
    if (!sort || !sorting || list.order !== undefined) return list.rows;
    return [...list.rows].sort((a, b) => compare(sort(a), sort(b), sorting.isDescending, i18n.language));
  }, [list.rows, list.order, sorting, columns, i18n.language]);

  const sortBy = (column: Column<Row>) => {
    const next = { key: column.key, isDescending: sorting?.key === column.key && !sorting.isDescending };
    setSorting(next);
    const atServer = column.orderBy && list.setOrder && (list.hasMore || list.order !== undefined);
    list.setOrder?.(atServer ? `${column.orderBy} ${next.isDescending ? 'desc' : 'asc'}` : undefined);
  };
  const tick = (row: Row, isOn: boolean) => {
    const keys = new Set(selection?.keys);
    if (isOn) keys.add(rowKey(row));
    else keys.delete(rowKey(row));
    selection?.change(keys);
  };

  if (list.fault) return <RefusalBar fault={list.fault} onRetry={list.reload} />;
  if (list.isPending) return <LoadingRows label={label} />;
  if (rows.length === 0) return <>{empty}</>;

  const name = columns.find((column) => column.isName) ?? columns[0];
  const tickBox = (row: Row) =>
    selection && (
      <Checkbox
        checked={selection.keys.has(rowKey(row))}
        onChange={(_, data) => tick(row, data.checked === true)}
        aria-label={t('list.select', { name: selection.nameOf(row) })}
      />
    );

  return (
    <div>
      {isNarrow ? (
        <ul className={styles.cards} aria-label={label}>
          {rows.map((row) => (
            <li key={rowKey(row)} className={styles.card}>
              {tickBox(row)}
              <div className={styles.grow}>
                {name?.render(row)}
                <dl className={styles.facts}>
                  {columns
                    .filter((column) => column !== name && !column.isHiddenOnCards)
                    .map((column) => (
                      <Fact key={column.key} title={column.title}>
                        {column.render(row)}
                      </Fact>
                    ))}
                </dl>
              </div>
            </li>
          ))}
        </ul>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        <section className={styles.frame} aria-label={label} tabIndex={0}>
          <table className={styles.table}>
            <thead>
              <tr>
                {selection && (
                  <th scope="col" className={mergeClasses(styles.head, styles.tick)}>
                    <Checkbox
                      aria-label={t('list.selectAll')}
                      checked={
                        selection.keys.size === 0
                          ? false
                          : rows.every((row) => selection.keys.has(rowKey(row))) || 'mixed'
                      }
                      onChange={(_, data) =>
                        selection.change(data.checked === true ? new Set(rows.map(rowKey)) : new Set())
                      }
                    />
                  </th>
                )}
                {columns.map((column) => (
                  <th
                    key={column.key}
                    scope="col"
                    className={styles.head}
                    style={column.width ? { width: column.width } : {}}
                    aria-sort={
                      sorting?.key !== column.key ? undefined : sorting.isDescending ? 'descending' : 'ascending'
                    }
                  >
                    {column.sort ? (
                      <button type="button" className={styles.sort} onClick={() => sortBy(column)}>
                        {column.title}
                        {sorting?.key === column.key &&
                          (sorting.isDescending ? <ArrowSortDownRegular /> : <ArrowSortUpRegular />)}
                      </button>
                    ) : (
                      column.title
                    )}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody onKeyDown={walkRows}>
              {rows.map((row) => (
                <tr
                  key={rowKey(row)}
                  className={mergeClasses(styles.row, selection?.keys.has(rowKey(row)) && styles.chosen)}
                >
                  {selection && <td className={mergeClasses(styles.cell, styles.tick)}>{tickBox(row)}</td>}
                  {columns.map((column) =>
                    column === name ? (
                      <th key={column.key} scope="row" className={styles.cell}>
                        {column.render(row)}
                      </th>
                    ) : (
                      <td key={column.key} className={styles.cell}>
                        {column.render(row)}
                      </td>
                    ),
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <div className={styles.foot}>
        <span role="status">
          {list.total === undefined || list.total === rows.length
            ? t('list.count', { count: rows.length })
            : t('list.countOf', { count: rows.length, total: list.total })}
        </span>
        {list.hasMore && (
          <Button size="small" onClick={list.loadMore} disabled={list.isLoadingMore}>
            {list.isLoadingMore ? <Spinner size="tiny" label={t('list.loading')} /> : t('list.more')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** One value of a card; nothing is not shown. */
function Fact(props: { title: string; children: ReactNode }) {
  if (props.children === '' || props.children === null || props.children === undefined || props.children === false)
    return null;
  return (
    <>
      <dt>{props.title}</dt>
      <dd>{props.children}</dd>
    </>
  );
}

/** Up and down, Home and End move between rows, staying at the same control of each. */
function walkRows(event: KeyboardEvent<HTMLTableSectionElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY }[event.key];
  const target = event.target as HTMLElement;
  const row = target.closest('tr');
  if (step === undefined || !row || target.matches('input:not([type=checkbox]),textarea,select')) return;
  const rows = [...event.currentTarget.rows];
  const next = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + step))];
  const stops = 'a[href],button:not([disabled]),input';
  const place = [...row.querySelectorAll(stops)].indexOf(target);
  const stop = next?.querySelectorAll<HTMLElement>(stops)[Math.max(0, place)];
  if (!stop || next === row) return;
  event.preventDefault();
  stop.focus();
}
