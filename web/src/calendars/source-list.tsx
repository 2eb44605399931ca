import {
  Button,
  Checkbox,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  Text,
  Tooltip,
  tokens,
} from '@fluentui/react-components';
import {
  AddRegular,
  ArrowDownloadRegular,
  ArrowUploadRegular,
  DeleteRegular,
  EditRegular,
  InfoRegular,
  MoreHorizontalRegular,
  ShareRegular,
} from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import type { Row } from './free-busy.ts';
import { DomainBadge } from './somebody.tsx';
import type { Source } from './sources.ts';

const useStyles = makeStyles({
  group: { display: 'grid', gap: '2px' },
  head: {
    display: 'flex',
    justifyContent: 'space-between',
    alignItems: 'center',
    marginTop: '12px',
    minHeight: '24px',
  },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground3,
  },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  row: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', alignItems: 'center' },
  words: { display: 'grid', gridTemplateColumns: 'auto minmax(0, 1fr)', columnGap: '6px', alignItems: 'baseline' },
  name: { display: 'flex', flexWrap: 'wrap', gap: '2px 6px', alignItems: 'center', overflowWrap: 'anywhere' },
  dot: { width: '10px', height: '10px', borderRadius: '50%', flexShrink: 0 },
  reason: { display: 'flex', gap: '4px', alignItems: 'center', color: tokens.colorNeutralForeground3 },
});

/** Whose calendars are shown: a box each, in its colour; outsiders with their organisation. */
export function SourceList(props: {
  sources: readonly Source[];
  hidden: ReadonlySet<string>;
  faults: ReadonlyMap<string, ApiFault>;
  rows: readonly Row[];
  onToggle: (key: string, isShown: boolean) => void;
  onAddCalendar: () => void;
  onAddPerson: () => void;
  onShare: (source: Source) => void;
  onEdit: (source: Source) => void;
  onImport: (source: Source) => void;
  onExport: (source: Source) => void;
  onRemove: (source: Source) => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const add = (label: string, run: () => void) => (
    <Tooltip content={label} relationship="label">
      <Button size="small" appearance="subtle" icon={<AddRegular />} onClick={run} />
    </Tooltip>
  );
  const groups = [
    { kind: 'mine', title: t('calendars.mine'), command: add(t('calendars.add'), props.onAddCalendar) },
    { kind: 'shared', title: t('calendars.shared'), command: undefined },
    { kind: 'group', title: t('nav.groups'), command: undefined },
    { kind: 'person', title: t('calendars.overlaid'), command: add(t('calendars.addPerson'), props.onAddPerson) },
  ] as const;
  return (
    <div>
      {groups.map(({ kind, title, command }) => {
        const sources = props.sources.filter((one) => one.kind === kind);
        if (sources.length === 0 && !command) return null;
        return (
          <section key={kind} className={styles.group} aria-label={title}>
            <div className={styles.head}>
              <h2 className={styles.title}>{title}</h2>
              {command}
            </div>
            <ul className={styles.list}>
              {sources.map((source) => (
                <li key={source.key} className={styles.row}>
                  <SourceBox {...props} source={source} />
                  <SourceMenu {...props} source={source} />
                </li>
              ))}
            </ul>
            {sources.length === 0 && kind === 'person' && (
              <Text size={200} style={{ color: tokens.colorNeutralForeground3 }}>
                {t('calendars.overlaidNone')}
              </Text>
            )}
          </section>
        );
      })}
    </div>
  );
}

function SourceBox(props: {
  source: Source;
  hidden: ReadonlySet<string>;
  faults: ReadonlyMap<string, ApiFault>;
  rows: readonly Row[];
  onToggle: (key: string, isShown: boolean) => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { source } = props;
  const row = props.rows.find(({ address }) => address.toLowerCase() === source.address?.toLowerCase());
  const reason =
    props.faults.get(source.key)?.sentence ??
    (source.kind === 'person' && row && row.knowledge !== 'booked'
      ? t(`calendars.knowledge.${row.knowledge}`)
      : undefined);
  return (
    <Checkbox
      checked={!props.hidden.has(source.key)}
      onChange={(_, { checked }) => props.onToggle(source.key, checked === true)}
      label={
        <span style={{ display: 'grid' }}>
          <span className={styles.words}>
            <span className={styles.dot} style={{ backgroundColor: source.colour.line }} aria-hidden />
            <span className={styles.name}>
              {source.name}
              {source.organisation && <DomainBadge domain={source.organisation} />}
            </span>
          </span>
          {reason && (
            <Text size={200} className={styles.reason}>
              <InfoRegular aria-hidden />
              {reason}
            </Text>
          )}
        </span>
      }
    />
  );
}

function SourceMenu(props: {
  source: Source;
  onShare: (source: Source) => void;
  onEdit: (source: Source) => void;
  onImport: (source: Source) => void;
  onExport: (source: Source) => void;
  onRemove: (source: Source) => void;
}) {
  const { t } = useTranslation();
  const { source } = props;
  const canShare = source.kind === 'mine' && source.calendar?.canShare !== false;
  const canEdit = source.kind === 'mine';
  const canRemove =
    source.kind === 'person' ||
    source.isPartners ||
    (source.calendar !== undefined && !source.isDefault && source.calendar.isRemovable !== false);
  if (!canShare && !canEdit && !canRemove) return null;
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button
          size="small"
          appearance="subtle"
          icon={<MoreHorizontalRegular />}
          aria-label={t('calendars.moreOf', { name: source.name })}
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {canShare && (
            <MenuItem icon={<ShareRegular />} onClick={() => props.onShare(source)}>
              {t('calendars.share')}
            </MenuItem>
          )}
          {canEdit && (
            <MenuItem icon={<EditRegular />} onClick={() => props.onEdit(source)}>
              {t('action.edit')}
            </MenuItem>
          )}
          {canEdit && (
            <>
              <MenuItem icon={<ArrowUploadRegular />} onClick={() => props.onImport(source)}>
                {t('calendars.import.open')}
              </MenuItem>
              <MenuItem icon={<ArrowDownloadRegular />} onClick={() => props.onExport(source)}>
                {t('calendars.import.export')}
              </MenuItem>
            </>
          )}
          {canRemove && (
            <MenuItem icon={<DeleteRegular />} onClick={() => props.onRemove(source)}>
              {source.kind === 'person' || source.isPartners ? t('action.remove') : t('action.delete')}
            </MenuItem>
          )}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
