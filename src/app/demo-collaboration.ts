import { setTimeout } from 'node:timers/promises';
import { createGroup, createInvitation, externalCollaboration } from '../directory/index.ts';
import type { Actor, Context } from '../kernel/context.ts';
import type { AccountId, GroupId, TenantId } from '../kernel/ids.ts';
import type { Run } from '../kernel/module.ts';
import type { Agreeing } from '../partners/index.ts';
import { changeSettings } from '../tenants/index.ts';
import { accessPorts } from './access-ports.ts';

/** Milliseconds for what one organisation says to another of the same server. */
const LONGEST_WAY_MS = 30_000;

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
    await run({ tenantId: fabrikam.id, actor: await actorOf(run, fabrikam, name) }, act);
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

/**
 * Fabrikam and Contoso have confirmed each other and agreed what they tell each other of their calendars: Ann proposed it and Carla signed.
 * Waits for the word of one to come to the other, half a minute at most; without it the proposal stays open.
 */
export async function loadAgreement(
  { run, agreeing }: { readonly run: Run; readonly agreeing: Agreeing },
  fabrikam: LoadedOrganisation,
  contoso: LoadedOrganisation,
): Promise<void> {
  const [ann, carla] = [await actorOf(run, fabrikam, 'ann'), await actorOf(run, contoso, 'carla')];
  await run({ tenantId: fabrikam.id, actor: ann, transaction: 'none' }, (ctx) => agreeing.confirm(ctx, contoso.domain));
  await run({ tenantId: contoso.id, actor: carla, transaction: 'none' }, (ctx) =>
    agreeing.confirm(ctx, fabrikam.domain),
  );
  const both = (term: string, of: string, level: string) => ({ term, of, offers: level, accepts: level });
  const id = await run({ tenantId: fabrikam.id, actor: ann, transaction: 'none' }, (ctx) =>
    agreeing.propose(ctx, {
      partner: contoso.domain,
      title: 'Project Falcon',
      terms: [
        both('calendars.free-busy', fabrikam.domain, 'availability'),
        both('calendars.free-busy', contoso.domain, 'limited-details'),
        both('calendars.invitations', fabrikam.domain, 'invite'),
        both('calendars.invitations', contoso.domain, 'invite'),
      ],
    }),
  );
  const isThere = () =>
    run({ tenantId: contoso.id, actor: carla, readOnly: true }, (ctx) => agreeing.isPutToUs(ctx, id));
  for (const end = Date.now() + LONGEST_WAY_MS; !(await isThere()); await setTimeout(50)) if (Date.now() > end) return;
  await run({ tenantId: contoso.id, actor: carla, transaction: 'none' }, (ctx) => agreeing.sign(ctx, id));
}

/** Somebody of the demo, as if they had just signed in. */
async function actorOf(run: Run, organisation: LoadedOrganisation, name: string): Promise<Actor> {
  const work = { tenantId: organisation.id, actor: { kind: 'system', name: 'demo' }, readOnly: true } as const;
  const actor = await run(work, (ctx) => accessPorts.actorOf(ctx, idOf(organisation, name)));
  if (!actor) throw new Error(`The demo has nobody called ${name}.`);
  return actor;
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
