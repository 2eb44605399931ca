import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import type { ShowAs } from './wire.ts';

const useStyles = makeStyles({
  block: {
    position: 'absolute',
    top: '6px',
    bottom: '6px',
    borderRadius: tokens.borderRadiusMedium,
    padding: '2px 6px',
    overflow: 'hidden',
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    borderInlineStartWidth: '4px',
    borderInlineStartStyle: 'solid',
    whiteSpace: 'nowrap',
    textOverflow: 'ellipsis',
    boxSizing: 'border-box',
    display: 'grid',
    alignContent: 'center',
  },
  busy: {
    backgroundColor: tokens.colorPaletteBlueBackground2,
    color: tokens.colorPaletteBlueForeground2,
    borderInlineStartColor: tokens.colorPaletteBlueBorderActive,
  },
  tentative: {
    color: tokens.colorPaletteBlueForeground2,
    borderInlineStartColor: tokens.colorPaletteBlueBorderActive,
    backgroundImage: `repeating-linear-gradient(135deg, ${tokens.colorPaletteBlueBackground2} 0 8px, ${tokens.colorNeutralBackground1} 8px 16px)`,
  },
  oof: {
    backgroundColor: tokens.colorPaletteBerryBackground2,
    color: tokens.colorPaletteBerryForeground1,
    borderInlineStartColor: tokens.colorPaletteBerryBorderActive,
  },
  workingElsewhere: {
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground2,
    border: `1px dashed ${tokens.colorNeutralStroke1}`,
  },
  legend: { display: 'flex', flexWrap: 'wrap', gap: '8px 16px', marginTop: '12px' },
  key: { display: 'inline-flex', gap: '6px', alignItems: 'center', fontSize: tokens.fontSizeBase200 },
  swatch: { position: 'static', width: '24px', height: '14px', padding: 0, display: 'inline-block' },
});

/** How a stretch of somebody's time looks. */
export function useBlockClass(): (status: ShowAs) => string {
  const styles = useStyles();
  return (status) => mergeClasses(styles.block, classFor(styles, status));
}

const classFor = (styles: ReturnType<typeof useStyles>, status: ShowAs) =>
  status === 'tentative'
    ? styles.tentative
    : status === 'oof'
      ? styles.oof
      : status === 'workingElsewhere'
        ? styles.workingElsewhere
        : styles.busy;

/** What the looks mean. */
export function Legend() {
  const { t } = useTranslation();
  const styles = useStyles();
  return (
    <div className={styles.legend}>
      {(['busy', 'tentative', 'oof', 'workingElsewhere'] as const).map((status) => (
        <span key={status} className={styles.key}>
          <span className={mergeClasses(styles.block, styles.swatch, classFor(styles, status))} aria-hidden />
          {t(`calendars.status.${status}`)}
        </span>
      ))}
    </div>
  );
}
