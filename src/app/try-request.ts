import { z } from 'zod';
import { accessFaults } from '../access/index.ts';
import { kernelFaults } from '../kernel/fault.ts';
import type { Trial } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';

const shape = z.strictObject({
  method: z.enum(['POST', 'PATCH', 'PUT', 'DELETE']),
  path: z.string().startsWith('/').max(2_000).describe('As it would be asked for, with its query.'),
  body: z.unknown().optional(),
});

type Asked = z.output<typeof shape>;

/**
 * Tries out what any route would do that says it can be tried: so a setting, a membership, a share or a guest's end is
 * judged by the very code that will change it.
 */
export function requestTrial(routes: () => readonly Route[]): Trial {
  return {
    name: 'request',
    shape,
    verify: (input: Asked) => void findAsked(routes(), input),
    // What opens transactions by itself shows what it would do by a way of its own.
    isRehearsal: (input: Asked) => findAsked(routes(), input).route.canBeTried !== true,
    async prepare(ctx, input: Asked) {
      const { canBeTried, request } = readAsked(routes(), input);
      return typeof canBeTried === 'object' ? canBeTried.prepare?.(ctx, request) : undefined;
    },
    async act(ctx, input: Asked, prepared) {
      const { route, canBeTried, request } = readAsked(routes(), input);
      if (canBeTried === true) await route.handle(ctx, request);
      else if (typeof canBeTried === 'function') await canBeTried(ctx, request, prepared);
      else await canBeTried.act(ctx, request, prepared);
    },
  };
}

/** The request as its route would be given it. @throws access.cannot-be-tried; request.invalid. */
function readAsked(routes: readonly Route[], asked: Asked) {
  const { route, canBeTried, params, url } = findAsked(routes, asked);
  const { body } = asked;
  const request = {
    params: read(route.params, params),
    query: read(route.query, Object.fromEntries(url.searchParams)),
    // A file, where the route takes no JSON.
    body: read(route.body, typeof body === 'string' ? Buffer.from(body) : body),
    headers: {},
    origin: '',
  } as never;
  return { route, canBeTried, request };
}

/** @throws access.cannot-be-tried. */
function findAsked(routes: readonly Route[], { method, path }: Asked) {
  const url = URL.parse(path, 'http://trial');
  const found = url && findRoute(routes, method, url.pathname);
  if (!url || !found) throw accessFaults.cannotBeTried(`${method} ${path}`);
  return { ...found, url };
}

function findRoute(routes: readonly Route[], method: string, pathname: string) {
  const given = pathname.split('/');
  for (const route of routes) {
    const { canBeTried } = route;
    if (!canBeTried || route.method !== method) continue;
    // What opens transactions by itself cannot be undone with ours.
    if (canBeTried === true && route.transaction === 'none') continue;
    const parts = route.path.split('/');
    if (parts.length !== given.length) continue;
    const params: Record<string, string> = {};
    const fits = parts.every((part, n) => {
      if (!part.startsWith(':')) return part === given[n];
      params[part.slice(1)] = decodeURIComponent(given[n] ?? '');
      return true;
    });
    if (fits) return { route, canBeTried, params };
  }
  return undefined;
}

function read(type: z.ZodType | undefined, value: unknown): unknown {
  if (!type) return undefined;
  const parsed = type.safeParse(value);
  if (parsed.success) return parsed.data;
  throw kernelFaults.invalid(
    parsed.error.issues.map(({ path, message }) => `"${path.join('.')}": ${message}`).join(' '),
  );
}
