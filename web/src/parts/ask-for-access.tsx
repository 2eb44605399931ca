import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Spinner,
  Text,
  Textarea,
} from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RefusalNotice } from '../access/wire.ts';
import { useAct } from './act.tsx';
import { FaultBar } from './fault-bar.tsx';
import { InnerLink } from './inner-link.tsx';
import { type Refusal, referenceOf } from './refusal.ts';
import { useNoticeWords } from './refusal-words.ts';

const LONGEST = 1_000;

/** Asks whoever can change a refusal: here, or at the other organisation. */
export function AskForAccess(props: { refusal: Refusal; notice: RefusalNotice | undefined }) {
  const { t } = useTranslation();
  const words = useNoticeWords();
  const { refusal, notice } = props;
  const [isOpen, setIsOpen] = useState(false);
  const [message, setMessage] = useState('');
  const ask = useAct(
    (api) =>
      api.post('/me/access-requests', {
        reference: refusal.reference,
        ...(refusal.refusedBy === undefined ? {} : { refusedBy: refusal.refusedBy }),
        message: message.trim(),
      }),
    { said: () => t('requests.sent'), done: () => setIsOpen(false) },
  );
  if (ask.output !== undefined)
    return (
      <Text size={200}>
        {t('requests.asked')} <InnerLink path="/requests">{t('requests.see')}</InnerLink>
      </Text>
    );
  return (
    <>
      <Button size="small" onClick={() => setIsOpen(true)}>
        {t('requests.ask')}
      </Button>
      <Dialog open={isOpen} onOpenChange={(_, { open }) => setIsOpen(open)}>
        <DialogSurface>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              // A form around this one is not what is sent.
              event.stopPropagation();
              ask.run();
            }}
          >
            <DialogBody>
              <DialogTitle>{t('requests.ask')}</DialogTitle>
              <DialogContent style={{ display: 'grid', gap: '12px' }}>
                {ask.fault && <FaultBar fault={ask.fault} />}
                <Text>{refusal.sentence}</Text>
                <Text>
                  {refusal.refusedBy === undefined && notice?.refusedBy === null && notice
                    ? words.askWhom(notice)
                    : t('requests.toOther')}{' '}
                  {t('requests.toSentence')}
                </Text>
                <Field
                  label={t('requests.message')}
                  hint={t('requests.messageHint', { count: LONGEST - message.length })}
                >
                  <Textarea
                    value={message}
                    maxLength={LONGEST}
                    resize="vertical"
                    rows={4}
                    onChange={(_, data) => setMessage(data.value)}
                  />
                </Field>
                <Text size={200}>
                  {t('fault.reference', { id: notice?.reference || referenceOf(refusal.reference) })}
                </Text>
              </DialogContent>
              <DialogActions>
                <Button
                  type="submit"
                  appearance="primary"
                  disabled={ask.isBusy}
                  icon={ask.isBusy ? <Spinner size="tiny" /> : undefined}
                >
                  {t('requests.send')}
                </Button>
                <Button onClick={() => setIsOpen(false)}>{t('action.cancel')}</Button>
              </DialogActions>
            </DialogBody>
          </form>
        </DialogSurface>
      </Dialog>
    </>
  );
}
