import { kernelFaults } from '../../../kernel/fault.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { WEB_CLIENT } from '../../model/first-party.ts';
import { pairwiseSubject } from '../../model/subject.ts';
import { readOwnProfile } from '../../questions.ts';
import type { Profiles } from '../../usecases/profiles.ts';

/** Who holds the token (OpenID Connect Core §5.3), at the address where the reference product has it. */
export function userinfoRoute(ports: { readonly profiles: Profiles; readonly subjectSalt: Uint8Array }): Route {
  return route({
    method: 'GET',
    path: '/oidc/userinfo',
    summary: 'Who the token is for.',
    wire: 'graph',
    access: 'asks',
    transaction: 'none',
    tags: ['sign-in'],
    async handle(ctx) {
      const answer = await ctx.ask(readOwnProfile, undefined);
      if (answer.level === 'none' || ctx.actor.kind !== 'account') throw kernelFaults.unauthenticated();
      const { accountId, applicationId } = ctx.actor;
      const profile = await ports.profiles.of(ctx.tenantId, accountId);
      if (!profile) throw kernelFaults.unauthenticated();
      return { sub: pairwiseSubject(ports.subjectSalt, accountId, applicationId ?? WEB_CLIENT), ...profile };
    },
  });
}
