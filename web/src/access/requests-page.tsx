import { Button, Card, makeStyles, Text, tokens } from '@fluentui/react-components';
import { PersonQuestionMarkRegular } from '@fluentui/react-icons';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../parts/empty-state.tsx';
import { Facts } from '../parts/facts.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RefusalActions, RefusalBar, RefusalNote } from '../parts/refusal-bar.tsx';
import { StateText, type Tone } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { useNotice } from '../shell/use-live.tsx';
import { useAccessWords } from './access-words.ts';
import { RequestPanel } from './request-panel.tsx';
import type { AskedRequest, OwnRequest, RequestState } from './wire.ts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '12px', maxWidth: '860px' },
  row: { display: 'flex', gap: '8px 12px', flexWrap: 'wrap', alignItems: 'center', justifyContent: 'space-between' },
  who: { display: 'flex', gap: '8px', flexWrap: 'wrap', alignItems: 'center', minWidth: 0 },
  words: { whiteSpace: 'pre-line', overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground3 },
});

const TONES: Readonly<Record<RequestState, Tone>> = {
  open: 'waiting',
  granted: 'good',
  declined: 'stopped',
  expired: 'quiet',
};

/** Where a request is answered: as an owner, or for the organisation. */
type Door = '/me/access-requests' | '/admin/access-requests';
interface Answerable extends AskedRequest {
  readonly door: Door;
}

/** What others ask of the person, and what the person has asked for. */
export function RequestsPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const given = useSearch({ strict: false }) as { ask?: string };
  const abilities = useAbilities();
  const isAdministrator = abilities.sees('requests');
  const own = useThing<{ asked: OwnRequest[]; toAnswer: AskedRequest[] }>('/me/access-requests', { isSubject: true });
  const all = useThing<{ value: AskedRequest[] }>('/admin/access-requests', {
    enabled: abilities.isReady && isAdministrator,
    isSubject: true,
  });
  const { isOn } = useNotice('access.requests-changed', () => {
    void own.refetch();
    if (isAdministrator) void all.refetch();
  });
  const [openId, setOpenId] = useState<string>();

  const mine = (own.data?.toAnswer ?? []).map((one): Answerable => ({ ...one, door: '/me/access-requests' }));
  const others = (all.data?.value ?? [])
    .filter(({ id }) => !mine.some((one) => one.id === id))
    .map((one): Answerable => ({ ...one, door: '/admin/access-requests' }));
  const answerable = [...mine, ...others];
  const waiting = answerable.filter(({ state }) => state === 'open');
  const done = answerable.filter(({ state }) => state !== 'open');
  const opened = answerable.find(({ id }) => id === openId);
  const fault = own.error ?? all.error;
  return (
    <Page title={t('nav.requests')} sentence={t('requests.sentence')}>
      {given.ask && <Asking reference={given.ask} />}
      {fault && <RefusalBar fault={fault} onRetry={() => void own.refetch()} />}
      {own.isPending ? (
        <LoadingRows label={t('nav.requests')} />
      ) : (
        <div aria-live={isOn ? 'polite' : undefined}>
          <Section title={t('requests.toAnswer')}>
            {waiting.length === 0 ? (
              <Text className={styles.quiet}>{t('requests.nothingToAnswer')}</Text>
            ) : (
              <ul className={styles.list}>
                {waiting.map((one) => (
                  <AskedCard key={one.id} request={one} onOpen={() => setOpenId(one.id)} />
                ))}
              </ul>
            )}
          </Section>
          <Section title={t('requests.mine')}>
            {own.data?.asked.length === 0 ? (
              <EmptyState
                picture={<PersonQuestionMarkRegular />}
                title={t('requests.nothingAsked')}
                sentence={t('requests.nothingAskedSentence')}
              />
            ) : (
              <ul className={styles.list}>
                {own.data?.asked.map((one) => (
                  <OwnCard key={one.id} request={one} />
                ))}
              </ul>
            )}
          </Section>
          {done.length > 0 && (
            <Section title={t('requests.done')}>
              <ul className={styles.list}>
                {done.map((one) => (
                  <AskedCard key={one.id} request={one} />
                ))}
              </ul>
            </Section>
          )}
        </div>
      )}
      {opened && (
        <RequestPanel key={opened.id} path={`${opened.door}/${opened.id}`} onClose={() => setOpenId(undefined)} />
      )}
    </Page>
  );
}

/** A refusal that was met before the person was here: at the page where an application asks for their consent. */
function Asking({ reference }: { reference: string }) {
  const { t } = useTranslation();
  const refusal = { reference, sentence: t('fault.refused') };
  return (
    <Card appearance="outline">
      <Text weight="semibold">{refusal.sentence}</Text>
      <RefusalNote refusal={refusal} />
      <div>
        <RefusalActions refusal={refusal} />
      </div>
    </Card>
  );
}

function AskedCard(props: { request: AskedRequest; onOpen?: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useAccessWords();
  const { request, onOpen } = props;
  return (
    <li>
      <Card appearance="outline">
        <div className={styles.row}>
          <span className={styles.who}>
            <Text weight="semibold">{request.asker.name}</Text>
            {request.asker.domain && <OrganisationBadge name={request.asker.domain} />}
          </span>
          {onOpen ? (
            <Button
              appearance="primary"
              size="small"
              onClick={onOpen}
              aria-label={t('requests.title', { name: request.asker.name })}
            >
              {t('requests.open')}
            </Button>
          ) : (
            <StateText tone={TONES[request.state]}>{t(`requests.states.${request.state}`)}</StateText>
          )}
        </div>
        <Text>
          {words.question({ name: request.question, sentence: request.sentence })}
          {request.about && ` · ${request.about}`}
        </Text>
        {request.message !== '' && <Text className={styles.words}>“{request.message}”</Text>}
        <Text size={200} className={styles.quiet}>
          <WhenText at={request.lastAskedAt} /> · {t('requests.times', { count: request.times })}
          {request.answeredBy && ` · ${t('requests.answeredBy')} ${request.answeredBy}`}
        </Text>
      </Card>
    </li>
  );
}

function OwnCard({ request }: { request: OwnRequest }) {
  const { t } = useTranslation();
  const words = useAccessWords();
  const styles = useStyles();
  return (
    <li>
      <Card appearance="outline">
        <div className={styles.row}>
          <StateText tone={TONES[request.state]}>{t(`requests.states.${request.state}`)}</StateText>
          <Text size={200}>{t('fault.reference', { id: request.reference })}</Text>
        </div>
        {request.question && (
          <Text>{words.question({ name: request.question, sentence: request.sentence ?? request.question })}</Text>
        )}
        {request.message !== '' && <Text className={styles.words}>“{request.message}”</Text>}
        <Facts
          facts={[
            [t('requests.of'), request.askedOf ?? t('requests.here')],
            [t('requests.when'), <WhenText key="at" at={request.lastAskedAt} />],
            request.state === 'open' ? [t('requests.expires'), <WhenText key="end" at={request.expiresAt} />] : null,
            request.answeredBy ? [t('requests.answeredBy'), request.answeredBy] : null,
            request.note
              ? [
                  t('requests.note'),
                  <span key="note" className={styles.words}>
                    {request.note}
                  </span>,
                ]
              : null,
          ]}
        />
      </Card>
    </li>
  );
}
