/** Inviting many guests from a file: checked whole, then worked off line by line, each line once. */
import type { Actor, Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import type { Job, Run, Subscriber } from '../../kernel/module.ts';
import { guestFaults } from '../faults.ts';
import { IMPORT_LINES_AT_MOST, type ImportLine, parseGuestImport, printImportResults } from '../model/guest-csv.ts';
import { importGuests } from '../questions/guests.ts';
import { externalCollaboration } from '../settings.ts';
import {
  type GuestImport,
  type ImportResult,
  insertImport,
  listImportResults,
  listImports,
  moveImport,
  noteMailFailed,
  settleLine,
  settleWaitingLines,
  takeWaitingLines,
} from '../store/guest-imports.ts';
import { inSavepoint } from '../store/guests.ts';
import { type CreatedInvitation, createInvitation } from './create-invitation.ts';
import { loadActorFacts } from './load-actor-facts.ts';

export type { GuestImport };

/** Lines in one transaction: progress is seen at each step, and a crash repeats none of them. */
const LINES_AT_ONCE = 25;

/** What the requirements call the reason of a failed line. */
const CODES: Readonly<Record<string, string>> = {
  'directory.not-an-address': 'emailInvalid',
  'directory.redirect-url-invalid': 'redirectUrlInvalid',
  'directory.conflicting-object': 'conflictingObject',
  'directory.address-taken': 'conflictingObject',
  'directory.domain-not-allowed': 'domainNotAllowed',
  'directory.blocked-by-cross-tenant-access': 'blockedByCrossTenantAccess',
  'directory.guest-quota-exceeded': 'quotaExceeded',
  'directory.internal-domain': 'isMember',
  'directory.sponsor-not-found': 'sponsorInvalid',
  'directory.sponsor-required': 'sponsorInvalid',
  'directory.too-many-sponsors': 'sponsorInvalid',
};

/**
 * Accepts a file of guests to invite, or refuses it with every line that is wrong (ID-20). Returns the import's id.
 * @throws import-invalid.
 */
export async function startGuestImport(
  ctx: Context,
  input: { readonly file: Uint8Array; readonly fileName: string | null; readonly origin: string },
): Promise<string> {
  const lines = await readFile(ctx, input.file);
  const { fileName, origin } = input;
  const id = await insertImport(ctx, { fileName, origin, createdByName: nameOf(ctx.actor), lines });
  await ctx.defer('run-guest-import', { importId: id }, { key: `guest-import:${id}` });
  ctx.record({
    action: 'directory.guest-import-started',
    category: 'UserManagement',
    targets: [{ kind: 'guest-import', id, ...(fileName === null ? {} : { displayName: fileName }) }],
    facts: { lines: lines.length },
  });
  return id;
}

/** Invites everybody of a file at once, in the context's transaction: for trying out what would come of it. */
export async function tryGuestImport(ctx: Context, file: Uint8Array): Promise<void> {
  for (const line of await readFile(ctx, file)) {
    try {
      await inSavepoint(ctx, () => inviteLine(ctx, line, ''));
    } catch (error) {
      // Whoever cannot be invited gains nothing.
      if (!(error instanceof Fault)) throw error;
    }
  }
}

async function readFile(ctx: Context, file: Uint8Array): Promise<readonly ImportLine[]> {
  await ctx.demand(importGuests, undefined, 'write');
  const { appSchemes } = ctx.settings.tenant(externalCollaboration);
  const { lines, problems } = parseGuestImport(file, appSchemes);
  if (problems.length > 0) throw guestFaults.importInvalid(problems);
  return lines;
}

export async function getGuestImport(
  ctx: Context,
  id: string,
  page: { readonly after: number; readonly limit: number },
): Promise<GuestImport & { readonly results: readonly ImportResult[] }> {
  await ctx.demand(importGuests, undefined, 'read');
  const [found] = await listImports(ctx, { id, limit: 1 });
  if (!found) throw kernelFaults.notFound();
  return { ...found, results: await listImportResults(ctx, id, page) };
}

export async function listGuestImports(ctx: Context): Promise<GuestImport[]> {
  await ctx.demand(importGuests, undefined, 'read');
  return listImports(ctx, { limit: 100 });
}

/** The results as a file. */
export async function exportGuestImport(ctx: Context, id: string): Promise<string> {
  const { results } = await getGuestImport(ctx, id, { after: 0, limit: IMPORT_LINES_AT_MOST });
  return printImportResults(results);
}

/** Leaves undone what is not done yet. An import that is over stays as it is. */
export async function cancelGuestImport(ctx: Context, id: string): Promise<void> {
  await ctx.demand(importGuests, undefined, 'write');
  const [found] = await listImports(ctx, { id, limit: 1 });
  if (!found) throw kernelFaults.notFound();
  if (!(await moveImport(ctx, id, 'cancelled'))) return;
  await settleWaitingLines(ctx, id, { state: 'cancelled', code: null });
  ctx.record({
    action: 'directory.guest-import-cancelled',
    category: 'UserManagement',
    targets: [{ kind: 'guest-import', id }],
  });
}

/** Works off one part of an import and queues itself for the next. */
export function guestImportJob(ports: { readonly run: Run }): Job {
  return {
    name: 'run-guest-import',
    async run(ctx, payload) {
      const id = String(payload.importId);
      const [found] = await listImports(ctx, { id, limit: 1 });
      if (!found || found.state === 'finished' || found.state === 'cancelled') return;
      const actor = await currentActor(ctx, found.actor);
      if (!actor) await settleWaitingLines(ctx, id, { state: 'failure', code: 'notPermitted' });
      else if (found.waiting > 0) {
        // A transaction of its own in the inviter's name: whoever may not invite any more invites nobody.
        await ports.run({ tenantId: ctx.tenantId, actor, correlationId: ctx.correlationId }, (there) =>
          inviteLines(there, id, found.origin),
        );
      }
      const [after] = await listImports(ctx, { id, limit: 1 });
      if (after?.state === 'cancelled') return;
      if (after && after.waiting > 0) {
        await moveImport(ctx, id, 'running');
        await ctx.defer('run-guest-import', { importId: id }, { key: `guest-import:${id}` });
      } else if (await moveImport(ctx, id, 'finished')) {
        ctx.record({
          action: 'directory.guest-import-finished',
          category: 'UserManagement',
          targets: [{ kind: 'guest-import', id }],
          facts: { total: after?.total ?? 0, success: after?.success ?? 0, failure: after?.failure ?? 0 },
        });
      }
      await ctx.announce('directory.guest-import-changed', { importId: id });
    },
  };
}

async function inviteLines(ctx: Context, importId: string, origin: string): Promise<void> {
  for (const line of await takeWaitingLines(ctx, importId, LINES_AT_ONCE)) {
    try {
      const made = await inSavepoint(ctx, () => inviteLine(ctx, line, origin));
      const code = made.isNew ? null : 'alreadyGuest';
      await settleLine(ctx, importId, line.line, {
        state: 'success',
        code,
        detail: notesOn(made),
        accountId: made.account.id,
      });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const isMember = error.code === 'directory.conflicting-object' && error.facts.kind === 'member';
      await settleLine(ctx, importId, line.line, {
        state: 'failure',
        code: isMember ? 'isMember' : (CODES[error.code] ?? (error.kind === 'forbidden' ? 'notPermitted' : error.code)),
        detail: error.sentence,
        accountId: null,
      });
    }
  }
}

/** What succeeded with a remark: no letter was sent, or a group could not be given. */
function notesOn(made: CreatedInvitation): string | null {
  const notes = made.assigned.flatMap(({ id, fault }) => (fault ? [`${id}: ${fault.sentence}`] : []));
  if (made.mailSuppressed) notes.push('mailSuppressed');
  return notes.length > 0 ? notes.join(' ') : null;
}

const inviteLine = (ctx: Context, line: ImportLine, origin: string) =>
  createInvitation(ctx, {
    address: line.address,
    redirectUrl: line.redirectUrl,
    isMailed: line.sendMail,
    message: line.message,
    displayName: line.displayName,
    userType: line.userType,
    groupIds: line.groupIds as GroupId[],
    ...(line.sponsorId === null ? {} : { sponsorIds: [line.sponsorId] }),
    origin,
  });

/** Who started the import, with the roles they have now; undefined when they are gone or blocked. */
async function currentActor(ctx: Context, actor: Actor): Promise<Actor | undefined> {
  if (actor.kind !== 'account') return actor;
  const facts = await loadActorFacts(ctx, actor.accountId);
  if (!facts?.isEnabled) return undefined;
  return {
    ...actor,
    displayName: facts.displayName,
    userPrincipalName: facts.userPrincipalName,
    userType: facts.userType,
    roles: facts.roles,
    authenticatedAt: new Date(actor.authenticatedAt),
  };
}

/** A letter that bounced at hand-off belongs on the line of its guest. */
export const importMailFailed: Subscriber = {
  name: 'guest-import-mail-failed',
  to: ['platform.mail-failed'],
  async handle(ctx, event) {
    const { kind, aboutId } = event.facts;
    if (kind === 'invitation' && typeof aboutId === 'string') {
      await noteMailFailed(ctx, aboutId as AccountId, 'The mail server refused the letter.');
    }
  },
};

const nameOf = (actor: Actor): string =>
  actor.kind === 'account' ? actor.userPrincipalName : 'displayName' in actor ? actor.displayName : actor.kind;
