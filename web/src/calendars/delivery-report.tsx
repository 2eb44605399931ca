import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { MailInboxCheckmarkRegular } from '@fluentui/react-icons';
import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';
import { RefusalBar } from '../parts/refusal-bar.tsx';
import { WhenText } from '../parts/when-text.tsx';

const useStyles = makeStyles({
  whole: { display: 'grid', gap: '6px', justifyItems: 'start', flexBasis: '100%' },
  told: { color: tokens.colorNeutralForeground3 },
});

type State = 'waiting' | 'sent' | 'delivered' | 'failed' | 'refused' | 'not-found' | 'unreachable';

/** Asks the other organisation what became of the last message about a meeting to one of its people. */
export function DeliveryReport(props: { eventId: string; address: string }) {
  const { t } = useTranslation();
  const styles = useStyles();
  const ask = useAct((api) =>
    api.post<{ state: State; sentAt: string }>('/me/delivery-reports', {
      eventId: props.eventId,
      recipient: props.address,
    }),
  );
  return (
    <div className={styles.whole}>
      {ask.fault && <RefusalBar fault={ask.fault} />}
      <div role="status" className={styles.told}>
        {ask.output && (
          <Text>
            {t(`calendars.delivery.${ask.output.state}`)} <WhenText at={ask.output.sentAt} />
          </Text>
        )}
      </div>
      {!ask.output && (
        <Button
          size="small"
          appearance="subtle"
          icon={<MailInboxCheckmarkRegular />}
          disabled={ask.isBusy}
          aria-label={t('calendars.delivery.askOf', { address: props.address })}
          onClick={() => ask.run()}
        >
          {t('calendars.delivery.ask')}
        </Button>
      )}
    </div>
  );
}
