import type { Context } from '../../kernel/context.ts';
import type { Followed } from '../../kernel/module.ts';
import type { Log } from '../../platform/log.ts';

/** Milliseconds in which changes are gathered before one page is told of them. */
const GATHER_MS = 150;

export interface FollowingPorts {
  readonly followed: () => readonly Followed[];
  /** Works in the name of whoever reads the page; undefined where nobody is signed in any more. */
  run<T>(act: (ctx: Context) => Promise<T>): Promise<T | undefined>;
  tell(message: object): void;
  readonly log: Log;
}

/** What one open page follows. */
export interface Following {
  /** In place of what it followed by this name before. */
  follow(name: string, of: readonly string[]): void;
  /** Something changed at these ids. */
  changed(name: string, ids: readonly string[]): void;
  /** Changes may have been missed: of everything it may be so. */
  missed(): void;
  end(): void;
}

/**
 * Keeps what one page follows. Whether its reader may know is decided when it begins and again before each word, so
 * that whoever loses a right hears nothing more.
 */
export function createFollowing(ports: FollowingPorts): Following {
  /** By the name of the collection: the names that the page gave, each with its id. */
  const kept = new Map<string, Map<string, string>>();
  const waiting = new Map<string, Set<string>>();
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  /** One after another, so that the last list a page sent is the one that stands. */
  let turn: Promise<void> = Promise.resolve();

  const inTurn = (act: () => Promise<void>) => {
    turn = turn.then(async () => {
      if (isOver) return;
      try {
        await act();
      } catch (error) {
        ports.log.warn({ err: error }, 'a page could not follow');
      }
    });
  };

  /** The ids of those names that its reader may know of now. */
  async function find(name: string, of: Iterable<string>): Promise<Map<string, string>> {
    const collection = ports.followed().find((one) => one.name === name);
    const found = new Map<string, string>();
    if (!collection) return found;
    await ports.run(async (ctx) => {
      for (const one of of) {
        const id = await collection.find(ctx, one);
        if (id !== undefined) found.set(one, id);
      }
    });
    return found;
  }

  function gather(name: string, of: Iterable<string>): void {
    waiting.set(name, new Set([...(waiting.get(name) ?? []), ...of]));
    timer ??= setTimeout(() => inTurn(tellChanged), GATHER_MS);
  }

  async function tellChanged(): Promise<void> {
    timer = undefined;
    const gathered = [...waiting];
    waiting.clear();
    for (const [name, of] of gathered) {
      const allowed = [...(await find(name, of)).keys()];
      if (allowed.length > 0 && !isOver) ports.tell({ type: 'changed', name, of: allowed });
    }
  }

  return {
    follow(name, of) {
      inTurn(async () => {
        const found = await find(name, new Set(of));
        kept.set(name, found);
        if (!isOver) ports.tell({ type: 'following', name, of: [...found.keys()] });
      });
    },
    changed(name, ids) {
      const here = [...(kept.get(name) ?? [])].flatMap(([given, id]) => (ids.includes(id) ? [given] : []));
      if (here.length > 0) gather(name, here);
    },
    missed() {
      for (const [name, found] of kept) gather(name, found.keys());
    },
    end() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}
