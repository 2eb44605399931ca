import { Button, Switch } from '@fluentui/react-components';
import { ArrowResetRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Choice } from '../parts/choice.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { NotOfferedLine } from '../parts/why-not.tsx';
import { useThing } from '../shell/tenant.ts';

const LEVELS = ['AvailabilityOnly', 'LimitedDetails', 'FullDetails'] as const;
type Level = (typeof LEVELS)[number];

interface Publication {
  readonly publishEnabled: boolean;
  readonly detailLevel: Level;
  readonly allowedDetailLevels: readonly Level[];
  readonly publishDateRangeFrom: Range;
  readonly publishDateRangeTo: Range;
  readonly searchableUrlEnabled: boolean;
  readonly publishedCalendarUrl: string | null;
  readonly publishedICalUrl: string | null;
}

/** How far around today is shown. */
const RANGES = ['OneDay', 'ThreeDays', 'OneWeek', 'OneMonth', 'ThreeMonths', 'SixMonths', 'OneYear'] as const;
type Range = (typeof RANGES)[number];

type Changes = Partial<
  Pick<Publication, 'detailLevel' | 'publishDateRangeFrom' | 'publishDateRangeTo' | 'searchableUrlEnabled'>
>;

const ROLE_OF = { AvailabilityOnly: 'freeBusyRead', LimitedDetails: 'limitedRead', FullDetails: 'read' } as const;

/** A page and a feed of the calendar for anybody who has their address. */
export function PublishPart({ calendarId }: { calendarId: string }) {
  const { t } = useTranslation();
  const path = `/me/calendars/${calendarId}/publication`;
  const query = useThing<Publication>(path);
  const [isResetting, setIsResetting] = useState(false);
  const change = useAct<Changes | null>((api, changes) =>
    changes === null ? api.delete(path) : api.put(path, changes),
  );
  const reset = useAct((api) => api.post(`${path}/reset`), {
    said: () => t('calendars.publish.wasReset'),
    done: () => setIsResetting(false),
  });
  const published = query.data;
  const missing = published && LEVELS.find((one) => !published.allowedDetailLevels.includes(one));
  return (
    <Section title={t('calendars.publish.title')} sentence={t('calendars.publish.sentence')}>
      {query.error && <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />}
      {change.fault && <RefusalBar fault={change.fault} />}
      {query.isPending && <LoadingRows count={2} />}
      {published && (
        <Switch
          label={t('calendars.publish.on')}
          checked={published.publishEnabled}
          disabled={change.isBusy || (!published.publishEnabled && published.allowedDetailLevels.length === 0)}
          onChange={(_, { checked }) =>
            change.run(checked ? { detailLevel: published.allowedDetailLevels[0] ?? 'AvailabilityOnly' } : null)
          }
        />
      )}
      {missing && (
        <NotOfferedLine
          asked={{
            question: 'calendars.calendar.share',
            input: { calendarId, isPublic: true },
            wanted: ROLE_OF[missing],
          }}
          sentence={
            published?.allowedDetailLevels.length === 0
              ? t('calendars.publish.notAllowed')
              : t('calendars.publish.notSoMuch', { level: t(`calendars.role.${ROLE_OF[missing]}.name`) })
          }
          about={t('calendars.publish.title')}
        />
      )}
      {published?.publishEnabled && (
        <>
          <Choice
            label={t('calendars.sharing.sees')}
            value={published.detailLevel}
            onChange={(detailLevel: Level) => change.run({ detailLevel })}
            options={LEVELS.filter(
              (one) => one === published.detailLevel || published.allowedDetailLevels.includes(one),
            ).map((one) => [one, t(`calendars.role.${ROLE_OF[one]}.name`)])}
            hint={t(`calendars.role.${ROLE_OF[published.detailLevel]}.sentence`)}
          />
          <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: '12px' }}>
            <Choice
              label={t('calendars.publish.from')}
              value={published.publishDateRangeFrom}
              onChange={(publishDateRangeFrom: Range) => change.run({ publishDateRangeFrom })}
              options={RANGES.map((one) => [one, t(`calendars.publish.range.${one}`)])}
            />
            <Choice
              label={t('calendars.publish.to')}
              value={published.publishDateRangeTo}
              onChange={(publishDateRangeTo: Range) => change.run({ publishDateRangeTo })}
              options={RANGES.map((one) => [one, t(`calendars.publish.range.${one}`)])}
            />
          </div>
          <Switch
            label={t('calendars.publish.searchable')}
            checked={published.searchableUrlEnabled}
            disabled={change.isBusy}
            onChange={(_, { checked }) => change.run({ searchableUrlEnabled: checked })}
          />
          {published.publishedCalendarUrl && (
            <CopyField label={t('calendars.publish.page')} value={published.publishedCalendarUrl} />
          )}
          {published.publishedICalUrl && (
            <CopyField label={t('calendars.publish.feed')} value={published.publishedICalUrl} />
          )}
          <div>
            <Button icon={<ArrowResetRegular />} onClick={() => setIsResetting(true)}>
              {t('calendars.publish.reset')}
            </Button>
          </div>
        </>
      )}
      {isResetting && (
        <ConfirmDialog
          title={t('calendars.publish.resetTitle')}
          confirm={t('calendars.publish.reset')}
          act={reset}
          onClose={() => setIsResetting(false)}
        >
          {t('calendars.publish.resetSentence')}
        </ConfirmDialog>
      )}
    </Section>
  );
}
