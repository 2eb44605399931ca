import {
  Button,
  Drawer,
  DrawerBody,
  makeStyles,
  Popover,
  PopoverSurface,
  Text,
  tokens,
} from '@fluentui/react-components';
import {
  AttachRegular,
  CalendarRegular,
  ClockRegular,
  DeleteRegular,
  DismissRegular,
  EditRegular,
  LocationRegular,
  LockClosedRegular,
  PersonRegular,
  TextDescriptionRegular,
} from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useIsNarrow } from '../parts/narrow.ts';
import { NotOfferedLine } from '../parts/why-not.tsx';
import { AttachmentList } from './attachment-list.tsx';
import { eventOfOwnerPath } from './changes.ts';
import { DeliveryReport } from './delivery-report.tsx';
import { Answers, Proposals } from './meeting-answers.tsx';
import { DomainBadge } from './somebody.tsx';
import { type Shown, useOrganisationOf } from './sources.ts';
import { sayPeriod } from './times.ts';
import type { Address, ResponseKind } from './wire.ts';

const useStyles = makeStyles({
  card: { display: 'grid', gap: '10px', width: '340px', maxWidth: '100%' },
  sheet: { display: 'grid', gap: '12px', padding: '8px 0 24px' },
  head: { display: 'flex', gap: '8px', alignItems: 'start', justifyContent: 'space-between' },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    overflowWrap: 'anywhere',
  },
  line: {
    display: 'grid',
    gridTemplateColumns: '20px minmax(0, 1fr)',
    gap: '8px',
    alignItems: 'start',
    '& svg': { fontSize: '16px', marginTop: '2px', color: tokens.colorNeutralForeground3 },
  },
  people: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '4px' },
  person: { display: 'flex', flexWrap: 'wrap', gap: '6px', alignItems: 'center' },
  quiet: { color: tokens.colorNeutralForeground3 },
  words: { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', maxHeight: '160px', overflowY: 'auto' },
  actions: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
});

interface CardProps {
  readonly shown: Shown;
  readonly zone: string;
  readonly onClose: () => void;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
  readonly onPropose: () => void;
}

/** What is known of one event, beside it; on a phone, in a sheet from below. */
export function EventCard(props: CardProps & { target: HTMLElement }) {
  const isNarrow = useIsNarrow();
  const styles = useStyles();
  const { t } = useTranslation();
  const name = props.shown.title ?? t('calendars.untitled');
  if (isNarrow) {
    return (
      <Drawer
        type="overlay"
        open
        position="bottom"
        onOpenChange={(_, { open }) => !open && props.onClose()}
        style={{ height: 'auto', maxHeight: '80dvh' }}
        aria-label={name}
      >
        <DrawerBody>
          <div className={styles.sheet}>
            <Words {...props} />
          </div>
        </DrawerBody>
      </Drawer>
    );
  }
  return (
    <Popover
      open
      trapFocus
      withArrow
      positioning={{
        target: props.target,
        position: 'after',
        align: 'top',
        fallbackPositions: ['before', 'below', 'above'],
      }}
      onOpenChange={(_, { open }) => !open && props.onClose()}
    >
      <PopoverSurface aria-label={name}>
        <div className={styles.card}>
          <Words {...props} />
        </div>
      </PopoverSurface>
    </Popover>
  );
}

