/** Address books (RFC 6352): a person's own, and the organisation's address list as one that is only read. */
import { listDisplayNames } from '../../../directory/index.ts';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId } from '../../../kernel/ids.ts';
import { Reply } from '../../../platform/http/route.ts';
import {
  FilterError,
  type PropertyFilter,
  passesProperty,
  readPropertyFilter,
} from '../../../protocols/caldav/filter.ts';
import {
  a,
  childOf,
  childrenOf,
  d,
  escapeXml,
  href,
  multistatus,
  type QName,
  s,
  statusResponse,
  textIn,
  type XmlElement,
  xml,
} from '../../../protocols/dav-xml.ts';
import { pickOfCard, printCard, readCard } from '../../../protocols/vcard.ts';
import type { AddressBook, BookRole } from '../../model/address-book.ts';
import { calendarDefaults } from '../../settings.ts';
import {
  type AddressBookChanges,
  type AddressListEntry,
  addressList,
  cardChangesSince,
  changeAddressBook,
  createOwnAddressBook,
  deleteCard,
  demandAddressList,
  ownAddressBook,
  ownAddressBooks,
  putCard,
  readCards,
  removeAddressBook,
  statesOfBooks,
} from '../../usecases/address-books.ts';
import { booksSharedWith, holdBook } from '../../usecases/book-shares.ts';
import { etagOf } from '../../usecases/keeping.ts';
import { askingAccount } from '../../usecases/reach.ts';
import {
  bookPath,
  isReserved,
  memberPath,
  nameIn,
  type Place,
  principalPath,
  sharedIdOf,
  sharedSlug,
} from './addresses.ts';
import { filtered, limitIn } from './calendar-reports.ts';
import { allRefused } from './collections.ts';
import { tagsIn } from './events.ts';
import { davFaults } from './faults.ts';
import {
  type Asked,
  askedIn,
  asksFor,
  collection,
  type Described,
  describe,
  EVERYTHING,
  httpDate,
  type PropertyTable,
  privileges,
  READING,
  reports,
} from './properties.ts';
import { type Instruction, instructionsIn, keepDead, printSettled } from './settable.ts';
import { printSyncToken, readSyncToken } from './sync-token.ts';
import { type Asking, COMMON_REPORTS, forEverything } from './tables.ts';

type BookPlace = Extract<Place, { kind: 'book' }>;
type CardPlace = Extract<Place, { kind: 'card' }>;
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The slug of the organisation's address list in everybody's home. */
export const DIRECTORY = 'directory';

/** An address book at the address by which it was asked for; `book` undefined: none that is kept here. */
export interface FoundBook {
  readonly path: string;
  readonly book: AddressBook | undefined;
  readonly role: BookRole;
  /** One of another organisation, as it is there now. */
  readonly abroad?: BookAbroad;
}

export interface BookAbroad {
  readonly name: string;
  /** Undefined: it could not be read. */
  readonly tag: string | undefined;
  cards(names: readonly string[] | undefined): Promise<ToldCard[]>;
}

interface BookFacts extends Asking {
  readonly name: string;
  readonly description: string | null;
  readonly isReadOnly: boolean;
  readonly isDirectory: boolean;
  /** Whether it tells what changed. */
  readonly isFollowed: boolean;
  readonly ownerId: string;
  readonly createdAt: Date | undefined;
  readonly tag: string | undefined;
  readonly syncToken: string | undefined;
  readonly largest: number;
}

const DATA_TYPES = ['3.0', '4.0']
  .map((version) => xml(a('address-data-type'), '', { 'content-type': 'text/vcard', version }))
  .join('');

export const BOOK: PropertyTable<BookFacts> = {
  ...forEverything,
  [d('resourcetype')]: ({ isDirectory }) =>
    isDirectory ? collection(a('addressbook'), a('directory')) : collection(a('addressbook')),
  [d('displayname')]: ({ name }) => escapeXml(name),
  [d('owner')]: ({ ownerId }) => href(principalPath(ownerId)),
  [d('creationdate')]: ({ createdAt }) => createdAt?.toISOString(),
  [d('current-user-privilege-set')]: ({ isReadOnly }) => privileges(isReadOnly ? READING : EVERYTHING),
  [d('supported-report-set')]: ({ isFollowed }) =>
    reports([
      a('addressbook-query'),
      a('addressbook-multiget'),
      ...(isFollowed ? [d('sync-collection')] : []),
      ...COMMON_REPORTS,
    ]),
  [d('sync-token')]: ({ syncToken }) => syncToken,
  [s('getctag')]: ({ tag }) => tag,
  [a('addressbook-description')]: ({ description }) => (description === null ? undefined : escapeXml(description)),
  [a('supported-address-data')]: () => DATA_TYPES,
  [a('max-resource-size')]: ({ largest }) => String(largest),
  [a('supported-collation-set')]: () =>
    ['i;ascii-casemap', 'i;octet', 'i;unicode-casemap'].map((name) => xml(a('supported-collation'), name)).join(''),
};

