import { Combobox, Field, Option, Tag, TagGroup } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Page, quoted } from '../api.ts';
import { useApi, useTenant } from '../shell/tenant.ts';

export interface Picked {
  readonly id: string;
  readonly displayName: string;
  /** Absent of groups, and of what was picked elsewhere. */
  readonly address?: string;
}

/** Picks people or groups by name. What is picked stands below as tags that can be taken away again. */
export function PersonPicker(props: {
  label: string;
  kind: 'users' | 'groups';
  picked: readonly Picked[];
  onChange: (picked: Picked[]) => void;
  filter?: string;
  limit?: number;
  hint?: string;
  isRequired?: boolean;
  error?: string | undefined;
}) {
  const { t } = useTranslation();
  const api = useApi();
  const tenant = useTenant();
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim());
  const starts = wanted === '' ? undefined : `startswith(displayName,${quoted(wanted)})`;
  const filter = [props.filter, starts].filter(Boolean).join(' and ');
  const found = useQuery({
    queryKey: [tenant, 'pick', props.kind, filter],
    queryFn: () =>
      api.get<Page<Picked & { mail?: string | null; userPrincipalName?: string }>>(`/v1.0/${props.kind}`, {
        params: {
          $top: 12,
          $select: props.kind === 'users' ? 'id,displayName,mail,userPrincipalName' : 'id,displayName,mail',
          ...(filter ? { $filter: filter } : {}),
        },
      }),
  });
  const options = (found.data?.value ?? []).filter(({ id }) => !props.picked.some((one) => one.id === id));
  const isFull = props.limit !== undefined && props.picked.length >= props.limit;
  return (
    <div style={{ display: 'grid', gap: '6px' }}>
      <Field label={props.label} hint={props.hint} required={props.isRequired ?? false} validationMessage={props.error}>
        <Combobox
          freeform
          disabled={isFull}
          value={text}
          selectedOptions={[]}
          placeholder={t('pick.hint')}
          onChange={(event) => setText(event.target.value)}
          onOptionSelect={(_, { optionValue, optionText }) => {
            if (!optionValue) return;
            setText('');
            const one = options.find(({ id }) => id === optionValue);
            const address = one?.mail ?? one?.userPrincipalName;
            const named = { id: optionValue, displayName: optionText ?? '' };
            props.onChange([...props.picked, address ? { ...named, address } : named]);
          }}
        >
          {options.map((one) => (
            <Option key={one.id} value={one.id} text={one.displayName}>
              {one.mail ? t('shell.foundPerson', { name: one.displayName, mail: one.mail }) : one.displayName}
            </Option>
          ))}
          {options.length === 0 && (
            <Option key="none" value="" text="" disabled>
              {found.isFetching ? t('list.loading') : t('shell.searchNone')}
            </Option>
          )}
        </Combobox>
      </Field>
      {props.picked.length > 0 && (
        <TagGroup
          aria-label={props.label}
          onDismiss={(_, { value }) => props.onChange(props.picked.filter(({ id }) => id !== value))}
          style={{ flexWrap: 'wrap', rowGap: '4px' }}
        >
          {props.picked.map((one) => (
            <Tag
              key={one.id}
              value={one.id}
              dismissible
              dismissIcon={{ 'aria-label': t('action.remove') }}
              size="small"
            >
              {one.displayName}
            </Tag>
          ))}
        </TagGroup>
      )}
    </div>
  );
}
