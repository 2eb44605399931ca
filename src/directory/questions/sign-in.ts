import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { ceiling, type GrantFact, question } from '../../kernel/decision.ts';

export interface SignInFacts {
  readonly tenantId: string;
  readonly now: Date;
  /** Undefined: there is no such account. */
  readonly account:
    | {
        readonly id: string;
        readonly accountEnabled: boolean;
        readonly endsAt: Date | null;
        /** Since when home has told that it lets them sign in nowhere; null: it does not say so. */
        readonly homeDisabledAt: Date | null;
      }
    | undefined;
}

const fixed = ({ tenantId }: SignInFacts, name: string, value: unknown) =>
  ({ tenantId, module: 'directory', scope: 'fixed', name, value }) as const;

/** May somebody sign in here? Asked of the account at every request, so it knows no more than what is read then. */
export const signInQuestion = (find: (ctx: Context, accountId: string) => Promise<SignInFacts['account']>) =>
  question({
    name: 'directory.account.sign-in',
    sentence: 'May they sign in here?',
    levels: ['none', 'sign-in'] as const,
    input: z.object({ accountId: z.guid() }),
    facts: async (ctx: Context, { accountId }: { accountId: string }): Promise<SignInFacts> => ({
      tenantId: ctx.tenantId,
      now: ctx.now,
      account: await find(ctx, accountId),
    }),
    ceilings: [
      ceiling(
        'directory.account-is-enabled',
        'Nobody signs in whose account is blocked.',
        ({ account }: SignInFacts): boolean => account?.accountEnabled ?? true,
        {
          setting: (facts) => fixed(facts, 'accountEnabled', facts.account?.accountEnabled ?? null),
          remedy: 'administrator',
        },
      ),
      ceiling(
        'directory.home-lets-sign-in',
        'A guest whom their home has blocked signs in nowhere.',
        ({ account }: SignInFacts): boolean => !account?.homeDisabledAt,
        {
          setting: (facts) => fixed(facts, 'homeDisabledAt', facts.account?.homeDisabledAt ?? null),
          remedy: 'partner',
        },
      ),
      ceiling(
        'directory.stay-has-not-ended',
        'A guest signs in until their stay ends.',
        ({ account, now }: SignInFacts): boolean => !account?.endsAt || account.endsAt > now,
        { setting: (facts) => fixed(facts, 'endsAt', facts.account?.endsAt ?? null), remedy: 'administrator' },
      ),
    ],
    *grants({ account }): Iterable<GrantFact<'none' | 'sign-in'>> {
      if (account)
        yield { id: 'account', level: 'sign-in', path: 'direct', subject: { kind: 'account', id: account.id } };
    },
    grantedBy: 'administrator',
  });
