import { Button } from '@fluentui/react-components';
import { AddRegular, ArrowClockwiseRegular } from '@fluentui/react-icons';
import { type ReactElement, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Api } from '../api.ts';
import type { Area } from '../shell/me.ts';
import { useAct } from './act.tsx';
import { Choice } from './choice.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { type Column, DataList } from './data-list.tsx';
import { EmptyState } from './empty-state.tsx';
import { FilterBox } from './filter-box.tsx';
import type { List } from './list.ts';
import { Page } from './page.tsx';
import { OnlyReading } from './why-not.tsx';

/** Something done to every chosen row at once, after a question. */
export interface Bulk<Row> {
  readonly picture: ReactElement;
  nameOf(row: Row): string;
  /** The command and the question's title: "Block 3 people". */
  title(count: number): string;
  /** What the question's button says, and what is lost. */
  readonly confirm: string;
  readonly sentence: string;
  run(api: Api, ids: readonly string[]): Promise<unknown>;
  undo(api: Api, ids: readonly string[]): Promise<unknown>;
  said(count: number): string;
}

/**
 * The page of a list: what can be made, how it is narrowed, its rows, what is done to many, and what to say when there
 * are none. Panels that open from it are its children.
 */
export function ListPage<Row extends { readonly id: string }, Filter extends string = string>(props: {
  title: string;
  sentence: string;
  list: List<Row>;
  columns: readonly Column<Row>[];
  /** Undefined for those who may not. */
  create?: { readonly text: string; readonly picture?: ReactElement; open(): void } | undefined;
  commands?: ReactNode;
  search?: { readonly value: string; change(value: string): void };
  /** The first of the options is "all". */
  filter?: {
    readonly label: string;
    readonly value: Filter;
    readonly options: readonly (readonly [NoInfer<Filter>, string])[];
    change(value: NoInfer<Filter>): void;
  };
  bulk?: Bulk<Row> | undefined;
  empty: { readonly picture: ReactNode; readonly title: string; readonly sentence?: string };
  /** What is changed here: who may only look is told so. */
  area?: Area;
  /** Stands between the commands and the rows. */
  above?: ReactNode;
  children?: ReactNode;
}) {
  const { title, list, create, search, filter, bulk, empty } = props;
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isAsking, setIsAsking] = useState(false);
  const act = useAct<readonly string[]>(async (api, ids) => bulk?.run(api, ids), {
    ...(bulk ? { said: (ids) => bulk.said(ids.length), undo: (api, ids) => bulk.undo(api, ids) } : {}),
    isTried: true,
    done: () => {
      setIsAsking(false);
      setChosen(new Set());
    },
  });
  // What is no longer seen must not stay chosen: nobody would know that it is meant, too.
  const narrowing =
    <Value,>(change: (value: Value) => void) =>
    (value: Value) => {
      change(value);
      setChosen(new Set());
    };
  const isNarrowed = (search?.value ?? '') !== '' || (filter !== undefined && filter.value !== filter.options[0]?.[0]);
  return (
    <Page
      title={title}
      sentence={props.sentence}
      commands={
        <>
          {create && (
            <Button appearance="primary" icon={create.picture ?? <AddRegular />} onClick={create.open}>
              {create.text}
            </Button>
          )}
          {props.commands}
          {bulk && chosen.size > 0 && (
            <Button icon={bulk.picture} onClick={() => setIsAsking(true)}>
              {bulk.title(chosen.size)}
            </Button>
          )}
          <Button icon={<ArrowClockwiseRegular />} onClick={list.reload}>
            {t('action.refresh')}
          </Button>
          {search && <FilterBox label={t('list.filter')} value={search.value} onChange={narrowing(search.change)} />}
          {filter && (
            <Choice
              isInline
              label={filter.label}
              value={filter.value}
              onChange={narrowing(filter.change)}
              options={filter.options}
            />
          )}
        </>
      }
    >
      {props.area && <OnlyReading area={props.area} />}
      {props.above}
      <DataList
        label={title}
        list={list}
        rowKey={({ id }) => id}
        columns={props.columns}
        {...(bulk ? { selection: { keys: chosen, change: setChosen, nameOf: bulk.nameOf } } : {})}
        empty={
          isNarrowed ? (
            <EmptyState
              picture={empty.picture}
              title={t('list.nothingFound')}
              sentence={t('list.nothingFoundSentence')}
            />
          ) : (
            <EmptyState {...empty}>
              {create && (
                <Button appearance="primary" onClick={create.open}>
                  {create.text}
                </Button>
              )}
            </EmptyState>
          )
        }
      />
      {props.children}
      {bulk && isAsking && (
        <ConfirmDialog
          title={bulk.title(chosen.size)}
          confirm={bulk.confirm}
          act={act}
          input={[...chosen]}
          onClose={() => setIsAsking(false)}
        >
          {bulk.sentence}
        </ConfirmDialog>
      )}
    </Page>
  );
}
