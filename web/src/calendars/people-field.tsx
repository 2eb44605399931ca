import { Button, Combobox, Field, makeStyles, Option, Text, tokens } from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Page, quoted } from '../api.ts';
import { useApi, useTenant } from '../shell/tenant.ts';
import type { Somebody } from './people-names.ts';
import { SomebodyName } from './somebody.tsx';

const useStyles = makeStyles({
  frame: { display: 'grid', gap: '8px' },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '6px' },
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) auto',
    alignItems: 'center',
    gap: '8px',
    padding: '4px 8px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground2,
  },
});

const ADDRESS = /^[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+$/;

/** People by name, or anybody in the world by address. Whoever is of another organisation carries its badge. */
export function PeopleField(props: {
  label: string;
  people: readonly Somebody[];
  onChange: (people: Somebody[]) => void;
  hint?: string;
  /** Without the list below: the people stand elsewhere on the page. */
  isBare?: boolean;
  /** What else stands in somebody's row: whether they can come. */
  said?: (somebody: Somebody) => ReactNode;
}) {
  const { t } = useTranslation();
  const api = useApi();
  const tenant = useTenant();
  const styles = useStyles();
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: [tenant, 'people', wanted],
    queryFn: () =>
      api.get<Page<{ id: string; displayName: string; mail: string | null; userPrincipalName: string }>>(
        '/v1.0/users',
        {
          params: {
            $top: 12,
            $select: 'id,displayName,mail,userPrincipalName',
            ...(wanted === ''
              ? {}
              : { $filter: `startswith(displayName,${quoted(wanted)}) or startswith(mail,${quoted(wanted)})` }),
          },
        },
      ),
  });
  const isChosen = (address: string) => props.people.some((one) => one.address.toLowerCase() === address.toLowerCase());
  const options = (found.data?.value ?? [])
    .map((one) => ({ name: one.displayName, address: one.mail ?? one.userPrincipalName }))
    .filter(({ address }) => !isChosen(address));
  const isAddress = ADDRESS.test(wanted) && !isChosen(wanted);
  const add = (one: Somebody) => {
    setText('');
    const known = options.find(({ address }) => address.toLowerCase() === one.address.toLowerCase());
    if (!isChosen(one.address)) props.onChange([...props.people, known ?? one]);
  };
  return (
    <div className={styles.frame}>
      <Field label={props.label} hint={props.hint}>
        <Combobox
          freeform
          value={text}
          selectedOptions={[]}
          placeholder={t('calendars.peopleHint')}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && ADDRESS.test(text.trim())) {
              event.preventDefault();
              add({ name: text.trim(), address: text.trim() });
            }
          }}
          onBlur={() => {
            if (ADDRESS.test(text.trim())) add({ name: text.trim(), address: text.trim() });
          }}
          onOptionSelect={(_, { optionValue, optionText }) => {
            if (optionValue) add({ name: optionText ?? optionValue, address: optionValue });
          }}
        >
          {isAddress && (
            <Option key="typed" value={wanted} text={wanted}>
              {t('calendars.useAddress', { address: wanted })}
            </Option>
          )}
          {options.map((one) => (
            <Option key={one.address} value={one.address} text={one.name}>
              {t('shell.foundPerson', { name: one.name, mail: one.address })}
            </Option>
          ))}
          {options.length === 0 && !isAddress && (
            <Option key="none" value="" text="" disabled>
              {found.isFetching ? t('list.loading') : t('shell.searchNone')}
            </Option>
          )}
        </Combobox>
      </Field>
      {!props.isBare && props.people.length > 0 && (
        <ul className={styles.list} aria-label={props.label}>
          {props.people.map((one) => (
            <li key={one.address} className={styles.row}>
              <div>
                <SomebodyName name={one.name} address={one.address} />
                {props.said && <Text size={200}>{props.said(one)}</Text>}
              </div>
              <Button
                size="small"
                appearance="subtle"
                icon={<DismissRegular />}
                aria-label={t('calendars.removePerson', { name: one.name })}
                onClick={() => props.onChange(props.people.filter(({ address }) => address !== one.address))}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
