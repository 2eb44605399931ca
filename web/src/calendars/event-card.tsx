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
  CheckmarkRegular,
  ClockRegular,
  DeleteRegular,
  DismissRegular,
  EditRegular,
  LocationRegular,
  LockClosedRegular,
  PersonRegular,
  QuestionRegular,
  TextDescriptionRegular,
} from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { useIsNarrow } from '../parts/narrow.ts';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { eventPath } from './changes.ts';
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

/** What is known of one event, beside it; on a phone, in a sheet from below. */
export function EventCard(props: {
  shown: Shown;
  target: HTMLElement;
  onClose: () => void;
  onEdit: () => void;
  onDelete: () => void;
}) {
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

function Words(props: { shown: Shown; onClose: () => void; onEdit: () => void; onDelete: () => void }) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const { shown } = props;
  const { event, source } = shown;
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
      {event?.hasAttachments && <Line picture={<AttachRegular aria-hidden />}>{t('calendars.attachments')}</Line>}
      {mayAnswer && <Answers shown={shown} onDone={props.onClose} />}
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

const ANSWERS = [
  { act: 'accept', picture: <CheckmarkRegular /> },
  { act: 'tentativelyAccept', picture: <QuestionRegular /> },
  { act: 'decline', picture: <DismissRegular /> },
] as const;

/** Says to the organiser whether one comes. */
function Answers(props: { shown: Shown; onDone: () => void }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { event, source } = props.shown;
  const answer = useAct<(typeof ANSWERS)[number]['act']>(
    (api, act) => api.post(`${eventPath(source, event?.id ?? '')}/${act}`, { sendResponse: true }),
    { said: (act) => t(`calendars.answered.${act}`), done: props.onDone },
  );
  return (
    <>
      {answer.fault && <RefusalBar fault={answer.fault} />}
      <div className={styles.actions}>
        {ANSWERS.map(({ act, picture }) => (
          <Button
            key={act}
            size="small"
            icon={picture}
            appearance={act === 'accept' ? 'primary' : 'secondary'}
            disabled={answer.isBusy}
            onClick={() => answer.run(act)}
          >
            {t(`calendars.answer.${act}`)}
          </Button>
        ))}
      </div>
    </>
  );
}
