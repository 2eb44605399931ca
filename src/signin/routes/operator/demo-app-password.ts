import { z } from 'zod';
import { created, type Route, route } from '../../../platform/http/route.ts';
import { createAppPassword } from '../../usecases/app-passwords.ts';
import { appPasswordName } from '../me/app-passwords.ts';
import { type DemoPorts, demoPerson, forDemoPerson } from './demo-person.ts';

/** App passwords for the demo's people. The route exists on a demo server and on no other. */
export function demoAppPasswordRoute(ports: DemoPorts): Route {
  return route({
    method: 'POST',
    path: '/operator/demo/app-password',
    summary: "Makes a password for a program of one of the demo's people.",
    wire: 'problem',
    access: 'asks',
    tags: ['operator'],
    body: z.strictObject({ ...demoPerson, name: appPasswordName.default('command line') }),
    handle: (ctx, { body }) =>
      forDemoPerson(ctx, ports, body, async (inTenant, account) => {
        const { id, password } = await createAppPassword(inTenant, account.id, body.name);
        return created({ id, user: account.userPrincipalName, password });
      }),
  });
}
