/** The connection on which the server tells an open page what concerns it, and what of it the page shows changed. */

/** As much of a WebSocket as is used here. */
export interface Wire {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export interface LivePorts {
  open(): Wire;
  /** Good for at least half a minute. */
  token(): Promise<string>;
  readonly later?: (act: () => void, milliseconds: number) => () => void;
}

/** What is known of the connection, as pages need it. */
export interface LiveState {
  /** False while there is no connection: then whoever needs to know asks the server now and then. */
  readonly isOn: boolean;
  /** The followed names of which the server tells when they change. */
  readonly told: ReadonlySet<string>;
}

export interface Live {
  readonly state: () => LiveState;
  /** Called when the state is another. Returns the way to stop, as the others do. */
  onState(hear: () => void): () => void;
  /** Follows calendars by name: see the server's `calendars`. `hear` is called with those that changed. */
  follow(names: readonly string[], hear: (changed: readonly string[]) => void): () => void;
  /** What is told to the person of this page. */
  onNotice(about: string, hear: () => void): () => void;
  start(): () => void;
}

const COLLECTION = 'calendars';
/** What the server takes at once. */
const NAMES_AT_MOST = 100;
const GATHER_MS = 50;
const RENEW_MS = 30_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

const NOBODY: LiveState = { isOn: false, told: new Set() };

export function createLive(ports: LivePorts): Live {
  const later =
    ports.later ??
    ((act, milliseconds) => {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    });
  const followers = new Set<{
    readonly names: readonly string[];
    readonly hear: (changed: readonly string[]) => void;
  }>();
  const notices = new Map<string, Set<() => void>>();
  const hearers = new Set<() => void>();
  let state = NOBODY;
  let wire: Wire | undefined;
  let isReady = false;
  /** Whether the next answer is the first on this connection, and there was one before. */
  let isBack = false;
  let hasBeenOn = false;
  let sentToken = '';
  let pause = FIRST_PAUSE_MS;
  let stops: (() => void)[] = [];
  let cancelAsking: (() => void) | undefined;

  const setState = (next: LiveState) => {
    state = next;
    for (const hear of hearers) hear();
  };
  const wanted = () => [...new Set([...followers].flatMap(({ names }) => names))].slice(0, NAMES_AT_MOST);
  const tellFollowers = (changed: readonly string[]) => {
    for (const { names, hear } of followers) {
      const here = changed.filter((name) => names.includes(name));
      if (here.length > 0) hear(here);
    }
  };

  function askToFollow(): void {
    cancelAsking ??= later(() => {
      cancelAsking = undefined;
      if (isReady) wire?.send(JSON.stringify({ type: 'follow', name: COLLECTION, of: wanted() }));
    }, GATHER_MS);
  }

  async function authenticate(mine: Wire): Promise<void> {
    try {
      const token = await ports.token();
      if (wire !== mine || token === sentToken) return;
      sentToken = token;
      mine.send(JSON.stringify({ type: 'authenticate', token }));
    } catch {
      mine.close();
    }
  }

  function hear(data: unknown): void {
    const told = JSON.parse(String(data)) as { type: string; about?: string; of?: readonly string[] };
    if (told.type === 'ready') {
      isReady = true;
      pause = FIRST_PAUSE_MS;
      askToFollow();
    } else if (told.type === 'following') {
      setState({ isOn: true, told: new Set(told.of) });
      // Whatever happened while nobody was told is read now.
      if (isBack) {
        tellFollowers(told.of ?? []);
        for (const all of notices.values()) for (const one of all) one();
      }
      isBack = false;
      hasBeenOn = true;
    } else if (told.type === 'changed') {
      tellFollowers(told.of ?? []);
    } else if (told.type === 'notice') {
      for (const one of notices.get(told.about ?? '') ?? []) one();
    }
  }

  function connect(): void {
    const mine = ports.open();
    wire = mine;
    isReady = false;
    isBack = hasBeenOn;
    sentToken = '';
    let stopRenewing = () => {};
    const renew = () => {
      stopRenewing = later(() => {
        void authenticate(mine);
        renew();
      }, RENEW_MS);
    };
    mine.onopen = () => {
      void authenticate(mine);
      renew();
    };
    mine.onmessage = ({ data }) => hear(data);
    mine.onclose = () => {
      stopRenewing();
      if (wire !== mine) return;
      wire = undefined;
      isReady = false;
      setState(NOBODY);
      stops.push(later(connect, pause * (0.75 + Math.random() / 2)));
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    };
  }

  return {
    state: () => state,
    onState(one) {
      hearers.add(one);
      return () => hearers.delete(one);
    },
    follow(names, one) {
      const follower = { names, hear: one };
      followers.add(follower);
      if (names.some((name) => !state.told.has(name))) askToFollow();
      return () => {
        followers.delete(follower);
        askToFollow();
      };
    },
    onNotice(about, one) {
      const all = notices.get(about) ?? new Set();
      notices.set(about, all.add(one));
      return () => all.delete(one);
    },
    start() {
      connect();
      return () => {
        const last = wire;
        wire = undefined;
        for (const stop of stops) stop();
        cancelAsking?.();
        stops = [];
        setState(NOBODY);
        last?.close();
      };
    },
  };
}