function Words(props: CardProps) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const { shown } = props;
  const { event, source } = shown;
  const organisationOf = useOrganisationOf();
  const title = shown.title ?? (shown.isPrivate ? t('calendars.private') : t(`calendars.status.${shown.status}`));
  const mayAnswer = event?.isOrganizer === false && source.canEdit && !shown.isCancelled;
  return (
    <>
      <div className={styles.head}>
        <h2 className={styles.title}>{title}</h2>
        <Button
          size="small"
          appearance="subtle"
          icon={<DismissRegular />}
          aria-label={t('action.close')}
          onClick={props.onClose}
        />
      </div>
      {shown.isCancelled && <Text weight="semibold">{t('calendars.cancelled')}</Text>}
      <Line picture={<ClockRegular aria-hidden />}>
        {sayPeriod(shown.start, shown.end, shown.isAllDay, i18n.language)}
        {shown.isSeries && <Text className={styles.quiet}>{` · ${t('calendars.repeats')}`}</Text>}
      </Line>
      {event?.location?.displayName && (
        <Line picture={<LocationRegular aria-hidden />}>{event.location.displayName}</Line>
      )}
      <Line picture={<CalendarRegular aria-hidden />}>
        <span className={styles.person}>
          {source.name}
          {source.organisation && <DomainBadge domain={source.organisation} />}
          <Text className={styles.quiet}>{t(`calendars.status.${shown.status}`)}</Text>
        </span>
      </Line>
      {shown.isPrivate && <Line picture={<LockClosedRegular aria-hidden />}>{t('calendars.privateSentence')}</Line>}
      {event?.isOrganizer === false && event.organizer && (
        <Line picture={<PersonRegular aria-hidden />}>
          <PersonWords of={event.organizer.emailAddress} said={t('calendars.organiser')} />
        </Line>
      )}
      {(event?.attendees?.length ?? 0) > 0 && (
        <Line picture={<PersonRegular aria-hidden />}>
          <ul className={styles.people}>
            {event?.attendees?.map(({ emailAddress, status }) => (
              <li key={emailAddress.address ?? emailAddress.name}>
                <PersonWords of={emailAddress} said={t(`calendars.response.${responseOf(status?.response)}`)} />
                {event.isOrganizer && source.canEdit && organisationOf(emailAddress.address) && (
                  <DeliveryReport eventId={event.id} address={emailAddress.address ?? ''} />
                )}
              </li>
            ))}
          </ul>
        </Line>
      )}
      {event?.bodyPreview && (
        <Line picture={<TextDescriptionRegular aria-hidden />}>
          <div className={styles.words}>{event.bodyPreview}</div>
        </Line>
      )}
      {event?.hasAttachments && source.path && !source.path.startsWith('/me/') && (
        <Line picture={<AttachRegular aria-hidden />}>
          <AttachmentList path={eventOfOwnerPath(source, event.id)} canRemove={false} />
        </Line>
      )}
      {mayAnswer && <Answers shown={shown} onDone={props.onClose} onPropose={props.onPropose} />}
      {event?.isOrganizer && source.canEdit && (event.attendees?.length ?? 0) > 0 && (
        <Proposals shown={shown} zone={props.zone} onDone={props.onClose} />
      )}
      {shown.event && !source.canEdit && source.followed && !source.isPartners && (
        <NotOfferedLine
          asked={{ question: 'calendars.calendar.use', input: { calendarId: source.followed }, wanted: 'write' }}
          sentence={t('withheld.onlyReading')}
          about={source.name}
        />
      )}
      {shown.event && source.canEdit && (
        <div className={styles.actions}>
          {shown.isEditable && (
            <Button appearance={mayAnswer ? 'secondary' : 'primary'} icon={<EditRegular />} onClick={props.onEdit}>
              {t('action.edit')}
            </Button>
          )}
          <Button icon={<DeleteRegular />} onClick={props.onDelete}>
            {t('action.delete')}
          </Button>
        </div>
      )}
    </>
  );
}

export const responseOf = (response: ResponseKind | undefined): ResponseKind => response ?? 'none';

function Line(props: { picture: ReactNode; children: ReactNode }) {
  const styles = useStyles();
  return (
    <div className={styles.line}>
      {props.picture}
      <div>{props.children}</div>
    </div>
  );
}

function PersonWords(props: { of: Address; said: string }) {
  const styles = useStyles();
  const organisation = useOrganisationOf()(props.of.address);
  return (
    <span className={styles.person}>
      {props.of.name || props.of.address}
      {organisation && <DomainBadge domain={organisation} />}
      <Text className={styles.quiet}>{props.said}</Text>
    </span>
  );
}
