import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Radio,
  RadioGroup,
} from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Reach } from './changes.ts';

/** Asks which events of a series are meant. */
export function ReachDialog(props: {
  title: string;
  confirm: string;
  onChosen: (reach: Reach) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [reach, setReach] = useState<Reach>('this');
  return (
    <Dialog open onOpenChange={(_, { open }) => !open && props.onClose()}>
      <DialogSurface style={{ maxWidth: '420px' }}>
        <DialogBody>
          <DialogTitle>{props.title}</DialogTitle>
          <DialogContent>
            <RadioGroup
              aria-label={props.title}
              value={reach}
              onChange={(_, { value }) => setReach(value as Reach)}
              autoFocus
            >
              <Radio value="this" label={t('calendars.reach.this')} />
              <Radio value="following" label={t('calendars.reach.following')} />
              <Radio value="all" label={t('calendars.reach.all')} />
            </RadioGroup>
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={() => props.onChosen(reach)}>
              {props.confirm}
            </Button>
            <Button onClick={props.onClose}>{t('action.cancel')}</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
