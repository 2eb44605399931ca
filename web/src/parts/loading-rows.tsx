import { makeStyles, Skeleton, SkeletonItem } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';

const useStyles = makeStyles({ rows: { display: 'grid', gap: '14px', padding: '12px 0' } });

/** Grey bars where rows will be, said aloud once. */
export function LoadingRows(props: { label?: string; count?: number }) {
  const { t } = useTranslation();
  const styles = useStyles();
  return (
    <div role="status" aria-label={props.label ? t('list.loadingNamed', { name: props.label }) : t('list.loading')}>
      <Skeleton aria-hidden>
        <div className={styles.rows}>
          {Array.from({ length: props.count ?? 6 }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike.
            <SkeletonItem key={row} size={20} style={{ width: `${92 - ((row * 17) % 40)}%` }} />
          ))}
        </div>
      </Skeleton>
    </div>
  );
}
