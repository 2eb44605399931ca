import { z } from 'zod';
import { type AdministrativeFacts, administrative } from '../../kernel/administration.ts';
import {
  type AgreedStanding,
  type AgreementTerm,
  agreedLevel,
  agreedStanding,
  agreementIsInForce,
} from '../../kernel/agreement.ts';
import type { Context, TenantFacts } from '../../kernel/context.ts';
import { type GrantFact, question } from '../../kernel/decision.ts';
import { type ProofFacts, provenRecently, provenStrongly } from '../../kernel/proof.ts';
import { ceiling } from '../../kernel/question.ts';

/** Records of other organisations, and what was agreed with them. */
export const administerPartners = administrative({
  name: 'partners.partners.administer',
  sentence: 'May they manage how the organisation works together with others?',
  read: ['security-reader', 'auditor'],
  write: ['security-administrator', 'partner-administrator'],
  permissions: {
    read: ['Policy.Read.All', 'CrossTenantInformation.ReadBasic.All'],
    write: ['Policy.ReadWrite.CrossTenantAccess'],
  },
});

interface TermFacts {
  readonly tenant: TenantFacts;
  readonly agreement: AgreedStanding | undefined;
}

/** What our own rules and our agreement with one partner say of one term, also of one that no module enforces yet. */
export const reachTermQuestion = (findTerm: (name: string) => AgreementTerm | undefined) =>
  question({
    name: 'partners.term.reach',
    sentence: 'Does what was agreed let people of one side come to what the other has?',
    levels: ['none', 'open'] as const,
    input: z.object({ partnerTenantId: z.guid(), term: z.string().max(100), direction: z.enum(['ours', 'theirs']) }),
    facts: (
      ctx: Context,
      asked: { partnerTenantId: string; term: string; direction: 'ours' | 'theirs' },
    ): TermFacts & { readonly isKnown: boolean } => {
      const term = findTerm(asked.term);
      const agreement = term && agreedStanding(ctx, term, asked.direction, { tenantId: asked.partnerTenantId });
      // A term that gives its lowest level gives nothing, whatever that is called.
      const isNothing = term !== undefined && agreement?.level === term.levels[0];
      return {
        tenant: ctx.tenant,
        isKnown: term !== undefined,
        agreement: agreement && { ...agreement, level: isNothing ? 'none' : agreement.level && 'some' },
      };
    },
    ceilings: [
      agreementIsInForce(({ agreement }: TermFacts) => agreement),
      agreedLevel<TermFacts, never>(({ agreement }) => agreement, { none: false, some: true }),
    ],
    // Without a word in an agreement, what the organisation sets by itself decides: the questions of each workload.
    *grants({ isKnown, tenant }): Iterable<GrantFact<'none' | 'open'>> {
      if (isKnown)
        yield { id: 'settings', level: 'open', path: 'agreement', subject: { kind: 'tenant', id: tenant.id } };
    },
    grantedBy: 'administrator',
  });

/** What ties or parts two organisations for good: whoever does it manages partners and has just proven who they are. */
const provenly = <Level extends string>({ name, sentence, level }: { name: string; sentence: string; level: Level }) =>
  question({
    name,
    sentence,
    levels: ['none', level] as const,
    input: z.object({ hasSecondFactor: z.boolean() }),
    facts: async (
      ctx: Context,
      { hasSecondFactor }: { hasSecondFactor: boolean },
    ): Promise<AdministrativeFacts & ProofFacts> => ({
      ...(await administerPartners.facts(ctx, undefined)),
      now: ctx.now,
      hasSecondFactor,
    }),
    ceilings: [
      ...administerPartners.ceilings.map(({ name, sentence, permits, setting, remedy }) =>
        ceiling(name, sentence, (facts: AdministrativeFacts): boolean => permits(facts) === 'write', {
          setting,
          remedy,
        }),
      ),
      provenRecently,
      provenStrongly,
    ],
    *grants(facts): Iterable<GrantFact<'none' | Level>> {
      for (const grant of administerPartners.grants(facts)) if (grant.level === 'write') yield { ...grant, level };
    },
    grantedBy: 'administrator',
  });

/** Signing opens doors to another organisation. */
export const signAgreements = provenly({
  name: 'partners.agreements.sign',
  sentence: 'May they sign agreements with other organisations?',
  level: 'sign',
});

/** Parting with an organisation cannot be undone: what its people had is gone. */
export const partWithPartners = provenly({
  name: 'partners.partnerships.end',
  sentence: 'May they part with another organisation?',
  level: 'end',
});

/** Whoever has the key speaks for the organisation. */
export const changePartnerKeys = provenly({
  name: 'partners.keys.change',
  sentence: 'May they change the key with which the organisation signs?',
  level: 'change',
});
