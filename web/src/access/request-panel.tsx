import { Button, Field, makeStyles, Spinner, Text, Textarea, tokens } from '@fluentui/react-components';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useTenant, useThing } from '../shell/tenant.ts';
import { useAccessWords } from './access-words.ts';
import { ExplanationText } from './explanation.tsx';
import { pageOf } from './setting-pages.ts';
import type { Explanation, OpenedRequest } from './wire.ts';

const useStyles = makeStyles({
  words: {
    whiteSpace: 'pre-line',
    overflowWrap: 'anywhere',
    padding: '12px 16px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  commands: { display: 'flex', gap: '8px', flexWrap: 'wrap' },
});

const LONGEST = 1_000;

/** One request: who asks, for what, why it was refused, and the answer. */
export function RequestPanel(props: { path: string; onClose: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useAccessWords();
  const request = useThing<OpenedRequest>(props.path, { isSubject: true });
  const [note, setNote] = useState('');
  const [chosen, setChosen] = useState<string>();
  const one = request.data;
  const giving = one?.giving ?? null;
  const way = chosen ?? giving?.ways[0]?.id;
  // Whoever decides sees first who gains by it.
  const grant = useAct(
    (api) =>
      api.post(`${props.path}/answer`, {
        decision: 'grant',
        gives: giving !== null,
        ...(way === undefined ? {} : { way }),
        note: note.trim(),
      }),
    { isTried: giving !== null, said: () => t('requests.answeredYes', { name: one?.asker.name }), done: props.onClose },
  );
  const decline = useAct((api) => api.post(`${props.path}/answer`, { decision: 'decline', note: note.trim() }), {
    said: () => t('requests.answeredNo', { name: one?.asker.name }),
    done: props.onClose,
  });
  const isBusy = grant.isBusy || decline.isBusy;
  const place = one?.explanation ? placeOf(one.explanation) : undefined;
  return (
    <FormPanel
      title={one ? t('requests.title', { name: one.asker.name }) : t('nav.requests')}
      submit=""
      size="large"
      onClose={props.onClose}
      fault={request.error ?? grant.fault ?? decline.fault}
    >
      {!one ? (
        !request.error && <LoadingRows count={4} />
      ) : (
        <>
          <Facts
            facts={[
              [
                t('requests.who'),
                <span key="who" className={styles.commands}>
                  {one.asker.name}
                  {one.asker.domain && <OrganisationBadge name={one.asker.domain} />}
                </span>,
              ],
              one.about ? [t('requests.about'), one.about] : null,
              [t('requests.wanted'), words.level(one.question, one.wanted)],
              [t('requests.when'), <WhenText key="when" at={one.lastAskedAt} isExact />],
              [t('requests.expires'), <WhenText key="end" at={one.expiresAt} />],
            ]}
          />
          {one.message !== '' && <Text className={styles.words}>{one.message}</Text>}
          <Field label={t('requests.noteFor')} hint={t('requests.noteHint')}>
            <Textarea
              value={note}
              maxLength={LONGEST}
              rows={2}
              resize="vertical"
              onChange={(_, data) => setNote(data.value)}
            />
          </Field>
          <Text>
            {giving
              ? t(`requests.gives.${giving.kind}`, {
                  name: giving.ways.find(({ id }) => id === way)?.name ?? '',
                  asker: one.asker.name,
                })
              : t('requests.needsChange')}
          </Text>
          {giving?.kind === 'role' && way !== undefined && (
            <Choice
              label={t('requests.role')}
              value={way}
              onChange={setChosen}
              options={giving.ways.map(({ id, name }) => [id, t(`roles.names.${id}`, { defaultValue: name })])}
              hint={t(`roles.sentences.${way}`, { defaultValue: '' })}
            />
          )}
          <div className={styles.commands}>
            <Button
              appearance={giving || !place ? 'primary' : 'secondary'}
              disabled={isBusy}
              icon={grant.isBusy ? <Spinner size="tiny" aria-hidden /> : undefined}
              onClick={() => grant.run()}
            >
              {giving ? t('requests.give') : t('requests.grant')}
            </Button>
            {place && !giving && <PlaceButton place={place} />}
            <Button disabled={isBusy} onClick={() => decline.run()}>
              {t('requests.decline')}
            </Button>
          </div>
          {one.explanation ? <ExplanationText explanation={one.explanation} /> : <Text>{t('requests.gone')}</Text>}
        </>
      )}
    </FormPanel>
  );
}

interface Place {
  readonly path: string;
  readonly title: 'requests.goTo' | 'requests.goToRoles';
}

/** Where the smallest change is made: the page of the first setting in the way, or of roles. */
function placeOf({ smallestChange }: Explanation): Place | undefined {
  if (smallestChange.none) return undefined;
  for (const change of smallestChange.changes) {
    if (change.kind === 'ceiling' && change.setting.scope !== 'fixed')
      return { path: pageOf(change.setting), title: 'requests.goTo' };
    if (change.kind === 'grant' && change.remedy === 'administrator')
      return { path: '/roles', title: 'requests.goToRoles' };
  }
  return undefined;
}

function PlaceButton({ place }: { place: Place }) {
  const { t } = useTranslation();
  const tenant = useTenant();
  const router = useRouter();
  return (
    <Button appearance="primary" onClick={() => router.history.push(`/t/${encodeURIComponent(tenant)}${place.path}`)}>
      {t(place.title)}
    </Button>
  );
}