interface CardFacts extends Asking {
  readonly etag: string;
  readonly content: string;
  readonly ownerId: string;
  readonly isReadOnly: boolean;
  readonly createdAt: Date | undefined;
  readonly changedAt: Date | undefined;
  readonly shape: ((content: string) => string) | undefined;
}

const CARD: PropertyTable<CardFacts> = {
  ...forEverything,
  [d('getetag')]: ({ etag }) => `"${etag}"`,
  [a('address-data')]: ({ content, shape }) => shape && escapeXml(shape(content)),
  [d('resourcetype')]: () => '',
  [d('getcontenttype')]: () => 'text/vcard; charset=utf-8',
  [d('getcontentlength')]: ({ content }) => String(Buffer.byteLength(content)),
  [d('getlastmodified')]: ({ changedAt }) => changedAt && httpDate(changedAt),
  [d('creationdate')]: ({ createdAt }) => createdAt?.toISOString(),
  [d('owner')]: ({ ownerId }) => href(principalPath(ownerId)),
  [d('current-user-privilege-set')]: ({ isReadOnly }) => privileges(isReadOnly ? READING : EVERYTHING),
  [d('supported-report-set')]: () => reports(COMMON_REPORTS),
};

/** A contact wherever it comes from. */
export interface ToldCard {
  readonly name: string;
  readonly etag: string;
  readonly content: string;
  readonly createdAt?: Date;
  readonly changedAt?: Date;
}

/** @throws not-found, also for everybody else's address books. */
export async function bookAt(
  ctx: Context,
  place: { ownerId: string; slug: string },
  wanted: 'read' | 'write',
): Promise<FoundBook> {
  const path = bookPath(place.ownerId, place.slug);
  if (place.slug === DIRECTORY && place.ownerId === askingAccount(ctx)) {
    if (wanted === 'write') throw davFaults.notHere("The organisation's address list is kept in its directory.");
    await demandAddressList(ctx);
    return { path, book: undefined, role: 'read' };
  }
  const shared = place.ownerId === askingAccount(ctx) ? sharedIdOf<'address-book'>(place.slug) : undefined;
  if (shared) return { path, ...(await holdBook(ctx, shared, wanted)) };
  return { path, book: await ownAddressBook(ctx, place, wanted), role: 'owner' };
}

/** Everything in one's own home of address books that is here: their own, what colleagues share, and the address list. */
export async function booksInHome(ctx: Context): Promise<FoundBook[]> {
  const accountId = askingAccount(ctx);
  const own = (await ownAddressBooks(ctx)).map(
    (book): FoundBook => ({ path: bookPath(accountId, book.slug), book, role: 'owner' }),
  );
  const shared = (await booksSharedWith(ctx)).map((held) => ({
    ...held,
    path: bookPath(accountId, sharedSlug(held.book.id)),
  }));
  return [...own, ...shared, { path: bookPath(accountId, DIRECTORY), book: undefined, role: 'read' }];
}

