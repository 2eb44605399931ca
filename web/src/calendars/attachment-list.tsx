import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { DeleteRegular, DocumentRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import type { Page } from '../api.ts';
import { saveFile } from '../audit/export.ts';
import { useAct } from '../parts/act.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useThing } from '../shell/tenant.ts';
import type { Attachment } from './wire.ts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '2px' },
  row: { display: 'flex', alignItems: 'center', gap: '4px' },
  file: { justifyContent: 'start', minWidth: 0, overflowWrap: 'anywhere', textAlign: 'start' },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** The files of an event, each to be saved; by who may change the event, to be taken away. */
export function AttachmentList(props: { path: string; canRemove: boolean }) {
  const { t, i18n } = useTranslation();
  const styles = useStyles();
  const path = `${props.path}/attachments`;
  const list = useThing<Page<Attachment>>(path);
  const save = useAct<Attachment, Attachment>((api, { id }) => api.get(`${path}/${encodeURIComponent(id)}`), {
    done: ({ name, contentType, contentBytes }) =>
      saveFile(name, contentType ?? 'application/octet-stream', bytesOf(contentBytes ?? '')),
  });
  const remove = useAct<Attachment>((api, { id }) => api.delete(`${path}/${encodeURIComponent(id)}`), {
    said: ({ name }) => t('calendars.attachmentRemoved', { name }),
  });
  const fault = list.error ?? save.fault ?? remove.fault;
  return (
    <>
      {fault && <RefusalBar fault={fault} />}
      {list.isPending && <Text className={styles.quiet}>{t('list.loading')}</Text>}
      <ul className={styles.list} aria-label={t('calendars.attachments')}>
        {list.data?.value.map((one) => (
          <li key={one.id} className={styles.row}>
            <Button
              size="small"
              appearance="subtle"
              icon={<DocumentRegular />}
              className={styles.file}
              aria-label={t('calendars.saveFile', { name: one.name })}
              onClick={() => save.run(one)}
            >
              {one.name}
            </Button>
            {one.size !== undefined && (
              <Text size={200} className={styles.quiet}>
                {sayBytes(one.size, i18n.language)}
              </Text>
            )}
            {props.canRemove && (
              <Button
                size="small"
                appearance="subtle"
                icon={<DeleteRegular />}
                aria-label={t('calendars.removeFile', { name: one.name })}
                disabled={remove.isBusy}
                onClick={() => remove.run(one)}
              />
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

const sayBytes = (bytes: number, language: string): string =>
  new Intl.NumberFormat(language, {
    style: 'unit',
    unit: bytes < 1_000_000 ? 'kilobyte' : 'megabyte',
    maximumFractionDigits: bytes < 1_000_000 ? 0 : 1,
  }).format(Math.max(1, bytes / (bytes < 1_000_000 ? 1_000 : 1_000_000)));
