import { randomBytes } from 'node:crypto';
import { putGrant } from '../access/index.ts';
import { createAccount, GRANTS as DIRECTORY_GRANTS } from '../directory/index.ts';
import type { Context } from '../kernel/context.ts';
import { kernelFaults } from '../kernel/fault.ts';
import { HOST } from '../kernel/ids.ts';
import type { Run } from '../kernel/module.ts';
import { GRANTS as SIGNIN_GRANTS, setPassword, weaknessOf } from '../signin/index.ts';
import type { OperatorPorts } from '../tenants/index.ts';

/** Makes the first person of a new tenant: global administrator there and, at set-up, operator of the server. */
export const firstAdministrator =
  (run: Run): OperatorPorts['createFirstAdministrator'] =>
  async (ctx: Context, { displayName, userPrincipalName, password }, { isOperator }) => {
    const weakness = password && weaknessOf(password, [displayName, ctx.tenant.displayName, ...ctx.tenant.domains]);
    if (weakness) throw kernelFaults.invalid(weakness);
    const account = await createAccount(ctx, { displayName, userPrincipalName, mail: userPrincipalName });
    const giving = { subject: { kind: 'account', id: account.id }, givenBy: 'operator' } as const;
    const { role } = DIRECTORY_GRANTS;
    await putGrant(ctx, {
      ...giving,
      kind: role.kind,
      object: { kind: role.objectKind, id: 'global-administrator' },
      level: role.level,
    });
    const text = password ?? randomBytes(12).toString('base64url');
    await setPassword(ctx, account.id, { text, mustChange: password === undefined });
    if (isOperator) {
      const { kind, objectKind, objectId, level } = SIGNIN_GRANTS.operator;
      await run({ tenantId: HOST, actor: ctx.actor, correlationId: ctx.correlationId }, (host) =>
        putGrant(host, {
          ...giving,
          kind,
          object: { kind: objectKind, id: objectId },
          level,
          homeTenantId: ctx.tenantId,
        }),
      );
    }
    return { accountId: account.id, userPrincipalName: account.userPrincipalName, password: password ? null : text };
  };
