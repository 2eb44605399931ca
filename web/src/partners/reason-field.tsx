import { Field, Textarea } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';

/** Why one side changes an agreement alone. Nobody has to say; what is said is read at the partner, and kept by both. */
export function ReasonField(props: { name: string; reason: string; onChange: (reason: string) => void }) {
  const { t } = useTranslation();
  return (
    <Field label={t('agreement.reason')} hint={t('agreement.reasonHint', { name: props.name })}>
      <Textarea value={props.reason} rows={2} maxLength={1000} onChange={(_, { value }) => props.onChange(value)} />
    </Field>
  );
}
