/** Finding people, and following references (RFC 3744 §9, RFC 3253 §3.8, CalendarServer's search of attendees). */
import type { Context } from '../../../kernel/context.ts';
import { Fault } from '../../../kernel/fault.ts';
import {
  c,
  childOf,
  childrenOf,
  d,
  elementsOf,
  multistatus,
  type QName,
  s,
  textIn,
  type XmlElement,
  xml,
  xmlDocument,
} from '../../../protocols/dav-xml.ts';
import { addressList } from '../../usecases/address-books.ts';
import { askingAccount } from '../../usecases/reach.ts';
import { type Place, placeAt, principalPath } from './addresses.ts';
import { davFaults } from './faults.ts';
import { type Asked, askedIn, type Described, describe, propertiesOf } from './properties.ts';
import { describePlace } from './propfind.ts';
import { PRINCIPAL, type PrincipalFacts, peopleFacts } from './tables.ts';

type Headers = Readonly<Record<string, unknown>>;

/** Answers at most; whoever is not among them is found by typing more. */
const FOUND_AT_MOST = 200;
/** As deep as references are followed. */
const DEPTH_AT_MOST = 3;
const REFERENCES_AT_MOST = 100;

const SEARCHABLE: ReadonlyMap<QName, string> = new Map([
  [d('displayname'), 'Name'],
  [c('calendar-user-address-set'), 'Address'],
  [s('email-address-set'), 'Mail address'],
  [s('first-name'), 'First name'],
  [s('last-name'), 'Last name'],
]);

/** What a person is found by, of one property, lower case. */
function textsOf(person: PrincipalFacts, name: QName): readonly string[] {
  switch (name) {
    case d('displayname'):
      return [person.displayName.toLowerCase()];
    case c('calendar-user-address-set'):
      return [
        ...person.addresses.map((address) => `mailto:${address}`),
        principalPath(person.id),
        `urn:uuid:${person.id}`,
      ];
    case s('email-address-set'):
      return person.addresses;
    case s('first-name'):
      return [(person.givenName ?? '').toLowerCase()];
    case s('last-name'):
      return [(person.surname ?? '').toLowerCase()];
    default:
      return [];
  }
}

const MATCHES = {
  contains: (text: string, wanted: string) => text.includes(wanted),
  equals: (text: string, wanted: string) => text === wanted,
  'starts-with': (text: string, wanted: string) => text.startsWith(wanted),
  'ends-with': (text: string, wanted: string) => text.endsWith(wanted),
} as const;
const matchOf = (type: string | undefined) => MATCHES[(type ?? 'contains') as keyof typeof MATCHES] ?? MATCHES.contains;

async function peopleOf(ctx: Context): Promise<PrincipalFacts[]> {
  const accountId = askingAccount(ctx);
  return (await addressList(ctx))
    .filter(({ kind }) => kind === 'account')
    .map((entry) => peopleFacts(accountId, entry));
}

const describePeople = (people: readonly PrincipalFacts[], asked: Asked): string =>
  multistatus(
    people
      .slice(0, FOUND_AT_MOST)
      .map((of) =>
        describe({ path: principalPath(of.id), table: PRINCIPAL, of } satisfies Described<PrincipalFacts>, asked),
      ),
  );

/** RFC 3744 §9.4. */
export async function principalPropertySearch(ctx: Context, root: XmlElement, headers: Headers): Promise<string> {
  const searches = childrenOf(root, d('property-search')).map((search) => ({
    names: elementsOf(childOf(search, d('prop')) ?? search).map(({ name }) => name),
    wanted: textIn(childOf(search, d('match'))).toLowerCase(),
    matches: matchOf(childOf(search, d('match'))?.attributes['match-type']),
  }));
  if (searches.length === 0) throw davFaults.badRequest('Say which properties to search, and for what.');
  const isAnyEnough = root.attributes.test === 'anyof';
  const people = (await peopleOf(ctx)).filter((person) => {
    const holds = ({ names, wanted, matches }: (typeof searches)[number]) =>
      names.some((name) => textsOf(person, name).some((text) => matches(text, wanted)));
    return isAnyEnough ? searches.some(holds) : searches.every(holds);
  });
  return describePeople(people, askedIn(root, headers));
}

/** CalendarServer's `calendarserver-principal-search`: every word typed is somewhere in the name or the address. */
export async function attendeeSearch(ctx: Context, root: XmlElement, headers: Headers): Promise<string> {
  const tokens = childrenOf(root, s('search-token')).map((token) => textIn(token).toLowerCase());
  const people = (await peopleOf(ctx)).filter(({ displayName, addresses }) =>
    tokens.every((token) => displayName.toLowerCase().includes(token) || addresses.some((one) => one.includes(token))),
  );
  return describePeople(tokens.length === 0 ? [] : people, askedIn(root, headers));
}

