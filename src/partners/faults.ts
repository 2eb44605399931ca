import { Fault } from '../kernel/fault.ts';

export const partnersFaults = {
  entryExists: () => new Fault('conflict', 'partners.entry-exists', 'There is an entry for this organisation already.'),
};
