/** An address of somebody outside, without sign-in. */
export interface Contact {
  readonly id: string;
  readonly displayName: string;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly mail: string;
  readonly mailNickname: string | null;
  readonly proxyAddresses: readonly string[];
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly companyName: string | null;
  readonly mobilePhone: string | null;
  readonly businessPhones: readonly string[];
  readonly createdAt: Date;
  readonly deletedAt: Date | null;
  readonly version: number;
}

export type ContactChanges = Partial<Omit<Contact, 'id' | 'createdAt' | 'deletedAt' | 'version'>>;
export type NewContact = Pick<Contact, 'displayName' | 'mail'> & ContactChanges;
