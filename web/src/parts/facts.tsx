import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { NARROW } from './narrow.ts';

const useStyles = makeStyles({
  facts: {
    margin: 0,
    display: 'grid',
    gridTemplateColumns: 'minmax(140px, 220px) 1fr',
    columnGap: '24px',
    rowGap: '12px',
    '& dt': { color: tokens.colorNeutralForeground3 },
    '& dd': { margin: 0, minWidth: 0, overflowWrap: 'anywhere' },
    [NARROW]: { gridTemplateColumns: '1fr', rowGap: '2px', '& dd': { marginBottom: '10px' } },
  },
});

/** Names and values of one thing. Pairs without a value are left out. */
export function Facts(props: { facts: readonly (readonly [string, ReactNode] | false | undefined | null)[] }) {
  const styles = useStyles();
  return (
    <dl className={styles.facts}>
      {props.facts.map(
        (fact) =>
          fact &&
          fact[1] !== undefined &&
          fact[1] !== null &&
          fact[1] !== '' && (
            <div key={fact[0]} style={{ display: 'contents' }}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
