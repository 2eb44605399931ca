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
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RefusalNotice } from '../access/wire.ts';
import type { ApiFault } from '../api.ts';
import { useApi, useTenant } from '../shell/tenant.ts';
import { useSay } from './act.tsx';
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
  const api = useApi();
  const tenant = useTenant();
  const queries = useQueryClient();
  const say = useSay();
  // Not `useAct`: read again, the page would be refused anew, and this part be another one.
  const ask = useMutation<unknown, ApiFault>({
    mutationFn: () =>
      api.post('/me/access-requests', {
        reference: refusal.reference,
        ...(refusal.refusedBy === undefined ? {} : { refusedBy: refusal.refusedBy }),
        message: message.trim(),
      }),
    onSuccess() {
      void queries.invalidateQueries({ queryKey: [tenant, '/me/access-requests'] });
      say(t('requests.sent'));
      setIsOpen(false);
    },
  });
  if (ask.isSuccess)
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
              ask.mutate();
            }}
          >
            <DialogBody>
              <DialogTitle>{t('requests.ask')}</DialogTitle>
              <DialogContent style={{ display: 'grid', gap: '12px' }}>
                {ask.error && <FaultBar fault={ask.error} />}
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
                  disabled={ask.isPending}
                  icon={ask.isPending ? <Spinner size="tiny" aria-hidden /> : undefined}
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
