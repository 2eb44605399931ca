import { Button } from '@fluentui/react-components';
import { DocumentTableRegular, PersonAddRegular, PersonDeleteRegular } from '@fluentui/react-icons';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { eachInTurn } from '../api.ts';
import type { Column } from '../parts/data-list.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList } from '../parts/list.ts';
import { ListPage } from '../parts/list-page.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { StateOf } from '../parts/state-text.tsx';
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
  const mayWrite = abilities.writes('guests');
  const list = useList<Guest>(
    '/admin/guests',
    { limit: 50, ...(name === '' ? {} : { search: name }), ...(state === 'all' ? {} : { state }) },
    { cursor: 'before' },
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
      render: (guest) => <StateOf state={guestState(guest)} />,
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
  const endOf = (id: string) => list.rows.find((guest) => guest.id === id)?.endsAt ?? null;
  return (
    <ListPage
      area="guests"
      title={t('nav.guests')}
      sentence={t('guests.sentence')}
      list={list}
      columns={columns}
      create={
        mayWrite
          ? { text: t('guests.invite'), picture: <PersonAddRegular />, open: () => setIsInviting(true) }
          : undefined
      }
      commands={
        mayWrite && (
          <Button
            icon={<DocumentTableRegular />}
            onClick={() => router.history.push(`/t/${encodeURIComponent(tenant)}/guests/bulk`)}
          >
            {t('guests.bulk')}
          </Button>
        )
      }
      search={{ value: name, change: setName }}
      filter={{
        label: t('people.state'),
        value: state,
        change: setState,
        options: [
          ['all', t('people.allStates')] as const,
          ...STATES.map((one) => [one, t(`state.guest.${one}`)] as const),
        ],
      }}
      bulk={
        mayWrite && state !== 'deleted'
          ? {
              picture: <PersonDeleteRegular />,
              nameOf: (guest) => guest.displayName,
              title: (count) => t('guests.endMany', { count }),
              confirm: t('guests.end'),
              sentence: t('guests.endSentence'),
              run: (api, ids) => eachInTurn(ids, (id) => api.post(`/admin/guests/${id}/end`)),
              undo: (api, ids) =>
                eachInTurn(ids, (id) => api.post(`/admin/guests/${id}/extend`, { endsAt: endOf(id) })),
              said: (count) => t('guests.endedMany', { count }),
            }
          : undefined
      }
      empty={{ picture: <PersonAddRegular />, title: t('guests.empty'), sentence: t('guests.emptySentence') }}
    >
      {isInviting && <InvitePanel onClose={() => setIsInviting(false)} />}
    </ListPage>
  );
}
