import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Text,
} from '@fluentui/react-components';
import { lazy, type ReactNode, Suspense, useContext, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RefusalNotice } from '../access/wire.ts';
import type { ApiFault } from '../api.ts';
import { TenantContext, useThing } from '../shell/tenant.ts';
import { AskForAccess } from './ask-for-access.tsx';
import { CopyField } from './copy-field.tsx';
import { FaultBar } from './fault-bar.tsx';
import { useFocusBack } from './focus-back.ts';
import { LoadingRows } from './loading-rows.tsx';
import { type Refusal, referenceOf } from './refusal.ts';
import { useNoticeWords } from './refusal-words.ts';

const Explanation = lazy(async () => ({ default: (await import('../access/explanation.tsx')).ExplanationOfDecision }));

/**
 * What went wrong, in one sentence. A refusal also has its reference and whom to ask, "Why?", which opens its
 * explanation, and "Ask for access" where there is somebody who can change it. Nothing else shows a fault.
 */
export function RefusalBar(props: { fault: ApiFault; onRetry?: () => void }) {
  const { t } = useTranslation();
  const { fault, onRetry } = props;
  const isInside = useContext(TenantContext) !== undefined;
  const retry = onRetry && (
    <Button size="small" onClick={onRetry}>
      {t('fault.retry')}
    </Button>
  );
  const reference = fault.decisionId;
  if (reference === undefined) return <FaultBar fault={fault} actions={retry} />;
  // Nobody is signed in who could be told more.
  if (!isInside)
    return (
      <FaultBar
        fault={fault}
        note={<div>{t('fault.reference', { id: referenceOf(reference) })}</div>}
        actions={retry}
      />
    );
  const { refusedBy } = fault.facts;
  const refusal = {
    reference,
    sentence: fault.sentence,
    ...(typeof refusedBy === 'string' ? { refusedBy } : {}),
  };
  return (
    <FaultBar
      fault={fault}
      note={<RefusalNote refusal={refusal} />}
      actions={
        <>
          <RefusalActions refusal={refusal} />
          {retry}
        </>
      }
    />
  );
}

/** What a person may know of their own refusal. Another organisation's tells nothing but its reference. */
function useNotice({ reference, refusedBy }: Refusal): RefusalNotice | undefined {
  return useThing<RefusalNotice>(`/me/decisions/${encodeURIComponent(reference)}`, {
    enabled: refusedBy === undefined,
  }).data;
}

/** The reference to read out, and whom to ask. */
export function RefusalNote({ refusal }: { refusal: Refusal }) {
  const { t } = useTranslation();
  const words = useNoticeWords();
  const notice = useNotice(refusal);
  const isOther = refusal.refusedBy !== undefined;
  return (
    <Text size={200} block>
      {notice?.refusedBy && `${words.sentence(notice)} `}
      {isOther ? t('requests.otherDecides') : notice && words.askWhom(notice)}{' '}
      {t('fault.reference', { id: notice?.reference || referenceOf(refusal.reference) })}
    </Text>
  );
}

/** "Why?" where the explanation is ours to read, and "Ask for access" where somebody can be asked. */
export function RefusalActions({ refusal }: { refusal: Refusal }) {
  return (
    <>
      {refusal.refusedBy === undefined && <Why decisionId={refusal.reference} sentence={refusal.sentence} />}
      <AskAbout refusal={refusal} />
    </>
  );
}

/** "Ask for access", where there is somebody who can change a refusal. */
export function AskAbout({ refusal }: { refusal: Refusal }) {
  const notice = useNotice(refusal);
  if (refusal.refusedBy === undefined && !notice?.canAsk) return null;
  return <AskForAccess refusal={refusal} notice={notice} />;
}

/** Opens the explanation of a refusal. */
function Why(props: { decisionId: string; sentence: string }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setIsOpen(true)}>
        {t('fault.why')}
      </Button>
      {isOpen && <WhyDialog decisionId={props.decisionId} sentence={props.sentence} onClose={() => setIsOpen(false)} />}
    </>
  );
}

/** All that whoever looks may know of a refusal. `actions`: what else can be done about it. */
export function WhyDialog(props: { decisionId: string; sentence: string; actions?: ReactNode; onClose: () => void }) {
  const { t } = useTranslation();
  useFocusBack();
  return (
    <Dialog open onOpenChange={(_, { open }) => !open && props.onClose()}>
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
            {props.actions}
            <Button appearance="primary" onClick={props.onClose}>
              {t('action.close')}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
