import { Badge, Button, Card, makeStyles, Text, tokens } from '@fluentui/react-components';
import { EditRegular } from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { NARROW } from '../parts/narrow.ts';

const useStyles = makeStyles({
  card: { padding: 0, gap: 0, display: 'block' },
  list: { margin: 0, padding: 0, listStyleType: 'none' },
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) minmax(220px, 340px) auto',
    gap: '8px 24px',
    padding: '14px 20px',
    alignItems: 'start',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    ':last-child': { borderBottomStyle: 'none' },
    [NARROW]: { gridTemplateColumns: 'minmax(0, 1fr)', padding: '14px 12px' },
  },
  words: { display: 'grid', gap: '2px', minWidth: 0 },
  name: { display: 'flex', gap: '8px', alignItems: 'center', flexWrap: 'wrap', overflowWrap: 'anywhere' },
  title: { margin: 0 },
  change: { justifySelf: 'end', [NARROW]: { justifySelf: 'start' } },
});

/** Values under one another, each with its name, what it is, and the way to change it. */
export function Rows(props: { children: ReactNode }) {
  const styles = useStyles();
  return (
    <Card className={styles.card} appearance="outline">
      <ul className={styles.list}>{props.children}</ul>
    </Card>
  );
}

export function Row(props: {
  name: string;
  sentence: string;
  /** Undefined where there is no other to tell it from. */
  isOwn?: boolean | undefined;
  value: ReactNode;
  /** Undefined for those who may not. */
  onChange?: (() => void) | undefined;
  below?: ReactNode;
}) {
  const { t } = useTranslation();
  const styles = useStyles();
  const { name, isOwn, onChange } = props;
  return (
    <li className={styles.row}>
      <div className={styles.words}>
        <div className={styles.name}>
          <Text as="h3" weight="semibold" className={styles.title}>
            {name}
          </Text>
          {isOwn !== undefined && (
            <Badge appearance={isOwn ? 'filled' : 'outline'} color={isOwn ? 'brand' : 'informative'}>
              {t(isOwn ? 'crossTenant.own' : 'crossTenant.default')}
            </Badge>
          )}
        </div>
        <Text>{props.sentence}</Text>
      </div>
      <div>{props.value}</div>
      {onChange && (
        <Button
          size="small"
          className={styles.change}
          icon={<EditRegular />}
          aria-label={t('crossTenant.changeOf', { name })}
          onClick={onChange}
        >
          {t('crossTenant.change')}
        </Button>
      )}
      {props.below}
    </li>
  );
}
