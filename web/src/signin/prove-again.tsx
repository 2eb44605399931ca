import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  MessageBar,
  MessageBarBody,
  Spinner,
  Text,
} from '@fluentui/react-components';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { RefusalOfFault } from '../parts/refusal-bar.tsx';
import { signInAgain } from './session.ts';

interface Waiting {
  readonly fault: ApiFault;
  answer(hasProven: boolean): void;
}

/**
 * Asks the person to sign in again for what they are about to do. `ask` resolves to whether they did; `prompt` is to
 * be shown somewhere on the page. Calls that want it at the same time share one prompt.
 */
export function useProveAgain(tenant: string) {
  const [waiting, setWaiting] = useState<readonly Waiting[]>([]);
  const ask = useCallback(
    (fault: ApiFault) => new Promise<boolean>((answer) => setWaiting((before) => [...before, { fault, answer }])),
    [],
  );
  const settle = (hasProven: boolean) => {
    for (const one of waiting) one.answer(hasProven);
    setWaiting([]);
  };
  const [first] = waiting;
  const prompt = first && <ProveAgain tenant={tenant} fault={first.fault} onSettled={settle} />;
  return { ask, prompt };
}

function ProveAgain(props: { tenant: string; fault: ApiFault; onSettled: (hasProven: boolean) => void }) {
  const { t } = useTranslation();
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  // The button stays: a window that was closed is opened again.
  const go = async () => {
    setIsBusy(true);
    setProblem(undefined);
    const outcome = await signInAgain(props.tenant);
    if (outcome === 'done') return props.onSettled(true);
    setIsBusy(false);
    setProblem(t(`proveAgain.${outcome}`));
  };
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && props.onSettled(false)}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t('proveAgain.title')}</DialogTitle>
          <DialogContent style={{ display: 'grid', gap: '12px' }}>
            {problem && (
              <MessageBar intent="warning" layout="multiline" role="alert">
                <MessageBarBody>{problem}</MessageBarBody>
              </MessageBar>
            )}
            <Text>{t('proveAgain.sentence')}</Text>
            <RefusalOfFault fault={props.fault} />
          </DialogContent>
          <DialogActions>
            <Button
              appearance="primary"
              icon={isBusy ? <Spinner size="tiny" aria-hidden /> : undefined}
              onClick={() => void go()}
            >
              {t('proveAgain.signIn')}
            </Button>
            <Button onClick={() => props.onSettled(false)}>{t('action.cancel')}</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