export async function describeBooks(
  ctx: Context,
  found: readonly FoundBook[],
  asked: Asked,
): Promise<Described<BookFacts>[]> {
  const accountId = askingAccount(ctx);
  const wantsState = asksFor(asked, d('sync-token'), s('getctag'));
  const own = found.flatMap(({ book }) => book ?? []);
  const states = wantsState ? await statesOfBooks(ctx, own) : new Map<string, number>();
  const largest = ctx.settings.tenant(calendarDefaults).largestObjectKilobytes * 1024;
  const described: Described<BookFacts>[] = [];
  const owners = await listDisplayNames(
    ctx,
    own.filter((book) => book.accountId !== accountId).map((book) => book.accountId),
  );
  for (const { path, book, role, abroad } of found) {
    const state = book && states.get(book.id);
    const ownerName = book && owners.get(book.accountId);
    const of = {
      accountId,
      ownerId: book?.accountId ?? accountId,
      largest,
      tag: abroad ? abroad.tag : book ? state?.toString() : wantsState ? await tagOfDirectory(ctx) : undefined,
      name:
        abroad?.name ??
        (ownerName === undefined ? book?.name : `${book?.name} (${ownerName})`) ??
        ctx.tenant.displayName,
      description: book?.description ?? null,
      isReadOnly: role === 'read',
      isDirectory: !book && !abroad,
      isFollowed: book !== undefined,
      createdAt: book?.createdAt,
      syncToken: book && state !== undefined ? printSyncToken({ collectionId: book.id, state }) : undefined,
    };
    described.push({ path, table: BOOK, of, dead: role === 'owner' ? book?.deadProperties : undefined });
  }
  return described;
}

const tagOfDirectory = async (ctx: Context) => etagOf(String((await directoryCards(ctx)).map(({ etag }) => etag)));

/** A person of the organisation as a card. */
function cardOf(ctx: Context, entry: AddressListEntry): ToldCard {
  const content = printCard({
    uid: `urn:uuid:${entry.id}`,
    fullName: entry.displayName,
    surname: entry.surname,
    givenName: entry.givenName,
    addresses: [entry.mail],
    phones: [
      ...entry.businessPhones.map((number) => ({ type: 'WORK' as const, number })),
      ...(entry.mobilePhone ? [{ type: 'CELL' as const, number: entry.mobilePhone }] : []),
    ],
    organisation: entry.companyName ?? (entry.kind === 'account' ? ctx.tenant.displayName : null),
    department: entry.department,
    title: entry.jobTitle,
  });
  return { name: `${entry.id}.vcf`, etag: etagOf(content), content };
}

const directoryCards = async (ctx: Context, names?: readonly string[]): Promise<ToldCard[]> => {
  const ids = names?.flatMap((name) => parseId(name.replace(/\.vcf$/, '')) ?? []);
  return (await addressList(ctx, ids)).map((entry) => cardOf(ctx, entry));
};

const cardsIn = (ctx: Context, { book, abroad }: FoundBook, names?: readonly string[]): Promise<ToldCard[]> =>
  abroad ? abroad.cards(names) : book ? readCards(ctx, book, names && { names }) : directoryCards(ctx, names);

export async function describeCards(
  ctx: Context,
  found: FoundBook,
  asked: Asked,
  names?: readonly string[],
): Promise<Described<CardFacts>[]> {
  return describeEach(ctx, found, await cardsIn(ctx, found, names), shapeIn(asked));
}

function describeEach(
  ctx: Context,
  { path, book, role }: FoundBook,
  cards: readonly ToldCard[],
  shape: CardFacts['shape'],
): Described<CardFacts>[] {
  const accountId = askingAccount(ctx);
  return cards.map(({ name, etag, content, createdAt, changedAt }) => ({
    path: memberPath(path, name),
    table: CARD,
    of: {
      accountId,
      ownerId: book?.accountId ?? accountId,
      isReadOnly: role === 'read',
      ...{ etag, content, createdAt, changedAt, shape },
    },
  }));
}

/** How contacts are told: as they are kept, or some of their properties alone (RFC 6352 §10.4). */
function shapeIn(asked: Asked): CardFacts['shape'] {
  const element = asked.elements.get(a('address-data'));
  if (!element) return undefined;
  const { 'content-type': type = 'text/vcard', version = '3.0' } = element.attributes;
  if (type !== 'text/vcard' || (version !== '3.0' && version !== '4.0')) throw davFaults.addressDataNotSupported();
  const names = childrenOf(element, a('prop')).map(({ attributes }) => (attributes.name ?? '').toLowerCase());
  return names.length === 0 ? (content) => content : (content) => pickOfCard(content, new Set(names));
}

