import { requestPasscode, verifyPasscode } from '../../directory/index.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { signinFaults } from '../faults.ts';

const actor = { kind: 'system', name: 'signin.passcode' } as const;

/** Sends a code if somebody may sign in with one; the answer is the same if not (IS-12). @throws throttled. */
export async function sendPasscode(
  ports: { run: Run },
  tenantId: TenantId,
  address: string,
  clientAddress: string | null,
): Promise<void> {
  const outcome = await ports.run({ tenantId, actor, clientAddress }, (ctx) => requestPasscode(ctx, { address }));
  if (outcome.status === 'throttled') throw signinFaults.tooManyAttempts(outcome.retryAfterSeconds);
}

/** @throws wrong-code, throttled. */
export async function checkCode(
  ports: { run: Run },
  tenantId: TenantId,
  address: string,
  code: string,
  clientAddress: string | null,
): Promise<void> {
  const outcome = await ports.run({ tenantId, actor, clientAddress }, (ctx) => verifyPasscode(ctx, { address, code }));
  if (outcome.status === 'throttled') throw signinFaults.tooManyAttempts(outcome.retryAfterSeconds);
  if (outcome.status !== 'verified') throw signinFaults.wrongCode();
}
