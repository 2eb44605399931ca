import { Button, Field, Input } from '@fluentui/react-components';
import { useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { InnerLink } from '../parts/inner-link.tsx';
import { LoadingRows } from '../parts/loading-rows.tsx';
import { Page } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { Plain } from '../shell/plain.tsx';

/** Where the link of an invitation to a calendar leads: it does not know the reader's organisation, so it is asked. */
export function AcceptStartPage() {
  const { t } = useTranslation();
  const { invitation = '' } = useSearch({ strict: false }) as { invitation?: string };
  const [address, setAddress] = useState('');
  const domain = address.trim().split('@').at(-1) ?? '';
  return (
    <Plain title={t('calendars.accept.title')}>
      <form
        style={{ display: 'grid', gap: '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          if (!domain.includes('.')) return;
          location.assign(`/t/${encodeURIComponent(domain)}/calendar/accept?${new URLSearchParams({ invitation })}`);
        }}
      >
        <Field label={t('calendars.accept.address')} hint={t('calendars.accept.addressHint')}>
          <Input type="email" value={address} onChange={(_, { value }) => setAddress(value)} autoFocus />
        </Field>
        <Button appearance="primary" type="submit">
          {t('action.next')}
        </Button>
      </form>
    </Plain>
  );
}

/** Takes a calendar of another organisation among the own ones. */
export function AcceptPage() {
  const { t } = useTranslation();
  const { invitation = '' } = useSearch({ strict: false }) as { invitation?: string };
  const accept = useAct<string, { name: string; owner: { name: string } }>((api, text) =>
    api.post('/me/shared-calendars/accept', { invitation: text }),
  );
  const hasAsked = useRef(false);
  useEffect(() => {
    if (hasAsked.current) return;
    hasAsked.current = true;
    accept.run(invitation);
  }, [accept, invitation]);
  return (
    <Page title={t('calendars.accept.title')}>
      {accept.fault && <RefusalBar fault={accept.fault} />}
      {accept.output && <p>{t('calendars.accept.done', { name: accept.output.owner.name })}</p>}
      {!accept.fault && !accept.output && <LoadingRows count={2} />}
      <InnerLink path="/calendar">{t('calendars.name')}</InnerLink>
    </Page>
  );
}
