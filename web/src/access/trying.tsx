import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  ProgressBar,
  Text,
} from '@fluentui/react-components';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiFault } from '../api.ts';
import { useFocusBack } from '../parts/focus-back.ts';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { useAbilities } from '../shell/me.ts';
import { useApi } from '../shell/tenant.ts';
import {
  NotWanted,
  openSearching,
  REFUSED,
  type Tried,
  type TriedRequest,
  type TryOut,
  type WhatIf,
} from './what-if.ts';
import { type Answers, WhatIfReport } from './what-if-report.tsx';

interface Waiting {
  readonly requests: readonly TriedRequest[];
  readonly read: Tried | undefined;
  /** Nobody is asked about what only those gain who come by it. */
  readonly isQuiet: boolean;
  answer(tried: Tried | undefined): void;
  refuse(error: Error): void;
}

/**
 * Shows who gains and loses what before it is done. `ask` is resolved once nobody does, or once whoever asks wants it all
 * the same; `prompt` is to be shown somewhere on the page.
 */
export function useTrying() {
  const [waiting, setWaiting] = useState<readonly Waiting[]>([]);
  const [attempt, setAttempt] = useState(0);
  const ask = useCallback<TryOut>(
    (requests, read, { isQuiet = false } = {}) =>
      new Promise((answer, refuse) => setWaiting((before) => [...before, { requests, read, isQuiet, answer, refuse }])),
    [],
  );
  const [first] = waiting;
  const over = useCallback((one: Waiting) => setWaiting((before) => before.filter((other) => other !== one)), []);
  return {
    ask,
    prompt: first && <Trying key={attempt} asked={first} onOver={over} onAgain={() => setAttempt((n) => n + 1)} />,
  };
}

/** Milliseconds: what is answered sooner is not announced, so that nothing flickers. */
const PATIENCE = 700;

function Trying(props: { asked: Waiting; onOver: (asked: Waiting) => void; onAgain: () => void }) {
  const { asked, onOver } = props;
  const api = useApi();
  const abilities = useAbilities();
  const mayKnow = abilities.sees('explain') && abilities.sees('ledger');
  const [known, setKnown] = useState<WhatIf>();
  const [answers, setAnswers] = useState<Answers>();
  const [isSlow, setIsSlow] = useState(false);
  const [fault, setFault] = useState<ApiFault>();
  const { isReady } = abilities;

  useEffect(() => {
    if (!isReady) return;
    const searching = openSearching(api);
    const settle = (tried: Tried | undefined) => {
      onOver(asked);
      asked.answer(tried);
    };
    if (!mayKnow) return settle(undefined);
    const slow = setTimeout(() => setIsSlow(true), PATIENCE);
    work(asked, (requests, also) => searching.seek(requests, also, setKnown))
      .then((found) => ('plain' in found ? setAnswers(found) : settle(found.settled)))
      .catch((error: unknown) => {
        if (searching.signal.aborted) return;
        const known = error instanceof ApiFault ? error : new ApiFault(0, 'network', '');
        // What cannot be told beforehand is none the worse for it.
        if (known.code === 'access.cannot-be-tried' || known.code === REFUSED) settle(undefined);
        else setFault(known);
      });
    return () => {
      clearTimeout(slow);
      searching.stop();
    };
  }, [api, asked, isReady, mayKnow, onOver]);

  const leave = () => {
    onOver(asked);
    asked.refuse(new NotWanted());
  };
  if (answers)
    return (
      <WhatIfReport
        requests={asked.requests}
        answers={answers}
        onLeave={leave}
        onGo={(tried) => {
          onOver(asked);
          asked.answer(tried);
        }}
      />
    );
  if (fault)
    return (
      <Failed
        fault={fault}
        onLeave={leave}
        onRetry={props.onAgain}
        onGo={() => {
          onOver(asked);
          asked.answer(undefined);
        }}
      />
    );
  if (isSlow) return <Progress known={known} onLeave={leave} />;
  return null;
}

type Seek = (requests: readonly TriedRequest[], also?: readonly TriedRequest[]) => Promise<WhatIf>;

/** Looks what would come of it: something to be read, or nothing that anybody needs to be asked about. */
async function work(
  { requests, read, isQuiet }: Waiting,
  seek: Seek,
): Promise<Answers | { readonly settled: Tried | undefined }> {
  if (read && read.also.length > 0) {
    const { id, summary } = await seek(requests, read.also);
    if (summary?.digest === read.digest) return { settled: { ...read, id } };
  }
  const { id, number, summary } = await seek(requests);
  if (!summary) return { settled: undefined };
  const { gained, lost, digest, shutOut, subjects, unheard } = summary;
  const isNobodys = gained + lost === 0 && shutOut.length === 0 && unheard.length === 0;
  const isTheirsAlone = lost === 0 && subjects.gained === subjects.arriving && shutOut.length === 0;
  if (isNobodys || (isQuiet && isTheirsAlone) || digest === read?.digest) return { settled: { id, digest, also: [] } };
  const plain = { id, number, summary };
  if (shutOut.length === 0) return { plain };
  const domains = shutOut.map(({ domain }) => domain);
  const also: TriedRequest[] = [{ method: 'POST', path: '/admin/outside-rights/end', body: { domains } }];
  // Whoever may not end what they have is not offered it.
  const whole = await seek(requests, also).catch(() => undefined);
  return whole?.summary ? { plain, ending: { ...whole, summary: whole.summary, also } } : { plain };
}

/** A long search: how far it is, and the way to stop it. Nothing has been changed yet. */
function Progress(props: { known: WhatIf | undefined; onLeave: () => void }) {
  const { t, i18n } = useTranslation();
  const { known } = props;
  useFocusBack();
  const count = (n: number) => n.toLocaleString(i18n.language);
  const isCounted = known?.total != null && known.total > 0;
  const words = isCounted
    ? t('whatIf.lookedAtOf', { count: count(known.lookedAt), total: count(known.total ?? 0) })
    : t('whatIf.lookedAt', { count: count(known?.lookedAt ?? 0) });
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && props.onLeave()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t('whatIf.looking')}</DialogTitle>
          <DialogContent style={{ display: 'grid', gap: '12px' }}>
            <ProgressBar
              aria-label={t('whatIf.looking')}
              {...(isCounted ? { value: Math.min(1, known.lookedAt / (known.total ?? 1)) } : {})}
            />
            <Text>{words}</Text>
            <Text>{t('whatIf.lookingSentence')}</Text>
          </DialogContent>
          <DialogActions>
            <CancelButton onLeave={props.onLeave} />
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

/** It could not be found out who gains or loses what. Nothing has been changed; whoever asked may want it all the same. */
function Failed(props: { fault: ApiFault; onRetry: () => void; onGo: () => void; onLeave: () => void }) {
  const { t } = useTranslation();
  useFocusBack();
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && props.onLeave()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t('whatIf.failed')}</DialogTitle>
          <DialogContent style={{ display: 'grid', gap: '12px' }}>
            <RefusalBar fault={props.fault} onRetry={props.onRetry} />
            <Text>{t('whatIf.failedSentence')}</Text>
          </DialogContent>
          <DialogActions>
            <Button onClick={props.onGo}>{t('whatIf.goUnseen')}</Button>
            <CancelButton onLeave={props.onLeave} />
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function CancelButton(props: { onLeave: () => void }) {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <Button ref={button} onClick={props.onLeave}>
      {t('action.cancel')}
    </Button>
  );
}
