import { Switch } from '@fluentui/react-components';
import { ShareRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { wholeList } from '../parts/list.ts';
import { Page } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useThing } from '../shell/tenant.ts';
import type { LedgerRow } from './ledger.ts';
import { objectOf, useLedgerColumns } from './ledger-columns.tsx';

interface Sharing {
  readonly value: readonly LedgerRow[];
  readonly muted: readonly { readonly kind: string; readonly id: string }[];
}

/** What of one's own people outside have, until when, when they last used it, and whether one hears of it. */
export function SharedByMePage() {
  const { t } = useTranslation();
  const columns = useLedgerColumns();
  const query = useThing<Sharing>('/me/sharing');
  const list = wholeList({ ...query, data: query.data?.value });
  const isMuted = ({ object }: LedgerRow) =>
    query.data?.muted.some(({ kind, id }) => kind === object.kind && id === object.id) ?? false;
  const mute = useAct<{ row: LedgerRow; isMuted: boolean }>((api, { row, isMuted: off }) =>
    api.put('/me/sharing/mutes', { kind: row.object.kind, id: row.object.id, isMuted: off }),
  );
  return (
    <Page title={t('nav.sharedByMe')} sentence={t('sharedByMe.sentence')}>
      {mute.fault && <RefusalBar fault={mute.fault} />}
      <DataList
        label={t('nav.sharedByMe')}
        list={list}
        rowKey={(row) => row.id}
        columns={[
          { ...columns.object, isName: true },
          columns.who,
          columns.level,
          columns.used,
          columns.ends,
          {
            key: 'hear',
            title: t('sharedByMe.letters'),
            render: (row) => (
              <Switch
                aria-label={t('sharedByMe.lettersOf', { what: objectOf(row) })}
                checked={!isMuted(row)}
                disabled={mute.isBusy}
                onChange={(_, { checked }) => mute.run({ row, isMuted: !checked })}
              />
            ),
          },
        ]}
        empty={
          <EmptyState
            picture={<ShareRegular />}
            title={t('sharedByMe.empty')}
            sentence={t('sharedByMe.emptySentence')}
          />
        }
      />
    </Page>
  );
}
