import { Button, Field, makeStyles, Text, Textarea, tokens } from '@fluentui/react-components';
import { CheckmarkStarburstRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { FormPanel } from '../parts/form-panel.tsx';
import { WhenText } from '../parts/when-text.tsx';
import { useAbilities } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';

/** What outsiders hold in numbers, and who stood for it last. */
interface LedgerSum {
  readonly rights: number;
  readonly unused: number;
  readonly digest: string;
  readonly signedOff: {
    readonly signedByName: string;
    readonly signedAt: string;
    readonly comment: string | null;
    readonly isUnchanged: boolean;
  } | null;
}

const useStyles = makeStyles({
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: '8px 16px',
    alignItems: 'center',
    marginBottom: '16px',
    color: tokens.colorNeutralForeground2,
  },
});

/** The ledger in numbers above its rows: who signed it off last, whether it has changed since, and signing it off now. */
export function SignOffs() {
  const { t } = useTranslation();
  const styles = useStyles();
  const abilities = useAbilities();
  const [isOpen, setOpen] = useState(false);
  const sum = useThing<LedgerSum>('/admin/ledger/sum').data;
  if (!sum) return null;
  const { signedOff } = sum;
  return (
    <section className={styles.bar} aria-label={t('ledger.signedOff')}>
      <Text>{t('ledger.sum', { rights: sum.rights, unused: sum.unused })}</Text>
      <Text>
        {signedOff ? (
          <>
            {t('ledger.signedOffBy', { name: signedOff.signedByName })} <WhenText at={signedOff.signedAt} />{' '}
            {signedOff.isUnchanged ? t('ledger.unchanged') : t('ledger.changedSince')}
          </>
        ) : (
          t('ledger.neverSignedOff')
        )}
      </Text>
      {abilities.writes('signOff') && (
        <Button size="small" icon={<CheckmarkStarburstRegular />} onClick={() => setOpen(true)}>
          {t('ledger.signOff')}
        </Button>
      )}
      {isOpen && <SignOff sum={sum} onClose={() => setOpen(false)} />}
    </section>
  );
}

function SignOff(props: { sum: LedgerSum; onClose: () => void }) {
  const { t } = useTranslation();
  const [comment, setComment] = useState('');
  const { digest, rights, unused } = props.sum;
  const sign = useAct((api) => api.post('/admin/ledger/sign-offs', { digest, comment: comment.trim() || null }), {
    said: () => t('ledger.wasSignedOff'),
    done: props.onClose,
  });
  return (
    <FormPanel
      size="small"
      title={t('ledger.signOff')}
      sentence={t('ledger.signOffSentence', { rights, unused })}
      submit={t('ledger.signOff')}
      onClose={props.onClose}
      onSubmit={() => sign.run()}
      isBusy={sign.isBusy}
      fault={sign.fault}
    >
      <Field label={t('ledger.comment')}>
        <Textarea value={comment} maxLength={1000} onChange={(_, data) => setComment(data.value)} />
      </Field>
    </FormPanel>
  );
}
