import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  frame: {
    display: 'grid',
    justifyItems: 'center',
    textAlign: 'center',
    gap: '8px',
    padding: '56px 16px',
    color: tokens.colorNeutralForeground2,
  },
  picture: { fontSize: '40px', color: tokens.colorBrandForeground1, lineHeight: 1 },
  sentence: { maxWidth: '46ch', color: tokens.colorNeutralForeground3 },
  actions: { display: 'flex', gap: '8px', marginTop: '8px', flexWrap: 'wrap', justifyContent: 'center' },
});

/** Nothing here yet: says what would be here and how it comes to be. */
export function EmptyState(props: { picture: ReactNode; title: string; sentence?: string; children?: ReactNode }) {
  const styles = useStyles();
  return (
    <div className={styles.frame}>
      <span className={styles.picture} aria-hidden>
        {props.picture}
      </span>
      <Text as="h2" size={400} weight="semibold" style={{ margin: 0 }}>
        {props.title}
      </Text>
      {props.sentence && <Text className={styles.sentence}>{props.sentence}</Text>}
      {props.children && <div className={styles.actions}>{props.children}</div>}
    </div>
  );
}
