import { findAccount, listWorkingAdministrators } from '../directory/index.ts';
import type { AccountId } from '../kernel/ids.ts';
import type { AgreementPorts } from '../partners/index.ts';
import { hasSecondFactor } from '../signin/index.ts';

/** Who looks after agreements: they are told when one arrives, ends or is tampered with. */
const ROLES = ['global-administrator', 'security-administrator'];

/** What agreements need of the modules above them. */
export const agreementPorts: Pick<AgreementPorts, 'hasSecondFactor' | 'administratorsOf'> = {
  hasSecondFactor: async (ctx) => ctx.actor.kind === 'account' && hasSecondFactor(ctx, ctx.actor.accountId),

  async administratorsOf(ctx) {
    const ids = new Set<string>();
    for (const role of ROLES) for (const id of await listWorkingAdministrators(ctx, role)) ids.add(id);
    const found = [];
    for (const id of ids) {
      const account = await findAccount(ctx, id as AccountId);
      if (!account) continue;
      const { mail, userPrincipalName, displayName, preferredLanguage } = account;
      found.push({ address: mail ?? userPrincipalName, displayName, language: preferredLanguage });
    }
    return found;
  },
};
