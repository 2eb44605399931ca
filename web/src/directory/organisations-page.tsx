import { Button, Card, Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import { BuildingRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveFile } from '../audit/export.ts';
import { useAct } from '../parts/act.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Facts } from '../parts/facts.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { NARROW } from '../parts/narrow.ts';
import { Page, Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useTenant, useThing } from '../shell/tenant.ts';
import { type MyOrganisation, type OrganisationElsewhere, openAddress } from './organisations.ts';

const useStyles = makeStyles({
  cards: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(360px, 1fr))',
    gap: '16px',
    [NARROW]: { gridTemplateColumns: '1fr' },
  },
  card: { padding: '20px', display: 'grid', gap: '12px', alignContent: 'start' },
  row: { display: 'flex', gap: '8px', flexWrap: 'wrap', alignItems: 'center' },
  picture: { fontSize: '24px', color: tokens.colorBrandForeground1, lineHeight: 1 },
});

/** Every organisation a person belongs to: open it, take along what is theirs, leave it. */
export function OrganisationsPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const query = useThing<{ value: MyOrganisation[] }>('/me/organisations');
  const tenant = useTenant();
  const [leaving, setLeaving] = useState<MyOrganisation>();
  const block = useAct<MyOrganisation>(
    (api, one) => api.post(`/me/organisations/${one.tenantId}/${one.isBlocked ? 'unblock' : 'block'}`),
    { said: (one) => (one.isBlocked ? t('organisations.unblocked') : t('organisations.blocked')) },
  );
  const take = useAct<MyOrganisation>(async (api, one) => {
    const answer = await api.raw('GET', `/me/organisations/${one.tenantId}/export`, { headers: { accept: '*/*' } });
    saveFile(`${one.domain}.json`, 'application/json', await answer.blob());
  });
  const fault = block.fault ?? take.fault;
  return (
    <Page title={t('nav.organisations')} sentence={t('organisations.sentence')}>
      {fault && <RefusalBar fault={fault} />}
      {query.error ? (
        <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <LoadingRows label={t('nav.organisations')} />
      ) : query.data?.value.length === 0 ? (
        <EmptyState picture={<BuildingRegular />} title={t('home.noOrganisations')} />
      ) : (
        <div className={styles.cards}>
          {query.data?.value.map((one) => (
            <Card key={one.tenantId} className={styles.card} appearance="outline">
              <div className={styles.row}>
                <BuildingRegular className={styles.picture} aria-hidden />
                <Text as="h2" size={400} weight="semibold" style={{ margin: 0 }}>
                  {one.displayName}
                </Text>
              </div>
              <StateText
                tone={one.isHome || one.state === 'accepted' ? 'good' : one.state === 'pending' ? 'waiting' : 'stopped'}
              >
                {one.isHome ? t('organisations.home') : t(`state.${one.state}`)}
              </StateText>
              <Facts
                facts={[
                  [t('redeem.domain'), one.domain],
                  [t('redeem.invitedBy'), one.invitedBy],
                  one.since ? [t('organisations.since'), <WhenText key="s" at={one.since} />] : null,
                  one.isHome ? null : [t('guests.ends'), <WhenText key="e" at={one.endsAt} none={t('guests.noEnd')} />],
                ]}
              />
              <div className={styles.row}>
                {one.state !== 'ended' && one.domain !== tenant && one.tenantId !== tenant && (
                  <Button as="a" appearance="primary" href={openAddress(one)}>
                    {one.state === 'pending' ? t('organisations.answer') : t('home.open')}
                  </Button>
                )}
                {one.state === 'accepted' && (
                  <Button disabled={take.isBusy} onClick={() => take.run(one)}>
                    {t('organisations.export')}
                  </Button>
                )}
                {!one.isHome && one.mayLeave && one.state === 'accepted' && (
                  <Button onClick={() => setLeaving(one)}>{t('organisations.leave')}</Button>
                )}
                {!one.isHome && (one.state === 'pending' || one.isBlocked) && (
                  <Button disabled={block.isBusy} onClick={() => block.run(one)}>
                    {one.isBlocked ? t('redeem.unblock') : t('organisations.block')}
                  </Button>
                )}
              </div>
              {!one.isHome && !one.mayLeave && one.state === 'accepted' && <MayNotLeave contact={one.contact} />}
            </Card>
          ))}
        </div>
      )}
      <Elsewhere />
      {leaving && <LeaveDialog from="/me/organisations" organisation={leaving} onClose={() => setLeaving(undefined)} />}
    </Page>
  );
}

