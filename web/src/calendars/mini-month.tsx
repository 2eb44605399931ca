import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { ChevronDownRegular, ChevronUpRegular } from '@fluentui/react-icons';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addDays, firstDayOfWeek, say, weekdayOf } from './times.ts';

const useStyles = makeStyles({
  head: { display: 'flex', alignItems: 'center', justifyContent: 'space-between', paddingInlineStart: '8px' },
  title: { fontWeight: tokens.fontWeightSemibold, '::first-letter': { textTransform: 'uppercase' } },
  table: { width: '100%', borderCollapse: 'collapse', tableLayout: 'fixed', fontSize: tokens.fontSizeBase200 },
  name: { fontWeight: tokens.fontWeightRegular, color: tokens.colorNeutralForeground3, height: '24px' },
  cell: { padding: 0, textAlign: 'center' },
  day: {
    width: '28px',
    height: '28px',
    minWidth: 0,
    padding: 0,
    border: 0,
    borderRadius: '50%',
    background: 'transparent',
    color: tokens.colorNeutralForeground1,
    font: 'inherit',
    cursor: 'pointer',
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  other: { color: tokens.colorNeutralForeground3 },
  shown: { backgroundColor: tokens.colorBrandBackground2, color: tokens.colorBrandForeground2 },
  today: {
    backgroundColor: tokens.colorBrandBackground,
    color: tokens.colorNeutralForegroundOnBrand,
    fontWeight: tokens.fontWeightSemibold,
    ':hover': { backgroundColor: tokens.colorBrandBackgroundHover },
  },
});

/** A month to jump about in. Arrows walk through its days. */
export function MiniMonth(props: { shown: { from: string; to: string }; today: string; onDay: (day: string) => void }) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const [month, setMonth] = useState(props.shown.from.slice(0, 7));
  useEffect(() => setMonth(addDays(props.shown.from, 3).slice(0, 7)), [props.shown.from]);
  const first = `${month}-01`;
  const firstDay = firstDayOfWeek(i18n.language, navigator.languages);
  const begin = addDays(first, -((weekdayOf(first) - firstDay + 7) % 7));
  const weeks = Array.from({ length: 6 }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => addDays(begin, week * 7 + day)),
  );
  const turn = (by: number) => setMonth(addDays(first, by < 0 ? -1 : 31).slice(0, 7));
  const title = say(`${first}T00:00:00`, i18n.language, { month: 'long', year: 'numeric' });
  return (
    <section aria-label={title}>
      <div className={styles.head}>
        <span className={styles.title}>{title}</span>
        <span>
          <Button
            size="small"
            appearance="subtle"
            icon={<ChevronUpRegular />}
            aria-label={t('calendars.previousMonth')}
            onClick={() => turn(-1)}
          />
          <Button
            size="small"
            appearance="subtle"
            icon={<ChevronDownRegular />}
            aria-label={t('calendars.nextMonth')}
            onClick={() => turn(1)}
          />
        </span>
      </div>
      <table className={styles.table}>
        <thead>
          <tr>
            {weeks[0]?.map((day) => (
              <th
                key={day}
                scope="col"
                className={styles.name}
                aria-label={say(`${day}T00:00:00`, i18n.language, { weekday: 'long' })}
              >
                {say(`${day}T00:00:00`, i18n.language, { weekday: 'narrow' })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]}>
              {week.map((day) => (
                <td key={day} className={styles.cell}>
                  <button
                    type="button"
                    data-day={day}
                    tabIndex={day === (props.today.startsWith(month) ? props.today : first) ? 0 : -1}
                    className={mergeClasses(
                      styles.day,
                      !day.startsWith(month) && styles.other,
                      day >= props.shown.from && day < props.shown.to && styles.shown,
                      day === props.today && styles.today,
                    )}
                    aria-current={day === props.today ? 'date' : undefined}
                    aria-label={say(`${day}T00:00:00`, i18n.language, { dateStyle: 'full' })}
                    onClick={() => props.onDay(day)}
                    onKeyDown={(event) => {
                      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
                      if (step === undefined) return;
                      event.preventDefault();
                      event.stopPropagation();
                      const next = addDays(day, step);
                      setMonth(next.slice(0, 7));
                      const table = event.currentTarget.closest('table');
                      requestAnimationFrame(() => table?.querySelector<HTMLElement>(`[data-day="${next}"]`)?.focus());
                    }}
                  >
                    {Number(day.slice(8))}
                  </button>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
