import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { Facts } from '../parts/facts.tsx';
import { inGroups } from './health.ts';
import type { PartnerKey, Published } from './wire.ts';

const useStyles = makeStyles({
  keys: { margin: 0, padding: 0, listStyleType: 'none', display: 'grid', gap: '8px' },
  key: {
    display: 'block',
    padding: '8px 12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    overflowWrap: 'anywhere',
  },
});

/** The keys an organisation signs with, to compare over another way: by telephone, face to face. */
export function KeyList(props: { keys: readonly PartnerKey[] }) {
  const { t } = useTranslation();
  const styles = useStyles();
  return (
    <ul className={styles.keys}>
      {props.keys.map(({ kid, x }, at) => (
        <li key={kid}>
          {props.keys.length > 1 && <Text size={200}>{t(at === 0 ? 'partners.keyNow' : 'partners.keyBefore')}</Text>}
          <code className={styles.key}>{inGroups(x)}</code>
        </li>
      ))}
    </ul>
  );
}

/** What an organisation publishes of itself. */
export function PublishedFacts(props: { published: Published; foundAt: string }) {
  const { t } = useTranslation();
  const { published } = props;
  return (
    <Facts
      facts={[
        [t('people.name'), published.displayName],
        [t('partners.foundAt'), props.foundAt],
        [t('partners.server'), hostOf(published.endpoint)],
        [t('partners.key'), <KeyList key="keys" keys={published.keys} />],
      ]}
    />
  );
}

function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}
