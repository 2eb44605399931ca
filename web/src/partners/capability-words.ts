import { useTranslation } from 'react-i18next';
import { type CapabilityValue, readCapability } from './capability-wire.ts';

/** A value in one sentence: "Allowed, of everybody", "Denied". */
export function useCapabilityWords() {
  const { t } = useTranslation();
  return (value: CapabilityValue | undefined): string => {
    if (!value?.isAllowed) return t(value ? 'capabilities.denied' : 'capabilities.unsaid');
    const { whose, users, groups, exceptUsers, exceptGroups } = readCapability(value);
    const count = (people: readonly string[], of: readonly string[]) =>
      [
        people.length > 0 && t('crossTenant.people', { count: people.length }),
        of.length > 0 && t('crossTenant.groups', { count: of.length }),
      ]
        .filter((words) => words !== false)
        .join(', ');
    const whom = whose === 'everybody' ? t('capabilities.ofEverybody') : count(users, groups);
    const except = count(exceptUsers, exceptGroups);
    return except === '' ? t('capabilities.allowedOf', { whom }) : t('capabilities.allowedBut', { whom, except });
  };
}
