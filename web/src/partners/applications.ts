import { useTranslation } from 'react-i18next';
import { useOrganization } from '../shell/me.ts';
import { useThing } from '../shell/tenant.ts';
import { PARTNERS } from './wire.ts';

/** Groups of applications that the policy names beside single ones. All of them together are a choice of their own. */
export const APPLICATION_GROUPS = ['Office365', 'AllMicrosoftApps'] as const;

/** An application that this server knows by name. */
export interface KnownApplication {
  readonly id: string;
  readonly displayName: string;
  /** Null: part of Entente itself. */
  readonly publisher: { readonly id: string; readonly displayName: string | null; readonly isOurs: boolean } | null;
}

type Said = Omit<KnownApplication, 'publisher'> & {
  readonly publisher: { readonly id: string; readonly displayName: string | null } | null;
};

/** Those registered here, and those of others that somebody here let in. */
export function useApplications(): { known: readonly KnownApplication[]; isPending: boolean } {
  const found = useThing<{ value: Said[] }>(`${PARTNERS}/access/applications`);
  const ours = useOrganization()?.id;
  const known = (found.data?.value ?? []).map((one) => ({
    ...one,
    publisher: one.publisher && { ...one.publisher, isOurs: one.publisher.id === ours },
  }));
  return { known, isPending: found.isPending };
}

/** What applications that settings name are called: "Planner (Contoso)", "Entente itself"; else their id. */
export function useApplicationWords(): { called(id: string): string; isKnown(id: string): boolean } {
  const { t } = useTranslation();
  const { known, isPending } = useApplications();
  const isGroup = (id: string): id is (typeof APPLICATION_GROUPS)[number] =>
    APPLICATION_GROUPS.some((one) => one === id);
  return {
    called(id) {
      if (isGroup(id)) return t(`crossTenant.applicationGroup.${id}`);
      const one = known.find((each) => each.id === id);
      if (!one) return id;
      const { displayName, publisher } = one;
      if (!publisher || publisher.isOurs) return displayName;
      return t('crossTenant.applicationOf', { name: displayName, publisher: publisher.displayName ?? publisher.id });
    },
    isKnown: (id) => isPending || isGroup(id) || known.some((each) => each.id === id),
  };
}
