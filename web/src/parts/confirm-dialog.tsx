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
import type { ApiFault } from '../api.ts';
import { RefusalBar } from './refusal-bar.tsx';

/** Asks before a dangerous act: names it, says what is lost, and for the worst wants the name typed. */
export function ConfirmDialog(props: {
  title: string;
  children: ReactNode;
  confirm: string;
  onConfirm: () => void;
  onClose: () => void;
  isBusy?: boolean;
  fault?: ApiFault | null | undefined;
  /** The text that must be typed first. */
  typed?: string;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const isReady = props.typed === undefined || text.trim() === props.typed;
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && props.onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{props.title}</DialogTitle>
          <DialogContent style={{ display: 'grid', gap: '12px' }}>
            {props.fault && <RefusalBar fault={props.fault} />}
            <Text>{props.children}</Text>
            {props.typed !== undefined && (
              <Field label={t('action.typeToConfirm', { text: props.typed })}>
                <Input value={text} onChange={(_, data) => setText(data.value)} autoComplete="off" />
              </Field>
            )}
          </DialogContent>
          <DialogActions>
            <Button
              appearance="primary"
              disabled={!isReady || (props.isBusy ?? false)}
              icon={props.isBusy ? <Spinner size="tiny" /> : undefined}
              onClick={props.onConfirm}
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
