import { Field, Input } from '@fluentui/react-components';
import { dayField } from './when.ts';

/** A day, by the browser's own date picker: known to every keyboard and screen reader. `YYYY-MM-DD`, '' when empty. */
export function DateField(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  error?: string | undefined;
  isRequired?: boolean;
  min?: Date;
}) {
  return (
    <Field label={props.label} required={props.isRequired ?? false} hint={props.hint} validationMessage={props.error}>
      <Input
        type="date"
        value={props.value}
        min={dayField(props.min)}
        onChange={(_, data) => props.onChange(data.value)}
      />
    </Field>
  );
}
