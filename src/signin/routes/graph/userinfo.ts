import { findAccount, isFromElsewhere } from '../../../directory/index.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { WEB_CLIENT } from '../../model/first-party.ts';
import { pairwiseSubject } from '../../model/subject.ts';
import { readOwnProfile } from '../../questions.ts';

/** Who holds the token (OpenID Connect Core §5.3), at the address where the reference product has it. */
export function userinfoRoute(subjectSalt: Uint8Array): Route {
  return route({
    method: 'GET',
    path: '/oidc/userinfo',
    summary: 'Who the token is for.',
    wire: 'graph',
    access: 'asks',
    tags: ['sign-in'],
    async handle(ctx) {
      const answer = await ctx.ask(readOwnProfile, undefined);
      if (answer.level === 'none' || ctx.actor.kind !== 'account') throw kernelFaults.unauthenticated();
      const account = await findAccount(ctx, ctx.actor.accountId);
      if (!account) throw kernelFaults.unauthenticated();
      return {
        sub: pairwiseSubject(subjectSalt, account.id, ctx.actor.applicationId ?? WEB_CLIENT),
        name: account.displayName,
        preferred_username: account.userPrincipalName,
        ...(account.givenName ? { given_name: account.givenName } : {}),
        ...(account.surname ? { family_name: account.surname } : {}),
        ...(account.mail ? { email: account.mail, email_verified: !isFromElsewhere(account) } : {}),
      };
    },
  });
}
