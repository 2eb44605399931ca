import {
  Button,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  Tooltip,
  tokens,
} from '@fluentui/react-components';
import {
  AddRegular,
  ChevronLeftRegular,
  ChevronRightRegular,
  ClockRegular,
  KeyboardRegular,
  MoreHorizontalRegular,
  PanelLeftRegular,
  PeopleSearchRegular,
  PrintRegular,
  SettingsRegular,
} from '@fluentui/react-icons';
import { useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Choice } from '../parts/choice.tsx';
import { NARROW } from '../parts/narrow.ts';
import { useTenant } from '../shell/tenant.ts';
import type { View } from './keyboard.ts';

const useStyles = makeStyles({
  bar: {
    gridArea: 'bar',
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: '8px',
    padding: '12px 16px',
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    [NARROW]: { padding: '8px', gap: '4px' },
  },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    fontWeight: tokens.fontWeightSemibold,
    outlineStyle: 'none',
    '::first-letter': { textTransform: 'uppercase' },
    [NARROW]: { fontSize: tokens.fontSizeBase400, flexBasis: '100%', order: 5, padding: '4px 8px' },
  },
  gap: { flexGrow: 1 },
});

/** What is done to the calendar as a whole: which days are shown and how, and what can be opened from it. */
export function CalendarBar(props: {
  title: string;
  view: View;
  views: readonly View[];
  isPhone: boolean;
  isSideOpen: boolean;
  canWrite: boolean;
  onSide: () => void;
  onNew: () => void;
  onToday: () => void;
  onTurn: (by: 1 | -1) => void;
  onView: (view: View) => void;
  onOpen: (what: 'zones' | 'help' | 'settings') => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const tenant = useTenant();
  const router = useRouter();
  const { isPhone } = props;
  const findTime = () => router.history.push(`/t/${encodeURIComponent(tenant)}/calendar/find-a-time`);
  return (
    <div className={`${styles.bar} entente-no-print`}>
      <Tooltip content={t('calendars.list')} relationship="label">
        <Button
          appearance="subtle"
          icon={<PanelLeftRegular />}
          aria-expanded={props.isSideOpen}
          onClick={props.onSide}
        />
      </Tooltip>
      <Button
        appearance="primary"
        icon={<AddRegular />}
        disabled={!props.canWrite}
        onClick={props.onNew}
        {...(isPhone ? { 'aria-label': t('calendars.newEvent') } : {})}
      >
        {!isPhone && t('calendars.newEvent')}
      </Button>
      <Button onClick={props.onToday}>{t('calendars.today')}</Button>
      <span>
        <Button
          appearance="subtle"
          icon={<ChevronLeftRegular />}
          aria-label={t('calendars.previous')}
          onClick={() => props.onTurn(-1)}
        />
        <Button
          appearance="subtle"
          icon={<ChevronRightRegular />}
          aria-label={t('calendars.next')}
          onClick={() => props.onTurn(1)}
        />
      </span>
      <h1 className={styles.title} id="page-title" tabIndex={-1} aria-live="polite">
        {props.title || t('calendars.name')}
      </h1>
      <span className={styles.gap} />
      {!isPhone && (
        <Button icon={<PeopleSearchRegular />} onClick={findTime}>
          {t('calendars.findTime')}
        </Button>
      )}
      <Choice
        isInline
        label={t('calendars.view.label')}
        value={props.view}
        onChange={props.onView}
        options={props.views.map((one) => [one, t(`calendars.view.${one}`)])}
      />
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button appearance="subtle" icon={<MoreHorizontalRegular />} aria-label={t('calendars.more')} />
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {isPhone && (
              <MenuItem icon={<PeopleSearchRegular />} onClick={findTime}>
                {t('calendars.findTime')}
              </MenuItem>
            )}
            <MenuItem icon={<SettingsRegular />} onClick={() => props.onOpen('settings')}>
              {t('calendars.settings.title')}
            </MenuItem>
            <MenuItem icon={<ClockRegular />} onClick={() => props.onOpen('zones')}>
              {t('calendars.secondZone')}
            </MenuItem>
            <MenuItem icon={<PrintRegular />} onClick={() => print()}>
              {t('calendars.print')}
            </MenuItem>
            <MenuItem icon={<KeyboardRegular />} onClick={() => props.onOpen('help')}>
              {t('calendars.keys.title')}
            </MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
    </div>
  );
}
