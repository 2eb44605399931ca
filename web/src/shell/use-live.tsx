import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { tokenFor } from '../signin/session.ts';
import { createLive, type Live, type Wire } from './live.ts';

const LiveContext = createContext<Live | undefined>(undefined);

/** Keeps one connection for all that stands inside, in the name of whoever is signed in at `tenant`. */
export function LiveProvider(props: { tenant: string; children: ReactNode }) {
  const { tenant } = props;
  const live = useMemo(
    () =>
      createLive({
        open: () => new WebSocket(`${location.origin.replace(/^http/, 'ws')}/live`) as unknown as Wire,
        token: () => tokenFor(tenant),
      }),
    [tenant],
  );
  useEffect(() => live.start(), [live]);
  return <LiveContext value={live}>{props.children}</LiveContext>;
}

const NOTHING = { isOn: false, told: new Set<string>() };
const NEVER = () => () => {};

const useLiveState = (live: Live | undefined) =>
  useSyncExternalStore(live?.onState ?? NEVER, live?.state ?? (() => NOTHING));

/**
 * Follows calendars while the part is shown: by id, by an address, or `home`. Returns those of which the server tells;
 * of all others the part asks now and then.
 */
export function useFollowed(
  names: readonly string[],
  changed: (names: readonly string[]) => void,
): ReadonlySet<string> {
  const live = useContext(LiveContext);
  const latest = useRef(changed);
  latest.current = changed;
  const text = [...names].sort().join('\n');
  useEffect(
    () => (text === '' ? undefined : live?.follow(text.split('\n'), (which) => latest.current(which))),
    [live, text],
  );
  return useLiveState(live).told;
}

/** Calls `hear` when the person is told of something, and after every time in which they could not be. */
export function useNotice(about: string, hear: () => void): { readonly isOn: boolean } {
  const live = useContext(LiveContext);
  const latest = useRef(hear);
  latest.current = hear;
  useEffect(() => live?.onNotice(about, () => latest.current()), [live, about]);
  return useLiveState(live);
}
