import { Link, Toast, ToastFooter, ToastTitle, ToastTrigger, useToastController } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { actAsTried, NotWanted } from '../access/what-if.ts';
import type { Api, ApiFault } from '../api.ts';
import { useApi, useTenant, useTryOut } from '../shell/tenant.ts';

export const TOASTER = 'entente';

/** Shows a short word that goes away by itself, with "Undo" where the act can be taken back. */
export function useSay() {
  const { dispatchToast } = useToastController(TOASTER);
  const { t } = useTranslation();
  return (text: string, undo?: () => void) =>
    dispatchToast(
      <Toast>
        <ToastTitle>{text}</ToastTitle>
        {undo && (
          <ToastFooter>
            <ToastTrigger>
              <Link as="button" onClick={undo}>
                {t('action.undo')}
              </Link>
            </ToastTrigger>
          </ToastFooter>
        )}
      </Toast>,
      { intent: 'success', timeout: undo ? 10_000 : 4_000 },
    );
}

/** An act as what offers it needs it. */
export interface Act<Input> {
  run(input: Input): void;
  readonly isBusy: boolean;
  readonly fault: ApiFault | null;
}

/**
 * Something a person does to the server: runs, refreshes what is shown of the tenant, says that it happened.
 * `fault` is the refusal to show; `run` never throws. With `isTried`, whoever gains or loses something by it is shown
 * before anything is changed; the act is then called twice, the first time with a caller that changes nothing. With
 * `quietly` that is left out where only those gain who come by the act: then its panel has said so.
 */
export function useAct<Input = void, Output = unknown>(
  act: (api: Api, input: Input) => Promise<Output>,
  options: {
    said?: (input: Input, output: Output) => string;
    undo?: (api: Api, input: Input, output: Output) => Promise<unknown>;
    done?: (output: Output, input: Input) => void;
    isTried?: boolean | 'quietly';
  } = {},
) {
  const api = useApi();
  const tryOut = useTryOut();
  const tenant = useTenant();
  const queries = useQueryClient();
  const say = useSay();
  const { t } = useTranslation();
  const refresh = () => queries.invalidateQueries({ queryKey: [tenant] });
  const mutation = useMutation<Output, ApiFault | NotWanted, Input>({
    mutationFn: (input) =>
      options.isTried
        ? actAsTried(
            api,
            (requests, read) => tryOut(requests, read, { isQuiet: options.isTried === 'quietly' }),
            (caller) => act(caller, input),
          )
        : act(api, input),
    onSuccess: (output, input) => {
      void refresh();
      const { undo } = options;
      if (options.said) {
        say(
          options.said(input, output),
          undo &&
            (() => {
              undo(api, input, output).then(
                () => refresh().then(() => say(t('action.undone'))),
                (fault: ApiFault) => say(fault.sentence),
              );
            }),
        );
      }
      options.done?.(output, input);
    },
  });
  return {
    run: (input: Input) => mutation.mutate(input),
    isBusy: mutation.isPending,
    fault: mutation.error instanceof NotWanted ? null : mutation.error,
    output: mutation.data,
    reset: mutation.reset,
  };
}
