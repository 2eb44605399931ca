import { z } from 'zod';
import { noContent, type Route, route } from '../../../platform/http/route.ts';
import { muteOwn, type NoticePorts, type OwnSharing, readOwnSharing } from '../../usecases/notices.ts';

const own = { wire: 'problem', access: 'asks', tags: ['access'] } as const;

export const ownSharingRoutes = (ports: NoticePorts): readonly Route[] => [
  route({
    ...own,
    method: 'GET',
    path: '/me/sharing',
    summary: 'What of yours people outside hold, and of what you do not want to hear.',
    async handle(ctx) {
      const { rows, muted } = await readOwnSharing(ctx, ports);
      return { value: rows.map(present), muted };
    },
  }),
  route({
    ...own,
    method: 'PUT',
    path: '/me/sharing/mutes',
    summary: 'Whether you are written to when something of yours is shared outside, first used there, or about to end.',
    body: z.strictObject({
      kind: z.string().min(1).max(100),
      id: z.string().min(1).max(200),
      isMuted: z.boolean(),
    }),
    async handle(ctx, { body: { kind, id, isMuted } }) {
      await muteOwn(ctx, { kind, id }, isMuted);
      return noContent();
    },
  }),
];

const present = (row: OwnSharing) => ({
  id: row.id,
  title: row.title,
  subject: { ...row.subject, displayName: row.subjectName },
  object: { ...row.object, displayName: row.objectName },
  level: row.level,
  homeDomain: row.homeDomain,
  givenAt: row.givenAt,
  endsAt: row.endsAt,
  lastUsedAt: row.lastUsedAt,
});
