import { randomBytes } from 'node:crypto';
import { putGrant } from '../access/index.ts';
import { type CreateAccount, createAccount, GRANTS as DIRECTORY_GRANTS } from '../directory/index.ts';
import type { Actor } from '../kernel/context.ts';
import { type AccountId, HOST, newId, type TenantId } from '../kernel/ids.ts';
import type { Run } from '../kernel/module.ts';
import type { RoleName } from '../kernel/roles.ts';
import type { Agreeing } from '../partners/index.ts';
import { GRANTS as SIGNIN_GRANTS, setPassword } from '../signin/index.ts';
import { assignLicense, createTenant, findTenantByAddress, hasTenants, type OperatorPorts } from '../tenants/index.ts';
import { loadCalendars } from './demo-calendars.ts';
import { type LoadedOrganisation, loadAgreement, loadCollaboration } from './demo-collaboration.ts';

export interface DemoPerson {
  readonly displayName: string;
  readonly jobTitle: string;
  readonly department: string;
  readonly roles?: readonly RoleName[];
  /** Keeps the whole server running, beside their own work. */
  readonly isOperator?: boolean;
  /** The licence that is given to them, where it is not the organisation's first. */
  readonly sku?: string;
}

export interface DemoOrganisation {
  readonly displayName: string;
  readonly domain: string;
  readonly country: string;
  /** Given one by one; left out, everyone has everything. The first is everybody's unless said otherwise. */
  readonly subscriptions?: readonly { readonly sku: string; readonly units: number }[];
  /** By the part of their sign-in name before the `@`. */
  readonly people: Readonly<Record<string, DemoPerson>>;
}

const person = (
  displayName: string,
  jobTitle: string,
  department: string,
  rest: Pick<DemoPerson, 'roles' | 'isOperator' | 'sku'> = {},
): DemoPerson => ({ displayName, jobTitle, department, ...rest });

const FABRIKAM: DemoOrganisation = {
  displayName: 'Fabrikam',
  domain: 'fabrikam.example',
  country: 'SE',
  subscriptions: [
    { sku: 'ENTENTE_E5', units: 25 },
    { sku: 'ENTENTE_E3', units: 10 },
  ],
  people: {
    ann: person('Ann Beebe', 'Head of IT', 'IT', { roles: ['global-administrator'], isOperator: true }),
    anders: person('Anders Langvatn', 'Project Manager', 'Engineering'),
    helena: person('Helena Sörensen', 'Support Specialist', 'IT', { roles: ['helpdesk-administrator'] }),
    ulf: person('Ulf Nyberg', 'Identity Specialist', 'IT', { roles: ['user-administrator'] }),
    gunilla: person('Gunilla Ek', 'Partner Coordinator', 'Sales', { roles: ['guest-inviter'] }),
    sara: person('Sara Lindqvist', 'Security Officer', 'Security', { roles: ['security-reader'] }),
    erik: person('Erik Holm', 'Mechanical Engineer', 'Engineering', { sku: 'ENTENTE_E3' }),
    maja: person('Maja Forsberg', 'Industrial Designer', 'Engineering', { sku: 'ENTENTE_E3' }),
    oskar: person('Oskar Dahl', 'Test Engineer', 'Engineering', { sku: 'ENTENTE_E3' }),
    ingrid: person('Ingrid Åberg', 'Chief Financial Officer', 'Finance'),
    nils: person('Nils Wester', 'Accountant', 'Finance'),
    karin: person('Karin Bergman', 'Managing Director', 'Management'),
    li: person('Li Wei', 'Purchaser', 'Purchasing'),
  },
};

const CONTOSO: DemoOrganisation = {
  displayName: 'Contoso',
  domain: 'contoso.example',
  country: 'GB',
  subscriptions: [{ sku: 'ENTENTE_E3', units: 15 }],
  people: {
    carla: person('Carla Mendes', 'IT Manager', 'IT', { roles: ['global-administrator'] }),
    bob: person('Bob Kelly', 'Consultant', 'Consulting'),
    clara: person('Clara Osei', 'Lead Consultant', 'Consulting'),
    david: person('David Hughes', 'Structural Engineer', 'Engineering'),
    emma: person('Emma Clarke', 'Analyst', 'Consulting'),
    farid: person('Farid Rahimi', 'Contracts Manager', 'Legal'),
    grace: person('Grace Okafor', 'Account Manager', 'Sales'),
    hugo: person('Hugo Laurent', 'Service Desk Lead', 'IT', { roles: ['helpdesk-administrator'] }),
  },
};

const TAILSPIN: DemoOrganisation = {
  displayName: 'Tailspin',
  domain: 'tailspin.example',
  country: 'US',
  people: {
    tina: person('Tina Alvarez', 'Administrator', 'IT', { roles: ['global-administrator'] }),
    tom: person('Tom Perham', 'Sales Engineer', 'Sales'),
    uma: person('Uma Patel', 'Product Manager', 'Product'),
    victor: person('Victor Stone', 'Developer', 'Product'),
  },
};

/** Three organisations with people to try everything with. */
export const DEMO: readonly DemoOrganisation[] = [FABRIKAM, CONTOSO, TAILSPIN];

export interface DemoPorts {
  readonly run: Run;
  readonly agreeing: Agreeing;
  /** Where browsers reach the server. */
  readonly origin: string;
}

export interface DemoSignIn {
  readonly name: string;
  readonly userPrincipalName: string;
  readonly what: string;
}

