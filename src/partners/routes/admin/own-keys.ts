import { z } from 'zod';
import { accepted, type Route, route } from '../../../platform/http/route.ts';
import { beginKeyChange, type KeyPorts, type OwnKey, readOwnKeys, withdrawKeys } from '../../usecases/change-key.ts';

const KEYS = '/admin/partner-keys';
const admin = { wire: 'problem', access: 'asks', tags: ['partners'], transaction: 'none' } as const;

/** The keys with which the organisation signs what it says to others. */
export const ownKeyRoutes = (ports: KeyPorts): readonly Route[] => {
  const show = async (ctx: Parameters<typeof readOwnKeys>[0]) => ({
    value: (await readOwnKeys(ctx, ports)).map(present),
  });
  return [
    route({
      ...admin,
      method: 'GET',
      path: KEYS,
      summary: 'The keys with which the organisation signs what it says to others; the first signs now.',
      handle: show,
    }),
    route({
      ...admin,
      method: 'POST',
      path: KEYS,
      summary: 'Announces a new key to all partners, beside the one they know, which answers for it and then retires.',
      body: z.strictObject({ overlapDays: z.int().min(1).max(90).default(14) }),
      async handle(ctx, { body }) {
        await beginKeyChange(ctx, ports, body.overlapDays);
        return accepted(await show(ctx), KEYS);
      },
    }),
    route({
      ...admin,
      method: 'POST',
      path: `${KEYS}/withdraw`,
      summary: 'Gives up every key at once, because somebody else may have one. Partners confirm the new one by hand.',
      body: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
      async handle(ctx, { body }) {
        await withdrawKeys(ctx, ports, body.reason);
        return accepted(await show(ctx), KEYS);
      },
    }),
  ];
};

const present = ({ kid, publicJwk, state, signsFrom, retiresAt, retiredAt, succession }: OwnKey) => ({
  kid,
  x: publicJwk.x,
  state,
  signsFrom,
  retiresAt,
  retiredAt,
  succeeds: succession?.statement.by ?? null,
});
