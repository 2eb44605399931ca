import { setImmediate } from 'node:timers/promises';

/** How much is done at once at most. */
const AT_ONCE = 200;

/**
 * Does for many at once what each asks for: what comes while something is under way goes into the next, for each `key`
 * by itself. Whatever is done was begun after it was asked for. `act` answers in the order asked; what it throws, all of
 * that time are told.
 */
export function gathering<Asked, Answer>(
  act: (key: string, asked: readonly Asked[]) => Promise<readonly Answer[]>,
): (key: string, asked: Asked) => Promise<Answer> {
  interface Waiting {
    readonly asked: Asked;
    settle(answer: Answer): void;
    fail(error: unknown): void;
  }
  /** Those of the keys at which somebody works. */
  const queues = new Map<string, Waiting[]>();

  async function work(key: string, queue: Waiting[]): Promise<void> {
    // Requests that arrived in one go are answered in one go.
    await setImmediate();
    while (queue.length > 0) {
      const batch = queue.splice(0, AT_ONCE);
      try {
        const answers = await act(
          key,
          batch.map(({ asked }) => asked),
        );
        for (const [n, one] of batch.entries()) one.settle(answers[n] as Answer);
      } catch (error) {
        for (const one of batch) one.fail(error);
      }
    }
    queues.delete(key);
  }

  return (key, asked) =>
    new Promise((settle, fail) => {
      const known = queues.get(key);
      const queue = known ?? [];
      queue.push({ asked, settle, fail });
      if (known) return;
      queues.set(key, queue);
      void work(key, queue);
    });
}
