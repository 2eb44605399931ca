import { useQueries } from '@tanstack/react-query';
import type { Branding } from './plain.tsx';
import { useApi, useTenant, useThing } from './tenant.ts';

/** Who is asking, and how far each question lets them go: the app shows only what the server would allow. */
export interface Me {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly mail: string | null;
  readonly userType: 'Member' | 'Guest';
}

export interface Abilities {
  /** Level by question: `{ 'directory.accounts.manage': 'write' }`. */
  readonly abilities: Readonly<Record<string, string>>;
}

export interface Organization {
  readonly id: string;
  readonly displayName: string;
  readonly verifiedDomains?: readonly {
    readonly name: string;
    readonly isDefault: boolean;
    readonly isInitial: boolean;
  }[];
}

export const useMe = () => useThing<Me>('/v1.0/me');

/** What the organisation of this page is called: everybody may know that, its guests too. */
export function useOrganisationName(): string {
  const tenant = useTenant();
  return useThing<Branding>(`/${encodeURIComponent(tenant)}/branding`).data?.displayName ?? tenant;
}

/** What another organisation of this server is called. Undefined for none, and until it is known. */
export function useOrganisationNamed(tenantId: string | null): string | undefined {
  return useThing<Branding>(`/${tenantId}/branding`, { enabled: tenantId !== null }).data?.displayName;
}

export function useOrganization(): Organization | undefined {
  return useThing<{ value: Organization[] }>('/v1.0/organization').data?.value[0];
}

/** Every question a page may need, by the page's own word. The server's names stand here and nowhere else. */
const QUESTIONS = {
  accounts: 'directory.accounts.manage',
  guests: 'directory.guests.manage',
  groups: 'directory.groups.create',
  domains: 'tenants.domains.administer',
  licences: 'tenants.licences.administer',
  applications: 'signin.applications.manage',
  roles: 'directory.roles.manage',
  settings: 'tenants.settings.administer',
  audit: 'audit.events.read',
  signIns: 'signin.log.read',
  explain: 'access.decisions.explain',
  ledger: 'access.ledger.manage',
  requests: 'access.requests.administer',
  signOff: 'access.ledger.sign-off',
  calendar: 'calendars.mailbox.own',
  calendars: 'calendars.administer',
  partners: 'partners.partners.administer',
  accessDefaults: 'partners.access-defaults.administer',
  synchronization: 'directory.synchronization.manage',
  operator: 'tenants.server.operate',
} as const;

export type Area = keyof typeof QUESTIONS;

/** The question of an area, and the level that changes something there. */
export const changing = (area: Area) => ({
  question: QUESTIONS[area],
  wanted: area === 'groups' ? 'create' : 'write',
});

/** How far a question lets the person go, about one thing. Undefined until it is known, and where it may not be known. */
export function useHowFar(question: string, input: unknown, options: { enabled?: boolean } = {}): string | undefined {
  return useThing<{ level: string }>('/me/how-far', { ...options, params: { question, input: JSON.stringify(input) } })
    .data?.level;
}

/** The same of several things at once. */
export function useHowFarEach<Level extends string>(
  question: string,
  inputs: readonly unknown[],
  options: { enabled?: boolean } = {},
): readonly (Level | undefined)[] {
  const api = useApi();
  const tenant = useTenant();
  return useQueries({
    queries: inputs.map((input) => {
      const params = { question, input: JSON.stringify(input) };
      return {
        queryKey: [tenant, '/me/how-far', params],
        queryFn: () => api.get<{ level: Level }>('/me/how-far', { params }),
        enabled: options.enabled ?? true,
      };
    }),
  }).map(({ data }) => data?.level);
}

/**
 * The level of an area: its question's. Settings are asked group by group, so the best of them counts. Every member
 * may read the domains, but a page for it is only of use to those who administer something.
 */
export function levelOf(abilities: Readonly<Record<string, string>>, area: Area): string {
  const level = abilities[QUESTIONS[area]] ?? 'none';
  if (area === 'domains') return level === 'read' && levelOf(abilities, 'settings') === 'none' ? 'none' : level;
  if (area !== 'settings') return level;
  const levels = Object.entries(abilities).flatMap(([name, one]) =>
    name.startsWith(`${QUESTIONS.settings}:`) ? [one] : [],
  );
  return levels.includes('write') ? 'write' : levels.includes('read') ? 'read' : 'none';
}

/** What the person may do, area by area. While the server has not answered, nothing. */
export function useAbilities(): { isReady: boolean; sees(area: Area): boolean; writes(area: Area): boolean } {
  const own = useThing<Abilities>('/me/abilities');
  const server = useThing<Abilities>('/operator/abilities');
  const abilities = { ...own.data?.abilities, ...server.data?.abilities };
  return {
    isReady: !own.isPending,
    sees: (area) => levelOf(abilities, area) !== 'none',
    // Only how long ago they signed in stands between an operator who looks and one who acts: they are asked when they do.
    writes: (area) => !['none', ...(area === 'operator' ? [] : ['read'])].includes(levelOf(abilities, area)),
  };
}
