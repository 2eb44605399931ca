import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { LockClosedRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import { NARROW } from '../parts/narrow.ts';
import { RefusalActions, RefusalNote } from '../parts/refusal-bar.tsx';
import { StateText, type Tone } from '../parts/state-text.tsx';
import { type Knowledge, placeOf, type Row } from './free-busy.ts';
import { weekdayName } from './recurrence.ts';
import { dayOf, knownZone, sayClocks, sayPeriod, type Wall, wallIn } from './times.ts';
import { useBlockClass } from './times-block.tsx';

const useStyles = makeStyles({
  rest: { position: 'absolute', top: 0, bottom: 0, backgroundColor: tokens.colorNeutralBackground3 },
  unknown: {
    minHeight: '56px',
    height: '100%',
    boxSizing: 'border-box',
    display: 'flex',
    alignItems: 'center',
    padding: '4px 12px',
    backgroundImage: `repeating-linear-gradient(45deg, ${tokens.colorNeutralBackground2} 0 10px, ${tokens.colorNeutralBackground3} 10px 20px)`,
  },
  // As high as it needs to be, and in sight beside the name however far the day is scrolled.
  reason: {
    position: 'sticky',
    insetInlineStart: '252px',
    display: 'flex',
    alignItems: 'center',
    gap: '4px 12px',
    flexWrap: 'wrap',
    [NARROW]: { insetInlineStart: '176px', maxWidth: 'calc(100vw - 226px)' },
  },
  said: {
    backgroundColor: tokens.colorNeutralBackground1,
    padding: '2px 8px',
    borderRadius: tokens.borderRadiusMedium,
  },
});

const TONES: Readonly<Record<Knowledge, Tone>> = {
  booked: 'good',
  nothingBooked: 'good',
  unknown: 'quiet',
  denied: 'stopped',
  unreachable: 'warning',
};

/** One person's day: the hours they do not work, and what they have booked; or why nothing is known of it. */
export function TimesTrack({ row, from, to, zone }: { row: Row; from: Wall; to: Wall; zone: string }) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const blockClass = useBlockClass();
  if (row.knowledge === 'denied' || row.knowledge === 'unknown' || row.knowledge === 'unreachable') {
    return (
      <div className={styles.unknown}>
        <div className={styles.reason}>
          <span className={styles.said}>
            <StateText tone={TONES[row.knowledge]}>{t(`calendars.knowledge.${row.knowledge}`)}</StateText>
          </span>
          {row.code && <Reason row={row} code={row.code} />}
        </div>
      </div>
    );
  }
  return (
    <>
      {offHours(row, from, to, zone).map((off) => {
        const at = placeOf(off, from, to);
        return (
          at && (
            <span
              key={off.start}
              className={styles.rest}
              style={{ insetInlineStart: `${at.left * 100}%`, width: `${at.width * 100}%` }}
              aria-hidden
            />
          )
        );
      })}
      {row.blocks.map((block) => {
        const at = placeOf(block, from, to);
        if (!at) return null;
        const title = block.isPrivate
          ? t('calendars.private')
          : (block.subject ?? t(`calendars.status.${block.status}`));
        const period = sayClocks(block.start, block.end, i18n.language);
        return (
          <div
            key={`${block.start}${block.end}${block.subject}`}
            className={blockClass(block.status)}
            style={{ insetInlineStart: `${at.left * 100}%`, width: `${at.width * 100}%` }}
            title={`${sayPeriod(block.start, block.end, false, i18n.language)} · ${title}${block.location ? ` · ${block.location}` : ''}`}
          >
            <span style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>
              {block.isPrivate && <LockClosedRegular aria-hidden />} {title}
            </span>
            {at.width > 0.09 && <span>{period}</span>}
          </div>
        );
      })}
    </>
  );
}

/** Why nothing is known, in words; and whom to ask. */
function Reason({ row, code }: { row: Row; code: string }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const said = t(`calendars.unknownBecause.${code}`, { defaultValue: row.reason });
  const { reference, refusedBy } = row;
  const refusal =
    reference === undefined ? undefined : { reference, sentence: said, ...(refusedBy ? { refusedBy } : {}) };
  return (
    <>
      <Text size={200} className={styles.said}>
        {said}
      </Text>
      {refusal && (
        <span className={styles.said}>
          <RefusalNote refusal={refusal} />
        </span>
      )}
      {refusal && <RefusalActions refusal={refusal} />}
    </>
  );
}

/** The parts of the shown day outside somebody's working hours, which are told on their own clock. */
function offHours({ workingHours }: Row, from: Wall, to: Wall, zone: string) {
  if (!workingHours?.startTime || !workingHours.endTime) return [];
  const day = dayOf(from);
  const days = workingHours.daysOfWeek;
  if (days && !days.includes(weekdayName(from))) return [{ start: from, end: to }];
  const theirs = knownZone(workingHours.timeZone?.name, zone);
  const here = (clock: string) => wallIn(`${day}T${clock.slice(0, 8)}`, theirs, zone);
  return [
    { start: from, end: here(workingHours.startTime) },
    { start: here(workingHours.endTime), end: to },
  ];
}
