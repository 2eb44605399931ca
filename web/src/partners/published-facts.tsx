import { useTranslation } from 'react-i18next';
import { Facts } from '../parts/facts.tsx';
import { KeyStates } from './key-states.tsx';
import type { KnownKey, Published } from './wire.ts';

/** What an organisation publishes of itself, with what is known here of its keys. */
export function PublishedFacts(props: { published: Published; foundAt: string; known: readonly KnownKey[] }) {
  const { t } = useTranslation();
  const { published } = props;
  return (
    <Facts
      facts={[
        [t('people.name'), published.displayName],
        [t('partners.foundAt'), props.foundAt],
        [t('partners.server'), hostOf(published.endpoint)],
        [t('partners.key'), <KeyStates key="keys" keys={keysOf(published, props.known)} />],
      ]}
    />
  );
}

/** A key that was never heard of stands for itself alone; at the first meeting that is every one. */
const keysOf = ({ keys }: Published, known: readonly KnownKey[]): readonly KnownKey[] => [
  ...keys.map((key, at) => {
    const first = at === 0 ? ('signs' as const) : ('published' as const);
    const state = known.find(({ x }) => x === key.x)?.state ?? (known.length === 0 ? first : ('unknown' as const));
    return { ...key, state };
  }),
  ...known.filter(({ x }) => !keys.some((key) => key.x === x)),
];

/** Of an address, what people compare. */
export function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}
