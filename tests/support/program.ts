import { askFor, type People, type Person } from './people.ts';

/** An application that acts for itself, with what an administrator consented to. */
export interface Program {
  readonly id: string;
  readonly servicePrincipalId: string;
  readonly permissionIds: readonly string[];
  /** Signs in by its secret (client credentials, RFC 6749 §4.4). */
  token(): Promise<string>;
}

/** Registers an application in the administrator's organisation. */
export async function registerProgram(
  people: People,
  administrator: Person,
  displayName: string,
  permissions: readonly string[],
): Promise<Program> {
  const api = people.api(administrator);
  const { id, appId } = await askFor(api, 'POST', '/v1.0/applications', { displayName });
  const { secretText } = await askFor(api, 'POST', `/v1.0/applications/${id}/addPassword`, {});
  const principals: { id: string; appId: string }[] = (await askFor(api, 'GET', '/v1.0/servicePrincipals')).value;
  const servicePrincipalId = principals.find((one) => one.appId === appId)?.id as string;
  const permissionIds: string[] = [];
  for (const appRoleId of permissions) {
    const path = `/v1.0/servicePrincipals/${servicePrincipalId}/appRoleAssignments`;
    permissionIds.push((await askFor(api, 'POST', path, { appRoleId, principalId: servicePrincipalId })).id);
  }
  return {
    id,
    servicePrincipalId,
    permissionIds,
    async token() {
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: appId,
        client_secret: secretText,
        scope: 'https://graph.microsoft.com/.default',
      });
      const address = `/${administrator.tenantId}/oauth2/v2.0/token`;
      const answer = await people.call(undefined)('POST', address, form.toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      });
      if (answer.status !== 200)
        throw new Error(`${address} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      return answer.body.access_token as string;
    },
  };
}
