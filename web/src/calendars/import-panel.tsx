import { Button, Field, MessageBar, MessageBarBody, ProgressBar, Text } from '@fluentui/react-components';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { useAct } from '../parts/act.tsx';
import { FileButton } from '../parts/file-button.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useApi, useTenant } from '../shell/tenant.ts';
import type { Source } from './sources.ts';

/** How far a calendar file is on its way in, as the server tells it. */
interface FileImport {
  readonly id: string;
  readonly calendarId: string;
  readonly state: 'waiting' | 'done' | 'cancelled' | 'failed';
  readonly problem: string | null;
  readonly total: number;
  readonly done: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly skipped: readonly {
    readonly uid: string | null;
    readonly summary: string | null;
    readonly reason: string;
  }[];
}

/** As much as the server takes; a larger file would be sent for nothing. */
const LARGEST_BYTES = 10 * 1024 * 1024;
const ASKED_EVERY_MS = 700;
const SKIPPED_SHOWN = 20;

/** Takes a calendar file into a calendar: chosen, on its way, and what became of it. It goes on without the panel. */
export function ImportPanel({ source, onClose }: { source: Source; onClose: () => void }) {
  const { t } = useTranslation();
  const [isTooLarge, setIsTooLarge] = useState(false);
  const [begun, setBegun] = useState<FileImport>();
  const upload = useAct<File, FileImport>(
    async (api, file) =>
      api.post(
        `/me/calendars/${source.calendar?.id ?? 'default'}/import`,
        new Blob([file], { type: 'text/calendar' }),
        {
          headers: { 'content-type': 'text/calendar' },
        },
      ),
    { done: setBegun },
  );
  const choose = (file: File | undefined) => {
    setIsTooLarge(file !== undefined && file.size > LARGEST_BYTES);
    if (file && file.size <= LARGEST_BYTES) upload.run(file);
  };
  return (
    <FormPanel
      size="small"
      title={t('calendars.import.title', { name: source.name })}
      sentence={t('calendars.import.sentence')}
      submit={t('action.close')}
      onClose={onClose}
    >
      {upload.fault && <RefusalBar fault={upload.fault} />}
      {!begun && (
        <Field
          label={t('calendars.import.file')}
          {...(isTooLarge ? { validationMessage: t('calendars.import.tooLarge') } : {})}
        >
          <span>
            <FileButton
              text={t('calendars.import.choose')}
              accept=".ics,text/calendar"
              isBusy={upload.isBusy}
              onChosen={choose}
            />
          </span>
        </Field>
      )}
      {begun && <Progress begun={begun} />}
    </FormPanel>
  );
}

function Progress({ begun }: { begun: FileImport }) {
  const { t } = useTranslation();
  const api = useApi();
  const tenant = useTenant();
  const queries = useQueryClient();
  const path = `/me/calendars/${begun.calendarId}/imports/${begun.id}`;
  const { data: now = begun, error } = useQuery<FileImport, ApiFault>({
    queryKey: ['calendar-import', path],
    queryFn: ({ signal }) => api.get<FileImport>(path, { signal }),
    initialData: begun,
    refetchInterval: ({ state }) => (state.data?.state === 'waiting' ? ASKED_EVERY_MS : false),
  });
  const stop = useAct((caller) => caller.delete(path));
  const isOver = now.state !== 'waiting';
  useEffect(() => {
    if (isOver) void queries.invalidateQueries({ queryKey: [tenant] });
  }, [isOver, queries, tenant]);
  const fault = error ?? stop.fault;
  return (
    <div style={{ display: 'grid', gap: '12px' }} aria-live="polite">
      {fault && <RefusalBar fault={fault} />}
      {!isOver && (
        <>
          <Field
            label={t('calendars.import.underWay')}
            validationState="none"
            validationMessage={t('calendars.import.progress', { done: now.done, total: now.total })}
          >
            <ProgressBar value={now.total === 0 ? undefined : now.done / now.total} />
          </Field>
          <span>
            <Button disabled={stop.isBusy} onClick={() => stop.run()}>
              {t('calendars.import.stop')}
            </Button>
          </span>
        </>
      )}
      {isOver && (
        <MessageBar
          layout="multiline"
          intent={now.state === 'done' ? 'success' : now.state === 'failed' ? 'error' : 'warning'}
        >
          <MessageBarBody>
            {now.problem ?? t(`calendars.import.state.${now.state}`)}{' '}
            {t('calendars.import.result', { created: now.created, changed: now.changed, unchanged: now.unchanged })}
          </MessageBarBody>
        </MessageBar>
      )}
      {now.skipped.length > 0 && (
        <div>
          <Text weight="semibold" block>
            {t('calendars.import.skipped', { count: now.skipped.length })}
          </Text>
          <ul style={{ margin: 0, paddingInlineStart: '20px' }}>
            {now.skipped.slice(0, SKIPPED_SHOWN).map(({ uid, summary, reason }, place) => (
              <li key={`${uid ?? place}`}>
                {summary ?? uid ?? t('calendars.untitled')}: {reason}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
