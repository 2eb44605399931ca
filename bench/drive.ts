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
  /** The nth request's body, sent by POST; without it every request is a GET. */
  body?: (n: number) => string;
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

  const loop = async () => {
    const line = await Line.open(url, load.headers ?? {}, load.contentType ?? 'application/json');
    try {
      while (sent < most && performance.now() < end) {
        const n = sent++;
        const start = performance.now();
        const answer = await line.ask(load.body?.(n));
        took.push(performance.now() - start);
        if (answer.status < 200 || answer.status > 299) refused++;
        load.check?.(n, answer.status, answer.body);
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
  return { requests: took.length, perSecond, p50Ms: quantile(0.5), p99Ms: quantile(0.99), refused };
}

/** One keep-alive connection with one request under way at a time. */
class Line {
  readonly #socket: Socket;
  readonly #head: string;
  readonly #contentType: string;
  #received = '';
  #settle: { answer: (answer: { status: number; body: string }) => void; lost: (error: Error) => void } | undefined;

  static async open(url: URL, headers: Record<string, string>, contentType: string): Promise<Line> {
    const socket = connect(Number(url.port || 80), url.hostname.replace(/[[\]]/g, ''));
    await new Promise<void>((ready, lost) => socket.once('connect', ready).once('error', lost));
    return new Line(socket, url, headers, contentType);
  }

  private constructor(socket: Socket, url: URL, headers: Record<string, string>, contentType: string) {
    this.#contentType = contentType;
    const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#head = ` ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n${more.join('')}`;
    this.#socket = socket;
    // One character for each byte keeps content-length true.
    socket.setNoDelay().setEncoding('latin1');
    socket.on('data', (text: string) => this.#receive(text));
    socket.on('error', (error) => this.#settle?.lost(error));
    socket.on('close', () => this.#settle?.lost(new Error('The server closed the connection.')));
  }

  ask(body: string | undefined): Promise<{ status: number; body: string }> {
    const length = body === undefined ? 0 : Buffer.byteLength(body);
    const rest =
      body === undefined ? '\r\n' : `content-type: ${this.#contentType}\r\ncontent-length: ${length}\r\n\r\n${body}`;
    return new Promise((answer, lost) => {
      this.#settle = { answer, lost };
      this.#socket.write(`${body === undefined ? 'GET' : 'POST'}${this.#head}${rest}`);
    });
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #receive(text: string): void {
    this.#received += text;
    const split = this.#received.indexOf('\r\n\r\n');
    if (split < 0) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#received.slice(0, split))?.[1];
    if (length === undefined) {
      this.#settle?.lost(new Error('The driver reads only answers with a content-length.'));
      return;
    }
    const end = split + 4 + Number(length);
    if (this.#received.length < end) return;
    const body = Buffer.from(this.#received.slice(split + 4, end), 'latin1').toString();
    const status = Number(this.#received.slice(9, 12));
    this.#received = this.#received.slice(end);
    this.#settle?.answer({ status, body });
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
