import type { AgreementTerm } from '../../kernel/agreement.ts';

/**
 * Terms of workloads that no module of this server enforces: carried in the text and shown as such, so that two
 * organisations can agree on everything at once. A module that declares a term of the same name takes it over.
 */
export const CARRIED_TERMS: readonly AgreementTerm[] = [
  {
    name: 'mail.trusted-delivery',
    workload: 'mail',
    title: 'Mail over a trusted channel',
    sentence: 'Whether mail goes over a channel that both trust, and past the filter.',
    levels: ['none', 'encrypted', 'trusted'],
  },
  {
    name: 'files.sharing',
    workload: 'files',
    title: 'Files',
    sentence: 'How far files are shared with named people of the other organisation.',
    levels: ['none', 'view', 'edit'],
  },
  {
    name: 'chat.conversations',
    workload: 'chat',
    title: 'Chat, calls and presence',
    sentence: 'Whether people see who is there, write to each other and call.',
    levels: ['none', 'presence', 'chat', 'calls'],
  },
  {
    name: 'groups.membership',
    workload: 'groups',
    title: 'Groups',
    sentence: 'Whether people of the other organisation write to groups and become members.',
    levels: ['none', 'post', 'member'],
  },
  {
    name: 'communities.membership',
    workload: 'communities',
    title: 'Communities',
    sentence: 'Whether people of the other organisation read communities and post in them.',
    levels: ['none', 'read', 'post'],
  },
  {
    name: 'teams.shared-channels',
    workload: 'teams',
    title: 'Shared channels of teams',
    sentence: 'Whether people of the other organisation work in shared channels.',
    levels: ['none', 'read', 'collaborate'],
  },
  {
    name: 'reports.sharing',
    workload: 'reports',
    title: 'Reports',
    sentence: 'Whether people of the other organisation open reports and build on their data.',
    levels: ['none', 'view', 'build'],
  },
];

/** Every term of this server: the modules' own, and those that are only carried. */
export function allTerms(declared: readonly AgreementTerm[]): readonly (AgreementTerm & { isEnforced: boolean })[] {
  const names = new Set(declared.map(({ name }) => name));
  return [
    ...declared.map((term) => ({ ...term, isEnforced: true })),
    ...CARRIED_TERMS.filter(({ name }) => !names.has(name)).map((term) => ({ ...term, isEnforced: false })),
  ];
}