/** RFC 3744 §9.5. */
export const principalSearchPropertySet = (): string =>
  xmlDocument(
    d('principal-search-property-set'),
    [...SEARCHABLE]
      .map(([name, description]) =>
        xml(
          d('principal-search-property'),
          xml(d('prop'), xml(name)) + xml(d('description'), description, { 'xml:lang': 'en' }),
        ),
      )
      .join(''),
  );

/** RFC 3744 §9.3: the principal of whoever asks, or what is theirs at a place. */
export async function principalMatch(ctx: Context, place: Place, root: XmlElement, headers: Headers): Promise<string> {
  const asked = askedIn(root, headers);
  if (childOf(root, d('self'))) {
    const self = { kind: 'principal', ownerId: askingAccount(ctx) } as const;
    return multistatus((await describePlace(ctx, self, asked, false)).map((one) => describe(one, asked)));
  }
  const named = childOf(root, d('principal-property'));
  const [property] = named ? elementsOf(named) : [];
  if (!property) throw davFaults.badRequest('Say whether to match yourself or a property.');
  const own = principalPath(askingAccount(ctx));
  const found = (await describePlace(ctx, place, asked, true)).filter(({ table, of }) =>
    table[property.name]?.(of as never)?.includes(own),
  );
  return multistatus(found.map((one) => describe(one, asked)));
}

/** RFC 3744 §9.2: what is asked for, of each principal that an entry of the place's access control list names. */
export async function aclPrincipals(ctx: Context, place: Place, root: XmlElement, headers: Headers): Promise<string> {
  const list: Asked = { kind: 'prop', names: [d('acl')], elements: new Map(), isMinimal: false };
  const [found] = await describePlace(ctx, place, list, false);
  const acl = found && propertiesOf(found, list).get(d('acl'));
  if (acl === undefined) throw davFaults.needPrivileges('read-acl');
  const asked = askedIn(root, headers);
  const paths = [...acl.matchAll(/<D:href>([^<]*)<\/D:href>/g)].map(([, path]) => path!.replaceAll('&amp;', '&'));
  const principals: string[] = [];
  for (const path of new Set(paths)) {
    const named = placeAt(path);
    if (named?.kind !== 'principal') continue;
    const described = await whereTold(describePlace(ctx, named, asked, false));
    principals.push(...(described ?? []).map((one) => describe(one, asked)));
  }
  return multistatus(principals);
}

/** RFC 3253 §3.8: properties, and those of what they refer to. */
export async function expandProperty(ctx: Context, place: Place, root: XmlElement): Promise<string> {
  const left = { references: REFERENCES_AT_MOST };
  return multistatus(await expanded(ctx, place, root, DEPTH_AT_MOST, left));
}

async function expanded(
  ctx: Context,
  place: Place,
  wish: XmlElement,
  depth: number,
  left: { references: number },
): Promise<string[]> {
  const properties = childrenOf(wish, d('property'));
  const nameOf = ({ attributes }: XmlElement): QName => `{${attributes.namespace ?? 'DAV:'}}${attributes.name ?? ''}`;
  const asked: Asked = {
    kind: 'prop',
    names: properties.map(nameOf),
    elements: new Map(),
    isMinimal: false,
  };
  const deeper = new Map(
    properties.filter((one) => childrenOf(one, d('property')).length > 0).map((one) => [nameOf(one), one]),
  );
  const answers: string[] = [];
  for (const one of await describePlace(ctx, place, asked, false)) {
    const values = propertiesOf(one, asked);
    for (const [name, inner] of deeper) {
      const value = values.get(name);
      if (value === undefined || depth === 0) continue;
      values.set(name, await follow(ctx, value, inner, depth, left));
    }
    answers.push(describe({ ...one, table: tableOf(values), of: undefined as never }, asked));
  }
  return answers;
}

const tableOf = (values: ReadonlyMap<QName, string>) =>
  Object.fromEntries([...values].map(([name, value]) => [name, () => value]));

/** The references in a value, each in the place of itself what is there. One that leads nowhere is left out. */
async function follow(
  ctx: Context,
  value: string,
  wish: XmlElement,
  depth: number,
  left: { references: number },
): Promise<string> {
  const answers: string[] = [];
  for (const [, path] of value.matchAll(/<D:href[^>]*>([^<]*)<\/D:href>/g)) {
    const place = placeAt(path!.replaceAll('&amp;', '&'));
    left.references -= 1;
    if (!place || left.references < 0) continue;
    answers.push(...((await whereTold(expanded(ctx, place, wish, depth - 1, left))) ?? []));
  }
  return answers.join('');
}

/** What somebody may be told; undefined: it is not there, for them at least. */
async function whereTold<T>(telling: Promise<T>): Promise<T | undefined> {
  try {
    return await telling;
  } catch (error) {
    const isNoneOfTheirs = error instanceof Fault && (error.kind === 'not-found' || error.kind === 'forbidden');
    if (!isNoneOfTheirs) throw error;
    return undefined;
  }
}
