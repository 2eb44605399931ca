import { Button, Field, Input, Text } from '@fluentui/react-components';
import { PeopleCheckmarkRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { useList, wholeList } from '../parts/list.ts';
import { Page, Section } from '../parts/page.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { OnlyReading } from '../parts/why-not.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import type { Guest } from './wire.ts';

interface Review {
  readonly id: string;
  readonly title: string;
  readonly startedBy: string;
  readonly dueAt: string;
  readonly withoutAnswer: 'keep' | 'end';
  readonly organisation: string | null;
  readonly state: 'open' | 'closed' | 'cancelled';
  readonly guests: number;
  readonly kept: number;
  readonly ended: number;
  readonly unanswered: number;
}

interface OwnItem {
  readonly reviewId: string;
  readonly guestId: string;
  readonly rights: number;
  readonly lastUsedAt: string | null;
  readonly guest?: Guest;
  readonly review: Review;
}

/** Guests one is asked about, and for administrators the reviews that were begun. */
export function ReviewsPage() {
  const { t } = useTranslation();
  const abilities = useAbilities();
  const [isStarting, setStarting] = useState(false);
  return (
    <Page
      title={t('nav.reviews')}
      sentence={t('reviews.sentence')}
      commands={
        abilities.writes('guests') && (
          <Button appearance="primary" onClick={() => setStarting(true)}>
            {t('reviews.start')}
          </Button>
        )
      }
    >
      <Own />
      {abilities.sees('guests') && <All />}
      {isStarting && <Start onClose={() => setStarting(false)} />}
    </Page>
  );
}

/** The guests that wait for one's answer. */
function Own() {
  const { t } = useTranslation();
  const query = useThing<{ value: OwnItem[] }>('/me/reviews', { params: { limit: '500' } });
  const list = wholeList({ ...query, data: query.data?.value });
  const [ending, setEnding] = useState<OwnItem>();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const answer = useAct<{ items: readonly OwnItem[]; answer: 'keep' | 'end' }>(
    async (api, { items, answer: what }) => {
      for (const [reviewId, some] of Map.groupBy(items, (one) => one.reviewId))
        for (let n = 0; n < some.length; n += 100)
          await api.post(`/me/reviews/${reviewId}/answers`, {
            guestIds: some.slice(n, n + 100).map(({ guestId }) => guestId),
            answer: what,
          });
    },
    {
      said: ({ items, answer: what }) => t(`reviews.said.${what}`, { count: items.length }),
      done: () => {
        setEnding(undefined);
        setChosen(new Set());
      },
    },
  );
  const nameOf = (item: OwnItem) => item.guest?.displayName ?? item.guestId;
  const keyOf = (item: OwnItem) => `${item.reviewId} ${item.guestId}`;
  const some = list.rows.filter((item) => chosen.has(keyOf(item)));
  return (
    <Section title={t('reviews.mine')}>
      {answer.fault && <RefusalBar fault={answer.fault} />}
      {some.length > 0 && (
        <Button disabled={answer.isBusy} onClick={() => answer.run({ items: some, answer: 'keep' })}>
          {t('reviews.keepMany', { count: some.length })}
        </Button>
      )}
      <DataList
        label={t('reviews.mine')}
        list={list}
        rowKey={keyOf}
        selection={{ keys: chosen, change: setChosen, nameOf }}
        columns={[
          {
            key: 'who',
            title: t('ledger.who'),
            isName: true,
            sort: nameOf,
            render: (item) => (
              <PersonName
                name={nameOf(item)}
                second={item.guest?.reason ?? undefined}
                organisation={item.guest?.organisation ?? undefined}
              />
            ),
          },
          {
            key: 'seen',
            title: t('people.seen'),
            sort: ({ guest }) => guest?.lastSignInAt,
            render: ({ guest }) => <WhenText at={guest?.lastSignInAt ?? null} />,
          },
          { key: 'rights', title: t('reviews.rights'), sort: ({ rights }) => rights, render: ({ rights }) => rights },
          {
            key: 'used',
            title: t('ledger.lastUsed'),
            sort: ({ lastUsedAt }) => lastUsedAt,
            render: ({ lastUsedAt }) => <WhenText at={lastUsedAt} />,
          },
          {
            key: 'due',
            title: t('reviews.due'),
            sort: ({ review }) => review.dueAt,
            render: ({ review }) => (
              <>
                <WhenText at={review.dueAt} /> {t(`reviews.else.${review.withoutAnswer}`)}
              </>
            ),
          },
          {
            key: 'act',
            title: t('ledger.act'),
            render: (item) => (
              <span style={{ display: 'flex', gap: '8px' }}>
                <Button
                  size="small"
                  aria-label={t('reviews.keepOne', { name: nameOf(item) })}
                  disabled={answer.isBusy}
                  onClick={() => answer.run({ items: [item], answer: 'keep' })}
                >
                  {t('reviews.keep')}
                </Button>
                <Button
                  size="small"
                  aria-label={t('reviews.endOne', { name: nameOf(item) })}
                  onClick={() => setEnding(item)}
                >
                  {t('reviews.end')}
                </Button>
              </span>
            ),
          },
        ]}
        empty={
          <EmptyState
            picture={<PeopleCheckmarkRegular />}
            title={t('reviews.nothing')}
            sentence={t('reviews.nothingSentence')}
          />
        }
      />
      {ending && (
        <ConfirmDialog
          title={t('reviews.endOne', { name: nameOf(ending) })}
          confirm={t('reviews.end')}
          act={answer}
          input={{ items: [ending], answer: 'end' as const }}
          onClose={() => setEnding(undefined)}
        >
          {t('guests.endSentence')}
        </ConfirmDialog>
      )}
    </Section>
  );
}

/** Every review, with how far it is. */
function All() {
  const { t } = useTranslation();
  const mayWrite = useAbilities().writes('guests');
  const list = useList<Review>('/admin/reviews', {}, { cursor: 'before' });
  const cancel = useAct<Review>((api, { id }) => api.post(`/admin/reviews/${id}/cancel`), {
    said: () => t('reviews.cancelled'),
  });
  return (
    <Section title={t('reviews.all')}>
      <OnlyReading area="guests" />
      {cancel.fault && <RefusalBar fault={cancel.fault} />}
      <DataList
        label={t('reviews.all')}
        list={list}
        rowKey={({ id }) => id}
        columns={[
          { key: 'title', title: t('reviews.title'), isName: true, render: ({ title }) => title },
          { key: 'state', title: t('people.state'), render: ({ state }) => t(`reviews.states.${state}`) },
          {
            key: 'how',
            title: t('reviews.progress'),
            render: ({ guests, kept, ended, unanswered }) => t('reviews.counts', { guests, kept, ended, unanswered }),
          },
          {
            key: 'due',
            title: t('reviews.due'),
            render: ({ dueAt, withoutAnswer }) => (
              <>
                <WhenText at={dueAt} /> {t(`reviews.else.${withoutAnswer}`)}
              </>
            ),
          },
          { key: 'by', title: t('reviews.by'), render: ({ startedBy }) => startedBy },
          ...(mayWrite
            ? [
                {
                  key: 'act',
                  title: t('ledger.act'),
                  render: (review: Review) =>
                    review.state === 'open' && (
                      <Button
                        size="small"
                        aria-label={t('reviews.cancelOne', { title: review.title })}
                        disabled={cancel.isBusy}
                        onClick={() => cancel.run(review)}
                      >
                        {t('reviews.cancel')}
                      </Button>
                    ),
                },
              ]
            : []),
        ]}
        empty={<Text>{t('reviews.none')}</Text>}
      />
    </Section>
  );
}

function Start(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const [title, setTitle] = useState('');
  const [days, setDays] = useState('14');
  const [organisation, setOrganisation] = useState('');
  const [withoutAnswer, setWithoutAnswer] = useState<'keep' | 'end'>('end');
  const start = useAct(
    (api) =>
      api.post('/admin/reviews', {
        title: title.trim(),
        days: Number(days),
        withoutAnswer,
        organisation: organisation.trim() || null,
      }),
    { said: () => t('reviews.started'), done: props.onClose },
  );
  return (
    <FormPanel
      size="small"
      title={t('reviews.start')}
      sentence={t('reviews.startSentence')}
      submit={t('reviews.start')}
      onClose={props.onClose}
      onSubmit={() => title.trim() !== '' && start.run()}
      isBusy={start.isBusy}
      fault={start.fault}
    >
      <Field label={t('reviews.title')} required>
        <Input value={title} maxLength={200} onChange={(_, data) => setTitle(data.value)} />
      </Field>
      <Field label={t('reviews.days')}>
        <Input type="number" min={1} max={365} value={days} onChange={(_, data) => setDays(data.value)} />
      </Field>
      <Field label={t('reviews.organisation')} hint={t('reviews.organisationHint')}>
        <Input value={organisation} placeholder="contoso.example" onChange={(_, data) => setOrganisation(data.value)} />
      </Field>
      <Choice
        label={t('reviews.withoutAnswer')}
        value={withoutAnswer}
        onChange={setWithoutAnswer}
        options={[
          ['end', t('reviews.default.end')],
          ['keep', t('reviews.default.keep')],
        ]}
      />
    </FormPanel>
  );
}
