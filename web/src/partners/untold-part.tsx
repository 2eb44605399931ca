import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { SendRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { Section } from '../parts/page.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { StateText } from '../parts/state-text.tsx';
import { useThing } from '../shell/tenant.ts';
import { PARTNERS, type Partner, type Untold } from './wire.ts';

const useStyles = makeStyles({
  all: { display: 'grid', gap: '12px', justifyItems: 'start' },
  list: { margin: 0, padding: 0, listStyleType: 'none', display: 'grid', gap: '12px' },
  one: { display: 'grid', gap: '2px', justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere' },
});

/** What waits to be told to a partner, why, and the way to send it now. Nothing is shown where nothing waits. */
export function UntoldPart(props: { partner: Partner; mayWrite: boolean }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const sayReason = useReason();
  const { id, displayName: name } = props.partner;
  const found = useThing<{ value: readonly Untold[] }>(`${PARTNERS}/${id}/untold`);
  const send = useAct((api) => api.post(`${PARTNERS}/${id}/untold/send`), {
    said: () => t('partners.untold.sent', { name }),
  });
  if (found.error) return <RefusalBar fault={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data || found.data.value.length === 0) return null;
  return (
    <Section title={t('partners.untold.title')} sentence={t('partners.untold.sentence', { name })}>
      <div className={styles.all}>
        {send.fault && <RefusalBar fault={send.fault} />}
        <ul className={styles.list}>
          {found.data.value.map(({ module, count, refused, reason }) => (
            <li key={module} className={styles.one}>
              <Text weight="semibold">{t(`partners.untold.of.${module}`)}</Text>
              {count > 0 && <StateText tone="waiting">{t('partners.untold.waiting', { count })}</StateText>}
              {refused > 0 && <StateText tone="stopped">{t('partners.untold.refused', { count: refused })}</StateText>}
              {reason && (
                <Text size={200} className={styles.quiet}>
                  {t('partners.untold.reason', { reason: sayReason(reason) })}
                </Text>
              )}
            </li>
          ))}
        </ul>
        {props.mayWrite && (
          <Button icon={<SendRegular />} disabled={send.isBusy} onClick={() => send.run()}>
            {t('partners.untold.send')}
          </Button>
        )}
      </div>
    </Section>
  );
}

/** A fault's code, where it has words here, and otherwise the sentence that came with it. */
function useReason() {
  const { t } = useTranslation();
  return (reason: string) => {
    const [, code = '', sentence = reason] = /^([a-z-]+\.[a-z-]+): (.*)$/s.exec(reason) ?? [];
    return t(`partners.untold.because.${code.replace('.', '_')}`, { defaultValue: sentence });
  };
}
