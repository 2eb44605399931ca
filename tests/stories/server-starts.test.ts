import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.close());

test('a started server says that it is ready', async () => {
  const answer = await fetch(`${app.origin}/health/ready`);
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), { status: 'ready' });
});

test('an address that is none is answered as a problem, with the request named', async () => {
  const answer = await fetch(`${app.origin}/nowhere`);
  assert.equal(answer.status, 404);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  const body = (await answer.json()) as { code: string; requestId: string };
  assert.equal(body.code, 'request.not-found');
  assert.equal(body.requestId, answer.headers.get('request-id'));
});
