import { z } from 'zod';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { TEXT_AT_MOST } from '../../model/settings-text.ts';
import { type DriftPorts, type GroupDrift, readDrift } from '../../usecases/settings-drift.ts';
import { applySettings, exportSettings, planSettings } from '../../usecases/settings-text.ts';

export interface SettingsTextRoutePorts extends DriftPorts {
  /** How what was signed with others stands to what is set. */
  agreementDrift(ctx: Parameters<typeof readDrift>[0]): Promise<readonly unknown[]>;
}

const text = z.string().max(TEXT_AT_MOST);
/** JSON writes some characters with six bytes. */
const BODY_BYTES = TEXT_AT_MOST * 2;

/** Settings as a text: read, compared, planned and applied. */
export function settingsTextRoutes(ports: SettingsTextRoutePorts): readonly Route[] {
  const admin = { wire: 'problem', access: 'asks', tags: ['settings'] } as const;
  const drift = async (ctx: Parameters<typeof readDrift>[0], given?: string) => {
    const groups = await readDrift(ctx, ports, given);
    return { groups: groups.map(presentGroup), agreements: await ports.agreementDrift(ctx) };
  };
  return [
    route({
      ...admin,
      method: 'GET',
      path: '/admin/settings-text',
      summary: 'What is set, as YAML in a stable order.',
      handle: async (ctx) =>
        new Reply(200, await exportSettings(ctx, ports), {
          'content-type': 'application/yaml; charset=utf-8',
          'content-disposition': `attachment; filename="${ctx.tenant.initialDomain}.yaml"`,
        }),
    }),
    route({
      ...admin,
      method: 'POST',
      path: '/admin/settings-text/plan',
      summary: 'What applying a text would change, and the question who would gain and lose what. Nothing is changed.',
      body: z.strictObject({
        text,
        whatIf: z.boolean().default(true).describe('Whether to ask who would gain and lose what.'),
      }),
      bodyLimit: BODY_BYTES,
      transaction: 'none',
      handle: (ctx, { body }) => planSettings(ctx, ports, body),
    }),
    route({
      ...admin,
      method: 'POST',
      path: '/admin/settings-text/apply',
      summary: 'Makes what was planned, all or none; the digest of the plan says that nothing has changed since.',
      body: z.strictObject({ text, digest: z.string().max(100) }),
      bodyLimit: BODY_BYTES,
      handle: (ctx, { body }) => applySettings(ctx, ports, body),
    }),
    route({
      ...admin,
      method: 'GET',
      path: '/admin/settings-text/drift',
      summary: 'What is not as the texts say that were applied last, and what is less than agreements say.',
      handle: (ctx) => drift(ctx),
    }),
    route({
      ...admin,
      method: 'POST',
      path: '/admin/settings-text/drift',
      summary: 'The same against another text.',
      body: z.strictObject({ text }),
      bodyLimit: BODY_BYTES,
      transaction: 'read',
      handle: (ctx, { body }) => drift(ctx, body.text),
    }),
  ];
}

const presentGroup = ({ appliedAt, drifts, ...rest }: GroupDrift) => ({
  ...rest,
  appliedAt: appliedAt?.toISOString() ?? null,
  drifts: drifts.map(({ changedAt, ...one }) => ({ ...one, changedAt: changedAt?.toISOString() ?? null })),
});
