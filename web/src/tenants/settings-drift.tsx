import { Text } from '@fluentui/react-components';
import { CheckmarkCircleRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import { useTermWords } from '../partners/agreement-terms.tsx';
import { type Column, DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { wholeList } from '../parts/list.ts';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { OrganisationBadge } from '../parts/organisation-badge.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useThing } from '../shell/tenant.ts';
import { useSettingWords } from './setting-words.ts';
import { useChangeColumns } from './settings-plan.tsx';
import type { AgreementCheck, SettingsDrift as Drift, SettingDrift } from './wire.ts';

const TONES = { same: 'good', differs: 'warning', 'not-applicable': 'quiet' } as const;

/** What was changed since a text was applied, by whom; and what is less than was agreed with others. */
export function SettingsDrift() {
  const { t } = useTranslation();
  const query = useThing<Drift>('/admin/settings-text/drift', { isSubject: true });
  const changes = useChangeColumns<SettingDrift>({ old: 'settingsText.inText', next: 'settingsText.isNow' });
  if (query.error) return <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows label={t('settingsText.drift')} />;
  const { groups, agreements } = query.data;
  const drifts = groups.flatMap((group) => group.drifts);
  const applied = groups.flatMap(({ appliedAt, appliedBy }) => (appliedAt ? [{ appliedAt, appliedBy }] : []));
  const last = applied.toSorted((a, b) => (a.appliedAt < b.appliedAt ? 1 : -1))[0];
  const columns: Column<SettingDrift>[] = [
    ...changes,
    { key: 'who', title: t('audit.who'), render: ({ changedBy }) => changedBy ?? t('settingsText.inDatabase') },
    { key: 'when', title: t('audit.when'), render: ({ changedAt }) => <WhenText at={changedAt} none="" /> },
  ];
  return (
    <>
      <Section title={t('settingsText.drift')} sentence={t('settingsText.driftSentence')}>
        {!last ? (
          <Text>
            {t('settingsText.noText')} {t('settingsText.noTextSentence')}
          </Text>
        ) : (
          <>
            <Text>
              {t('settingsText.appliedBy', { name: last.appliedBy })} <WhenText at={last.appliedAt} />
            </Text>
            <DataList
              label={t('settingsText.drift')}
              list={wholeList({ data: drifts, isPending: false, error: null, refetch: () => query.refetch() })}
              rowKey={({ group, target, targetName, name }) => [group, target, targetName, name].join(' ')}
              columns={columns}
              empty={<EmptyState picture={<CheckmarkCircleRegular />} title={t('settingsText.asText')} />}
            />
          </>
        )}
      </Section>
      {agreements.length > 0 && (
        <Section title={t('settingsText.agreements')} sentence={t('settingsText.agreementsSentence')}>
          {agreements.map((agreement) => (
            <Agreement key={agreement.agreementId} agreement={agreement} />
          ))}
        </Section>
      )}
    </>
  );
}

function Agreement({ agreement }: { agreement: Drift['agreements'][number] }) {
  const { t } = useTranslation();
  const words = useTermWords();
  const settings = useSettingWords();
  const say = (level: string | null) => (level === null ? '' : words.level(level));
  const { partner, checks, partnerGives } = agreement;
  const columns: Column<AgreementCheck>[] = [
    {
      key: 'what',
      title: t('settingsText.term'),
      isName: true,
      render: ({ what, title }) => words.term({ name: what, title }),
    },
    {
      key: 'state',
      title: t('people.state'),
      render: ({ status, reason }) => (
        <StateText tone={TONES[status]}>
          {[t(`settingsText.states.${status}`), reason && t(`settingsText.reasons.${reason}`)]
            .filter(Boolean)
            .join(': ')}
        </StateText>
      ),
    },
    { key: 'agreed', title: t('settingsText.agreed'), render: ({ agreed }) => say(agreed) },
    {
      key: 'now',
      title: t('settingsText.isNow'),
      render: ({ now, isForSome }) => (isForSome ? t('settingsText.forSome', { level: say(now) }) : say(now)),
    },
    {
      key: 'why',
      title: t('settingsText.heldDownBy'),
      render: ({ setting }) => setting && settings.called(setting),
    },
  ];
  const terms = checks.filter(({ what, status }) => !what.includes(' / ') || status === 'differs');
  const less = Object.entries(partnerGives);
  return (
    <>
      <span>
        <OrganisationBadge name={partner.displayName} />
      </span>
      {less.length > 0 && (
        <StateText tone="warning">
          {t('settingsText.partnerGives', {
            name: partner.displayName,
            terms: less
              .map(
                ([term, given]) =>
                  `${words.term({ name: term, title: term })}: ${typeof given === 'string' ? say(given) : t('settingsText.forSome', { level: say(given.some) })}`,
              )
              .join(', '),
          })}
        </StateText>
      )}
      <DataList
        label={t('settingsText.agreementWith', { name: partner.displayName })}
        list={wholeList({ data: terms, isPending: false, error: null, refetch: () => {} })}
        rowKey={({ what }) => what}
        columns={columns}
        empty={<EmptyState picture={<CheckmarkCircleRegular />} title={t('settingsText.nothingAgreed')} />}
      />
    </>
  );
}
