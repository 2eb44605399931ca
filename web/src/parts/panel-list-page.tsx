import { Button, Link } from '@fluentui/react-components';
import { DeleteRegular } from '@fluentui/react-icons';
import { useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Area } from '../shell/me.ts';
import type { Act } from './act.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';
import type { Column } from './data-list.tsx';
import type { List } from './list.ts';
import { ListPage } from './list-page.tsx';

/** What a panel of such a list is given. */
export interface PanelProps<Row> {
  /** Undefined: a new one is made. */
  readonly known: Row | undefined;
  readonly mayWrite: boolean;
  readonly onClose: () => void;
}

/**
 * A list whose rows are opened and made in a panel beside it; a row also by the address of the page (`?open=id`). The
 * first column is the name, which opens the panel.
 */
export function PanelListPage<Row extends { readonly id: string }>(props: {
  title: string;
  sentence: string;
  list: List<Row>;
  nameOf: (row: Row) => string;
  badge?: (row: Row) => ReactNode;
  columns: readonly Column<Row>[];
  add: string;
  mayWrite: boolean;
  area?: Area;
  empty: { readonly picture: ReactNode; readonly title: string; readonly sentence?: string };
  above?: ReactNode;
  /** Stands after the rows. */
  below?: ReactNode;
  panel: (props: PanelProps<Row>) => ReactNode;
}) {
  const { t } = useTranslation();
  const { list, nameOf, mayWrite } = props;
  const given = useSearch({ strict: false }) as { open?: string };
  const [openId, setOpenId] = useState<string | 'new' | undefined>(given.open);
  const known = list.rows.find(({ id }) => id === openId);
  const name: Column<Row> = {
    key: 'name',
    title: t('people.name'),
    isName: true,
    sort: nameOf,
    render: (row) => (
      <span style={{ display: 'inline-flex', gap: '8px', alignItems: 'center', flexWrap: 'wrap' }}>
        <Link as="button" onClick={() => setOpenId(row.id)}>
          {nameOf(row)}
        </Link>
        {props.badge?.(row)}
      </span>
    ),
  };
  return (
    <ListPage
      title={props.title}
      sentence={props.sentence}
      list={list}
      columns={[name, ...props.columns]}
      create={mayWrite ? { text: props.add, open: () => setOpenId('new') } : undefined}
      empty={props.empty}
      above={props.above}
      {...(props.area ? { area: props.area } : {})}
    >
      {props.below}
      {(openId === 'new' || known) && (
        <div key={openId}>{props.panel({ known, mayWrite, onClose: () => setOpenId(undefined) })}</div>
      )}
    </ListPage>
  );
}

/** The way to delete what a panel is about, after a question. */
export function DeletePart(props: { title: string; sentence: string; act: Act<void> }) {
  const { t } = useTranslation();
  const [isAsking, setIsAsking] = useState(false);
  return (
    <div>
      <Button icon={<DeleteRegular />} onClick={() => setIsAsking(true)}>
        {t('action.delete')}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={props.title}
          confirm={t('action.delete')}
          act={props.act}
          onClose={() => setIsAsking(false)}
        >
          {props.sentence}
        </ConfirmDialog>
      )}
    </div>
  );
}
