import { HOST, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { networkOf } from '../../platform/client-network.ts';
import { signinFaults } from '../faults.ts';
import { clearAttempts, countAttempt } from '../store/attempts.ts';

const WINDOW_SECONDS = 15 * 60;
/** A person mistypes a few times; a program does not stop at ten. */
const PER_NAME = 10;
/** Many people may share one address. */
const PER_ADDRESS = 300;

const actor = { kind: 'system', name: 'signin.attempts' } as const;

/**
 * Counts an attempt to sign in as `name` from `address`, in transactions of its own, so that a failure stays counted.
 * Names that do not exist are counted like those that do (IS-12).
 * @throws throttled, with the seconds to wait.
 */
export async function countSignInAttempt(
  ports: { run: Run },
  attempt: { tenantId: TenantId; name: string; address: string | null },
): Promise<void> {
  const { tenantId, name, address } = attempt;
  const byName = await ports.run({ tenantId, actor }, async (ctx) => ({
    ...(await countAttempt(ctx, nameKey(name), WINDOW_SECONDS)),
    now: ctx.now,
  }));
  const byAddress =
    address === null
      ? { count: 0, endsAt: byName.endsAt }
      : await ports.run({ tenantId: HOST, actor }, (ctx) =>
          countAttempt(ctx, `address ${networkOf(address)}`, WINDOW_SECONDS),
        );
  const full = [byName.count > PER_NAME ? byName : undefined, byAddress.count > PER_ADDRESS ? byAddress : undefined];
  const latest = full.filter((one) => one !== undefined).map((one) => one.endsAt.getTime());
  if (latest.length > 0) {
    throw signinFaults.tooManyAttempts(Math.ceil((Math.max(...latest) - byName.now.getTime()) / 1000));
  }
}

/** A sign-in succeeded: the name's count starts anew. */
export async function forgetSignInAttempts(ports: { run: Run }, tenantId: TenantId, name: string): Promise<void> {
  await ports.run({ tenantId, actor }, (ctx) => clearAttempts(ctx, nameKey(name)));
}

const nameKey = (name: string) => `name ${name.toLowerCase()}`;
