import { z } from 'zod';
import type { SettingsRule } from '../../../kernel/module.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import type { SettingsRegistry } from '../../model/settings-registry.ts';
import { changeSettingsTogether } from '../../usecases/change-settings.ts';
import {
  getDeclaration,
  getSettingsView,
  listSettingsHistory,
  listSettingsViews,
} from '../../usecases/read-settings.ts';

/** The settings of every module, generated from their declarations: to read, change and follow. */
export function settingsRoutes(
  registry: () => SettingsRegistry,
  rules: () => readonly SettingsRule[],
): readonly Route[] {
  const admin = { wire: 'problem', access: 'asks', tags: ['settings'] } as const;
  const params = z.object({ name: z.string().max(100) });
  const target = z.string().max(256).optional();
  return [
    route({
      ...admin,
      method: 'GET',
      path: '/admin/settings',
      summary: 'Every group of settings that the caller may read, with its values and last changes.',
      handle: async (ctx) => ({ value: await listSettingsViews(ctx, registry()) }),
    }),
    route({
      ...admin,
      method: 'GET',
      path: '/admin/settings/:name',
      summary: 'One group of settings; "target" chooses the partner or container where it has them.',
      params,
      query: z.object({ target }),
      handle: (ctx, { params: { name }, query }) => getSettingsView(ctx, registry(), name, query.target),
    }),
    route({
      ...admin,
      method: 'PATCH',
      path: '/admin/settings/:name',
      canBeTried: true,
      summary: 'Changes values of one group, all or none; null returns a value to its default.',
      params,
      body: z.strictObject({ values: z.record(z.string(), z.unknown()), target }),
      handle: async (ctx, { params: { name }, body }) => {
        const declaration = getDeclaration(registry(), name);
        await changeSettingsTogether(ctx, rules(), [{ declaration, target: body.target, values: body.values }]);
        return getSettingsView(ctx, registry(), name, body.target);
      },
    }),
    route({
      ...admin,
      method: 'GET',
      path: '/admin/settings/:name/history',
      summary: 'Who changed what in one group, newest first.',
      params,
      query: z.object({
        target,
        after: z.uuid().optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      handle: async (ctx, { params: { name }, query }) => {
        const { changes, next } = await listSettingsHistory(ctx, registry(), name, {
          limit: query.limit,
          ...(query.target === undefined ? {} : { target: query.target }),
          ...(query.after === undefined ? {} : { after: query.after }),
        });
        return { value: changes, next };
      },
    }),
  ];
}
