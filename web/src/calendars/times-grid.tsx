import { Button, makeStyles, mergeClasses, Spinner, Text, tokens } from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { type PointerEvent as ReactPointerEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { NARROW } from '../parts/narrow.ts';
import { StateText } from '../parts/state-text.tsx';
import { placeOf, type Row } from './free-busy.ts';
import type { Somebody } from './people-names.ts';
import { SomebodyName } from './somebody.tsx';
import { minutesBetween, plus, say, sayPeriod, type Wall } from './times.ts';
import { TimesTrack } from './times-track.tsx';

const STEP_MINUTES = 15;

const useStyles = makeStyles({
  scroll: {
    overflowX: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    marginTop: '16px',
  },
  table: { minWidth: '760px', position: 'relative', [NARROW]: { minWidth: '620px' } },
  line: {
    display: 'grid',
    gridTemplateColumns: '240px minmax(0, 1fr)',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    [NARROW]: { gridTemplateColumns: '168px minmax(0, 1fr)' },
  },
  who: {
    padding: '8px 12px',
    position: 'sticky',
    insetInlineStart: 0,
    zIndex: 2,
    backgroundColor: tokens.colorNeutralBackground1,
    borderInlineEndWidth: '1px',
    borderInlineEndStyle: 'solid',
    borderInlineEndColor: tokens.colorNeutralStroke2,
    display: 'grid',
    gap: '4px',
    alignContent: 'center',
    minHeight: '56px',
    overflowWrap: 'anywhere',
  },
  name: { display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: '4px' },
  hours: { position: 'relative', height: '32px' },
  hour: {
    position: 'absolute',
    top: '8px',
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground3,
    paddingInlineStart: '4px',
  },
  track: {
    position: 'relative',
    minHeight: '56px',
    // Not hidden: what stays in sight while the row is scrolled would then stay in sight of the track alone.
    overflow: 'clip',
    backgroundImage: `linear-gradient(to right, ${tokens.colorNeutralStroke3} 1px, transparent 1px)`,
  },
  overlay: {
    position: 'absolute',
    top: 0,
    bottom: 0,
    insetInlineEnd: 0,
    insetInlineStart: '240px',
    pointerEvents: 'none',
    [NARROW]: { insetInlineStart: '168px' },
  },
  slot: {
    position: 'absolute',
    top: 0,
    bottom: 0,
    boxSizing: 'border-box',
    border: `2px solid ${tokens.colorCompoundBrandStroke}`,
    backgroundColor: `color-mix(in srgb, ${tokens.colorCompoundBrandBackground} 12%, transparent)`,
    borderRadius: tokens.borderRadiusMedium,
    cursor: 'grab',
    pointerEvents: 'auto',
    touchAction: 'none',
    padding: 0,
    zIndex: 1,
    ':active': { cursor: 'grabbing' },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '2px' },
  },
  clash: {
    border: `2px solid ${tokens.colorStatusWarningBorder2}`,
    backgroundColor: `color-mix(in srgb, ${tokens.colorStatusWarningBackground3} 14%, transparent)`,
  },
});

