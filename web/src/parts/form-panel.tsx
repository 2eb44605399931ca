import {
  Button,
  DrawerBody,
  DrawerFooter,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  OverlayDrawer,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { type FormEvent, type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { useFocusBack } from './focus-back.ts';
import { useIsNarrow } from './narrow.ts';
import { RefusalBar } from './refusal-bar.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', width: '100%', height: '100%', minHeight: 0 },
  fields: { display: 'grid', gap: '16px', paddingBottom: '24px', alignContent: 'start' },
  sentence: { color: tokens.colorNeutralForeground3 },
});

/** A form in a panel at the side, open while it is there. Escape and the cross close it; Enter sends it. */
export function FormPanel(props: {
  title: string;
  sentence?: string;
  submit: string;
  onClose: () => void;
  /** Absent: the panel only shows. */
  onSubmit?: (event: FormEvent<HTMLFormElement>) => void;
  isBusy?: boolean;
  fault?: ApiFault | null | undefined;
  size?: 'small' | 'medium' | 'large';
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const isNarrow = useIsNarrow();
  useFocusBack();
  // When the form gives way to what came of it, its button is gone and the focus with it; Escape would close nothing.
  const close = useRef<HTMLButtonElement>(null);
  const isForm = props.onSubmit !== undefined;
  const wasForm = useRef(isForm);
  useEffect(() => {
    if (wasForm.current && !isForm) close.current?.focus();
    wasForm.current = isForm;
  }, [isForm]);
  return (
    <OverlayDrawer
      position="end"
      size={isNarrow ? 'full' : (props.size ?? 'medium')}
      open
      onOpenChange={(_, { open }) => !open && props.onClose()}
    >
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          props.onSubmit?.(event);
        }}
      >
        <DrawerHeader>
          <DrawerHeaderTitle
            action={
              <Button
                appearance="subtle"
                aria-label={t('action.close')}
                icon={<DismissRegular />}
                onClick={props.onClose}
              />
            }
          >
            {props.title}
          </DrawerHeaderTitle>
          {props.sentence && <Text className={styles.sentence}>{props.sentence}</Text>}
        </DrawerHeader>
        <DrawerBody>
          <div className={styles.fields}>
            {props.fault && <RefusalBar fault={props.fault} />}
            {props.children}
          </div>
        </DrawerBody>
        <DrawerFooter>
          {props.onSubmit && (
            <Button
              type="submit"
              appearance="primary"
              disabled={props.isBusy ?? false}
              icon={props.isBusy ? <Spinner size="tiny" aria-hidden /> : undefined}
            >
              {props.submit}
            </Button>
          )}
          <Button ref={close} onClick={props.onClose}>
            {props.onSubmit ? t('action.cancel') : t('action.close')}
          </Button>
        </DrawerFooter>
      </form>
    </OverlayDrawer>
  );
}
