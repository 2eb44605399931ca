import { Button } from '@fluentui/react-components';
import { ArrowDownloadRegular, KeyMultipleRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveFile } from '../audit/export.ts';
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
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { OnlyReading } from '../parts/why-not.tsx';
import { useAbilities } from '../shell/me.ts';
import { matches } from '../tenants/settings-form.ts';
import type { LedgerRow } from './ledger.ts';
import { SignOffs } from './sign-offs.tsx';

type Only = 'all' | 'unused' | 'ending';
const PATHS = ['direct', 'group', 'link', 'agreement'] as const;

const wordsOf = (row: LedgerRow) => ({
  name: row.subject.displayName ?? row.subject.id,
  what: row.object.displayName ?? row.object.id,
});

/** Who outside can reach what, through what, since when, last used when. */
export function LedgerPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [only, setOnly] = useState<Only>('all');
  const [path, setPath] = useState<'all' | (typeof PATHS)[number]>('all');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const asked = {
    outside: 'true',
    ...(only === 'unused' ? { unusedDays: 90 } : {}),
    ...(only === 'ending' ? { endsWithinDays: 30 } : {}),
    ...(path === 'all' ? {} : { path }),
  };
  const loaded = useList<LedgerRow>('/admin/ledger', { ...asked, limit: 200 });
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
  const endAll = useAct<readonly string[]>((api, ids) => api.post('/admin/ledger/revoke', { ids }), {
    isTried: true,
    said: (ids) => t('ledger.endedMany', { count: ids.length }),
    done: () => setChosen(new Set()),
  });
  const shown = rows.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
  const take = useAct(async (api) => {
    const params = new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)]));
    const answer = await api.raw('GET', `/admin/ledger/export?${params}`, { headers: { accept: 'text/csv' } });
    saveFile('ledger.csv', 'text/csv', await answer.blob());
  });
  return (
    <Page
      title={t('nav.ledger')}
      sentence={t('ledger.sentence')}
      commands={
        <>
          <Button icon={<ArrowDownloadRegular />} disabled={take.isBusy} onClick={() => take.run()}>
            {t('audit.export')}
          </Button>
          <FilterBox label={t('ledger.filter')} value={search} onChange={setSearch} />
          <Choice
            isInline
            label={t('ledger.use')}
            value={only}
            onChange={setOnly}
            options={[
              ['all', t('ledger.all')],
              ['unused', t('ledger.unused')],
              ['ending', t('ledger.ending')],
            ]}
          />
          <Choice
            isInline
            label={t('ledger.path')}
            value={path}
            onChange={setPath}
            options={[
              ['all', t('ledger.allPaths')],
              ...PATHS.map((one) => [one, t(`ledger.paths.${one}`)] as [typeof one, string]),
            ]}
          />
          {abilities.writes('ledger') && shown.length > 0 && (
            <Button appearance="primary" disabled={endAll.isBusy} onClick={() => endAll.run(shown)}>
              {t('ledger.endMany', { count: shown.length })}
            </Button>
          )}
        </>
      }
    >
      <OnlyReading area="ledger" />
      <SignOffs />
      {take.fault && <RefusalBar fault={take.fault} />}
      {endAll.fault && <RefusalBar fault={endAll.fault} />}
      <DataList
        label={t('nav.ledger')}
        list={list}
        rowKey={(row) => row.id}
        {...(abilities.writes('ledger')
          ? { selection: { keys: chosen, change: setChosen, nameOf: (row: LedgerRow) => wordsOf(row).name } }
          : {})}
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
