import type { z } from 'zod';
import type { Actor, Context, TenantFacts } from '../../kernel/context.ts';
import { ceiling, type GrantFact, question } from '../../kernel/decision.ts';
import type { FoundRelationship } from '../model/relationship.ts';
import { fixed } from './sharing.ts';

/** What the question about tracing messages may know. */
export interface TracingFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  /** What was decided here about the other organisation; undefined: nothing. */
  readonly relationship: FoundRelationship | undefined;
}

type TracingLevel = 'none' | 'trace';

const tracingIsOn = ceiling(
  'calendars.messages-are-traced',
  'What became of messages is asked between two organisations only where both of them let it be.',
  ({ relationship }: TracingFacts): boolean =>
    relationship?.values.enabled === true && relationship.values.deliveryReportEnabled,
  {
    setting({ tenant, relationship }) {
      if (!relationship) return fixed(tenant.id, 'deliveryReportEnabled', false);
      const { id: target, values } = relationship;
      const [name, value] = ['deliveryReportEnabled', values.enabled && values.deliveryReportEnabled];
      return { tenantId: tenant.id, module: 'calendars', scope: 'container', target, name, value };
    },
    remedy: 'administrator',
  },
);

const tenantTells = ceiling(
  'calendars.tenant-takes-traces',
  'A suspended organisation tells others nothing of the messages that came to it.',
  ({ actor, tenant }: TracingFacts): boolean => actor.kind !== 'visitor' || tenant.state === 'active',
  { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
);

/** Whether it may be asked what became of a message between this organisation and another, from either of them. */
export const tracingQuestion = <Input>(
  input: z.ZodType<Input>,
  gather: (ctx: Context, input: Input) => Promise<TracingFacts>,
) =>
  question({
    name: 'calendars.messages.trace',
    sentence: 'May they ask what became of a message to the other organisation?',
    levels: ['none', 'trace'] as const,
    input,
    facts: gather,
    ceilings: [tracingIsOn, tenantTells],
    *grants({ actor }: TracingFacts): Iterable<GrantFact<TracingLevel>> {
      if (actor.kind === 'account' && actor.userType === 'Member')
        yield { id: 'member', level: 'trace', path: 'membership', subject: { kind: 'account', id: actor.accountId } };
      // Of what they sent themselves, which is all that is told.
      if (actor.kind === 'visitor')
        yield { id: 'visit', level: 'trace', path: 'visit', subject: { kind: 'contact', id: actor.address } };
    },
    grantedBy: 'administrator',
  });
