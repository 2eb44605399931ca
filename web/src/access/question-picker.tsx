import { Combobox, Field, Option, OptionGroup } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccessWords } from './access-words.ts';
import { foundQuestions } from './found-questions.ts';
import type { Askable } from './wire.ts';

/** Picks one of many questions: by words anywhere in it, by its subject, by arrow keys. */
export function QuestionPicker(props: {
  questions: readonly Askable[];
  chosen: Askable | undefined;
  onChange: (name: string) => void;
}) {
  const { t } = useTranslation();
  const words = useAccessWords();
  const { questions, chosen } = props;
  /** What is being typed; undefined: the chosen one stands there. */
  const [text, setText] = useState<string>();
  const groups = foundQuestions(
    questions.map((one) => ({ name: one.name, words: words.question(one) })),
    (subject) => t(`explain.about_${subject}`, { defaultValue: subject }),
    text ?? '',
  );
  return (
    <Field
      label={t('explain.question')}
      hint={t('explain.questionHint', { count: questions.length })}
      {...(text !== undefined && groups.length === 0 ? { validationMessage: t('explain.noQuestion') } : {})}
      validationState="none"
    >
      <Combobox
        value={text ?? (chosen ? words.question(chosen) : '')}
        selectedOptions={chosen ? [chosen.name] : []}
        freeform
        onFocus={(event) => event.target.select()}
        onChange={(event) => setText(event.target.value)}
        onOpenChange={(_, { open }) => !open && setText(undefined)}
        onOptionSelect={(_, { optionValue }) => {
          setText(undefined);
          if (optionValue) props.onChange(optionValue);
        }}
        listbox={{ style: { maxHeight: 'min(420px, 60vh)' } }}
      >
        {groups.map(({ subject, title, questions: found }) => (
          <OptionGroup key={subject} label={title}>
            {found.map((one) => (
              <Option key={one.name} value={one.name} text={one.words}>
                {one.words}
              </Option>
            ))}
          </OptionGroup>
        ))}
        {groups.length === 0 && (
          <Option key="none" value="" text="" disabled>
            {t('explain.noQuestion')}
          </Option>
        )}
      </Combobox>
    </Field>
  );
}
