import { Button, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { InfoRegular } from '@fluentui/react-icons';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiFault } from '../api.ts';
import { type Area, changing, useAbilities } from '../shell/me.ts';
import { useApi } from '../shell/tenant.ts';

import { AskAbout, RefusalBar, WhyDialog } from './refusal-bar.tsx';

const useStyles = makeStyles({
  line: {
    display: 'flex',
    gap: '8px',
    alignItems: 'start',
    marginBottom: '8px',
    color: tokens.colorNeutralForeground3,
    '& > svg': { flexShrink: 0, fontSize: '16px', marginTop: '4px' },
  },
  words: { display: 'flex', gap: '4px 8px', alignItems: 'center', flexWrap: 'wrap', minWidth: 0, minHeight: '24px' },
});

/** What a screen does not offer, as the question that decides it. */
export interface NotOffered {
  readonly question: string;
  readonly input?: unknown;
  /** The level that would be needed. */
  readonly wanted: string;
}

/**
 * "Why?" beside what a screen does not offer. Only when it is pressed is the question put, as if the thing had been
 * tried: so it has a reference, an explanation and somebody to ask, like every other refusal.
 */
export function WhyNot(props: { asked: NotOffered; sentence: string; about?: string }) {
  const { t } = useTranslation();
  const api = useApi();
  const [isOpen, setIsOpen] = useState(false);
  const put = useMutation<{ decisionId: string | null }, ApiFault>({
    mutationFn: () => api.post('/me/why-not', props.asked),
    onSuccess: ({ decisionId }) => setIsOpen(decisionId !== null),
  });
  const reference = put.data?.decisionId;
  return (
    <>
      <Button
        size="small"
        disabledFocusable={put.isPending}
        icon={put.isPending ? <Spinner size="tiny" aria-hidden /> : undefined}
        {...(props.about ? { 'aria-label': t('explain.whyOf', { name: props.about }) } : {})}
        onClick={() => (reference ? setIsOpen(true) : put.mutate())}
      >
        {t('fault.why')}
      </Button>
      {put.error && <RefusalBar fault={put.error} />}
      {reference === null && (
        <Text size={200} role="status">
          {t('withheld.allowedNow')}
        </Text>
      )}
      {isOpen && reference && (
        <WhyDialog
          refusal={{ reference, sentence: props.sentence }}
          actions={<AskAbout refusal={{ reference, sentence: props.sentence }} />}
          onClose={() => setIsOpen(false)}
        />
      )}
    </>
  );
}

/** Something that is not offered, in a quiet line with its reason. */
export function Withheld(props: { children: ReactNode; why?: ReactNode }) {
  const styles = useStyles();
  return (
    <div className={styles.line}>
      <InfoRegular aria-hidden />
      <div className={styles.words}>
        <Text size={200}>{props.children}</Text>
        {props.why}
      </div>
    </div>
  );
}

/** What is not offered by one question alone. */
export function NotOfferedLine(props: { asked: NotOffered; sentence: string; about?: string }) {
  return <Withheld why={<WhyNot {...props} />}>{props.sentence}</Withheld>;
}

/** Says that a page can be looked at and not changed by whoever looks, and why. Nothing for those who may change it. */
export function OnlyReading({ area }: { area: Area }) {
  const { t } = useTranslation();
  const abilities = useAbilities();
  // Who may create no groups still sees them.
  const isSeen = area === 'groups' || abilities.sees(area);
  if (!abilities.isReady || !isSeen || abilities.writes(area)) return null;
  return <NotOfferedLine asked={changing(area)} sentence={t('withheld.onlyReading')} />;
}
