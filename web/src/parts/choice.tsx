import { Field, Select } from '@fluentui/react-components';

/** A choice among a few: the browser's own select, right for keyboards, phones and screen readers. */
export function Choice<Value extends string>(props: {
  label: string;
  value: Value;
  options: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
  hint?: string;
  /** Without room for a label above: a filter in a row of commands. */
  isInline?: boolean;
  isDisabled?: boolean;
}) {
  const select = (
    <Select
      value={props.value}
      disabled={props.isDisabled ?? false}
      onChange={(_, data) => props.onChange(data.value as Value)}
      {...(props.isInline ? { 'aria-label': props.label } : {})}
    >
      {props.options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </Select>
  );
  return props.isInline ? (
    select
  ) : (
    <Field label={props.label} hint={props.hint}>
      {select}
    </Field>
  );
}
