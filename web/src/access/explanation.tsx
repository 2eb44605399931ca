import { Card, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { i18n as I18n } from 'i18next';
import { useTranslation } from 'react-i18next';
import { Facts } from '../parts/facts.tsx';
import { FaultBar } from '../parts/fault-bar.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Section } from '../parts/page.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import type { Change, DecisionExplained, Explanation, RefusalNotice, RuleFound, SettingAddress } from './wire.ts';

const useStyles = makeStyles({
  rules: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '8px' },
  rule: {
    display: 'grid',
    gap: '4px',
    padding: '12px 16px',
    borderRadius: tokens.borderRadiusMedium,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  deciding: { borderInlineStartWidth: '4px', borderInlineStartColor: tokens.colorStatusWarningForeground1 },
  quiet: { color: tokens.colorNeutralForeground3 },
  row: { display: 'flex', gap: '12px', justifyContent: 'space-between', flexWrap: 'wrap' },
});

/** The explanation of one refusal: everything for those who may read it, for the person refused what is theirs to know. */
export function ExplanationOfDecision(props: { decisionId: string }) {
  const { t } = useTranslation();
  const abilities = useAbilities();
  const isAllowed = abilities.sees('explain');
  const id = encodeURIComponent(props.decisionId);
  const whole = useThing<DecisionExplained>(`/admin/decisions/${id}`, { enabled: abilities.isReady && isAllowed });
  const own = useThing<RefusalNotice>(`/me/decisions/${id}`, { enabled: abilities.isReady && !isAllowed });
  const query = isAllowed ? whole : own;
  if (query.error) return <FaultBar fault={query.error} />;
  if (!isAllowed && own.data) return <Notice notice={own.data} />;
  if (!whole.data) return <LoadingRows count={4} />;
  const { refusal, personSees, now } = whole.data;
  return (
    <>
      <Facts
        facts={[
          [t('explain.who'), refusal.actor.displayName],
          [t('explain.when'), <WhenText key="at" at={refusal.at} isExact />],
        ]}
      />
      {now ? (
        <ExplanationText explanation={now.explanation} personSees={personSees} />
      ) : (
        <>
          <Text block>{t('explain.noLonger')}</Text>
          <Notice notice={personSees} />
        </>
      )}
    </>
  );
}

/** What the person who was refused reads, in their language. */
function Notice(props: { notice: RefusalNotice }) {
  const { t } = useTranslation();
  const { notice } = props;
  return (
    <Card appearance="outline">
      <Text>{t(`explain.notices.${keyOf(notice.sentence)}`, { defaultValue: notice.sentence })}</Text>
      <Text>{t(`explain.notices.${keyOf(notice.askWhom)}`, { defaultValue: notice.askWhom })}</Text>
      {notice.reference !== '' && <Text>{t('fault.reference', { id: notice.reference })}</Text>}
    </Card>
  );
}

/** A sentence of the server as the name of its translation: letters only, and short. */
const keyOf = (sentence: string) =>
  sentence
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .replace(/-$/, '')
    .slice(0, 40);

export function ExplanationText(props: { explanation: Explanation; personSees?: RefusalNotice | null }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { explanation, personSees } = props;
  const [lowest] = explanation.levels;
  const isDenied = explanation.level === lowest;
  const deciding = explanation.rules.filter((rule) => rule.decided);
  const others = explanation.rules.filter((rule) => !rule.decided);
  const carrier = explanation.grants.filter((grant) => grant.decided);
  const hasNoGrant = explanation.because?.some(({ kind }) => kind === 'no-grant') ?? explanation.grants.length === 0;
  return (
    <div style={{ display: 'grid', gap: '8px' }}>
      <Card appearance="filled-alternative">
        <Text weight="semibold">{explanation.sentence}</Text>
        <StateText tone={isDenied ? 'stopped' : 'good'}>
          {isDenied ? t('explain.no') : t('explain.yes', { level: explanation.level })}
        </StateText>
      </Card>
      <Section title={t('explain.deciding')} sentence={t('explain.decidingSentence')}>
        <ul className={styles.rules}>
          {deciding.map((rule) => (
            <Rule key={rule.name} rule={rule} />
          ))}
          {hasNoGrant && <li className={styles.rule}>{t('explain.noGrant')}</li>}
          {carrier.map((grant) => (
            <li key={grant.id} className={styles.rule}>
              <Text weight="semibold">{t('explain.grant', { level: grant.level })}</Text>
              <Text className={styles.quiet}>
                {t('explain.through', {
                  path: grant.path,
                  subject: grant.subject.displayName ?? grant.subject.id,
                })}
              </Text>
            </li>
          ))}
        </ul>
      </Section>
      {isDenied && (
        <Section title={t('explain.change')} sentence={t('explain.changeSentence')}>
          <SmallestChangeText explanation={explanation} />
        </Section>
      )}
      {personSees && (
        <Section title={t('explain.shown')} sentence={t('explain.shownSentence')}>
          <Notice notice={personSees} />
        </Section>
      )}
      {others.length > 0 && (
        <Section title={t('explain.others')} sentence={t('explain.othersSentence')}>
          <ul className={styles.rules}>
            {others.map((rule) => (
              <Rule key={rule.name} rule={rule} />
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function Rule(props: { rule: RuleFound }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { rule } = props;
  return (
    <li className={`${styles.rule} ${rule.decided ? styles.deciding : ''}`}>
      <div className={styles.row}>
        <Text weight="semibold">{rule.sentence}</Text>
        <Text>{t('explain.permits', { level: rule.level })}</Text>
      </div>
      <Place setting={rule.setting} />
      {rule.decided && (
        <Text size={200} className={styles.quiet}>
          {t('explain.whoMayChange', { who: t(`explain.remedies.${rule.remedy}`, { defaultValue: rule.remedy }) })}
        </Text>
      )}
      {rule.failure && <Text size={200}>{t('explain.broken')}</Text>}
    </li>
  );
}

/** What the settings page calls a setting; its own name where it has no words. */
function settingWords(i18n: I18n, { module, name }: SettingAddress): string {
  const groups: Record<string, Record<string, { name: string }>> = i18n.getResource(
    i18n.language,
    'translation',
    'settings.words',
  ) ?? {};
  const group = Object.keys(groups).find((key) => key.startsWith(`${module}_`) && groups[key]?.[name]);
  return (group && groups[group]?.[name]?.name) || `${module}.${name}`;
}

/** Where a rule is set, as a link to the setting when this organisation holds it. */
function Place(props: { setting: SettingAddress }) {
  const { t, i18n } = useTranslation();
  const { setting } = props;
  const name = settingWords(i18n, setting);
  const { value: raw } = setting;
  const value =
    raw === undefined
      ? ''
      : typeof raw === 'string'
        ? t(`settings.values.${raw}`, { defaultValue: raw })
        : JSON.stringify(raw);
  if (setting.scope === 'fixed') return <Text size={200}>{t('explain.fixed')}</Text>;
  return (
    <Text size={200}>
      {t('explain.setAt')} <InnerLink path={`/settings?find=${encodeURIComponent(setting.name)}`}>{name}</InnerLink>
      {value !== '' && `: ${value}`}
    </Text>
  );
}

function SmallestChangeText(props: { explanation: Explanation }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { smallestChange } = props.explanation;
  if (smallestChange.none) return <Text>{t('explain.noChange')}</Text>;
  return (
    <>
      {!smallestChange.single && <Text>{t('explain.noSingle')}</Text>}
      <ul className={styles.rules}>
        {smallestChange.changes.map((change) => (
          <li key={change.kind === 'grant' ? 'grant' : change.rule} className={styles.rule}>
            <ChangeText change={change} />
          </li>
        ))}
      </ul>
    </>
  );
}

function ChangeText(props: { change: Change }) {
  const { t } = useTranslation();
  const { change } = props;
  const who = t(`explain.remedies.${change.remedy}`, { defaultValue: change.remedy });
  if (change.kind === 'grant') return <Text>{t('explain.give', { level: change.to, who })}</Text>;
  return (
    <>
      <Text>
        {change.value === undefined
          ? t('explain.raise', { level: change.to, who })
          : t('explain.set', { value: JSON.stringify(change.value), who })}
      </Text>
      <Place setting={change.setting} />
    </>
  );
}
