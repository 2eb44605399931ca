import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { readSetting } from './access-draft.ts';
import { type AccessSetting, isAccessPart, isOfOurs, type Part, type PartValue, SWITCHES } from './access-wire.ts';
import { useApplicationWords } from './applications.ts';
import { useNames } from './synchronization-form.tsx';

const useStyles = makeStyles({
  value: { display: 'grid', gap: '2px', overflowWrap: 'anywhere' },
  names: { color: tokens.colorNeutralForeground3 },
});

/** A value in one sentence: "Everybody, for all applications", "Nobody". */
export function useValueWords() {
  const { t } = useTranslation();
  const setting = (value: AccessSetting): string => {
    const { people, users, groups, applications, named } = readSetting(value);
    if (people === 'nobody') return t('crossTenant.nobody');
    const whom = [
      users.length > 0 && t('crossTenant.people', { count: users.length }),
      groups.length > 0 && t('crossTenant.groups', { count: groups.length }),
    ]
      .filter((words) => words !== false)
      .join(', ');
    const what = t('crossTenant.applications', { count: named.length });
    if (people === 'others' && applications === 'others') return t('crossTenant.notBoth', { whom, what });
    return t('crossTenant.who', {
      who: t(`crossTenant.whom.${people}`, { whom }),
      what: t(`crossTenant.what.${applications}`, { what }),
    });
  };
  return (part: Part, value: PartValue): string => {
    if (isAccessPart(part)) return setting(value as AccessSetting);
    const on = SWITCHES[part].filter((name) => (value as Record<string, boolean>)[name]);
    return on.length === 0
      ? t(`crossTenant.none.${part}`)
      : on.map((name) => t(`crossTenant.switch.${name}`)).join(', ');
  };
}

/** A value, with the names of those of ours that it names. */
export function AccessValue(props: { part: Part; value: PartValue }) {
  const styles = useStyles();
  const words = useValueWords();
  const { part, value } = props;
  return (
    <div className={styles.value}>
      <Text>{words(part, value)}</Text>
      {isAccessPart(part) && <Named part={part} value={value as AccessSetting} />}
    </div>
  );
}

/** Whom and what a setting names, where that is known here. */
function Named(props: { part: Parameters<typeof isOfOurs>[0]; value: AccessSetting }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { part, value } = props;
  const { users, groups, named } = readSetting(value);
  const isOurs = isOfOurs(part);
  const application = useApplicationWords();
  const people = [...useNames('users', isOurs ? users : []), ...useNames('groups', isOurs ? groups : [])];
  const applications = named.map((id) =>
    application.isKnown(id) ? application.called(id) : t('crossTenant.unknownId', { id }),
  );
  const all = [...(isOurs ? people.map(({ displayName }) => displayName) : [...users, ...groups]), ...applications];
  if (all.length === 0) return null;
  const shown = all.slice(0, SHOWN).join(', ');
  return (
    <Text size={200} className={styles.names}>
      {all.length > SHOWN ? t('crossTenant.andMore', { names: shown, count: all.length - SHOWN }) : shown}
    </Text>
  );
}
const SHOWN = 6;
