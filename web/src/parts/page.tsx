import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { type ReactNode, useEffect } from 'react';
import { NARROW } from './narrow.ts';

const useStyles = makeStyles({
  page: { padding: '24px 32px 48px', maxWidth: '1320px', [NARROW]: { padding: '16px 16px 48px' } },
  head: { display: 'grid', gap: '4px', marginBottom: '16px' },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: tokens.fontWeightSemibold,
    outlineStyle: 'none',
    overflowWrap: 'anywhere',
    [NARROW]: { fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600 },
  },
  sentence: { color: tokens.colorNeutralForeground3, maxWidth: '72ch' },
  commands: { display: 'flex', flexWrap: 'wrap', gap: '8px', alignItems: 'center', marginBottom: '12px' },
  section: { display: 'grid', gap: '12px', marginTop: '28px' },
  sectionTitle: {
    margin: 0,
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    fontWeight: tokens.fontWeightSemibold,
  },
});

/** The frame of a page: its title (also the window's), one sentence, its commands, its content. */
export function Page(props: {
  title: string;
  sentence?: string;
  above?: ReactNode;
  badge?: ReactNode;
  commands?: ReactNode;
  children: ReactNode;
}) {
  const styles = useStyles();
  useEffect(() => {
    document.title = `${props.title} · Entente`;
  }, [props.title]);
  return (
    <div className={styles.page}>
      {props.above}
      <div className={styles.head}>
        <div style={{ display: 'flex', gap: '12px', alignItems: 'center', flexWrap: 'wrap' }}>
          <h1 className={styles.title} tabIndex={-1} id="page-title">
            {props.title}
          </h1>
          {props.badge}
        </div>
        {props.sentence && <Text className={styles.sentence}>{props.sentence}</Text>}
      </div>
      {props.commands && <div className={styles.commands}>{props.commands}</div>}
      {props.children}
    </div>
  );
}

/** A titled part of a page. */
export function Section(props: { title: string; sentence?: string; commands?: ReactNode; children: ReactNode }) {
  const styles = useStyles();
  return (
    <section className={styles.section}>
      <div style={{ display: 'flex', justifyContent: 'space-between', gap: '12px', flexWrap: 'wrap' }}>
        <div style={{ display: 'grid', gap: '2px' }}>
          <h2 className={styles.sectionTitle}>{props.title}</h2>
          {props.sentence && <Text className={styles.sentence}>{props.sentence}</Text>}
        </div>
        {props.commands && (
          <div style={{ display: 'flex', gap: '8px', flexWrap: 'wrap', alignItems: 'start' }}>{props.commands}</div>
        )}
      </div>
      {props.children}
    </section>
  );
}
