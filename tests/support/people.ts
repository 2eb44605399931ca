import { DEMO, type DemoOrganisation, loadOrganisation } from '../../src/app/demo.ts';
import type { AccountId, TenantId } from '../../src/kernel/ids.ts';
import { startTestApp, type TestApp } from './app.ts';

/** Everybody's password where a test signs people in through the pages. */
export const PASSWORD = 'green apples ripen slowly';

export interface Person {
  readonly id: AccountId;
  readonly tenantId: TenantId;
  readonly userPrincipalName: string;
}

export interface ApiAnswer<Body = Record<string, never>> {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what the server wrote, whatever its shape.
  readonly body: Body extends Record<string, never> ? any : Body;
}

/** Calls the server as somebody: `await ann('GET', '/v1.0/me')`. */
export type Api = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<ApiAnswer>;

export interface People {
  readonly app: TestApp;
  readonly fabrikam: { readonly id: TenantId; readonly domain: string; readonly ann: Person; readonly anders: Person };
  readonly contoso: { readonly id: TenantId; readonly domain: string; readonly carla: Person; readonly bob: Person };
  readonly tailspin: { readonly id: TenantId; readonly domain: string; readonly tina: Person; readonly tom: Person };
  /** An access token of the person, limited to `scopes` when given. */
  token(person: Person, options?: { scopes?: readonly string[]; minutes?: number }): Promise<string>;
  /** Calls with a token of the person that is written at the first call. */
  api(person: Person, options?: { scopes?: readonly string[] }): Api;
  /** Calls with a credential of the caller's making, or with none. */
  call(credential: string | undefined): Api;
}

const CAST: Readonly<Record<string, readonly string[]>> = {
  'fabrikam.example': ['ann', 'anders'],
  'contoso.example': ['carla', 'bob'],
  'tailspin.example': ['tina', 'tom'],
};

/**
 * The whole server with Fabrikam (Ann administrator and operator, Anders member), Contoso (Carla administrator, Bob
 * member) and Tailspin (Tina administrator, Tom member). Passwords are set only where asked for: hashing takes time.
 */
export async function startPeople(
  options: { withPasswords?: boolean; settings?: Parameters<typeof startTestApp>[0] } = {},
): Promise<People> {
  const app = await startTestApp(options.settings);
  try {
    const password = options.withPasswords ? PASSWORD : undefined;
    const fabrikam = await loadPeople(app, 'fabrikam.example', password);
    const contoso = await loadPeople(app, 'contoso.example', password);
    const tailspin = await loadPeople(app, 'tailspin.example', password);
    return {
      app,
      fabrikam: { ...at(fabrikam), ann: fabrikam.person('ann'), anders: fabrikam.person('anders') },
      contoso: { ...at(contoso), carla: contoso.person('carla'), bob: contoso.person('bob') },
      tailspin: { ...at(tailspin), tina: tailspin.person('tina'), tom: tailspin.person('tom') },
      ...callersOf(app, app.origin),
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** One organisation with its part of the cast. */
export async function loadPeople(app: TestApp, domain: string, password?: string) {
  const organisation = DEMO.find((one) => one.domain === domain);
  if (!organisation) throw new Error(`The demo has no ${domain}.`);
  const { id, people } = await loadOrganisation(app.run, onlyCast(organisation), password ? { password } : {});
  const person = (name: string): Person => ({
    id: people[name] as AccountId,
    tenantId: id,
    userPrincipalName: `${name}@${domain}`,
  });
  return { id, domain, person };
}

/** Ways to call a server at `origin` as its people. */
export function callersOf(app: TestApp, origin: string): Pick<People, 'token' | 'api' | 'call'> {
  const token: People['token'] = (person, limits) =>
    app.run(
      { tenantId: person.tenantId, actor: { kind: 'system', name: 'test' } },
      async (ctx) => (await app.signin.mintAccessToken(ctx, person.id, limits)).token,
    );
  return {
    token,
    api(person, limits) {
      let written: Promise<string> | undefined;
      return apiOf(origin, () => {
        written ??= token(person, limits);
        return written;
      });
    },
    call: (credential) => apiOf(origin, async () => credential),
  };
}

const at = ({ id, domain }: { id: TenantId; domain: string }) => ({ id, domain });

function onlyCast(organisation: DemoOrganisation): DemoOrganisation {
  const names = CAST[organisation.domain] ?? [];
  const people = Object.fromEntries(Object.entries(organisation.people).filter(([name]) => names.includes(name)));
  return { ...organisation, people };
}

function apiOf(origin: string, credential: () => Promise<string | undefined>): Api {
  return async (method, path, body, headers = {}) => {
    const bearer = await credential();
    const isText = typeof body === 'string';
    const answer = await fetch(path.startsWith('http') ? path : `${origin}${path}`, {
      method,
      headers: {
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined || isText ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = /[/+]json/.test(answer.headers.get('content-type') ?? '');
    return { status: answer.status, headers: answer.headers, body: isJson && text !== '' ? JSON.parse(text) : text };
  };
}

/** Asks, and throws unless something was made or found. */
export async function askFor(api: Api, method: string, path: string, body?: unknown) {
  const answer = await api(method, path, body);
  if (answer.status >= 300)
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
