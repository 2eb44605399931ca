/** What happens to people at home becomes signals in the streams about them. */
import { findAccount } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import type { PublishedEvent, Subscriber } from '../../kernel/module.ts';
import { SIGNALS } from '../model/security-event.ts';
import { listPasskeys } from '../store/passkeys.ts';
import { findTotp } from '../store/second-factors.ts';
import { deleteSubjects, lockStreamsAbout, type Stream } from '../store/signals.ts';
import { putIntoStream } from './send-signals.ts';

/** Puts what happened to an account into every stream about it. */
export const signalSubscriber: Subscriber = {
  name: 'signin.signal-changes',
  to: [
    'directory.sessions-ended',
    'directory.password-reset',
    'directory.account-changed',
    'directory.account-renamed',
    'directory.account-deleted',
    'directory.account-restored',
    'directory.account-purged',
    'directory.account-departed',
    'signin.reset',
    'signin.password-changed',
    'signin.passkey-added',
    'signin.passkey-removed',
    'signin.totp-added',
    'signin.totp-removed',
  ],
  async handle(ctx, event) {
    const target = event.targets.find(({ kind }) => kind === 'account');
    if (!target) return;
    const accountId = target.id as AccountId;
    const streams = await lockStreamsAbout(ctx, accountId);
    if (streams.length === 0) return;
    for (const { type, more } of await signalsOf(ctx, accountId, event)) {
      const told = {
        event_timestamp: Math.floor(new Date(event.at).getTime() / 1000),
        initiating_entity: initiatorOf(event, accountId),
        ...more,
      };
      for (const stream of streams) await putSignal(ctx, stream, accountId, type, told);
    }
    if (event.action === 'directory.account-purged') await deleteSubjects(ctx, undefined, [accountId]);
  },
};

interface Told {
  readonly type: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

/**
 * What is told of an event. Whether somebody is switched off is read now and not from the event: the subscribers of two
 * events may run in any order, and the last word must be what is.
 */
async function signalsOf(ctx: Context, accountId: AccountId, event: PublishedEvent): Promise<Told[]> {
  const fields = Array.isArray(event.facts.fields) ? (event.facts.fields as string[]) : [];
  switch (event.action) {
    case 'directory.account-purged':
    case 'directory.account-departed':
      return [{ type: SIGNALS.accountPurged }];
    case 'directory.account-deleted':
    case 'directory.account-restored':
      return [await stateOf(ctx, accountId)];
    case 'directory.account-changed':
    case 'directory.account-renamed': {
      const told: Told[] = [];
      if (fields.includes('accountEnabled')) told.push(await stateOf(ctx, accountId));
      const claims = await claimsOf(ctx, accountId);
      const isRenamed = event.action === 'directory.account-renamed' || fields.some((field) => CLAIMS.has(field));
      if (isRenamed && claims) told.push({ type: SIGNALS.tokenClaimsChange, more: { claims } });
      return told;
    }
    case 'signin.password-changed':
      return [{ type: SIGNALS.credentialChange, more: { credential_type: 'password', change_type: 'update' } }];
    case 'signin.passkey-added':
    case 'signin.passkey-removed':
    case 'signin.totp-added':
    case 'signin.totp-removed':
      return factorChange(ctx, accountId, event.action);
    default:
      return [{ type: SIGNALS.sessionRevoked }];
  }
}

const CLAIMS = new Set(['displayName', 'userPrincipalName', 'mail']);

async function stateOf(ctx: Context, accountId: AccountId): Promise<Told> {
  const account = await findAccount(ctx, accountId);
  return { type: account?.accountEnabled ? SIGNALS.accountEnabled : SIGNALS.accountDisabled };
}

async function claimsOf(ctx: Context, accountId: AccountId) {
  const account = await findAccount(ctx, accountId);
  return account && { name: account.displayName, preferred_username: account.userPrincipalName, email: account.mail };
}

/** A factor more or less; with the first or the last one, how strongly the person can prove themselves changes too. */
async function factorChange(ctx: Context, accountId: AccountId, action: string): Promise<Told[]> {
  const isAdded = action.endsWith('-added');
  const credential = action.includes('passkey') ? 'fido2-roaming' : 'app';
  const change = { credential_type: credential, change_type: isAdded ? 'create' : 'delete' };
  const told: Told[] = [{ type: SIGNALS.credentialChange, more: change }];
  const totp = await findTotp(ctx, accountId);
  const factors = (await listPasskeys(ctx, accountId)).length + (totp?.confirmedAt ? 1 : 0);
  if (factors === (isAdded ? 1 : 0)) {
    const [weak, strong] = ['nist-aal1', 'nist-aal2'];
    told.push({
      type: SIGNALS.assuranceLevelChange,
      more: {
        namespace: 'NIST-AAL',
        current_level: isAdded ? strong : weak,
        previous_level: isAdded ? weak : strong,
        change_direction: isAdded ? 'increase' : 'decrease',
      },
    });
  }
  return told;
}

function initiatorOf({ actor }: PublishedEvent, accountId: AccountId): string {
  if (actor.kind === 'account') return actor.id === accountId ? 'user' : 'admin';
  return actor.kind === 'operator' || actor.kind === 'application' ? 'admin' : 'system';
}

/** Puts one signal into a stream whose row is locked. Who tells it and to whom is known; the subject in its words. */
async function putSignal(
  ctx: Context,
  stream: Stream,
  accountId: AccountId,
  type: string,
  event: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (stream.applicationId !== null && !stream.eventsRequested.includes(type)) return;
  const { correlationId } = ctx;
  // The issuer is written when it is signed: it is where this server is reached then.
  const subject = { format: 'iss_sub', iss: '', sub: accountId } as const;
  await putIntoStream(ctx, stream, { type, subject, event, correlationId });
}
