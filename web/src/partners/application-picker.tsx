import { Combobox, Field, Option, OptionGroup, Tag, TagGroup } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApplicationId } from './access-draft.ts';
import { APPLICATION_GROUPS, type KnownApplication, useApplications, useApplicationWords } from './applications.ts';

/** The most that are listed at once; who looks for another one types a part of its name. */
const LISTED = 50;

/**
 * Picks applications by name: groups of them, those registered here, those of others. One that nobody here knows is
 * named by its id. What is picked stands below as tags that can be taken away again.
 */
export function ApplicationPicker(props: {
  label: string;
  named: readonly string[];
  error: string | undefined;
  onChange: (named: readonly string[]) => void;
}) {
  const { t } = useTranslation();
  const words = useApplicationWords();
  const { known, isPending } = useApplications();
  const [text, setText] = useState('');
  const { named, onChange } = props;
  const wanted = text.trim();
  const has = (words: string | null | undefined) => (words ?? '').toLowerCase().includes(wanted.toLowerCase());
  const isOffered = ({ id, displayName, publisher }: KnownApplication) =>
    !named.includes(id) && (has(displayName) || has(id) || has(publisher?.displayName));
  // Single parts of Entente are named by their group.
  const offered = known.filter((one) => one.publisher !== null && isOffered(one));
  const groups = APPLICATION_GROUPS.filter((id) => !named.includes(id) && (has(id) || has(words.called(id))));
  const sections = [
    { key: 'here', of: offered.filter(({ publisher }) => publisher?.isOurs) },
    { key: 'others', of: offered.filter(({ publisher }) => !publisher?.isOurs) },
  ] as const;
  const isUnknown =
    isApplicationId(wanted) &&
    !named.includes(wanted) &&
    !known.some(({ id }) => id === wanted) &&
    !APPLICATION_GROUPS.some((id) => id === wanted);
  const pick = (id: string) => {
    setText('');
    if (!named.includes(id)) onChange([...named, id]);
  };
  return (
    <div style={{ display: 'grid', gap: '6px' }}>
      <Field label={props.label} hint={t('crossTenant.applicationsHint')} validationMessage={props.error}>
        <Combobox
          freeform
          value={text}
          selectedOptions={[]}
          placeholder={t('crossTenant.pickApplication')}
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
          onOptionSelect={(_, { optionValue }) => optionValue && pick(optionValue)}
        >
          {groups.length > 0 && (
            <OptionGroup label={t('crossTenant.pickGroups.groups')}>
              {groups.map((id) => (
                <Option key={id} value={id} text={words.called(id)}>
                  {words.called(id)}
                </Option>
              ))}
            </OptionGroup>
          )}
          {sections.map(
            ({ key, of }) =>
              of.length > 0 && (
                <OptionGroup key={key} label={t(`crossTenant.pickGroups.${key}`)}>
                  {of.slice(0, LISTED).map(({ id }) => (
                    <Option key={id} value={id} text={words.called(id)}>
                      {words.called(id)}
                    </Option>
                  ))}
                </OptionGroup>
              ),
          )}
          {isUnknown && (
            <OptionGroup label={t('crossTenant.pickGroups.unknown')}>
              <Option value={wanted} text={wanted}>
                {t('crossTenant.pickUnknown', { id: wanted })}
              </Option>
            </OptionGroup>
          )}
          {groups.length + offered.length === 0 && !isUnknown && (
            <Option key="none" value="" text="" disabled>
              {t(isPending ? 'list.loading' : 'crossTenant.pickNone')}
            </Option>
          )}
        </Combobox>
      </Field>
      {named.length > 0 && (
        <TagGroup
          aria-label={props.label}
          onDismiss={(_, { value }) => onChange(named.filter((id) => id !== value))}
          style={{ flexWrap: 'wrap', rowGap: '4px' }}
        >
          {named.map((id) => (
            <Tag
              key={id}
              value={id}
              dismissible
              dismissIcon={{ 'aria-label': t('action.remove') }}
              size="small"
              {...(words.isKnown(id) ? {} : { secondaryText: t('crossTenant.unknown'), size: 'medium' as const })}
            >
              {words.called(id)}
            </Tag>
          ))}
        </TagGroup>
      )}
    </div>
  );
}