/** RFC 6352 §8.6; `names`: of these alone. */
export async function addressbookQuery(
  ctx: Context,
  found: FoundBook,
  root: XmlElement,
  headers: Headers,
  names?: readonly string[],
): Promise<string> {
  const asked = askedIn(root, headers);
  const shape = shapeIn(asked);
  const element = childOf(root, a('filter'));
  if (!element) throw davFaults.badFilter('An addressbook-query holds a filter.', true);
  const filters = filtered(() => {
    const test = element.attributes.test ?? 'anyof';
    if (test !== 'anyof' && test !== 'allof') throw new FilterError('valid-filter', `There is no test "${test}".`);
    return childrenOf(element, a('prop-filter')).map(readPropertyFilter);
  }, true);
  const isAll = element.attributes.test === 'allof';
  const limit = limitIn(root, a('limit'), a('nresults'));
  const matching = (await cardsIn(ctx, found, names)).filter((card) => passesCard(card, filters, isAll));
  const responses = describeEach(ctx, found, matching.slice(0, limit), shape).map((one) => describe(one, asked));
  if (matching.length > limit) {
    responses.push(statusResponse(found.path, 507, xml(d('number-of-matches-within-limits'))));
  }
  return multistatus(responses);
}

function passesCard({ content }: ToldCard, filters: readonly PropertyFilter[], isAll: boolean): boolean {
  if (filters.length === 0) return true;
  const { component } = readCard(content);
  const passes = (filter: PropertyFilter) => passesProperty(component, filter, 'UTC');
  return isAll ? filters.every(passes) : filters.some(passes);
}

/** RFC 6352 §8.7. */
export async function addressbookMultiget(
  ctx: Context,
  found: FoundBook,
  root: XmlElement,
  headers: Headers,
): Promise<string> {
  const asked = askedIn(root, headers);
  const hrefs = childrenOf(root, d('href')).map(textIn);
  const names = hrefs.map((address) => nameIn(found.path, address));
  const wanted = [...new Set(names.filter((name) => name !== undefined))];
  const byPath = new Map((await describeCards(ctx, found, asked, wanted)).map((one) => [one.path, one]));
  return multistatus(
    hrefs.map((address, n) => {
      const name = names[n];
      const one = name === undefined ? undefined : byPath.get(memberPath(found.path, name));
      return one ? describe(one, asked) : statusResponse(address, 404);
    }),
  );
}

/** RFC 6578 on an address book of one's own. */
export async function syncBook(ctx: Context, found: FoundBook, root: XmlElement, headers: Headers): Promise<string> {
  const { book, path } = found;
  if (!book) throw davFaults.reportNotSupported();
  const asked = askedIn(root, headers);
  const said = textIn(childOf(root, d('sync-token')));
  const token = said === '' ? undefined : readSyncToken(said, book.id);
  const { changes, state, isCut } = await cardChangesSince(ctx, book.id, {
    above: token?.state ?? -1,
    ...(token?.after ? { after: token.after } : {}),
    limit: limitIn(root),
  });
  if (said !== '' && (token === undefined || token.state > state)) throw davFaults.tokenNotValid();
  const present = changes.filter(({ etag }) => etag !== null).map(({ name }) => name);
  const described = present.length === 0 ? [] : await describeCards(ctx, found, asked, present);
  const byPath = new Map(described.map((one) => [one.path, one]));
  const responses: string[] = [];
  const there = new Set(present);
  for (const { name, etag } of changes) {
    const one = byPath.get(memberPath(path, name));
    if (etag !== null && one) responses.push(describe(one, asked));
    else if (!there.has(name) && token !== undefined) responses.push(statusResponse(memberPath(path, name), 404));
  }
  const last = changes.at(-1);
  if (isCut) responses.push(statusResponse(path, 507, xml(d('number-of-matches-within-limits'))));
  const after = isCut && last ? { version: last.version, id: last.id } : undefined;
  const next = printSyncToken({ collectionId: book.id, state: after ? (token?.state ?? 0) : state, after });
  return multistatus(responses, xml(d('sync-token'), next));
}

const VCARD = 'text/vcard; charset=utf-8';

export async function getCard(ctx: Context, place: CardPlace, headers: Headers): Promise<Reply> {
  return getCardIn(ctx, await bookAt(ctx, place, 'read'), place.name, headers);
}

export async function getCardIn(ctx: Context, found: FoundBook, name: string, headers: Headers): Promise<Reply> {
  const [card] = await cardsIn(ctx, found, [name]);
  if (!card) throw kernelFaults.notFound();
  const facts = {
    etag: `"${card.etag}"`,
    ...(card.changedAt ? { 'last-modified': httpDate(card.changedAt) } : {}),
  };
  const known = tagsIn(headers['if-none-match']);
  if (known.includes('*') || known.includes(card.etag)) return new Reply(304, undefined, facts);
  return new Reply(200, card.content, { ...facts, 'content-type': VCARD });
}

