/**
 * A load driver: keep-alive connections in a closed loop against a server on this machine, for a bounded time.
 *
 *   node bench/drive.ts http://127.0.0.1:8080/health/ready [--secs 5] [--connections 16]
 *
 * It writes HTTP/1.1 on plain sockets and reads answers by their content-length, so that on a small machine the
 * server is measured and not its client. It refuses any address that is not loopback.
 */

import { connect, type Socket } from 'node:net';
import { parseArgs } from 'node:util';

export interface Load {
  url: string;
  /** The nth request's body; with it every request is a POST and without it a GET, unless `method` says otherwise. */
  body?: (n: number) => string;
  method?: string;
  /** The nth request's path, in place of the URL's. */
  path?: (n: number) => string;
  /** What the body is: JSON unless said otherwise. */
  contentType?: string;
  /** More headers of every request. */
  headers?: Record<string, string>;
  connections?: number;
  /** Stops after so many seconds (at most 120) … */
  seconds?: number;
  /** … or after so many requests, whichever comes first. */
  requests?: number;
  /** Called with each answer. What it throws ends the run. */
  check?: (n: number, status: number, body: string) => void;
}
export interface Driven {
  requests: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers outside 200 to 299. */
  refused: number;
  /** The first of them, as it was said. */
  firstRefusal?: string;
}

const LONGEST_SECONDS = 120;

/** Drives the load and returns its figures. Rejects on a lost connection or an address that is not loopback. */
export async function drive(load: Load): Promise<Driven> {
  const url = new URL(load.url);
  if (url.protocol !== 'http:' || !/^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname)) {
    throw new RangeError(`${load.url} is not http on loopback; the driver loads this machine only.`);
  }
  const end = performance.now() + 1_000 * Math.min(load.seconds ?? LONGEST_SECONDS, LONGEST_SECONDS);
  const most = load.requests ?? Number.POSITIVE_INFINITY;
  const took: number[] = [];
  let sent = 0;
  let refused = 0;
  let firstRefusal: string | undefined;

  const loop = async () => {
    const line = await Line.open(url, load.headers ?? {}, load.contentType ?? 'application/json');
    const method = load.method ?? (load.body ? 'POST' : 'GET');
    const path = load.path ?? (() => `${url.pathname}${url.search}`);
    try {
      while (sent < most && performance.now() < end) {
        const n = sent++;
        const start = performance.now();
        const answer = await line.ask(method, path(n), load.body?.(n));
        took.push(performance.now() - start);
        if (answer.status < 200 || answer.status > 299) {
          refused++;
          firstRefusal ??= `${method} ${path(n)}: ${answer.status} ${answer.body().slice(0, 300)}`;
        }
        load.check?.(n, answer.status, answer.body());
      }
    } finally {
      line.close();
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: load.connections ?? 16 }, loop));
  const seconds = (performance.now() - start) / 1_000;

  took.sort((a, b) => a - b);
  const quantile = (q: number) => Number((took[Math.floor(q * (took.length - 1))] ?? 0).toFixed(3));
  const perSecond = Math.round(took.length / seconds);
  return {
    requests: took.length,
    perSecond,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    refused,
    ...(firstRefusal && { firstRefusal }),
  };
}

interface Answer {
  readonly status: number;
  body(): string;
}

/** One keep-alive connection with one request under way at a time. */
class Line {
  readonly #socket: Socket;
  readonly #head: string;
  readonly #contentType: string;
  #received: Buffer[] = [];
  #length = 0;
  /** Where the answer under way ends, once its head has come; Infinity: where its last chunk says. */
  #end: number | undefined;
  #bodyAt = 0;
  #settle: { answer: (answer: Answer) => void; lost: (error: Error) => void } | undefined;

  static async open(url: URL, headers: Record<string, string>, contentType: string): Promise<Line> {
    const socket = connect(Number(url.port || 80), url.hostname.replace(/[[\]]/g, ''));
    await new Promise<void>((ready, lost) => socket.once('connect', ready).once('error', lost));
    return new Line(socket, url, headers, contentType);
  }

  private constructor(socket: Socket, url: URL, headers: Record<string, string>, contentType: string) {
    this.#contentType = contentType;
    const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#head = ` HTTP/1.1\r\nhost: ${url.host}\r\n${more.join('')}`;
    this.#socket = socket.setNoDelay();
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', (error) => this.#settle?.lost(error));
    socket.on('close', () => this.#settle?.lost(new Error('The server closed the connection.')));
  }

  ask(method: string, path: string, body: string | undefined): Promise<Answer> {
    const length = body === undefined ? 0 : Buffer.byteLength(body);
    const rest =
      body === undefined ? '\r\n' : `content-type: ${this.#contentType}\r\ncontent-length: ${length}\r\n\r\n${body}`;
    return new Promise((answer, lost) => {
      this.#settle = { answer, lost };
      this.#socket.write(`${method} ${path}${this.#head}${rest}`);
    });
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#received.push(bytes);
    this.#length += bytes.length;
    if (this.#end === undefined) this.#readHead();
    if (this.#end === undefined) return;
    if (this.#end === Number.POSITIVE_INFINITY) {
      // The end of chunks is looked for in the last bytes alone: our requests' answers do not hold it elsewhere.
      const tail = Buffer.concat(this.#received.slice(-2)).subarray(-7).toString('latin1');
      if (tail !== '\r\n0\r\n\r\n') return;
    } else if (this.#length < this.#end) return;
    const isChunked = this.#end === Number.POSITIVE_INFINITY;
    const [all, at] = [this.#received, this.#bodyAt];
    const status = Number((all[0] as Buffer).toString('latin1', 9, 12));
    this.#received = [];
    this.#length = 0;
    this.#end = undefined;
    this.#settle?.answer({
      status,
      body() {
        const body = Buffer.concat(all).subarray(at);
        return (isChunked ? withoutChunks(body) : body).toString();
      },
    });
  }

  #readHead(): void {
    const text = (this.#received.length === 1 ? (this.#received[0] as Buffer) : Buffer.concat(this.#received)).toString(
      'latin1',
      0,
      16_384,
    );
    const split = text.indexOf('\r\n\r\n');
    if (split < 0) return;
    const head = text.slice(0, split);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    this.#bodyAt = split + 4;
    if (length !== undefined) this.#end = this.#bodyAt + Number(length);
    else if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#end = Number.POSITIVE_INFINITY;
    else if (/^HTTP\/1\.1 (204|304)/.test(head)) this.#end = this.#bodyAt;
    else this.#settle?.lost(new Error(`The driver cannot tell where this answer ends: ${head}`));
  }
}

function withoutChunks(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, end), 16);
    if (!size) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { secs: { type: 'string', default: '5' }, connections: { type: 'string', default: '16' } },
  });
  const [url = ''] = positionals;
  console.log(await drive({ url, seconds: Number(values.secs), connections: Number(values.connections) }));
}