/**
 * Fills an empty server with the demo, once. An organisation that is there already is left as it is, so a start that
 * was interrupted is finished by the next.
 *
 * @returns who can sign in; nobody when other organisations live here. `isNew`: the password given is theirs.
 */
export async function loadDemo(
  { run, agreeing, origin }: DemoPorts,
  password: string,
): Promise<{ people: readonly DemoSignIn[]; isNew: boolean }> {
  const host = { tenantId: HOST, actor: { kind: 'system', name: 'demo' } } as const;
  const known = await run(host, async (ctx) => {
    const found = [];
    for (const { domain } of DEMO) found.push(await findTenantByAddress(ctx, domain));
    return found;
  });
  const isEmpty = !(await run(host, (ctx) => hasTenants(ctx)));
  if (!isEmpty && known.every((tenant) => tenant === undefined)) return { people: [], isNew: false };
  const loaded: LoadedOrganisation[] = [];
  for (const [i, organisation] of DEMO.entries()) {
    if (known[i] === undefined) loaded.push(await loadOrganisation(run, organisation, { password }));
  }
  const at = (domain: string) => loaded.find((one) => one.domain === domain);
  const [fabrikam, contoso] = [at(FABRIKAM.domain), at(CONTOSO.domain)];
  const groups = fabrikam && contoso ? await loadCollaboration(run, fabrikam, contoso, origin) : undefined;
  await loadCalendars(run, loaded, { nameOf, falcon: groups?.falcon });
  if (fabrikam && contoso) await loadAgreement({ run, agreeing }, fabrikam, contoso);
  const people = DEMO.flatMap(({ domain, people }) =>
    Object.entries(people)
      .filter(([name, one]) => one.roles?.includes('global-administrator') || ['anders', 'bob', 'tom'].includes(name))
      .map(([name, one]) => ({
        name: one.displayName,
        userPrincipalName: `${name}@${domain}`,
        what: one.isOperator
          ? 'administrator, and operator of the server'
          : one.roles
            ? 'administrator'
            : one.jobTitle.toLowerCase(),
      })),
  );
  return { people, isNew: known.some((tenant) => tenant === undefined) };
}

/** The demo for someone who asks for it on the first page: with the password that is shown there. */
export async function demoFromPage(
  ports: DemoPorts,
  password: string = randomBytes(9).toString('base64url'),
): ReturnType<NonNullable<OperatorPorts['demo']>> {
  const { people } = await loadDemo(ports, password);
  return {
    people: people.map((one) => ({ displayName: one.name, userPrincipalName: one.userPrincipalName, role: one.what })),
    password,
  };
}

/** What somebody of the demo is called. */
function nameOf(address: string): string {
  const [name = '', domain] = address.split('@');
  return DEMO.find((one) => one.domain === domain)?.people[name]?.displayName ?? address;
}

/** While people are given licences one by one, no group carries any. */
const NO_GROUPS = { groupMembers: async () => [] };

/** Creates one organisation with its people through the same use cases as everybody else. */
export async function loadOrganisation(
  run: Run,
  organisation: DemoOrganisation,
  options: { password?: string } = {},
): Promise<LoadedOrganisation> {
  const actor: Actor = { kind: 'system', name: 'demo' };
  const id = newId<'tenant'>();
  const { displayName, domain } = organisation;
  const { subscriptions } = organisation;
  await run({ tenantId: HOST, actor }, (ctx) =>
    createTenant(ctx, { id, displayName, initialDomain: domain, ...(subscriptions ? { subscriptions } : {}) }),
  );

  const people: Record<string, AccountId> = {};
  for (const [name, one] of Object.entries(organisation.people)) {
    people[name] = await run({ tenantId: id, actor }, async (ctx) => {
      const account = await createAccount(ctx, accountOf(organisation, name, one));
      for (const role of one.roles ?? []) {
        await putGrant(ctx, {
          kind: DIRECTORY_GRANTS.role.kind,
          subject: { kind: 'account', id: account.id },
          object: { kind: DIRECTORY_GRANTS.role.objectKind, id: role },
          level: DIRECTORY_GRANTS.role.level,
          givenBy: 'demo',
        });
      }
      const skuId = one.sku ?? subscriptions?.[0]?.sku;
      if (skuId) {
        const given = { kind: 'account', ...account } as const;
        await assignLicense(ctx, NO_GROUPS, given, { addLicenses: [{ skuId }], removeLicenses: [] });
      }
      if (options.password !== undefined)
        await setPassword(ctx, account.id, { text: options.password, mustChange: false });
      return account.id;
    });
    if (one.isOperator) await run({ tenantId: HOST, actor }, (ctx) => putGrant(ctx, operatorGrant(people[name], id)));
  }
  return { id, domain, people };
}

function accountOf(organisation: DemoOrganisation, name: string, one: DemoPerson): CreateAccount {
  const [givenName = '', ...surname] = one.displayName.split(' ');
  const address = `${name}@${organisation.domain}`;
  return {
    userPrincipalName: address,
    mail: address,
    mailNickname: name,
    displayName: one.displayName,
    givenName,
    surname: surname.join(' '),
    jobTitle: one.jobTitle,
    department: one.department,
    companyName: organisation.displayName,
    usageLocation: organisation.country,
  };
}

function operatorGrant(accountId: AccountId | undefined, homeTenantId: TenantId) {
  const { kind, objectKind, objectId, level } = SIGNIN_GRANTS.operator;
  return {
    kind,
    subject: { kind: 'account', id: accountId as string },
    object: { kind: objectKind, id: objectId },
    level,
    givenBy: 'demo',
    homeTenantId,
  } as const;
}
