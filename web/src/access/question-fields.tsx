import { Field, Input } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { Choice } from '../parts/choice.tsx';
import { PersonPicker, type Picked } from '../parts/person-picker.tsx';
import type { Askable, InputSchema } from './wire.ts';

/** What was given for each part of a question's input: text as typed, or who was picked. */
export type Given = Readonly<Record<string, string | readonly Picked[]>>;

/** The part of a question that is asked about one thing, not about several by name. */
const WHOLE = '';

/** The parts of a question's input, by name. */
function partsOf({ input }: Askable): readonly (readonly [string, InputSchema])[] {
  if (input === null) return [];
  return input.properties ? Object.entries(input.properties) : [[WHOLE, input]];
}

const isNeeded = ({ input }: Askable, part: string) => part === WHOLE || (input?.required?.includes(part) ?? false);

function textOf(schema: InputSchema, given: Given[string] | undefined): string {
  if (typeof given === 'object') return given[0]?.id ?? '';
  // A list of choices begins at its first.
  return given?.trim() || schema.enum?.[0] || (schema.type === 'boolean' ? 'false' : '');
}

/** Whether everything the question needs was given. */
export const isComplete = (question: Askable, given: Given): boolean =>
  partsOf(question).every(([part, schema]) => !isNeeded(question, part) || textOf(schema, given[part]) !== '');

/** What was given, as the question takes it. Several are parted by commas. */
export function inputOf(question: Askable, given: Given): unknown {
  const values = partsOf(question).flatMap(([part, schema]) => {
    const text = textOf(schema, given[part]);
    return text === '' ? [] : [[part, parsed(schema, text)] as const];
  });
  const [first] = values;
  return first?.[0] === WHOLE ? first[1] : Object.fromEntries(values);
}

function parsed({ type }: InputSchema, text: string): unknown {
  if (type === 'boolean') return text === 'true';
  if (type === 'array') return text.split(',').map((one) => one.trim());
  return text;
}

/** The fields of what a question is asked about: people and groups are picked by name, choices chosen, all else typed. */
export function QuestionFields(props: { question: Askable; given: Given; onChange: (given: Given) => void }) {
  const { t } = useTranslation();
  const { question, given, onChange } = props;
  return partsOf(question).map(([part, schema]) => {
    const set = (value: Given[string]) => onChange({ ...given, [part]: value });
    const label = part === WHOLE ? t('explain.about') : t(`explain.inputs.${part}`, { defaultValue: part });
    const isRequired = isNeeded(question, part);
    const isPerson = part === 'accountId' || (part === WHOLE && schema.format === 'uuid');
    if (schema.enum) {
      return (
        <Choice
          key={part}
          label={label}
          value={textOf(schema, given[part])}
          onChange={set}
          options={schema.enum.map((one) => [one, t(`explain.kinds.${one}`, { defaultValue: one })] as const)}
        />
      );
    }
    if (schema.type === 'boolean') {
      return (
        <Choice
          key={part}
          label={label}
          value={textOf(schema, given[part])}
          onChange={set}
          options={[
            ['false', t('explain.noWord')],
            ['true', t('explain.yesWord')],
          ]}
        />
      );
    }
    if (isPerson) {
      const isGroup = question.name.startsWith('directory.group.');
      const picked = given[part];
      return (
        <PersonPicker
          key={part}
          label={isGroup ? t('explain.aboutGroup') : t('explain.aboutPerson')}
          kind={isGroup ? 'groups' : 'users'}
          picked={typeof picked === 'object' ? picked : []}
          onChange={set}
          limit={1}
          isRequired={isRequired}
        />
      );
    }
    const text = given[part];
    return (
      <Field key={part} label={label} hint={schema.description} required={isRequired}>
        <Input
          value={typeof text === 'string' ? text : ''}
          onChange={(_, data) => set(data.value)}
          autoCapitalize="none"
          spellCheck={false}
        />
      </Field>
    );
  });
}
