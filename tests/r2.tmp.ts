import { killDatabaseUnderLoad, killUnderLoad, nothingYet, press, settle } from './support/ledger-load.ts';
import { ServerProcess } from './support/server-process.ts';

const s = await ServerProcess.create();
await s.start();
const o = await settle(s);
const k = nothingYet();
for (const [round, database] of [false, true].entries()) {
  console.log(await killUnderLoad(s, o, k, { round, requests: 400, killAfter: 120, database }));
  console.log({
    g: k.guests.size,
    m: k.members.size,
    r: k.roles.size,
    rem: k.removed.size,
    un: k.unanswered.size,
    ref: k.refused,
  });
}
console.log(await killDatabaseUnderLoad(s, 8));
await new Promise((r) => setTimeout(r, 500));
console.log(await killDatabaseUnderLoad(s, 8));
await s.end();
