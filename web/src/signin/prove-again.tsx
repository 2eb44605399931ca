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
import { signInAgain } from './session.ts';

interface Waiting {
  answer(hasProven: boolean): void;
}

/**
 * Asks the person to sign in again for what they are about to do. `ask` resolves to whether they did; `prompt` is to
 * be shown somewhere on the page. Calls that want it at the same time share one prompt.
 */
export function useProveAgain(tenant: string) {
  const [waiting, setWaiting] = useState<readonly Waiting[]>([]);
  const ask = useCallback(() => new Promise<boolean>((answer) => setWaiting((before) => [...before, { answer }])), []);
  const settle = (hasProven: boolean) => {
    for (const one of waiting) one.answer(hasProven);
    setWaiting([]);
  };
  const prompt = waiting.length > 0 && <ProveAgain tenant={tenant} onSettled={settle} />;
  return { ask, prompt };
}

function ProveAgain(props: { tenant: string; onSettled: (hasProven: boolean) => void }) {
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
