import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Page, quoted } from '../api.ts';
import { useApi, useTenant } from '../shell/tenant.ts';

export interface Somebody {
  readonly name: string;
  readonly address: string;
}

/** People with their names where they were given by their address alone, as far as the directory knows them. */
export function useNamed(people: readonly Somebody[]): readonly Somebody[] {
  const api = useApi();
  const tenant = useTenant();
  const nameless = people.filter(({ name, address }) => name === address).map(({ address }) => address);
  const found = useQuery({
    queryKey: [tenant, 'names', nameless],
    enabled: nameless.length > 0,
    queryFn: () =>
      api.get<Page<{ displayName: string; mail: string | null }>>('/v1.0/users', {
        params: {
          $select: 'displayName,mail',
          $filter: nameless.map((address) => `mail eq ${quoted(address)}`).join(' or '),
        },
      }),
  });
  return useMemo(() => {
    const names = new Map((found.data?.value ?? []).map(({ displayName, mail }) => [mail?.toLowerCase(), displayName]));
    return people.map((one) => ({ ...one, name: names.get(one.address.toLowerCase()) ?? one.name }));
  }, [people, found.data]);
}
