import { useTranslation } from 'react-i18next';
import type { Column } from '../parts/data-list.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { WhenText } from '../parts/when-text.tsx';
import type { LedgerRow } from './ledger.ts';

export const subjectOf = (row: LedgerRow): string => row.subject.displayName ?? row.subject.id;
export const objectOf = (row: LedgerRow): string => row.object.displayName ?? row.object.id;

/** What every list of rights of people outside shows of each: who, what, how far, used when, until when. */
export function useLedgerColumns() {
  const { t } = useTranslation();
  return {
    who: {
      key: 'who',
      title: t('ledger.who'),
      sort: (row) => row.subject.displayName,
      render: (row) => <PersonName name={subjectOf(row)} organisation={row.homeDomain ?? undefined} />,
    },
    object: { key: 'object', title: t('ledger.object'), sort: objectOf, render: objectOf },
    level: {
      key: 'level',
      title: t('ledger.level'),
      sort: (row) => row.level,
      render: (row) => t(`ledger.levels.${row.level}`, { defaultValue: row.level }),
    },
    used: {
      key: 'used',
      title: t('ledger.lastUsed'),
      sort: (row) => row.lastUsedAt,
      render: (row) => <WhenText at={row.lastUsedAt} />,
    },
    ends: {
      key: 'ends',
      title: t('guests.ends'),
      sort: (row) => row.endsAt,
      render: (row) => <WhenText at={row.endsAt} none={t('guests.noEnd')} />,
    },
  } satisfies Record<string, Column<LedgerRow>>;
}
