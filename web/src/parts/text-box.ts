import type { FieldValues, Path, PathValue, RegisterOptions, UseFormReturn } from 'react-hook-form';

/**
 * What makes a Fluent text box a field of a form. Fluent's boxes show a value of their own unless they are given one,
 * so the form's must be handed over: else a form that begins with values looks empty.
 */
export function textBox<Values extends FieldValues, Name extends Path<Values>>(
  form: UseFormReturn<Values>,
  name: Name,
  rules?: RegisterOptions<Values, Name>,
) {
  return { ...form.register(name, rules), value: (form.watch(name) ?? '') as PathValue<Values, Name> & string };
}
