import { Button, makeStyles, Spinner, Text } from '@fluentui/react-components';
import { ClockRegular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { EmptyState } from '../parts/empty-state.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useApi, useTenant } from '../shell/tenant.ts';
import type { Somebody } from './people-names.ts';
import { onClock } from './sources.ts';
import { addDays, sayPeriod, type Wall, wallOf } from './times.ts';
import type { Suggestions } from './wire.ts';

const useStyles = makeStyles({
  suggestions: { display: 'grid', gap: '8px' },
  suggestion: { justifyContent: 'start', textAlign: 'start', padding: '8px 12px' },
});

const DAYS_AHEAD = 5;

/** Times the server proposes, the best first. */
export function SuggestionList(props: {
  people: readonly Somebody[];
  day: string;
  minutes: number;
  zone: string;
  start: Wall;
  onChoose: (start: Wall) => void;
}) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const api = useApi();
  const tenant = useTenant();
  const { people, day, minutes, zone } = props;
  const found = useQuery<Suggestions, ApiFault>({
    queryKey: [tenant, 'suggestions', people, day, minutes, zone],
    enabled: people.length > 0,
    placeholderData: (before) => before,
    queryFn: ({ signal }) =>
      api.post<Suggestions>(
        '/v1.0/me/findMeetingTimes',
        {
          attendees: people.map(({ name, address }) => ({ type: 'required', emailAddress: { name, address } })),
          timeConstraint: {
            activityDomain: 'work',
            timeSlots: [
              {
                start: { dateTime: `${day}T00:00:00`, timeZone: zone },
                end: { dateTime: `${addDays(day, DAYS_AHEAD)}T00:00:00`, timeZone: zone },
              },
            ],
          },
          meetingDuration: `PT${minutes}M`,
          maxCandidates: 6,
          returnSuggestionReasons: true,
          minimumAttendeePercentage: 50,
        },
        { headers: onClock(zone), signal },
      ),
  });
  const suggestions = found.data?.meetingTimeSuggestions ?? [];
  const none = found.data?.emptySuggestionsReason;
  return (
    <Section title={t('calendars.find.suggestions')}>
      {people.length === 0 ? (
        <EmptyState
          picture={<ClockRegular />}
          title={t('calendars.find.nobody')}
          sentence={t('calendars.find.nobodySentence')}
        />
      ) : found.error ? (
        <RefusalBar fault={found.error} onRetry={() => void found.refetch()} />
      ) : found.isPending ? (
        <Spinner size="tiny" label={t('list.loading')} />
      ) : suggestions.length === 0 ? (
        <Text>{t(`calendars.find.none.${none || 'unknown'}`)}</Text>
      ) : (
        <div className={styles.suggestions}>
          {suggestions.map((one) => {
            const start = wallOf(one.meetingTimeSlot.start, zone);
            const end = wallOf(one.meetingTimeSlot.end, zone);
            return (
              <Button
                key={start}
                className={styles.suggestion}
                aria-pressed={start === props.start}
                appearance={start === props.start ? 'primary' : 'secondary'}
                onClick={() => props.onChoose(start)}
              >
                <span style={{ display: 'grid' }}>
                  <Text weight="semibold">{sayPeriod(start, end, false, i18n.language)}</Text>
                  <Text size={200}>{t('calendars.find.confidence', { percent: Math.round(one.confidence) })}</Text>
                </span>
              </Button>
            );
          })}
        </div>
      )}
    </Section>
  );
}