/** People below each other, their day from left to right, and over all of it the time of the meeting, to be dragged. */
export function TimesGrid(props: {
  title: string;
  everybody: readonly Somebody[];
  rowFor: (address: string) => Row | undefined;
  isPending: boolean;
  from: Wall;
  to: Wall;
  start: Wall;
  end: Wall;
  isClash: boolean;
  zone: string;
  onStart: (start: Wall) => void;
  onRemove: (address: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const { from, to, start, end } = props;
  const overlay = useRef<HTMLDivElement>(null);
  const grip = useRef(0);
  const whole = minutesBetween(from, to);
  const hours = Array.from({ length: whole / 60 }, (_, i) => plus(from, { minutes: i * 60 }));
  const place = placeOf({ start, end }, from, to);
  const length = minutesBetween(start, end);
  const step = (by: number) => {
    const next = plus(start, { minutes: by });
    if (next >= from && plus(next, { minutes: length }) <= to) props.onStart(next);
  };
  const minuteAt = (x: number) => {
    const box = overlay.current?.getBoundingClientRect();
    if (!box) return 0;
    const part =
      getComputedStyle(overlay.current!).direction === 'rtl' ? (box.right - x) / box.width : (x - box.left) / box.width;
    return part * whole;
  };
  const put = (minute: number) => {
    const snapped = Math.round(minute / STEP_MINUTES) * STEP_MINUTES;
    props.onStart(plus(from, { minutes: Math.min(whole - length, Math.max(0, snapped)) }));
  };
  const drag = (event: ReactPointerEvent<HTMLElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) put(minuteAt(event.clientX) - grip.current);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section className={styles.scroll} aria-label={props.title} tabIndex={0}>
      <div className={styles.table}>
        <div className={styles.line}>
          <div className={styles.who} style={{ minHeight: 0 }}>
            <Text weight="semibold">{props.title}</Text>
          </div>
          <div className={styles.hours} aria-hidden>
            {hours.map((hour, i) =>
              hours.length > 12 && i % 2 === 1 ? null : (
                <span key={hour} className={styles.hour} style={{ insetInlineStart: `${(i / hours.length) * 100}%` }}>
                  {say(hour, i18n.language, { hour: 'numeric' })}
                </span>
              ),
            )}
          </div>
        </div>
        {props.everybody.map((one) => {
          const row = props.rowFor(one.address);
          return (
            <div key={one.address} className={styles.line}>
              <div className={styles.who}>
                <div className={styles.name}>
                  <SomebodyName name={one.name} address={one.address} isShort />
                  {props.everybody[0] !== one && (
                    <Button
                      size="small"
                      appearance="subtle"
                      icon={<DismissRegular />}
                      aria-label={t('calendars.removePerson', { name: one.name })}
                      onClick={() => props.onRemove(one.address)}
                    />
                  )}
                </div>
                {row?.knowledge === 'nothingBooked' && (
                  <StateText tone="good">{t('calendars.knowledge.nothingBooked')}</StateText>
                )}
              </div>
              {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: the slot itself is moved by keys. */}
              <div
                className={styles.track}
                style={{ backgroundSize: `${100 / hours.length}% 100%` }}
                onClick={(event) => put(minuteAt(event.clientX) - length / 2)}
              >
                {row ? (
                  <TimesTrack row={row} from={from} to={to} zone={props.zone} />
                ) : (
                  props.isPending && (
                    <Spinner size="tiny" aria-label={t('list.loading')} style={{ marginTop: '18px' }} />
                  )
                )}
              </div>
            </div>
          );
        })}
        <div className={styles.overlay} ref={overlay}>
          {place && (
            <div
              className={mergeClasses(styles.slot, props.isClash && styles.clash)}
              style={{ insetInlineStart: `${place.left * 100}%`, width: `${place.width * 100}%` }}
              role="slider"
              tabIndex={0}
              aria-label={t('calendars.find.slot')}
              aria-orientation="horizontal"
              aria-valuemin={0}
              aria-valuemax={whole - length}
              aria-valuenow={minutesBetween(from, start)}
              aria-valuetext={sayPeriod(start, end, false, i18n.language)}
              onPointerDown={(event) => {
                grip.current = minuteAt(event.clientX) - minutesBetween(from, start);
                event.currentTarget.setPointerCapture(event.pointerId);
              }}
              onPointerMove={drag}
              onKeyDown={(event) => {
                const by = { ArrowLeft: -STEP_MINUTES, ArrowRight: STEP_MINUTES, PageUp: -60, PageDown: 60 }[event.key];
                if (by === undefined) return;
                event.preventDefault();
                step(by);
              }}
            />
          )}
        </div>
      </div>
    </section>
  );
}
