import {
  Button,
  Card,
  Field,
  MessageBar,
  MessageBarBody,
  makeStyles,
  ProgressBar,
  Text,
  tokens,
} from '@fluentui/react-components';
import { ArrowDownloadRegular, DocumentTableRegular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { saveFile, toCsv } from '../audit/export.ts';
import { useAct } from '../parts/act.tsx';
import { DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { FileButton } from '../parts/file-button.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { wholeList } from '../parts/list.ts';
import { Page, Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useApi, useTenant, useThing } from '../shell/tenant.ts';
import type { BulkJob, BulkLine, LineProblem } from './bulk.ts';

const useStyles = makeStyles({
  steps: { margin: 0, paddingInlineStart: '20px', display: 'grid', gap: '20px', maxWidth: '760px' },
  drop: {
    display: 'grid',
    gap: '8px',
    justifyItems: 'start',
    padding: '20px',
    border: `1px dashed ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
  },
});

/** Many invitations from one list: template, upload, what is wrong line by line, progress, result. */
export function BulkPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const [fileName, setFileName] = useState('');
  const [followed, setFollowed] = useState<string>();
  const jobs = useThing<{ value: BulkJob[] }>('/admin/guest-imports');
  const template = useAct(async (api) => {
    const answer = await api.raw('GET', '/admin/guest-imports/template', { headers: { accept: '*/*' } });
    saveFile('guests.csv', 'text/csv', await answer.blob());
  });
  const upload = useAct<File, Pick<BulkJob, 'id'>>(
    async (api, file) =>
      api.post('/admin/guest-imports', new Blob([file], { type: 'text/csv' }), {
        headers: { 'content-type': 'text/csv' },
        params: { fileName: file.name },
      }),
    { isTried: true, done: (job) => setFollowed(job.id) },
  );
  const fault = upload.fault ?? template.fault;
  const lines = (upload.fault?.facts.lines ?? []) as LineProblem[];
  const choose = (file: File | undefined) => {
    if (!file) return;
    setFileName(file.name);
    setFollowed(undefined);
    upload.run(file);
  };
  return (
    <Page
      title={t('guests.bulk')}
      sentence={t('bulk.sentence')}
      above={<InnerLink path="/guests">{t('nav.guests')}</InnerLink>}
    >
      <ol className={styles.steps}>
        <li>
          <Text block>{t('bulk.fill')}</Text>
          <Button
            icon={<ArrowDownloadRegular />}
            style={{ marginTop: '8px' }}
            disabled={template.isBusy}
            onClick={() => template.run()}
          >
            {t('bulk.template')}
          </Button>
        </li>
        <li>
          <Field label={t('bulk.upload')} hint={t('bulk.uploadHint')}>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut for the mouse; the button inside serves everybody. */}
            <div
              className={styles.drop}
              onDragOver={(event) => event.preventDefault()}
              onDrop={(event) => {
                event.preventDefault();
                choose(event.dataTransfer.files[0]);
              }}
            >
              <FileButton text={t('bulk.choose')} accept=".csv,text/csv" isBusy={upload.isBusy} onChosen={choose} />
              <Text size={200}>{fileName === '' ? t('bulk.orDrop') : fileName}</Text>
            </div>
          </Field>
        </li>
      </ol>
      {fault && !upload.fault && <RefusalBar fault={fault} />}
      {upload.fault && (
        <Section title={t('bulk.refused')}>
          <RefusalBar fault={upload.fault} />
          {lines.length > 0 && (
            <DataList
              label={t('bulk.refused')}
              list={wholeList({ data: lines, isPending: false, error: null, refetch: () => {} })}
              rowKey={(line) => `${line.line}:${line.code}`}
              columns={[
                {
                  key: 'line',
                  title: t('bulk.line'),
                  isName: true,
                  sort: (line) => line.line,
                  render: (line) => String(line.line),
                },
                {
                  key: 'problem',
                  title: t('bulk.problem'),
                  render: (line) => t(`bulk.codes.${line.code}`, { defaultValue: line.detail ?? line.code }),
                },
              ]}
              empty={null}
            />
          )}
        </Section>
      )}
      {followed && <Progress id={followed} />}
      <Section title={t('bulk.earlier')}>
        <DataList
          label={t('bulk.earlier')}
          list={wholeList({ ...jobs, data: jobs.data?.value })}
          rowKey={(job) => job.id}
          columns={[
            {
              key: 'file',
              title: t('bulk.file'),
              isName: true,
              render: (job) => (
                <Button
                  appearance="transparent"
                  onClick={() => setFollowed(job.id)}
                  style={{ padding: 0, minWidth: 0 }}
                >
                  {job.fileName || job.id}
                </Button>
              ),
            },
            { key: 'who', title: t('audit.who'), render: (job) => job.createdByName },
            {
              key: 'result',
              title: t('audit.result'),
              render: (job) => t('bulk.counts', { ok: job.success, failed: job.failure, total: job.total }),
            },
            {
              key: 'when',
              title: t('audit.when'),
              sort: (job) => job.createdAt,
              render: (job) => <WhenText at={job.createdAt} />,
            },
          ]}
          empty={<EmptyState picture={<DocumentTableRegular />} title={t('bulk.none')} />}
        />
      </Section>
    </Page>
  );
}

/** Follows one job until it is over; may be cancelled meanwhile. */
function Progress(props: { id: string }) {
  const { t } = useTranslation();
  const api = useApi();
  const tenant = useTenant();
  const query = useQuery<BulkJob, ApiFault>({
    queryKey: [tenant, 'bulk', props.id],
    queryFn: () => api.get<BulkJob>(`/admin/guest-imports/${props.id}?limit=500`),
    refetchInterval: ({ state }) => (['finished', 'cancelled'].includes(state.data?.state ?? '') ? false : 1000),
  });
  const cancel = useAct((caller) => caller.post(`/admin/guest-imports/${props.id}/cancel`), {
    said: () => t('bulk.cancelled'),
  });
  const job = query.data;
  if (query.error) return <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />;
  if (!job) return null;
  const finished = job.success + job.failure;
  const isOver = job.state === 'finished' || job.state === 'cancelled';
  const tones = { waiting: 'waiting', success: 'good', cancelled: 'quiet', failure: 'stopped' } as const;
  return (
    <Section
      title={job.fileName || t('bulk.progress')}
      commands={
        isOver ? (
          <Button
            icon={<ArrowDownloadRegular />}
            onClick={() =>
              saveFile(
                'invited.csv',
                'text/csv',
                toCsv([
                  ['line', 'address', 'result', 'code', 'sentence'],
                  ...(job.results ?? []).map((line) => [
                    String(line.line),
                    line.address,
                    line.state,
                    line.code ?? '',
                    line.detail ?? '',
                  ]),
                ]),
              )
            }
          >
            {t('bulk.download')}
          </Button>
        ) : (
          <Button disabled={cancel.isBusy} onClick={() => cancel.run()}>
            {t('bulk.cancel')}
          </Button>
        )
      }
    >
      <Card appearance="outline">
        <Field
          label={t('bulk.counts', { ok: job.success, failed: job.failure, total: job.total })}
          validationState={isOver ? (job.failure > 0 ? 'warning' : 'success') : 'none'}
          validationMessage={job.state === 'cancelled' ? t('bulk.cancelled') : isOver ? t('bulk.done') : undefined}
        >
          <ProgressBar value={job.total === 0 ? 1 : finished / job.total} />
        </Field>
      </Card>
      {cancel.fault && <RefusalBar fault={cancel.fault} />}
      {isOver && job.failure > 0 && (
        <MessageBar intent="warning">
          <MessageBarBody>{t('bulk.someFailed')}</MessageBarBody>
        </MessageBar>
      )}
      {job.results && (
        <DataList<BulkLine>
          label={t('bulk.progress')}
          list={wholeList({ data: job.results, isPending: false, error: null, refetch: () => {} })}
          rowKey={(line) => String(line.line)}
          columns={[
            {
              key: 'address',
              title: t('people.mail'),
              isName: true,
              sort: (line) => line.address,
              render: (line) => line.address,
            },
            { key: 'line', title: t('bulk.line'), sort: (line) => line.line, render: (line) => String(line.line) },
            {
              key: 'result',
              title: t('audit.result'),
              sort: (line) => line.state,
              render: (line) => (
                <StateText tone={tones[line.state] ?? 'quiet'}>{t(`bulk.results.${line.state}`)}</StateText>
              ),
            },
            {
              key: 'why',
              title: t('audit.reason'),
              render: (line) =>
                line.code
                  ? t(`bulk.codes.${line.code}`, { defaultValue: line.detail ?? line.code })
                  : (line.detail ?? ''),
            },
          ]}
          empty={null}
        />
      )}
    </Section>
  );
}
