import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

const BUILT = fileURLToPath(new URL('../../dist/web', import.meta.url));

/**
 * The addresses that are pages of the web app; everything below them too. All others belong to the API and answer
 * JSON. `web/src/router.tsx` holds the same list as routes.
 */
export const PAGES = [
  '/',
  '/setup',
  '/signed-in',
  '/signin/*',
  '/redeem',
  '/blocked-organisations',
  '/calendar/accept',
  '/partner-test',
  '/t/*',
] as const;

/**
 * No script but our own, no frame around us, no forms or requests to anywhere else. Styles may stand inline: the
 * component library writes them as elements. Images from elsewhere are the organisations' logos.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: https:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), publickey-credentials-get=(self)',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Entente</title>
<body style="font:16px system-ui;max-width:40em;margin:4em auto;padding:0 1em">
<h1>The web app is not built</h1>
<p>The server runs, but there are no pages to show. Build them with <code>npx vite build --config web/vite.config.ts</code>
and reload, or start with <code>npm start</code>, which builds by itself.</p></body></html>
`;

/** Serves the built web app. Files with a hash in their name are kept by browsers for a year, pages never. */
export async function serveWeb(app: FastifyInstance, built = BUILT): Promise<void> {
  const page = async (reply: FastifyReply) => {
    const file = join(built, 'index.html');
    const isBuilt = existsSync(file);
    return reply
      .status(isBuilt ? 200 : 503)
      .headers({ ...HEADERS, 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8' })
      .send(isBuilt ? await readFile(file) : Buffer.from(NOT_BUILT));
  };
  for (const url of PAGES) app.get(url, (_request, reply) => page(reply));
  if (!existsSync(built)) return;
  await app.register(fastifyStatic, {
    root: join(built, 'assets'),
    prefix: '/assets/',
    decorateReply: false,
    immutable: true,
    maxAge: '365d',
    setHeaders: (reply) => {
      reply.headers(HEADERS);
    },
  });
  app.get('/favicon.svg', async (_request, reply) =>
    reply
      .headers({ ...HEADERS, 'cache-control': 'public, max-age=86400', 'content-type': 'image/svg+xml' })
      .send(await readFile(join(built, 'favicon.svg'))),
  );
}
