import type { SettingsSnapshot } from '../../kernel/settings.ts';
import { accessDefaults, partnerAccess } from '../settings.ts';

type Defaults = ReturnType<typeof accessDefaults.shape.parse>;

/** The parts that an entry for one organisation has or leaves to the defaults. */
export const PARTS = [
  'b2bCollaborationInbound',
  'b2bCollaborationOutbound',
  'b2bDirectConnectInbound',
  'b2bDirectConnectOutbound',
  'inboundTrust',
  'automaticUserConsentSettings',
  'tenantRestrictions',
] as const satisfies readonly (keyof Defaults)[];
export type Part = (typeof PARTS)[number];
/** The parts that say who may use what. */
export type AccessPart = Exclude<Part, 'inboundTrust' | 'automaticUserConsentSettings'>;

/** What holds of one part, and which of the two says so. */
export interface InForce<Name extends Part> {
  readonly value: Defaults[Name];
  readonly origin: 'default' | 'partner';
}

/** What holds towards one organisation: its entry where that says something, else what is said of all (whole, CT-3). */
export function inForce<Name extends Part>(settings: SettingsSnapshot, partnerId: string, part: Name): InForce<Name> {
  const own = settings.partner(partnerAccess, partnerId)[part];
  if (own !== null) return { value: own as Defaults[Name], origin: 'partner' };
  return { value: settings.tenant(accessDefaults)[part], origin: 'default' };
}

/** Whether there is an entry for the organisation, whatever it says. */
export const isPartner = (settings: SettingsSnapshot, partnerId: string): boolean =>
  settings.partners(partnerAccess).includes(partnerId);

/** How somebody works elsewhere: as a guest with an object there, or without one in things that are shared. */
export type Mode = 'collaboration' | 'direct-connect';
