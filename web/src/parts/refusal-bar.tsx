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
import type { DecisionExplained, RefusalNotice } from '../access/wire.ts';
import type { ApiFault } from '../api.ts';
import { useAbilities } from '../shell/me.ts';
import { TenantContext, useThing } from '../shell/tenant.ts';
import { AskForAccess } from './ask-for-access.tsx';
import { CopyField } from './copy-field.tsx';
import { FaultBar } from './fault-bar.tsx';
import { useFocusBack } from './focus-back.ts';
import { LoadingRows } from './loading-rows.tsx';
import { isOfServer, type Refusal, referenceOf } from './refusal.ts';
import { useNoticeWords } from './refusal-words.ts';

const Explanation = lazy(async () => ({ default: (await import('../access/explanation.tsx')).ExplanationOfDecision }));

/** What asking once more does not change: what was sent is wrong, or nothing is there. */
const FINAL: readonly number[] = [400, 404, 410];

/**
 * What went wrong, in one sentence. A refusal also has its reference and whom to ask, "Why?", which opens its
 * explanation, and "Ask for access" where there is somebody who can change it. Nothing else shows a fault.
 */
export function RefusalBar(props: { fault: ApiFault; onRetry?: () => void }) {
  const { t } = useTranslation();
  const { fault, onRetry } = props;
  const isInside = useContext(TenantContext) !== undefined;
  const retry = onRetry && !FINAL.includes(fault.status) && (
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
  const refusal = refusalOf(fault, reference);
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

function refusalOf(fault: ApiFault, reference: string): Refusal {
  const { refusedBy } = fault.facts;
  return {
    reference,
    sentence: fault.sentence,
    isServers: isOfServer(fault.path),
    ...(typeof refusedBy === 'string' ? { refusedBy } : {}),
  };
}

/** The reference of a refusal and "Why?", without what is done about it: that stands beside. */
export function RefusalOfFault({ fault }: { fault: ApiFault }) {
  if (fault.decisionId === undefined) return null;
  const refusal = refusalOf(fault, fault.decisionId);
  return (
    <div style={{ display: 'flex', gap: '4px 12px', alignItems: 'center', flexWrap: 'wrap' }}>
      <ReferenceText refusal={refusal} />
      <Why refusal={refusal} />
    </div>
  );
}

/**
 * What a person may know of their own refusal. Another organisation's tells nothing but its reference, and what the
 * server refuses to its operator they read whole.
 */
function useNotice({ reference, refusedBy, isServers = false }: Refusal): RefusalNotice | undefined {
  const isOperator = useAbilities().sees('operator');
  const id = encodeURIComponent(reference);
  const ofServer = isServers && isOperator;
  const isOurs = refusedBy === undefined;
  const own = useThing<RefusalNotice>(`/me/decisions/${id}`, { enabled: isOurs && !ofServer });
  const whole = useThing<DecisionExplained>(`/operator/decisions/${id}`, { enabled: isOurs && ofServer });
  return ofServer ? whole.data?.personSees : own.data;
}

function ReferenceText(props: { refusal: Refusal; notice?: RefusalNotice | undefined }) {
  const { t } = useTranslation();
  return t('fault.reference', { id: props.notice?.reference || referenceOf(props.refusal.reference) });
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
      <ReferenceText refusal={refusal} notice={notice} />
    </Text>
  );
}

/** "Why?" where the explanation is ours to read, and "Ask for access" where somebody can be asked. */
export function RefusalActions({ refusal }: { refusal: Refusal }) {
  return (
    <>
      {refusal.refusedBy === undefined && <Why refusal={refusal} />}
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
function Why({ refusal }: { refusal: Refusal }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setIsOpen(true)}>
        {t('fault.why')}
      </Button>
      {isOpen && <WhyDialog refusal={refusal} onClose={() => setIsOpen(false)} />}
    </>
  );
}

/** All that whoever looks may know of a refusal. `actions`: what else can be done about it. */
export function WhyDialog(props: { refusal: Refusal; actions?: ReactNode; onClose: () => void }) {
  const { t } = useTranslation();
  const { reference, sentence, isServers = false } = props.refusal;
  useFocusBack();
  return (
    <Dialog open onOpenChange={(_, { open }) => !open && props.onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t('fault.whyTitle')}</DialogTitle>
          <DialogContent style={{ display: 'grid', gap: '12px' }}>
            <Text>{sentence}</Text>
            <CopyField label={t('fault.decisionId')} value={reference} />
            <Suspense fallback={<LoadingRows count={3} />}>
              <Explanation decisionId={reference} isServers={isServers} />
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
