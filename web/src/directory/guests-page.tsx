import { Button } from '@fluentui/react-components';
import {
  ArrowClockwiseRegular,
  DocumentTableRegular,
  PersonAddRegular,
  PersonDeleteRegular,
} from '@fluentui/react-icons';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { type Column, DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { FilterBox } from '../parts/filter-box.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { Page } from '../parts/page.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useTenant } from '../shell/tenant.ts';
import { InvitePanel } from './invite-panel.tsx';
import { type Guest, guestState } from './wire.ts';

type Filter = 'all' | Guest['state'];

const STATES = ['invited', 'active', 'ended', 'blocked', 'stale', 'orphaned', 'deleted'] as const;

/** Everyone from elsewhere: who they are, where from, who answers for them, until when. */
export function GuestsPage() {
  const { t } = useTranslation();
  const tenant = useTenant();
  const router = useRouter();
  const abilities = useAbilities();
  const search = useSearch({ strict: false }) as { invite?: string };
  const [isInviting, setIsInviting] = useState(search.invite !== undefined);
  useEffect(() => {
    if (search.invite !== undefined) setIsInviting(true);
  }, [search.invite]);
  const [name, setName] = useState('');
  const [state, setState] = useState<Filter>('all');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isEnding, setIsEnding] = useState(false);
  const mayWrite = abilities.writes('guests');
  const isDeleted = state === 'deleted';
  const list = useList<Guest>(
    '/admin/guests',
    { limit: 50, ...(name === '' ? {} : { search: name }), ...(state === 'all' ? {} : { state }) },
    { cursor: 'before' },
  );
  const end = useAct<ReadonlySet<string>>(
    async (api, ids) => {
      for (const id of ids) await api.post(`/admin/guests/${id}/end`);
    },
    {
      said: (ids) => t('guests.endedMany', { count: ids.size }),
      undo: async (api, ids) => {
        for (const id of ids) {
          const before = list.rows.find((guest) => guest.id === id)?.endsAt ?? null;
          await api.post(`/admin/guests/${id}/extend`, { endsAt: before });
        }
      },
      done: () => {
        setIsEnding(false);
        setChosen(new Set());
      },
    },
  );
  const columns: Column<Guest>[] = [
    {
      key: 'name',
      title: t('people.name'),
      isName: true,
      sort: (guest) => guest.displayName,
      render: (guest) => (
        <PersonName
          name={guest.displayName}
          link={<InnerLink path={`/guests/${guest.id}`}>{guest.displayName}</InnerLink>}
          second={guest.mail ?? guest.userPrincipalName}
          organisation={guest.organisation ?? guest.mail?.split('@').at(-1)}
        />
      ),
    },
    {
      key: 'state',
      title: t('people.state'),
      sort: (guest) => t(guestState(guest).key),
      render: (guest) => {
        const { key, tone } = guestState(guest);
        return <StateText tone={tone}>{t(key)}</StateText>;
      },
    },
    {
      key: 'sponsor',
      title: t('guests.sponsor'),
      sort: (guest) => guest.sponsors[0]?.displayName,
      render: (guest) => guest.sponsors.map(({ displayName }) => displayName).join(', ') || t('guests.noSponsor'),
    },
    {
      key: 'ends',
      title: t('guests.ends'),
      sort: (guest) => guest.endsAt,
      render: (guest) => <WhenText at={guest.endsAt} none={t('guests.noEnd')} />,
    },
    {
      key: 'seen',
      title: t('people.seen'),
      sort: (guest) => guest.lastSignInAt,
      render: (guest) => <WhenText at={guest.lastSignInAt} />,
    },
  ];
  const isFiltered = name !== '' || state !== 'all';
  return (
    <Page
      title={t('nav.guests')}
      sentence={t('guests.sentence')}
      commands={
        <>
          {mayWrite && (
            <Button appearance="primary" icon={<PersonAddRegular />} onClick={() => setIsInviting(true)}>
              {t('guests.invite')}
            </Button>
          )}
          {mayWrite && (
            <Button
              icon={<DocumentTableRegular />}
              onClick={() => router.history.push(`/t/${encodeURIComponent(tenant)}/guests/bulk`)}
            >
              {t('guests.bulk')}
            </Button>
          )}
          {mayWrite && chosen.size > 0 && !isDeleted && (
            <Button icon={<PersonDeleteRegular />} onClick={() => setIsEnding(true)}>
              {t('guests.endMany', { count: chosen.size })}
            </Button>
          )}
          <Button icon={<ArrowClockwiseRegular />} onClick={list.reload} appearance="subtle">
            {t('action.refresh')}
          </Button>
          <FilterBox label={t('list.filter')} value={name} onChange={setName} />
          <Choice
            isInline
            label={t('people.state')}
            value={state}
            onChange={(value: Filter) => {
              setState(value);
              setChosen(new Set());
            }}
            options={[
              ['all', t('people.allStates')] as const,
              ...STATES.map((one) => [one, t(`state.guest.${one}`)] as const),
            ]}
          />
        </>
      }
    >
      <DataList
        label={t('nav.guests')}
        list={list}
        rowKey={(guest) => guest.id}
        columns={columns}
        {...(mayWrite && !isDeleted
          ? { selection: { keys: chosen, change: setChosen, nameOf: (guest: Guest) => guest.displayName } }
          : {})}
        empty={
          isFiltered ? (
            <EmptyState
              picture={<PersonAddRegular />}
              title={t('list.nothingFound')}
              sentence={t('list.nothingFoundSentence')}
            />
          ) : (
            <EmptyState picture={<PersonAddRegular />} title={t('guests.empty')} sentence={t('guests.emptySentence')}>
              {mayWrite && (
                <Button appearance="primary" onClick={() => setIsInviting(true)}>
                  {t('guests.invite')}
                </Button>
              )}
            </EmptyState>
          )
        }
      />
      {isInviting && <InvitePanel onClose={() => setIsInviting(false)} />}
      {isEnding && (
        <ConfirmDialog
          title={t('guests.endMany', { count: chosen.size })}
          confirm={t('guests.end')}
          onClose={() => setIsEnding(false)}
          onConfirm={() => end.run(chosen)}
          isBusy={end.isBusy}
          fault={end.fault}
        >
          {t('guests.endSentence')}
        </ConfirmDialog>
      )}
    </Page>
  );
}
