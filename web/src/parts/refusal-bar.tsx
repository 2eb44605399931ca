import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Text,
} from '@fluentui/react-components';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { CopyField } from './copy-field.tsx';
import { LoadingRows } from './loading-rows.tsx';

const Explanation = lazy(async () => ({ default: (await import('../access/explanation.tsx')).ExplanationOfDecision }));

/**
 * What went wrong, in one sentence. A refusal also has "Why?", which opens its explanation; "Ask for access" appears
 * only where the server says that somebody can be asked.
 */
export function RefusalBar(props: { fault: ApiFault; onRetry?: () => void }) {
  const { t } = useTranslation();
  const { fault, onRetry } = props;
  const isRefusal = fault.status === 403;
  const title = isRefusal ? t('fault.refused') : fault.status === 404 ? t('fault.notFound') : t('fault.failed');
  return (
    <MessageBar intent={isRefusal ? 'warning' : 'error'} layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle>
        {fault.sentence || t('fault.unknown')}
        {fault.problems.length > 1 && (
          <ul>
            {fault.problems.map((one) => (
              <li key={one.name}>{t('fault.problem', { name: one.name, problem: one.problem })}</li>
            ))}
          </ul>
        )}
        {fault.status >= 500 && fault.requestId && <div>{t('fault.reference', { id: fault.requestId })}</div>}
      </MessageBarBody>
      {(fault.decisionId || onRetry) && (
        <MessageBarActions>
          {fault.decisionId && <Why decisionId={fault.decisionId} sentence={fault.sentence} />}
          {onRetry && (
            <Button size="small" onClick={onRetry}>
              {t('fault.retry')}
            </Button>
          )}
        </MessageBarActions>
      )}
    </MessageBar>
  );
}

function Why(props: { decisionId: string; sentence: string }) {
  const { t } = useTranslation();
  return (
    <Dialog>
      <DialogTrigger disableButtonEnhancement>
        <Button size="small">{t('fault.why')}</Button>
      </DialogTrigger>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t('fault.whyTitle')}</DialogTitle>
          <DialogContent>
            <Text block>{props.sentence}</Text>
            <CopyField label={t('fault.decisionId')} value={props.decisionId} />
            <Suspense fallback={<LoadingRows count={3} />}>
              <Explanation decisionId={props.decisionId} />
            </Suspense>
          </DialogContent>
          <DialogActions>
            <DialogTrigger disableButtonEnhancement>
              <Button appearance="primary">{t('action.close')}</Button>
            </DialogTrigger>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
