import { createGroup, createInvitation, externalCollaboration } from '../directory/index.ts';
import type { Context } from '../kernel/context.ts';
import type { AccountId, GroupId, TenantId } from '../kernel/ids.ts';
import type { Run } from '../kernel/module.ts';
import { changeSettings } from '../tenants/index.ts';
import { accessPorts } from './access-ports.ts';

export interface LoadedOrganisation {
  readonly id: TenantId;
  readonly domain: string;
  /** Accounts by the part of their sign-in name before the `@`. */
  readonly people: Readonly<Record<string, AccountId>>;
}

/**
 * What the demo's organisations are in the middle of: Fabrikam has groups, keeps Tailspin out, and has invited two
 * people of Contoso, whose letters wait in their mailboxes. Everything is done by the person it is shown as done by.
 *
 * @returns the group that works on the pump.
 */
export async function loadCollaboration(
  run: Run,
  fabrikam: LoadedOrganisation,
  contoso: LoadedOrganisation,
  origin: string,
): Promise<{ readonly falcon: GroupId | undefined }> {
  const as = async (name: string, act: (ctx: Context) => Promise<unknown>) => {
    const work = { tenantId: fabrikam.id, actor: { kind: 'system', name: 'demo' } } as const;
    const actor = await run({ ...work, readOnly: true }, (ctx) => accessPorts.actorOf(ctx, idOf(fabrikam, name)));
    if (actor) await run({ ...work, actor }, act);
  };
  const members = (...names: string[]) => names.map((name) => ({ id: idOf(fabrikam, name) }));

  await as('ann', (ctx) =>
    changeSettings(ctx, externalCollaboration, undefined, {
      domainRestriction: 'deny',
      blockedDomains: [{ domain: 'tailspin.example' }],
      privacyContact: 'privacy@fabrikam.example',
    }),
  );
  await as('ann', (ctx) =>
    createGroup(ctx, {
      ...group('Engineering', 'engineering', 'Everybody who draws, builds or tests.', 'security'),
      members: members('anders', 'erik', 'maja', 'oskar'),
      owners: members('ann'),
    }),
  );
  await as('ann', (ctx) =>
    createGroup(ctx, {
      ...group('Finance', 'finance', 'Accounts, budget and purchasing.', 'security'),
      members: members('ingrid', 'nils', 'li'),
      owners: members('ingrid'),
    }),
  );
  let falcon: Awaited<ReturnType<typeof createGroup>> | undefined;
  await as('anders', async (ctx) => {
    falcon = await createGroup(ctx, {
      ...group('Project Falcon', 'falcon', 'The new pump, together with Contoso.', 'shared'),
      members: members('anders', 'erik', 'maja'),
      owners: members('anders'),
    });
  });
  const invite = (name: string, displayName: string, message: string) =>
    as('anders', (ctx) =>
      createInvitation(ctx, {
        address: `${name}@${contoso.domain}`,
        displayName,
        redirectUrl: `${origin}/t/${fabrikam.domain}`,
        origin,
        isMailed: true,
        message,
        reason: 'Project Falcon',
        ...(falcon ? { groupIds: [falcon.id] } : {}),
      }),
    );
  await invite('bob', 'Bob Kelly', 'Hello Bob, this is where we keep everything about Falcon. See you on Tuesday.');
  await invite('david', 'David Hughes', 'Hello David, please have a look at the housing before the review.');
  return { falcon: falcon?.id };
}

function idOf(organisation: LoadedOrganisation, name: string): AccountId {
  const id = organisation.people[name];
  if (id === undefined) throw new Error(`The demo has nobody called ${name}.`);
  return id;
}

const group = (displayName: string, mailNickname: string, description: string, kind: 'security' | 'shared') => ({
  displayName,
  mailNickname,
  description,
  kind,
});
