import { Button, Card, Combobox, Field, makeStyles, Option, Text, tokens } from '@fluentui/react-components';
import { EyeRegular } from '@fluentui/react-icons';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Answer, WhyAnswer } from '../access/answer.tsx';
import type { Explanation } from '../access/wire.ts';
import type { Page as Rows } from '../api.ts';
import { type Column, DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Facts } from '../parts/facts.tsx';
import { FilterBox } from '../parts/filter-box.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { useList, wholeList } from '../parts/list.ts';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Page, Section } from '../parts/page.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useOrganisationNamed } from '../shell/me.ts';
import { useTenant, useThing } from '../shell/tenant.ts';
import type { KnownPartner, OutsideShare, PartnerView } from './admin-wire.ts';
import { DomainBadge } from './somebody.tsx';

const useStyles = makeStyles({
  ask: { display: 'flex', gap: '8px', alignItems: 'end', flexWrap: 'wrap', marginBottom: '16px' },
  who: { flex: '1 1 280px', maxWidth: '480px' },
  quiet: { color: tokens.colorNeutralForeground3 },
  facts: { padding: '16px 20px', display: 'grid', gap: '12px' },
});

/** What an organisation, or one of its people, sees of our calendars: every line by the question they would be asked. */
export function PartnerViewPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const tenant = useTenant();
  const router = useRouter();
  const { from = '' } = useSearch({ strict: false }) as { from?: string };
  const known = useThing<Rows<KnownPartner>>('/admin/known-partners');
  const [text, setText] = useState(from);
  useEffect(() => setText(from), [from]);
  const look = (at: string) => {
    const query = at.trim() === '' ? '' : `?${new URLSearchParams({ from: at.trim() })}`;
    router.history.push(`/t/${encodeURIComponent(tenant)}/partner-view${query}`);
  };
  const offered = (known.data?.value ?? []).flatMap(({ domain, relationship, people }) => [
    { value: domain, said: relationship ?? domain },
    ...people.map((address) => ({ value: address, said: relationship ?? domain })),
  ]);
  return (
    <Page title={t('nav.partnerView')} sentence={`${t('partnerView.sentence')} ${t('partnerView.fromHint')}`}>
      <form
        className={styles.ask}
        onSubmit={(event) => {
          event.preventDefault();
          look(text);
        }}
      >
        <Field label={t('partnerView.from')} className={styles.who}>
          <Combobox
            freeform
            value={text}
            selectedOptions={[]}
            autoCapitalize="none"
            placeholder="contoso.example"
            onChange={(event) => setText(event.target.value)}
            onOptionSelect={(_, { optionValue }) => {
              if (!optionValue) return;
              setText(optionValue);
              look(optionValue);
            }}
          >
            {offered.map(({ value, said }) => (
              <Option key={value} value={value} text={value}>
                {value === said ? value : `${value} · ${said}`}
              </Option>
            ))}
          </Combobox>
        </Field>
        <Button type="submit" appearance="primary" icon={<EyeRegular />} disabled={text.trim() === ''}>
          {t('partnerView.look')}
        </Button>
      </form>
      {from === '' ? (
        <EmptyState
          picture={<EyeRegular />}
          title={t('partnerView.nobody')}
          sentence={t('partnerView.nobodySentence')}
        />
      ) : (
        <View key={from} from={from} />
      )}
    </Page>
  );
}

function View({ from }: { from: string }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const query = useThing<PartnerView>('/admin/partner-view', { params: { from }, isSubject: true });
  const organisation = useOrganisationNamed(query.data?.visitor.tenantId ?? null);
  if (query.error) return <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows label={t('nav.partnerView')} />;
  const { visitor, relationship, guestId, mailTips, calendars } = query.data;
  return (
    <>
      <Card appearance="outline" className={styles.facts}>
        <Facts
          facts={[
            [t('partnerView.who'), visitor.address ?? t('partnerView.anybodyAt', { domain: visitor.domain })],
            [t('partnerView.organisation'), <DomainBadge key="badge" domain={visitor.domain} />],
            visitor.tenantId === null && [t('people.state'), t('partnerView.noOrganisation')],
            [
              t('partnerView.relationship'),
              relationship ? (
                <InnerLink key="relationship" path={`/relationships?open=${relationship.id}`}>
                  {relationship.name}
                </InnerLink>
              ) : (
                t('partnerView.noRelationship')
              ),
            ],
            guestId !== null && [
              t('organisations.guest'),
              <InnerLink key="guest" path={`/guests/${guestId}`}>
                {t('partnerView.isGuest')}
              </InnerLink>,
            ],
            [
              t('relationships.mailTips'),
              <Explained key="tips" explanation={mailTips} about={t('relationships.mailTips')} />,
            ],
          ]}
        />
      </Card>
      <Times from={from} />
      <Shared rows={calendars} organisation={organisation ?? visitor.domain} />
      <Published />
    </>
  );
}

