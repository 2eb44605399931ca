import { Card, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { Facts } from '../parts/facts.tsx';
import { FaultBar } from '../parts/fault-bar.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Section } from '../parts/page.tsx';
import { useNoticeWords } from '../parts/refusal-words.ts';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { useSettingWords } from '../tenants/setting-words.ts';
import { capital, useAccessWords } from './access-words.ts';
import { pageOf } from './setting-pages.ts';
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
export function ExplanationOfDecision(props: { decisionId: string; isServers?: boolean }) {
  const { t } = useTranslation();
  const abilities = useAbilities();
  const isServers = (props.isServers ?? false) && abilities.sees('operator');
  const isAllowed = isServers || abilities.sees('explain');
  const id = encodeURIComponent(props.decisionId);
  const whole = useThing<DecisionExplained>(`/${isServers ? 'operator' : 'admin'}/decisions/${id}`, {
    enabled: abilities.isReady && isAllowed,
  });
  const own = useThing<RefusalNotice>(`/me/decisions/${id}`, { enabled: abilities.isReady && !isAllowed });
  const query = isAllowed ? whole : own;
  // Beside a refusal: what is refused of its explanation has no explanation of its own.
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
        <ExplanationText explanation={now.explanation} personSees={personSees} wanted={refusal.wanted} />
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
  const words = useNoticeWords();
  const { notice } = props;
  return (
    <Card appearance="outline">
      <Text>{words.sentence(notice)}</Text>
      <Text>{words.askWhom(notice)}</Text>
      {notice.reference !== '' && <Text>{t('fault.reference', { id: notice.reference })}</Text>}
    </Card>
  );
}

/** `wanted`: the level that was asked for, where somebody asked for one. */
export function ExplanationText(props: {
  explanation: Explanation;
  personSees?: RefusalNotice | null;
  wanted?: string | undefined;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useAccessWords();
  const { explanation, personSees, wanted } = props;
  const { level, levels } = explanation;
  const isNothing = level === levels[0];
  const isDenied = isNothing || (wanted !== undefined && levels.indexOf(level) < levels.indexOf(wanted));
  const said = words.level(explanation.question, level);
  const deciding = explanation.rules.filter((rule) => rule.decided);
  const others = explanation.rules.filter((rule) => !rule.decided);
  const carrier = explanation.grants.filter((grant) => grant.decided);
  const hasNoGrant = explanation.because?.some(({ kind }) => kind === 'no-grant') ?? explanation.grants.length === 0;
  return (
    <div style={{ display: 'grid', gap: '8px' }}>
      <Card appearance="filled-alternative">
        <Text weight="semibold">{words.question({ name: explanation.question, sentence: explanation.sentence })}</Text>
        <StateText tone={isDenied ? 'stopped' : 'good'}>
          {isNothing
            ? t('explain.no')
            : isDenied
              ? t('explain.notSoFar', { level: said, wanted: words.level(explanation.question, wanted ?? '') })
              : t('explain.yes', { level: said })}
        </StateText>
      </Card>
      <Section title={t('explain.deciding')} sentence={t('explain.decidingSentence')}>
        <ul className={styles.rules}>
          {deciding.map((rule) => (
            <Rule key={rule.name} rule={rule} question={explanation.question} />
          ))}
          {hasNoGrant && <li className={styles.rule}>{t('explain.noGrant')}</li>}
          {carrier.map((grant) => (
            <li key={grant.id} className={styles.rule}>
              <Text weight="semibold">
                {t('explain.grant', { level: words.level(explanation.question, grant.level) })}
              </Text>
              <Text className={styles.quiet}>{words.given(grant)}</Text>
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
              <Rule key={rule.name} rule={rule} question={explanation.question} />
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function Rule(props: { rule: RuleFound; question: string }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useAccessWords();
  const { rule, question } = props;
  return (
    <li className={`${styles.rule} ${rule.decided ? styles.deciding : ''}`}>
      <div className={styles.row}>
        <Text weight="semibold">{words.rule(rule)}</Text>
        <Text>{t('explain.permits', { level: words.level(question, rule.level) })}</Text>
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

/** What the settings page calls a setting, and its value there in words. */
function useSettingTold() {
  const words = useSettingWords();
  return ({ module, name }: SettingAddress, value: unknown) => {
    const group = words.groupOf(module, name) ?? module;
    return { name: words.called({ module, name }), value: value === undefined ? '' : words.value(group, name, value) };
  };
}

/** Where a rule is set, as a link to the setting when this organisation holds it. */
function Place(props: { setting: SettingAddress }) {
  const { t } = useTranslation();
  const tell = useSettingTold();
  const { setting } = props;
  if (setting.scope === 'fixed') return <Text size={200}>{t('explain.fixed')}</Text>;
  const { name, value } = tell(setting, setting.value);
  return (
    <Text size={200}>
      {t('explain.setAt')} <InnerLink path={pageOf(setting)}>{name}</InnerLink>
      {value !== '' && `: ${value}`}
    </Text>
  );
}

function SmallestChangeText(props: { explanation: Explanation }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { explanation } = props;
  const { smallestChange } = explanation;
  if (smallestChange.none) return <Text>{t('explain.noChange')}</Text>;
  return (
    <>
      {!smallestChange.single && <Text>{t('explain.noSingle')}</Text>}
      <ul className={styles.rules}>
        {smallestChange.changes.map((change) => (
          <li key={change.kind === 'grant' ? 'grant' : change.rule} className={styles.rule}>
            <ChangeText change={change} explanation={explanation} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** One change as a sentence: who has to do what. */
function ChangeText(props: { change: Change; explanation: Explanation }) {
  const { t } = useTranslation();
  const words = useAccessWords();
  const tell = useSettingTold();
  const { change, explanation } = props;
  const level = words.level(explanation.question, change.to);
  const who = t(`explain.remedies.${change.remedy}`, { defaultValue: change.remedy });
  if (change.remedy === 'sign-in-again') return <Text>{t('explain.signInAgain')}</Text>;
  if (change.remedy === 'consent') return <Text>{t('explain.consentMore', { level })}</Text>;
  if (change.kind === 'grant') return <Text>{capital(t('explain.give', { level, who }))}</Text>;
  const rule = explanation.rules.find(({ name }) => name === change.rule);
  const isFixed = change.setting.scope === 'fixed';
  const told = tell(change.setting, change.value);
  const setting = isFixed && rule ? words.rule(rule) : told.name;
  return (
    <>
      <Text>
        {capital(
          change.value === undefined
            ? t('explain.raise', { level, who, setting })
            : t('explain.set', { value: told.value, who, setting }),
        )}
      </Text>
      <Place setting={change.setting} />
    </>
  );
}
