import { Tooltip } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { absoluteTime, relativeTime } from './when.ts';

/** A time as people say it ("3 days ago"), with the exact one, in the person's own time zone, on hover and focus, and on paper. */
export function WhenText(props: { at: string | Date | null | undefined; none?: string; isExact?: boolean }) {
  const { t, i18n } = useTranslation();
  if (!props.at) return <span>{props.none ?? t('when.never')}</span>;
  const at = new Date(props.at);
  const exact = absoluteTime(at, i18n.language);
  if (props.isExact) return <time dateTime={at.toISOString()}>{exact}</time>;
  return (
    <Tooltip content={exact} relationship="description">
      <time dateTime={at.toISOString()} data-exact={exact}>
        {relativeTime(at, new Date(), i18n.language)}
      </time>
    </Tooltip>
  );
}
