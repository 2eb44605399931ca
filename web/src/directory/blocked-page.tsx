import { Button, Field, Input, Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { Plain } from '../shell/plain.tsx';
import { useOpenApi } from '../shell/tenant.ts';

interface InvitingOrganisation {
  readonly tenantId: string;
  readonly displayName: string;
  readonly domain: string;
  readonly blockedAt: string | null;
}

const PATH = '/me/blocked-organisations';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '16px' },
  ends: { display: 'flex', gap: '8px', justifyContent: 'flex-end', flexWrap: 'wrap' },
  rows: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '12px' },
  row: { display: 'flex', gap: '12px', justifyContent: 'space-between', alignItems: 'center', flexWrap: 'wrap' },
  who: { display: 'grid', gap: '2px', minWidth: 0, overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** Blocking and allowing invitations, for whoever owns the address: every invitation by mail leads here. */
export function BlockedPage() {
  const { t } = useTranslation();
  const styles = useStyles();
  const api = useOpenApi();
  const search = new URLSearchParams(location.search);
  const [address, setAddress] = useState(search.get('address') ?? '');
  const [code, setCode] = useState('');
  const [isSent, setIsSent] = useState(false);
  const [proof, setProof] = useState<string>();
  const [rows, setRows] = useState<readonly InvitingOrganisation[]>();

  const list = (token: string) =>
    api.get<{ value: InvitingOrganisation[] }>(PATH, { headers: { 'x-address-proof': token } });
  const send = useMutation<unknown, ApiFault>({
    mutationFn: () => api.post(`${PATH}/passcode`, { address: address.trim() }),
    onSuccess: () => setIsSent(true),
  });
  const prove = useMutation<void, ApiFault>({
    mutationFn: async () => {
      const { token } = await api.post<{ token: string }>(`${PATH}/proof`, { address: address.trim(), code });
      setRows((await list(token)).value);
      setProof(token);
    },
  });
  const decide = useMutation<void, ApiFault, InvitingOrganisation>({
    mutationFn: async (one) => {
      const call = { headers: { 'x-address-proof': proof ?? '' } };
      const path = `${PATH}/${one.tenantId}`;
      await (one.blockedAt ? api.delete(path, call) : api.put(path, undefined, call));
      setRows((await list(proof ?? '')).value);
    },
  });
  const submit = (act: () => void) => (event: FormEvent) => {
    event.preventDefault();
    act();
  };

  if (rows) {
    // The one whose letter led here stands first.
    const asked = search.get('t');
    const sorted = [...rows].sort((a, b) => Number(b.tenantId === asked) - Number(a.tenantId === asked));
    return (
      <Plain title={t('blocking.title')} sentence={t('blocking.chooseSentence', { address: address.trim() })}>
        {decide.error && <RefusalBar fault={decide.error} />}
        {sorted.length === 0 && <Text>{t('blocking.empty')}</Text>}
        <ul className={styles.rows}>
          {sorted.map((one) => (
            <li key={one.tenantId} className={styles.row}>
              <span className={styles.who}>
                <Text weight="semibold">{one.displayName}</Text>
                <Text size={200} className={styles.quiet}>
                  {one.blockedAt ? t('blocking.blocked') : one.domain}
                </Text>
              </span>
              <Button disabled={decide.isPending} onClick={() => decide.mutate(one)}>
                {one.blockedAt
                  ? t('blocking.allow', { name: one.displayName })
                  : t('redeem.block', { name: one.displayName })}
              </Button>
            </li>
          ))}
        </ul>
        <Text size={200} className={styles.quiet}>
          {t('blocking.quiet')}
        </Text>
      </Plain>
    );
  }
  if (isSent) {
    return (
      <Plain title={t('signin.passcode')} sentence={t('blocking.codeSentence', { address: address.trim() })}>
        <form className={styles.form} onSubmit={submit(() => prove.mutate())}>
          {(prove.error ?? send.error) && <RefusalBar fault={(prove.error ?? send.error) as ApiFault} />}
          <Field label={t('signin.code')} required>
            <Input
              value={code}
              onChange={(_, data) => setCode(data.value)}
              inputMode="numeric"
              autoComplete="one-time-code"
              autoFocus
            />
          </Field>
          <Link as="button" type="button" onClick={() => send.mutate()} style={{ justifySelf: 'start' }}>
            {t('signin.sendAgain')}
          </Link>
          <div className={styles.ends}>
            <Button type="submit" appearance="primary" disabled={prove.isPending || code.trim() === ''}>
              {t('action.next')}
            </Button>
          </div>
        </form>
      </Plain>
    );
  }
  return (
    <Plain title={t('blocking.title')} sentence={t('blocking.sentence')}>
      <form className={styles.form} onSubmit={submit(() => send.mutate())}>
        {send.error && <RefusalBar fault={send.error} />}
        <Field label={t('blocking.address')} required>
          <Input
            value={address}
            onChange={(_, data) => setAddress(data.value)}
            inputMode="email"
            autoComplete="email"
            autoCapitalize="none"
            autoFocus
          />
        </Field>
        <div className={styles.ends}>
          <Button type="submit" appearance="primary" disabled={send.isPending || address.trim() === ''}>
            {t('blocking.send')}
          </Button>
        </div>
      </form>
    </Plain>
  );
}