/** The whole address book as one file of vCards. */
export async function getBook(ctx: Context, place: BookPlace): Promise<Reply> {
  const cards = await cardsIn(ctx, await bookAt(ctx, place, 'read'));
  const text = cards.map(({ content }) => (content.endsWith('\n') ? content : `${content}\r\n`)).join('');
  return new Reply(200, text, { 'content-type': VCARD });
}

const conditionIn = (headers: Headers) => {
  const [ifMatch] = tagsIn(headers['if-match']);
  return {
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(tagsIn(headers['if-none-match']).includes('*') ? { ifNoneMatch: true } : {}),
  };
};

export async function putCardAt(
  ctx: Context,
  place: CardPlace,
  body: string | undefined,
  headers: Headers,
): Promise<Reply> {
  if (body === undefined) throw davFaults.badRequest('Send the contact as text/vcard.');
  const { book } = await bookAt(ctx, place, 'write');
  if (!book) throw kernelFaults.notFound();
  const { card, isNew } = await putCard(ctx, book, { name: place.name, text: body, ...conditionIn(headers) });
  return new Reply(isNew ? 201 : 204, undefined, { etag: `"${card.etag}"` });
}

export async function deleteCardAt(ctx: Context, place: CardPlace, headers: Headers): Promise<Reply> {
  const { book } = await bookAt(ctx, place, 'write');
  if (!book) throw kernelFaults.notFound();
  await deleteCard(ctx, book, { name: place.name, ...conditionIn(headers) });
  return new Reply(204);
}

/** What a client wants of an address book, and what of it cannot be. */
function settleBook(instructions: readonly Instruction[], before: Readonly<Record<string, string>>, isNew: boolean) {
  const changes: { -readonly [Key in keyof AddressBookChanges]: AddressBookChanges[Key] } = {};
  const dead: Record<string, string> = { ...before };
  const refused = new Map<QName, string>();
  for (const { name, value } of instructions) {
    const text = textIn(value);
    if (name === d('displayname')) {
      if (text === '' || text.length > 255) refused.set(name, '');
      else changes.name = text;
    } else if (name === a('addressbook-description')) changes.description = value ? text.slice(0, 4_096) : null;
    else if (name in BOOK) {
      if (!(isNew && name === d('resourcetype'))) refused.set(name, '');
    } else keepDead(dead, name, value, refused);
  }
  if (JSON.stringify(dead) !== JSON.stringify(before)) changes.deadProperties = dead;
  return { changes, refused };
}

export async function makeBook(ctx: Context, place: BookPlace, root: XmlElement | undefined): Promise<Reply> {
  const own = await ownAddressBooks(ctx);
  if (place.ownerId !== askingAccount(ctx)) throw kernelFaults.notFound();
  if (isReserved(place.slug)) throw davFaults.notInHome();
  if (own.some(({ slug }) => slug === place.slug)) throw davFaults.resourceExists();
  const { changes, refused } = settleBook(root ? instructionsIn(root) : [], {}, true);
  if (refused.size > 0) throw davFaults.badRequest('Not every property of the new address book can be set.');
  await createOwnAddressBook(ctx, { slug: place.slug, ...changes, name: changes.name ?? place.slug });
  return new Reply(201);
}

export async function changeBookAt(ctx: Context, place: BookPlace, root: XmlElement): Promise<string> {
  const { book, path, role } = await bookAt(ctx, place, 'write');
  if (!book) throw kernelFaults.notFound();
  const instructions = instructionsIn(root);
  if (role !== 'owner') return multistatus([printSettled(path, instructions, allRefused(instructions))]);
  const { changes, refused } = settleBook(instructions, book.deadProperties, false);
  if (refused.size === 0) await changeAddressBook(ctx, book, changes);
  return multistatus([printSettled(path, instructions, refused)]);
}

export async function deleteBookAt(ctx: Context, place: BookPlace): Promise<Reply> {
  const { book, role } = await bookAt(ctx, place, 'write');
  if (book && role !== 'owner') throw davFaults.notHere('An address book is removed by whose it is.');
  if (book) await removeAddressBook(ctx, book);
  return new Reply(204);
}
