import { Avatar, makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { OrganisationBadge } from './organisation-badge.tsx';

const useStyles = makeStyles({
  frame: { display: 'flex', gap: '10px', alignItems: 'center', minWidth: 0 },
  words: { display: 'grid', minWidth: 0 },
  name: { display: 'flex', gap: '8px', alignItems: 'center', flexWrap: 'wrap', fontWeight: tokens.fontWeightSemibold },
  second: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
});

/** A person in a list: face, name (often a link), address, and the organisation when it is another one. */
export function PersonName(props: {
  name: string;
  link?: ReactNode;
  second?: string;
  organisation?: string | undefined;
}) {
  const styles = useStyles();
  return (
    <div className={styles.frame}>
      <Avatar name={props.name} size={32} color="colorful" aria-hidden />
      <div className={styles.words}>
        <span className={styles.name}>
          {props.link ?? props.name}
          {props.organisation && <OrganisationBadge name={props.organisation} />}
        </span>
        {props.second && <span className={styles.second}>{props.second}</span>}
      </div>
    </div>
  );
}
