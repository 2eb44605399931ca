import { expect, test } from 'vitest';
import { type Api, ApiFault, allRows, createApi, faultOf, quoted } from './api.ts';

function answering(...answers: Response[]): { api: Api; calls: { url: string; init: RequestInit }[]; waits: number[] } {
  const calls: { url: string; init: RequestInit }[] = [];
  const waits: number[] = [];
  const api = createApi({
    token: async (isStale) => (isStale ? 'second' : 'first'),
    fetch: async (url, init) => {
      calls.push({ url: String(url), init: init ?? {} });
      return answers.shift() ?? new Response(null, { status: 500 });
    },
    wait: async (seconds) => {
      waits.push(seconds);
    },
  });
  return { api, calls, waits };
}
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

test('a problem body becomes a fault with its sentence, code and decision', () => {
  const fault = faultOf(403, { title: 'No.', status: 403, code: 'access.refused', decisionId: 'd1' }, 'x');
  expect(fault).toMatchObject({ status: 403, code: 'access.refused', sentence: 'No.', decisionId: 'd1' });
});

test('a Graph error becomes the same fault, with our code rather than the wire word', () => {
  const body = {
    error: {
      code: 'domainNotAllowed',
      message: 'Not there.',
      innerError: { code: 'directory.domain-not-allowed', 'request-id': 'r1' },
    },
  };
  expect(faultOf(403, body, 'x')).toMatchObject({
    code: 'directory.domain-not-allowed',
    sentence: 'Not there.',
    requestId: 'r1',
  });
});

test('a body that is no error gives the fallback sentence', () => {
  expect(faultOf(502, '<html>', 'The request failed.')).toMatchObject({ code: '502', sentence: 'The request failed.' });
});

test('waits as long as the server asks and then tries again', async () => {
  const { api, waits } = answering(
    json(503, {}, { 'retry-after': '3' }),
    json(429, {}, { 'retry-after': '1' }),
    json(200, { a: 1 }),
  );
  expect(await api.get('/x')).toEqual({ a: 1 });
  expect(waits).toEqual([3, 1]);
});

test("gives up after three waits with the server's own sentence", async () => {
  const busy = () => json(503, { title: 'Busy.', code: 'request.unavailable' }, { 'retry-after': '1' });
  const { api, waits } = answering(busy(), busy(), busy(), busy());
  await expect(api.get('/x')).rejects.toMatchObject({ sentence: 'Busy.' });
  expect(waits).toHaveLength(3);
});

test('a refused token is renewed once', async () => {
  const { api, calls } = answering(json(401, {}), json(200, {}));
  await api.get('/x');
  expect(calls.map((call) => (call.init.headers as Record<string, string>).authorization)).toEqual([
    'Bearer first',
    'Bearer second',
  ]);
});

test('a second refusal of the token is a fault', async () => {
  const { api } = answering(json(401, {}), json(401, { title: 'Sign in.', code: 'request.unauthenticated' }));
  await expect(api.get('/x')).rejects.toBeInstanceOf(ApiFault);
});

test('reads every page of a list, on our own host', async () => {
  const { api, calls } = answering(
    json(200, { value: [1, 2], '@odata.nextLink': 'https://inner:8443/v1.0/users?$skiptoken=a' }),
    json(200, { value: [3] }),
  );
  expect(await allRows(api, '/v1.0/users', { $top: 2 })).toEqual([1, 2, 3]);
  expect(calls.map((call) => call.url)).toEqual(['/v1.0/users?%24top=2', '/v1.0/users?$skiptoken=a']);
});

test('an answer without a body is undefined', async () => {
  const { api } = answering(new Response(null, { status: 204 }));
  expect(await api.delete('/x')).toBeUndefined();
});

test('a quote in a filter is doubled', () => {
  expect(quoted("O'Brien")).toBe("'O''Brien'");
});
