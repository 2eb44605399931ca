import { makeStyles } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import type { Excess } from './admin-wire.ts';

const useStyles = makeStyles({ list: { margin: 0, paddingInlineStart: '20px', display: 'grid', gap: '4px' } });

/** As many as somebody reads before they answer. */
const SHOWN_AT_MOST = 12;

/** The shares that a tighter rule would lower or end: whose, with whom, from what to what. */
export function LostShares({ lost }: { lost: readonly Excess[] }) {
  const { t } = useTranslation();
  const styles = useStyles();
  return (
    <ul className={styles.list}>
      {lost.slice(0, SHOWN_AT_MOST).map((one) => (
        <li key={one.grantId}>
          {t(one.to === null || one.to === 'none' ? 'policies.ended' : 'policies.lowered', {
            calendar: one.calendarName ?? one.addressBookName,
            who: one.recipient ?? t('policies.anybody'),
            from: t(`calendars.role.${one.from}.name`),
            to: one.to ? t(`calendars.role.${one.to}.name`) : '',
          })}
        </li>
      ))}
      {lost.length > SHOWN_AT_MOST && <li>{t('policies.lostMore', { count: lost.length - SHOWN_AT_MOST })}</li>}
    </ul>
  );
}
