import { z } from 'zod';
import { administrative } from '../kernel/administration.ts';
import type { Actor, Context } from '../kernel/context.ts';
import { ceiling, type GrantFact, question } from '../kernel/decision.ts';

/** May they see why somebody else may or may not? The answer shows settings, groups and grants. */
export const explainDecisions = administrative({
  name: 'access.decisions.explain',
  sentence: 'May they see why anybody here may or may not do something?',
  read: ['security-administrator', 'security-reader', 'auditor', 'helpdesk-administrator'],
  permissions: { read: ['Policy.Read.All'], write: [] },
});

/** May they see what people here ask for, and answer it? What they then change, they change by its own question. */
export const administerRequests = administrative({
  name: 'access.requests.administer',
  sentence: 'May they see who asks for access here, and answer?',
  read: ['security-reader', 'auditor', 'helpdesk-administrator'],
  write: ['security-administrator', 'partner-administrator', 'exchange-administrator', 'user-administrator'],
  permissions: { read: ['Policy.Read.All'], write: [] },
});

const ownApplication = ceiling(
  'access.own-application',
  'What somebody asks for, and is asked for, is theirs to see and not an application acting for them.',
  ({ actor }: { readonly actor: Actor }) => actor.kind !== 'account' || actor.scopes === 'all',
  { setting: () => ({ tenantId: '', module: 'signin', scope: 'fixed', name: 'scopes' }), remedy: 'nobody' },
);

/** Asking for access: whoever can be refused as a person. */
export const askForAccess = question({
  name: 'access.requests.ask',
  sentence: 'May they ask for access, and see what became of it?',
  levels: ['none', 'ask'] as const,
  facts: (ctx: Context) => ({ actor: ctx.actor }),
  ceilings: [ownApplication],
  *grants({ actor }): Iterable<GrantFact<'none' | 'ask'>> {
    if (actor.kind === 'account')
      yield { id: 'self', level: 'ask', path: 'direct', subject: { kind: 'account', id: actor.accountId } };
  },
  grantedBy: 'nobody',
});

/** Answering one request: whose the thing is. Administrators answer by `administerRequests`. */
export const answerOwnRequest = question({
  name: 'access.request.answer-own',
  sentence: 'May they answer a request for what is theirs?',
  levels: ['none', 'answer'] as const,
  input: z.object({ ownerIds: z.array(z.string()) }),
  facts: (ctx: Context, input: { ownerIds: string[] }) => ({ actor: ctx.actor, ownerIds: input.ownerIds }),
  ceilings: [ownApplication],
  *grants({ actor, ownerIds }): Iterable<GrantFact<'none' | 'answer'>> {
    if (actor.kind === 'account' && ownerIds.includes(actor.accountId))
      yield { id: 'owner', level: 'answer', path: 'direct', subject: { kind: 'account', id: actor.accountId } };
  },
  grantedBy: 'nobody',
});

/** May they see, or end, what others have been given? */
export const manageLedger = administrative({
  name: 'access.ledger.manage',
  sentence: 'May they see the ledger of rights, and end a right in it?',
  read: ['security-reader', 'auditor'],
  write: ['security-administrator'],
  permissions: { read: ['AccessReview.Read.All'], write: ['AccessReview.ReadWrite.All'] },
});

/** Whoever looks the ledger over stands for it with their name. It gives nobody anything, so an auditor may. */
export const signOffLedger = administrative({
  name: 'access.ledger.sign-off',
  sentence: 'May they sign the ledger of rights off as looked over?',
  read: ['security-reader'],
  write: ['security-administrator', 'auditor'],
  permissions: { read: ['AccessReview.Read.All'], write: ['AccessReview.ReadWrite.All'] },
});

/** What one hears of one's own things: theirs alone, whatever their role. */
export const chooseOwnNotices = question({
  name: 'access.notices.choose-own',
  sentence: 'May they see what of theirs is shared outside, and say what they want to hear of?',
  levels: ['none', 'own'] as const,
  facts: (ctx: Context) => ({ actor: ctx.actor }),
  ceilings: [],
  *grants({ actor }): Iterable<GrantFact<'none' | 'own'>> {
    if (actor.kind === 'account' && actor.scopes === 'all')
      yield { id: 'own', level: 'own', path: 'direct', subject: { kind: 'account', id: actor.accountId } };
  },
  grantedBy: 'nobody',
});

/** What somebody who was refused is told of it: theirs alone, and nothing that only an administrator may know. */
export const readOwnRefusal = question({
  name: 'access.refusal.read-own',
  sentence: 'May they see what was said of a refusal to whom it was given?',
  levels: ['none', 'read'] as const,
  input: z.object({ refusedId: z.string().nullable() }),
  facts: (ctx: Context, input: { refusedId: string | null }) => ({ actor: ctx.actor, refusedId: input.refusedId }),
  ceilings: [],
  *grants({ actor, refusedId }): Iterable<GrantFact<'none' | 'read'>> {
    if (actor.kind === 'account' && actor.accountId === refusedId)
      yield { id: 'own', level: 'read', path: 'direct', subject: { kind: 'account', id: actor.accountId } };
  },
  grantedBy: 'nobody',
});
