import { z } from 'zod';
import { administrative } from '../kernel/administration.ts';
import type { Actor, Context } from '../kernel/context.ts';
import { type GrantFact, question } from '../kernel/decision.ts';

/** May they read the audit, verify it and take it away as a file? */
export const readAudit = administrative({
  name: 'audit.events.read',
  sentence: 'May they read, verify and export the audit?',
  read: ['security-administrator', 'security-reader', 'auditor'],
  permissions: { read: ['AuditLog.Read.All'], write: [] },
});

/** Whom a subscription can belong to: somebody who is told what they may read themselves. */
const subjectOf = (actor: Actor) => {
  if (actor.kind === 'account') return { kind: 'account', id: actor.accountId } as const;
  return actor.kind === 'application' ? ({ kind: 'application', id: actor.applicationId } as const) : undefined;
};

/** Having subscriptions at all. Of what, is asked of the collection each time something is delivered. */
export const haveSubscriptions = question({
  name: 'audit.subscriptions.have',
  sentence: 'May they have themselves told of changes?',
  levels: ['none', 'have'] as const,
  facts: (ctx: Context) => ({ actor: ctx.actor }),
  ceilings: [],
  *grants({ actor }): Iterable<GrantFact<'none' | 'have'>> {
    const subject = subjectOf(actor);
    if (subject) yield { id: 'own', level: 'have', path: 'direct', subject };
  },
  grantedBy: 'nobody',
});

/** One subscription: nobody's but its owner's, not even an administrator's, since it says what its owner follows. */
export const manageSubscription = question({
  name: 'audit.subscription.manage',
  sentence: 'May they see, renew or end this subscription?',
  levels: ['none', 'manage'] as const,
  input: z.object({ owner: z.object({ kind: z.enum(['account', 'application']), id: z.string() }) }),
  facts: (ctx: Context, input: { owner: { kind: 'account' | 'application'; id: string } }) => ({
    actor: ctx.actor,
    owner: input.owner,
  }),
  ceilings: [],
  *grants({ actor, owner }): Iterable<GrantFact<'none' | 'manage'>> {
    const subject = subjectOf(actor);
    if (subject?.kind === owner.kind && subject.id === owner.id)
      yield { id: 'own', level: 'manage', path: 'direct', subject };
  },
  grantedBy: 'nobody',
});
