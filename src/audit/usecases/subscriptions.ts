import { randomBytes } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId, parseId } from '../../kernel/ids.ts';
import type { ChangeCollection, Run } from '../../kernel/module.ts';
import type { Vault } from '../../platform/vault.ts';
import { auditFaults } from '../faults.ts';
import { haveSubscriptions, manageSubscription } from '../questions.ts';
import {
  countSubscriptions,
  deleteSubscription,
  findSubscription,
  insertSubscription,
  listSubscriptions,
  renewSubscription,
  type Subscription,
} from '../store/subscriptions.ts';

const DAYS_AT_MOST = 3;
const PER_TENANT_AT_MOST = 100;
const DAY = 86_400_000;

/** What notifications need of the outside, connected by the composition root. */
export interface NotificationPorts {
  readonly run: Run;
  readonly vault: Vault;
  readonly changes: () => readonly ChangeCollection[];
  /** Posts to an address that a stranger chose, and never reaches what only this server can. */
  post(url: string, body: string, headers: Record<string, string>): Promise<{ status: number; body: string }>;
  /** The owner as they would ask now; undefined when they are gone or may no longer sign in. */
  ownerOf(ctx: Context, subscription: Subscription): Promise<Context['actor'] | undefined>;
}

export interface NewSubscription {
  readonly changeTypes: readonly string[];
  readonly resource: string;
  readonly notificationUrl: string;
  readonly lifecycleUrl: string | null;
  readonly clientState: string | null;
  readonly expiresAt: Date;
}

/**
 * Subscribes to changes. The address must echo a token before anything is stored, which is done outside any
 * transaction: a stranger's server may take its time.
 *
 * @returns the subscription and the secret that its deliveries are signed with, which is not shown again.
 */
export async function createSubscription(
  ctx: Context,
  ports: NotificationPorts,
  input: NewSubscription,
): Promise<{ subscription: Subscription; secret: string }> {
  const owner = await ownerOf(ctx);
  checkExpiry(ctx, input.expiresAt);
  const work = { tenantId: ctx.tenantId, actor: ctx.actor, correlationId: ctx.correlationId };
  // A place may be made when it is looked for: a calendar on the first visit.
  const { collection, objectId } = await ports.run(work, async (inside) => {
    const found = await findResource(inside, input.resource, ports.changes());
    if (await found.collection.mayRead(inside, found.objectId)) return found;
    throw kernelFaults.refused({ collection: found.collection.name });
  });
  await validateAddress(ports, input.notificationUrl);
  if (input.lifecycleUrl !== null && input.lifecycleUrl !== input.notificationUrl) {
    await validateAddress(ports, input.lifecycleUrl);
  }

  const id = newId();
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const subscription: Subscription = {
    ...input,
    id,
    owner,
    ownerScopes: scopesOf(ctx),
    collection: collection.name,
    objectId,
    secret: ports.vault.seal(secret, id),
  };
  await ports.run(work, async (inside) => {
    if ((await countSubscriptions(inside)) >= PER_TENANT_AT_MOST) {
      throw auditFaults.tooManySubscriptions(PER_TENANT_AT_MOST);
    }
    await insertSubscription(inside, subscription);
    inside.record({
      action: 'audit.subscription-created',
      category: 'ApplicationManagement',
      targets: [{ kind: 'subscription', id, displayName: input.resource }],
    });
  });
  return { subscription, secret };
}

export async function listOwnSubscriptions(ctx: Context): Promise<Subscription[]> {
  return listSubscriptions(ctx, await ownerOf(ctx));
}

export async function getOwnSubscription(ctx: Context, id: string): Promise<Subscription> {
  await ownerOf(ctx);
  const found = await findSubscription(ctx, id);
  if (!found || found.expiresAt <= ctx.now) throw kernelFaults.notFound();
  const answer = await ctx.ask(manageSubscription, { owner: found.owner });
  if (answer.level === 'none') throw kernelFaults.notFound();
  return found;
}

export async function renewOwnSubscription(ctx: Context, id: string, expiresAt: Date): Promise<Subscription> {
  const found = await getOwnSubscription(ctx, id);
  checkExpiry(ctx, expiresAt);
  await renewSubscription(ctx, id, expiresAt);
  return { ...found, expiresAt };
}

export async function endOwnSubscription(ctx: Context, id: string): Promise<void> {
  const found = await getOwnSubscription(ctx, id);
  await deleteSubscription(ctx, id);
  ctx.record({
    action: 'audit.subscription-deleted',
    category: 'ApplicationManagement',
    targets: [{ kind: 'subscription', id, displayName: found.resource }],
  });
}

/** Whose the asker's subscriptions are. @throws access.refused for whoever can have none. */
async function ownerOf(ctx: Context): Promise<Subscription['owner']> {
  await ctx.demand(haveSubscriptions, undefined, 'have');
  const { actor } = ctx;
  if (actor.kind === 'account') return { kind: 'account', id: actor.accountId };
  if (actor.kind === 'application') return { kind: 'application', id: actor.applicationId };
  // Nobody else is let through by the question.
  throw kernelFaults.notFound();
}

function scopesOf({ actor }: Context): readonly string[] | null {
  if (actor.kind === 'application') return actor.permissions;
  return actor.kind === 'account' && actor.scopes !== 'all' ? actor.scopes : null;
}

/** `/users`, `users/{id}`: a known collection, with or without one thing in it; `/me/events`: all that is in a place. */
async function findResource(ctx: Context, resource: string, changes: readonly ChangeCollection[]) {
  const address = resource.replace(/^\/+|\/+$/g, '').split('/');
  for (const collection of changes) {
    const place = await collection.place?.find(ctx, address);
    if (place !== undefined) return { collection, objectId: place };
  }
  const [name = '', id, ...rest] = address;
  const collection = changes.find((one) => one.name === name && !one.place);
  const objectId = id === undefined ? null : parseId(id);
  if (!collection || objectId === undefined || rest.length > 0) {
    throw auditFaults.resourceUnknown(
      resource,
      changes.flatMap((one) => one.place?.addresses ?? [`/${one.name}`, `/${one.name}/{id}`]),
    );
  }
  return { collection, objectId };
}

function checkExpiry(ctx: Context, expiresAt: Date): void {
  if (expiresAt <= ctx.now) throw kernelFaults.invalid('"expirationDateTime" has passed already.');
  if (expiresAt.getTime() > ctx.now.getTime() + DAYS_AT_MOST * DAY) throw auditFaults.expiresTooLate(DAYS_AT_MOST);
}

/** The address must answer a token it is sent with that very token, so that nobody subscribes somebody else. */
async function validateAddress(ports: NotificationPorts, address: string): Promise<void> {
  const token = `Validation: ${randomBytes(16).toString('base64url')}`;
  const url = new URL(address);
  url.searchParams.set('validationToken', token);
  let answer: { status: number; body: string };
  try {
    answer = await ports.post(url.href, '', { 'content-type': 'text/plain; charset=utf-8' });
  } catch (error) {
    throw auditFaults.notValidated((error as Error).message);
  }
  if (answer.status !== 200) throw auditFaults.notValidated(`it answered ${answer.status} instead of 200.`);
  if (answer.body !== token) throw auditFaults.notValidated('it did not answer with the token as plain text.');
}
