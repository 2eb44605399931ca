import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { newId, type TenantId } from '../../src/kernel/ids.ts';
import { type SignedRequest, signRequest } from '../../src/protocols/http-signatures.ts';
import { type JsonSigner, signJson } from '../../src/protocols/signed-json.ts';
import type { Side, TwoServers } from './two-servers.ts';

/** What it does with a request, instead of answering it. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface Asked {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what the server wrote, whatever its shape.
  readonly body: any;
}

/** Tailspin: a server that speaks the protocol, holds a good key, and does whatever a test tells it to. */
export class HostilePartner {
  readonly id: TenantId = newId<'tenant'>();
  readonly domain = 'tailspin.example';
  place = '';
  /** Requests that reached it, by path. */
  readonly received: string[] = [];
  behaviour: Behaviour = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"answer":{}}');
  };
  /** Changes what it publishes of itself. */
  published: Record<string, unknown> = {};
  signer: JsonSigner = { kid: '', privateJwk: {} as never };
  #close: () => Promise<void> = async () => {};
  #ca = '';

  static async start(servers: TwoServers): Promise<HostilePartner> {
    const partner = new HostilePartner();
    partner.newKey();
    const read = (name: string) => readFile(join(servers.pki, name), 'utf8');
    partner.#ca = await read('ca.pem');
    const server = createServer(
      { key: await read('server.key'), cert: await read('server.pem') },
      (request, response) => {
        partner.received.push(request.url ?? '');
        if (request.url?.startsWith('/.well-known/entente')) void partner.#publish(response);
        else partner.behaviour(request, response);
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.dns.setAddresses(partner.domain, ['127.0.0.1']);
    partner.place = `${partner.domain}:${(server.address() as { port: number }).port}`;
    partner.#close = () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    return partner;
  }

  newKey(): void {
    const { privateKey } = generateKeyPairSync('ed25519');
    this.signer = { kid: randomUUID(), privateJwk: privateKey.export({ format: 'jwk' }) as never };
  }

  /** Confirmed by an administrator of `side`, for the domains it has proven. */
  async becomePartnerOf(side: Side): Promise<void> {
    const api = side.api(side.administrator);
    const { digest } = (await api('GET', `/admin/partners/discover?domain=${this.place}`)).body;
    const confirmed = await api('POST', '/admin/partners', { domain: this.place, digest, domains: [this.domain] });
    if (confirmed.status !== 201) throw new Error(JSON.stringify(confirmed.body));
  }

  /** A request, signed as a good one is; `change` alters it before, `after` once it is signed. */
  async ask(
    side: Side,
    name: string,
    asked: unknown,
    options: {
      at?: Date;
      nonce?: string;
      address?: string;
      url?: string;
      signer?: JsonSigner;
      after?: (request: SignedRequest) => SignedRequest;
    } = {},
  ): Promise<Asked> {
    const url = options.url ?? `https://${side.place}/partners/requests/${side.id}/${name}`;
    const body = JSON.stringify({
      v: 1,
      address: options.address ?? `tom@${this.domain}`,
      displayName: 'Tom',
      correlationId: randomUUID(),
      exchangeId: newId(),
      asked,
    });
    const headers = {
      'content-type': 'application/vnd.entente.request+json',
      'entente-from': this.id,
      'entente-found-at': this.place,
    };
    const request = { method: 'POST', url, headers, body };
    const signed: SignedRequest = {
      ...request,
      headers: await signRequest(request, options.signer ?? this.signer, {
        at: options.at ?? side.app.clock.now,
        nonce: options.nonce ?? randomUUID(),
        alsoSigned: ['entente-from', 'entente-found-at'],
      }),
    };
    return this.send(side, options.after?.(signed) ?? signed);
  }

  /** Puts a request on the wire as it is. */
  send(side: Side, { url, headers, body }: SignedRequest): Promise<Asked> {
    const { pathname } = new URL(url);
    const [host = '', port] = side.place.split(':');
    return new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        host: '127.0.0.1',
        port,
        servername: host,
        path: pathname,
        ca: this.#ca,
        agent: false,
      };
      const request = httpsRequest({ ...options, headers: { ...headers, host: side.place } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  /** Sends the head of a request and the first byte of its body, and no more. Resolves with how to let go of it. */
  beginRequest(side: Side): Promise<() => void> {
    const [servername = '', port] = side.place.split(':');
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: Number(port), servername, ca: this.#ca }, () => {
        const head = [
          `POST /partners/requests/${side.id}/calendars.standing HTTP/1.1`,
          `host: ${side.place}`,
          'content-type: application/vnd.entente.request+json',
          `entente-from: ${this.id}`,
          'content-length: 1000',
        ];
        socket.write(`${head.join('\r\n')}\r\n\r\n{`, () => resolve(() => socket.destroy()));
      });
      socket.on('error', reject);
    });
  }

  close(): Promise<void> {
    return this.#close();
  }

  async #publish(response: ServerResponse): Promise<void> {
    const document = {
      v: 1,
      tenantId: this.id,
      displayName: 'Tailspin',
      domains: [this.domain],
      endpoint: `https://${this.place}/partners/requests`,
      issuer: `https://${this.place}/${this.id}/v2.0`,
      keys: [{ ...this.signer.privateJwk, d: undefined, kid: this.signer.kid }],
      ...this.published,
    };
    const signature = await signJson(JSON.parse(JSON.stringify(document)), this.signer, 'entente-organization');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ document, signature }));
  }
}