/** Ends somebody's stay in an organisation, `from` where it is listed. */
function LeaveDialog(props: {
  from: string;
  organisation: { tenantId: string; displayName: string };
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { displayName: name, tenantId } = props.organisation;
  const leave = useAct((api) => api.post(`${props.from}/${tenantId}/leave`), {
    said: () => t('organisations.left', { name }),
    done: props.onClose,
  });
  return (
    <ConfirmDialog
      title={t('organisations.leaveTitle', { name })}
      confirm={t('organisations.leave')}
      act={leave}
      onClose={props.onClose}
    >
      {t('organisations.leaveSentence')}
    </ConfirmDialog>
  );
}

function MayNotLeave({ contact }: { contact: string | null | undefined }) {
  const { t } = useTranslation();
  return (
    <Text size={200}>
      {contact ? (
        <>
          {t('organisations.askToLeave')} <Link href={`mailto:${contact}`}>{contact}</Link>
        </>
      ) : (
        t('organisations.mayNotLeave')
      )}
    </Text>
  );
}

/** Where the person is a guest on other servers. Each is asked, so these come after those that are here. */
function Elsewhere() {
  const { t } = useTranslation();
  const styles = useStyles();
  const query = useThing<{ value: OrganisationElsewhere[] }>('/me/organisations/elsewhere', { isSubject: true });
  const [leaving, setLeaving] = useState<OrganisationElsewhere>();
  const found = query.data?.value ?? [];
  if (!query.error && found.length === 0) return null;
  return (
    <Section title={t('organisations.elsewhere')} sentence={t('organisations.elsewhereSentence')}>
      {query.error && <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />}
      <div className={styles.cards}>
        {found.map((one) => (
          <Card key={one.tenantId} className={styles.card} appearance="outline">
            <div className={styles.row}>
              <BuildingRegular className={styles.picture} aria-hidden />
              <Text as="h3" size={400} weight="semibold" style={{ margin: 0 }}>
                {one.displayName}
              </Text>
            </div>
            <StateText tone={!one.isReached ? 'warning' : one.state === 'accepted' ? 'good' : 'stopped'}>
              {one.isReached ? t(`state.${one.state ?? 'ended'}`) : t('organisations.notReached')}
            </StateText>
            <Facts
              facts={[
                [t('redeem.domain'), one.domain],
                [t('redeem.invitedBy'), one.invitedBy],
                one.since ? [t('organisations.since'), <WhenText key="s" at={one.since} />] : null,
                one.isReached
                  ? [t('guests.ends'), <WhenText key="e" at={one.endsAt ?? null} none={t('guests.noEnd')} />]
                  : null,
              ]}
            />
            <div className={styles.row}>
              {one.state !== 'ended' && (
                <Button as="a" appearance="primary" href={one.address}>
                  {t('home.open')}
                </Button>
              )}
              {one.mayLeave && <Button onClick={() => setLeaving(one)}>{t('organisations.leave')}</Button>}
            </div>
            {one.state === 'accepted' && !one.mayLeave && <MayNotLeave contact={one.contact} />}
          </Card>
        ))}
      </div>
      {leaving && (
        <LeaveDialog from="/me/organisations/elsewhere" organisation={leaving} onClose={() => setLeaving(undefined)} />
      )}
    </Section>
  );
}
