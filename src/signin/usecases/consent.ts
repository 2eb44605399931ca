/** Agreeing to what an application asks for, at the end of a sign-in. */
import { loadActorFacts } from '../../directory/index.ts';
import type { AccountActor, Context } from '../../kernel/context.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { personAs } from '../../kernel/person.ts';
import { TOPICS } from '../events.ts';
import { signinFaults } from '../faults.ts';
import { findPermission } from '../model/permissions.ts';
import { giveConsent } from '../questions.ts';
import { ensureServicePrincipal, putConsent } from '../store/applications.ts';
import type { Interaction } from './interactions.ts';
import type { Lookups } from './lookups.ts';

const actor = { kind: 'system', name: 'signin.pages' } as const;

/** What is asked for, and for whom the person at the page may agree to it. */
export async function showConsent(run: Run, tenantId: TenantId, interaction: Interaction) {
  const permissions = interaction.missingPermissions.map((name) => ({
    name,
    sentence: findPermission(name)?.sentence ?? name,
  }));
  if (!interaction.accountId) return { permissions, mayConsent: 'none' } as const;
  const who = await actorAt(run, tenantId, interaction.accountId);
  const { level: mayConsent, decisionId } = await run({ tenantId, actor: who, readOnly: true }, (ctx) =>
    ctx.ask(giveConsent, { needsAdministrator: needsAdministrator(interaction) }),
  );
  const refused = mayConsent === 'none' ? { decisionId } : {};
  return { permissions, mayConsent, ...refused, userName: who.userPrincipalName };
}

/** Keeps that the person agreed, for themselves or for everyone. @throws consent-needs-administrator. */
export async function keepConsent(
  ports: { readonly run: Run; readonly lookups: Lookups },
  tenantId: TenantId,
  interaction: Interaction & { readonly accountId: AccountId },
  agreed: { readonly forEveryone: boolean; readonly displayName: string; readonly correlationId: string },
): Promise<void> {
  const { run } = ports;
  const { accountId, missingPermissions: wanted } = interaction;
  const { forEveryone, displayName, correlationId } = agreed;
  const registeredAt = await ports.lookups.tenantOfApplication(interaction.clientId);
  const who = await actorAt(run, tenantId, accountId);
  await run({ tenantId, actor: who, correlationId }, async (ctx) => {
    const answer = await ctx.ask(giveConsent, { needsAdministrator: needsAdministrator(interaction) });
    if (answer.level === 'none' || (forEveryone && answer.level !== 'everyone') || !registeredAt)
      throw signinFaults.consentNeedsAdministrator(displayName);
    const principal = await ensureServicePrincipal(ctx, {
      id: interaction.clientId,
      tenantId: registeredAt,
      displayName,
    });
    await putConsent(ctx, {
      servicePrincipalId: principal.id,
      kind: forEveryone ? 'everyone' : 'person',
      accountId: forEveryone ? null : accountId,
      permissions: wanted,
      givenBy: who.userPrincipalName,
    });
    ctx.record({
      action: 'signin.consent-given',
      category: 'ApplicationManagement',
      targets: [{ kind: 'service-principal', id: principal.id, displayName }],
      facts: { permissions: wanted, forEveryone, accountId },
    });
    await ctx.announce(TOPICS.applicationsChanged, {});
  });
}

const actorAt = (run: Run, tenantId: TenantId, accountId: AccountId) =>
  run({ tenantId, actor, readOnly: true }, (ctx) => actorOf(ctx, accountId));

const needsAdministrator = ({ missingPermissions }: Interaction): boolean =>
  missingPermissions.some((name) => findPermission(name)?.needsAdministrator ?? true);

/** Somebody as an actor at our own pages. @throws wrong-password when they may not sign in any more. */
async function actorOf(ctx: Context, accountId: AccountId): Promise<AccountActor> {
  const facts = await loadActorFacts(ctx, accountId);
  if (!facts?.isEnabled) throw signinFaults.wrongPassword();
  return personAs({ ...facts, accountId }, { authenticatedAt: ctx.now });
}
