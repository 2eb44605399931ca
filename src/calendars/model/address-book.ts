import type { Id } from '../../kernel/ids.ts';

export type AddressBookId = Id<'address-book'>;
export type CardId = Id<'card'>;

/** A person's own list of contacts. */
export interface AddressBook {
  readonly id: AddressBookId;
  readonly accountId: string;
  readonly name: string;
  /** Its last path segment over CardDAV. */
  readonly slug: string;
  readonly description: string | null;
  readonly isDefault: boolean;
  readonly deadProperties: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  readonly version: number;
}

/** What one may do with an address book, lowest first; `owner` is nobody's grant but follows from owning. */
export const BOOK_ROLES = ['none', 'read', 'write', 'owner'] as const;
export type BookRole = (typeof BOOK_ROLES)[number];

export const bookRoleIsAtLeast = (role: BookRole, wanted: BookRole): boolean =>
  BOOK_ROLES.indexOf(role) >= BOOK_ROLES.indexOf(wanted);

/** A contact as it is kept: the vCard that was sent. */
export interface Card {
  readonly id: CardId;
  readonly bookId: AddressBookId;
  /** Its last path segment over CardDAV. */
  readonly name: string;
  readonly uid: string;
  readonly content: string;
  readonly etag: string;
  readonly fullName: string;
  readonly createdAt: Date;
  readonly changedAt: Date;
}
