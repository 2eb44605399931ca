import { Badge, Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { ChevronDownRegular, ChevronRightRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NARROW, useIsNarrow } from '../parts/narrow.ts';
import { useTermWords } from './agreement-terms.tsx';
import type { Reach, Term } from './agreement-wire.ts';
import { ReachFields } from './reach-fields.tsx';

const useStyles = makeStyles({
  term: {
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    margin: 0,
    padding: '4px 12px 12px',
    display: 'grid',
    gap: '8px',
    minWidth: 0,
  },
  folded: { paddingBottom: '4px' },
  head: { display: 'flex', gap: '4px 8px', alignItems: 'center', flexWrap: 'wrap' },
  name: { paddingInline: '4px', fontWeight: tokens.fontWeightSemibold, textAlign: 'start', minWidth: 0 },
  said: { display: 'grid', gap: '2px', color: tokens.colorNeutralForeground3, paddingInlineStart: '28px' },
  sides: { display: 'grid', gridTemplateColumns: '1fr 1fr', gap: '12px', [NARROW]: { gridTemplateColumns: '1fr' } },
  way: { display: 'grid', gap: '4px' },
});

export const WAYS = ['ours', 'theirs'] as const;
export type Way = (typeof WAYS)[number];

/** What both sides say of one term in one direction. */
export interface Said {
  readonly ours: Reach;
  readonly theirs: Reach;
}

const NOTHING: Reach = { level: '', whom: 'everyone', until: null };

/** One term in both directions. On a phone it is folded to what is said in it, until it is opened. */
export function TermFields(props: {
  term: Term;
  partner: string;
  /** Undefined: the agreement does not speak of it. */
  said: (way: Way) => Said | undefined;
  isChanged: (way: Way) => boolean;
  onChoose: (way: Way, side: Way, reach: Reach) => void;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const words = useTermWords();
  const { term, partner, said } = props;
  const isNarrow = useIsNarrow();
  const [chosen, setChosen] = useState<boolean>();
  const isOpen = chosen ?? !isNarrow;
  const name = words.term(term);
  const changed = (
    <Badge appearance="tint" color="brand">
      {t('agreement.changed')}
    </Badge>
  );
  const inShort = (one: Said | undefined) =>
    one === undefined
      ? t('agreement.notMentioned')
      : [...new Set([words.reach(one.ours), words.reach(one.theirs)])].join(' / ');
  return (
    <fieldset className={`${styles.term} ${isOpen ? '' : styles.folded}`} aria-label={name}>
      <div className={styles.head}>
        <Button
          appearance="transparent"
          className={styles.name}
          icon={isOpen ? <ChevronDownRegular /> : <ChevronRightRegular />}
          aria-expanded={isOpen}
          onClick={() => setChosen(!isOpen)}
        >
          {name}
        </Button>
        {!term.isEnforced && (
          <Badge appearance="outline" color="warning">
            {t('agreement.notEnforced')}
          </Badge>
        )}
        {!isOpen && WAYS.some(props.isChanged) && changed}
      </div>
      {!isOpen && (
        <div className={styles.said}>
          {WAYS.map((way) => (
            <Text key={way} size={200}>
              {t(`agreement.way.${way}`, { name: partner })}: {inShort(said(way))}
            </Text>
          ))}
        </div>
      )}
      {isOpen &&
        WAYS.map((way) => (
          <div key={way} className={styles.way}>
            <span className={styles.head}>
              <Text size={200}>{t(`agreement.way.${way}`, { name: partner })}</Text>
              {props.isChanged(way) && changed}
            </span>
            <div className={styles.sides}>
              {WAYS.map((side) => (
                <ReachFields
                  key={`${side} ${said(way) === undefined}`}
                  label={side === 'ours' ? t('agreement.ours') : t('agreement.theirs', { name: partner })}
                  levels={term.levels}
                  none={t('agreement.notMentioned')}
                  isOurs={side === 'ours'}
                  reach={said(way)?.[side] ?? NOTHING}
                  onChange={(reach) => props.onChoose(way, side, reach)}
                />
              ))}
            </div>
          </div>
        ))}
    </fieldset>
  );
}
