import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';

export interface Page {
  readonly status: number;
  readonly url: URL;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what the server wrote, whatever its shape.
  readonly json: any;
}

interface Cookie {
  readonly host: string;
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** A browser as far as sign-in needs one: cookies per host, redirects followed, no script. */
export class Browser {
  readonly cookies = new Map<string, Cookie>();
  readonly #ca: string | undefined;
  /** Where every name leads; without it, where the machine says. */
  readonly #address: string | undefined;
  /** Sent with everything, as a proxy on the way adds them. */
  readonly #headers: Record<string, string>;

  constructor(options: { ca?: string; address?: string; headers?: Record<string, string> } = {}) {
    this.#ca = options.ca;
    this.#address = options.address;
    this.#headers = options.headers ?? {};
  }

  async send(
    method: string,
    address: string,
    options: { body?: string; headers?: Record<string, string> } = {},
  ): Promise<Page> {
    const url = new URL(address);
    const sent = [...this.cookies.values()].filter(
      (one) => one.host === url.hostname && url.pathname.startsWith(one.path),
    );
    const headers: Record<string, string> = { ...this.#headers, ...options.headers };
    if (sent.length > 0) headers.cookie = sent.map(({ name, value }) => `${name}=${value}`).join('; ');
    if (options.body !== undefined) headers['content-length'] = String(Buffer.byteLength(options.body));
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const sending = request(
        url,
        {
          method,
          headers,
          agent: false,
          ...(this.#ca ? { ca: this.#ca } : {}),
          ...(this.#address ? { lookup: leadTo(this.#address) } : {}),
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (chunk) => {
            text += chunk;
          });
          answer.on('end', () => {
            for (const line of answer.headers['set-cookie'] ?? []) this.#keep(line, url.hostname);
            const isJson = /json/.test(answer.headers['content-type'] ?? '') && text !== '';
            resolve({
              status: answer.statusCode ?? 0,
              url,
              headers: answer.headers,
              text,
              json: isJson ? JSON.parse(text) : undefined,
            });
          });
        },
      );
      sending.on('error', reject);
      sending.end(options.body);
    });
  }

  /** Opens an address and follows redirects until `stopAt` accepts one, which is not opened. */
  async open(address: string, stopAt: (url: URL) => boolean = () => false): Promise<Page> {
    let page = await this.send('GET', address);
    for (let hops = 0; hops < 20; hops += 1) {
      const location = page.headers.location;
      if (page.status < 300 || page.status > 399 || typeof location !== 'string') return page;
      const next = new URL(location, page.url);
      if (stopAt(next)) return { ...page, url: next };
      page = await this.send('GET', next.href);
    }
    throw new Error(`Too many redirects at ${page.url}`);
  }

  /** Posts JSON from a page of the same origin. */
  post(address: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Page> {
    const { origin } = new URL(address);
    return this.send('POST', address, {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin', ...headers },
    });
  }

  /** Submits a form, without following. */
  form(address: string, fields: Record<string, string>): Promise<Page> {
    return this.send('POST', address, {
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  }

  #keep(line: string, host: string): void {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    const at = pair.indexOf('=');
    const attribute = (name: string) =>
      attributes.find((one) => one.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
    const cookie = { host, name: pair.slice(0, at), value: pair.slice(at + 1), path: attribute('path') ?? '/' };
    const expires = attribute('expires');
    const isOver = attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) < Date.now());
    const key = `${host} ${cookie.name} ${cookie.path}`;
    if (isOver || cookie.value === '') this.cookies.delete(key);
    else this.cookies.set(key, cookie);
  }
}

const leadTo =
  (address: string): LookupFunction =>
  (_name, { all }, done) =>
    all ? done(null, [{ address, family: 4 }]) : done(null, address, 4);

/** The address of the pages' API for the page that a browser was sent to: `/signin/{uid}?tenant=…`. */
export function stepsOf(page: URL): string {
  const uid = page.pathname.split('/').at(-1);
  return `${page.origin}/${page.searchParams.get('tenant')}/signin/${uid}`;
}

export const isSignInPage = (url: URL): boolean => url.pathname.startsWith('/signin/');
