import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  Text,
} from '@fluentui/react-components';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { CopyField } from './copy-field.tsx';
import { FaultBar } from './fault-bar.tsx';
import { LoadingRows } from './loading-rows.tsx';

const Explanation = lazy(async () => ({ default: (await import('../access/explanation.tsx')).ExplanationOfDecision }));

/**
 * What went wrong, in one sentence. A refusal also has "Why?", which opens its explanation; "Ask for access" appears
 * only where the server says that somebody can be asked.
 */
export function RefusalBar(props: { fault: ApiFault; onRetry?: () => void }) {
  const { t } = useTranslation();
  const { fault, onRetry } = props;
  const why = fault.decisionId && <Why decisionId={fault.decisionId} sentence={fault.sentence} />;
  const retry = onRetry && (
    <Button size="small" onClick={onRetry}>
      {t('fault.retry')}
    </Button>
  );
  const actions = (why || retry) && (
    <>
      {why}
      {retry}
    </>
  );
  return <FaultBar fault={fault} actions={actions} />;
}

/** Opens the explanation of a refusal. */
export function Why(props: { decisionId: string; sentence: string }) {
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