function Explained(props: { explanation: Explanation; about: string }) {
  return (
    <div style={{ display: 'flex', gap: '12px', alignItems: 'start', justifyContent: 'space-between' }}>
      <Answer explanation={props.explanation} />
      <WhyAnswer {...props} />
    </div>
  );
}

interface MailboxSeen {
  readonly id: string;
  readonly displayName: string;
  readonly address: string;
  readonly explanation: Explanation;
}

/** How much of everybody's time they are told. */
function Times({ from }: { from: string }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const list = useList<MailboxSeen>('/admin/partner-view/mailboxes', { from, search });
  const columns: Column<MailboxSeen>[] = [
    {
      key: 'name',
      title: t('people.name'),
      isName: true,
      render: ({ displayName, address }) => <PersonName name={displayName} second={address} />,
    },
    {
      key: 'sees',
      title: t('relationships.theySee'),
      render: ({ explanation, displayName }) => <Explained explanation={explanation} about={displayName} />,
    },
  ];
  return (
    <Section
      title={t('partnerView.times')}
      sentence={t('partnerView.timesSentence')}
      commands={<FilterBox label={t('list.filter')} value={search} onChange={setSearch} />}
    >
      <DataList
        label={t('partnerView.times')}
        list={list}
        rowKey={({ id }) => id}
        columns={columns}
        empty={<EmptyState picture={<EyeRegular />} title={t('list.nothingFound')} />}
      />
    </Section>
  );
}

function Shared({ rows, organisation }: { rows: PartnerView['calendars']; organisation: string }) {
  const { t } = useTranslation();
  const columns: Column<PartnerView['calendars'][number]>[] = [
    {
      key: 'name',
      title: t('calendars.name'),
      isName: true,
      render: ({ calendarName, ownerName }) => <PersonName name={ownerName} second={calendarName} />,
    },
    {
      key: 'with',
      title: t('calendars.sharing.with'),
      render: ({ recipient }) => <PersonName name={recipient} organisation={organisation} />,
    },
    {
      key: 'until',
      title: t('calendars.sharing.until'),
      render: ({ endsAt }) => (endsAt ? <WhenText at={endsAt} isExact /> : t('published.noEnd')),
    },
    {
      key: 'sees',
      title: t('relationships.theySee'),
      render: ({ explanation, calendarName }) => <Explained explanation={explanation} about={calendarName} />,
    },
  ];
  return (
    <Section title={t('partnerView.shared')} sentence={t('partnerView.sharedSentence')}>
      <DataList
        label={t('partnerView.shared')}
        list={wholeList({ data: rows, isPending: false, error: null, refetch: () => {} })}
        rowKey={({ grantId }) => grantId}
        columns={columns}
        empty={<Text>{t('partnerView.nothingShared')}</Text>}
      />
    </Section>
  );
}

/** What they see as anybody does who has the address. */
function Published() {
  const { t } = useTranslation();
  const query = useThing<Rows<OutsideShare>>('/admin/outside-shares');
  const columns: Column<OutsideShare>[] = [
    {
      key: 'name',
      title: t('calendars.name'),
      isName: true,
      render: ({ calendarName, owner }) => <PersonName name={owner.name} second={calendarName} />,
    },
    {
      key: 'sees',
      title: t('relationships.theySee'),
      render: ({ explanation, calendarName }) => <Explained explanation={explanation} about={calendarName} />,
    },
  ];
  const { data } = query;
  return (
    <Section
      title={t('partnerView.published')}
      sentence={t('partnerView.publishedSentence')}
      commands={<InnerLink path="/published">{t('nav.published')}</InnerLink>}
    >
      <DataList
        label={t('partnerView.published')}
        list={wholeList({ ...query, data: data?.value.filter(({ recipient }) => recipient === null) })}
        rowKey={({ grantId }) => grantId}
        columns={columns}
        empty={<Text>{t('partnerView.nothingPublished')}</Text>}
      />
    </Section>
  );
}
