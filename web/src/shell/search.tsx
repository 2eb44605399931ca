import { Combobox, makeStyles, Option, OptionGroup } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Page, quoted } from '../api.ts';
import { useAbilities } from './me.ts';
import { placesFor } from './navigation.tsx';
import { useApi, useTenant } from './tenant.ts';

const useStyles = makeStyles({
  box: { width: '100%', maxWidth: '480px', minWidth: '0' },
});

interface Found {
  readonly id: string;
  readonly displayName: string;
  readonly userType?: string;
  readonly mail?: string | null;
}

/** One box for pages, people, guests and groups. Enter or a click goes there. */
export function Search() {
  const styles = useStyles();
  const { t } = useTranslation();
  const api = useApi();
  const tenant = useTenant();
  const router = useRouter();
  const abilities = useAbilities();
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim());
  const find = (path: string, isAllowed: boolean) => ({
    queryKey: [tenant, 'search', path, wanted],
    queryFn: () =>
      api.get<Page<Found>>(path, {
        params: { $filter: `startswith(displayName,${quoted(wanted)})`, $top: 6, $select: 'id,displayName' },
      }),
    enabled: wanted.length > 1 && isAllowed,
  });
  const people = useQuery({
    ...find('/v1.0/users', abilities.sees('accounts') || abilities.sees('guests')),
    queryFn: () =>
      api.get<Page<Found>>('/v1.0/users', {
        params: {
          $filter: `startswith(displayName,${quoted(wanted)})`,
          $top: 6,
          $select: 'id,displayName,userType,mail',
        },
      }),
  });
  const groups = useQuery(find('/v1.0/groups', abilities.sees('groups')));
  const pages = placesFor(abilities.sees)
    .flatMap(({ places }) => places)
    .filter((place) => wanted !== '' && t(place.title).toLocaleLowerCase().includes(wanted.toLocaleLowerCase()));
  const base = `/t/${encodeURIComponent(tenant)}`;
  const peopleFound = people.data?.value ?? [];
  const groupsFound = groups.data?.value ?? [];
  const isEmpty = pages.length + peopleFound.length + groupsFound.length === 0;

  return (
    <Combobox
      className={styles.box}
      freeform
      aria-label={t('shell.search')}
      placeholder={t('shell.searchHint')}
      value={text}
      selectedOptions={[]}
      onChange={(event) => setText(event.target.value)}
      onOptionSelect={(_, { optionValue }) => {
        if (!optionValue?.startsWith('/')) return;
        setText('');
        router.history.push(optionValue);
      }}
    >
      {pages.length > 0 && (
        <OptionGroup label={t('shell.pages')}>
          {pages.map((place) => (
            <Option key={place.path} value={base + place.path} text={t(place.title)}>
              {t(place.title)}
            </Option>
          ))}
        </OptionGroup>
      )}
      {peopleFound.length > 0 && (
        <OptionGroup label={t('nav.people')}>
          {peopleFound.map((one) => (
            <Option
              key={one.id}
              value={`${base}/${one.userType === 'Guest' ? 'guests' : 'people'}/${one.id}`}
              text={one.displayName}
            >
              {one.mail ? t('shell.foundPerson', { name: one.displayName, mail: one.mail }) : one.displayName}
            </Option>
          ))}
        </OptionGroup>
      )}
      {groupsFound.length > 0 && (
        <OptionGroup label={t('nav.groups')}>
          {groupsFound.map((one) => (
            <Option key={one.id} value={`${base}/groups/${one.id}`} text={one.displayName}>
              {one.displayName}
            </Option>
          ))}
        </OptionGroup>
      )}
      {isEmpty && (
        <Option key="none" value="" disabled text="">
          {wanted === '' ? t('shell.searchStart') : people.isFetching ? t('list.loading') : t('shell.searchNone')}
        </Option>
      )}
    </Combobox>
  );
}
