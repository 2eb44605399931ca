import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  Spinner,
  Text,
} from '@fluentui/react-components';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Act } from './act.tsx';
import { useFocusBack } from './focus-back.ts';
import { RefusalBar } from './refusal-bar.tsx';

/** Asks before a dangerous act: names it, says what is lost, and for the worst wants the name typed. */
export function ConfirmDialog<Input = void>(props: {
  title: string;
  children: ReactNode;
  confirm: string;
  act: Act<Input>;
  /** What the act is run with, where it takes something. */
  input?: Input;
  onClose: () => void;
  /** The text that must be typed first. */
  typed?: string;
  /** What else is asked, and may be left out. */
  field?: ReactNode;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const { act } = props;
  useFocusBack();
  const isReady = props.typed === undefined || text.trim() === props.typed;
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && props.onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{props.title}</DialogTitle>
          <DialogContent style={{ display: 'grid', gap: '12px' }}>
            {act.fault && <RefusalBar fault={act.fault} />}
            <Text>{props.children}</Text>
            {props.field}
            {props.typed !== undefined && (
              <Field label={t('action.typeToConfirm', { text: props.typed })}>
                <Input value={text} onChange={(_, data) => setText(data.value)} autoComplete="off" />
              </Field>
            )}
          </DialogContent>
          <DialogActions>
            <Button
              appearance="primary"
              disabled={!isReady || act.isBusy}
              icon={act.isBusy ? <Spinner size="tiny" aria-hidden /> : undefined}
              onClick={() => act.run(props.input as Input)}
            >
              {props.confirm}
            </Button>
            <Button onClick={props.onClose}>{t('action.cancel')}</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
