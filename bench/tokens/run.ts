/**
 * Access tokens by client credentials (ES256) and userinfo each second, ours beside a bare `oidc-provider` that keeps
 * everything in memory, in the same run: 16 connections in a closed loop.
 *
 *   npm run bench -- tokens [--secs N]      seconds for each of the two calls (default 5), spread over rounds
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { drive } from '../drive.ts';
import { median, printFigures, printHeader } from '../report.ts';

interface Contestant {
  readonly token: string;
  readonly userinfo: string;
  readonly form: string;
  readonly userToken: string;
}

const ROUNDS = 5;
const { values } = parseArgs({ options: { secs: { type: 'string', default: '5' } } });
const seconds = Number(values.secs);
printHeader('tokens', 'one organisation, one application, one person; ours keeps everything in PostgreSQL');

const contestants = await Promise.all(
  ['ours', 'bare'].map(async (name) => {
    const child: ChildProcess = fork(new URL(`${name}.ts`, import.meta.url));
    child.once('exit', (code) => code !== 0 && process.exit(code ?? 1));
    const [where] = (await once(child, 'message')) as [Contestant];
    return { name, child, where, tokens: [] as number[], userinfo: [] as number[] };
  }),
);

const tokenLoad = ({ token, form }: Contestant) => ({
  url: token,
  body: () => form,
  contentType: 'application/x-www-form-urlencoded',
});
const userinfoLoad = ({ userinfo, userToken }: Contestant) => ({
  url: userinfo,
  headers: { authorization: `Bearer ${userToken}` },
});

/** Both give what they should: a JWT signed with ES256, and who the person is. */
for (const { name, where } of contestants) {
  const check = (claim: (body: Record<string, unknown>) => unknown) => (_n: number, status: number, body: string) => {
    if (status !== 200 || !claim(JSON.parse(body))) throw new Error(`${name} answered ${status}: ${body}`);
  };
  const isEs256 = (body: Record<string, unknown>) => {
    const [header = ''] = String(body.access_token).split('.');
    return JSON.parse(Buffer.from(header, 'base64url').toString()).alg === 'ES256';
  };
  await drive({ ...tokenLoad(where), requests: 200, check: check(isEs256) });
  await drive({ ...userinfoLoad(where), requests: 200, check: check((body) => body.sub) });
}

// They take turns, and ratios are taken within a round: a busy moment of the machine strikes both alike.
let refused = 0;
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { where, tokens, userinfo } of contestants) {
    const driven = [
      await drive({ ...tokenLoad(where), seconds: seconds / ROUNDS }),
      await drive({ ...userinfoLoad(where), seconds: seconds / ROUNDS }),
    ] as const;
    tokens.push(driven[0].perSecond);
    userinfo.push(driven[1].perSecond);
    refused += driven[0].refused + driven[1].refused;
  }
}
for (const { child } of contestants) child.disconnect();

const [ours, bare] = contestants;
if (!ours || !bare) throw new Error('Two were started.');
const ratio = (kind: 'tokens' | 'userinfo') =>
  Number(median(ours[kind].map((rate, round) => rate / (bare[kind][round] as number))).toFixed(2));
const figures = {
  tokens: { ours: median(ours.tokens), bare: median(bare.tokens), ratio: ratio('tokens') },
  userinfo: { ours: median(ours.userinfo), bare: median(bare.userinfo), ratio: ratio('userinfo') },
};
const targets = {
  'tokens not slower than a bare provider in memory': figures.tokens.ratio >= 1,
  'userinfo not slower than a bare provider in memory': figures.userinfo.ratio >= 1,
  'nobody refused': refused === 0,
};
console.table(figures);
for (const [target, met] of Object.entries(targets)) console.log(`${met ? 'met    ' : 'NOT met'} ${target}`);
printFigures('tokens', { ...figures, targets });
process.exitCode = Object.values(targets).every(Boolean) ? 0 : 1;
