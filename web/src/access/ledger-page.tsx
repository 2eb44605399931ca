import { Button } from '@fluentui/react-components';
import { ArrowDownloadRegular, KeyMultipleRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveFile, toCsv } from '../audit/export.ts';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { FilterBox } from '../parts/filter-box.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { Page } from '../parts/page.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { matches } from '../tenants/settings-form.ts';
import type { LedgerRow } from './ledger.ts';

const wordsOf = (row: LedgerRow) => ({
  name: row.subject.displayName ?? row.subject.id,
  what: row.object.displayName ?? row.object.id,
});

/** Who outside can reach what, through what, since when, last used when. */
export function LedgerPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [unused, setUnused] = useState<'all' | 'unused'>('all');
  const loaded = useList<LedgerRow>('/admin/ledger', {
    outside: 'true',
    limit: 200,
    ...(unused === 'unused' ? { unusedDays: 90 } : {}),
  });
  const rows = loaded.rows.filter(
    (row) =>
      search === '' ||
      matches(search, row.subject.displayName ?? row.subject.id, row.homeDomain ?? '', row.object.displayName ?? ''),
  );
  const list = { ...loaded, rows };
  const abilities = useAbilities();
  const [ending, setEnding] = useState<LedgerRow>();
  const end = useAct<LedgerRow>((api, row) => api.delete(`/admin/ledger/${row.id}`), {
    said: () => t('ledger.ended'),
    done: () => setEnding(undefined),
  });
  return (
    <Page
      title={t('nav.ledger')}
      sentence={t('ledger.sentence')}
      commands={
        <>
          <Button
            icon={<ArrowDownloadRegular />}
            disabled={rows.length === 0}
            onClick={() =>
              saveFile(
                'ledger.csv',
                'text/csv',
                toCsv([
                  [
                    'subject',
                    'organisation',
                    'kind',
                    'object',
                    'level',
                    'path',
                    'givenBy',
                    'givenAt',
                    'lastUsedAt',
                    'endsAt',
                  ],
                  ...rows.map((row) => [
                    row.subject.displayName ?? row.subject.id,
                    row.homeDomain ?? '',
                    row.kind,
                    row.object.displayName ?? row.object.id,
                    row.level,
                    row.path,
                    row.givenByName ?? row.givenBy ?? '',
                    row.givenAt ?? '',
                    row.lastUsedAt ?? '',
                    row.endsAt ?? '',
                  ]),
                ]),
              )
            }
          >
            {t('audit.export')}
          </Button>
          <FilterBox label={t('ledger.filter')} value={search} onChange={setSearch} />
          <Choice
            isInline
            label={t('ledger.use')}
            value={unused}
            onChange={setUnused}
            options={[
              ['all', t('ledger.all')],
              ['unused', t('ledger.unused')],
            ]}
          />
        </>
      }
    >
      <DataList
        label={t('nav.ledger')}
        list={list}
        rowKey={(row) => row.id}
        columns={[
          {
            key: 'who',
            title: t('ledger.who'),
            isName: true,
            sort: (row) => row.subject.displayName,
            render: (row) => (
              <PersonName
                name={row.subject.displayName ?? row.subject.id}
                link={
                  row.subject.kind === 'guest' ? (
                    <InnerLink path={`/guests/${row.subject.id}`}>
                      {row.subject.displayName ?? row.subject.id}
                    </InnerLink>
                  ) : undefined
                }
                organisation={row.homeDomain ?? undefined}
              />
            ),
          },
          {
            key: 'object',
            title: t('ledger.object'),
            sort: (row) => row.object.displayName ?? row.object.id,
            render: (row) => row.object.displayName ?? row.object.id,
          },
          {
            key: 'level',
            title: t('ledger.level'),
            sort: (row) => row.level,
            render: (row) => t(`ledger.levels.${row.level}`, { defaultValue: row.level }),
          },
          {
            key: 'path',
            title: t('ledger.path'),
            sort: (row) => row.path,
            render: (row) => t(`ledger.paths.${row.path}`, { defaultValue: row.path }),
          },
          { key: 'by', title: t('ledger.givenBy'), render: (row) => row.givenByName ?? t('audit.system') },
          {
            key: 'at',
            title: t('ledger.givenAt'),
            sort: (row) => row.givenAt,
            render: (row) => <WhenText at={row.givenAt} />,
          },
          {
            key: 'used',
            title: t('ledger.lastUsed'),
            sort: (row) => row.lastUsedAt,
            render: (row) => <WhenText at={row.lastUsedAt} />,
          },
          {
            key: 'ends',
            title: t('guests.ends'),
            sort: (row) => row.endsAt,
            render: (row) => <WhenText at={row.endsAt} none={t('guests.noEnd')} />,
          },
          ...(abilities.writes('ledger')
            ? [
                {
                  key: 'act',
                  title: t('ledger.act'),
                  render: (row: LedgerRow) => (
                    <Button size="small" aria-label={t('ledger.endOf', wordsOf(row))} onClick={() => setEnding(row)}>
                      {t('ledger.end')}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
        empty={
          <EmptyState picture={<KeyMultipleRegular />} title={t('ledger.empty')} sentence={t('ledger.emptySentence')} />
        }
      />
      {ending && (
        <ConfirmDialog
          title={t('ledger.endOf', wordsOf(ending))}
          confirm={t('ledger.end')}
          act={end}
          input={ending}
          onClose={() => setEnding(undefined)}
        >
          {t('ledger.endSentence')}
        </ConfirmDialog>
      )}
    </Page>
  );
}
