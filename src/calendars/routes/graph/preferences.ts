import { type ReaderZone, zoneNamed } from './times.ts';

/** What a reader prefers (RFC 7240), in Graph's words. */
export interface Preferences {
  readonly zone: ReaderZone;
  readonly bodyType: 'html' | 'text';
  /** For `Preference-Applied`. */
  readonly applied: Readonly<Record<string, string>>;
}

/** @throws calendars.unknown-time-zone. */
export function preferencesOf(headers: Readonly<Record<string, string | string[] | undefined>>): Preferences {
  const said = [headers.prefer ?? []].flat().join(',');
  const value = (name: string) => new RegExp(`(?:^|[,;\\s])${name}\\s*=\\s*"?([^",;]+)"?`, 'i').exec(said)?.[1]?.trim();
  const applied: string[] = [];
  const zoneName = value('outlook\\.timezone');
  const zone = zoneName === undefined ? 'UTC' : zoneNamed(zoneName);
  if (zoneName !== undefined) applied.push(`outlook.timezone="${zoneName}"`);
  const bodyType = value('outlook\\.body-content-type')?.toLowerCase() === 'text' ? 'text' : 'html';
  if (value('outlook\\.body-content-type')) applied.push(`outlook.body-content-type="${bodyType}"`);
  // Every id here is: it stays when an event moves.
  if (value('IdType')?.toLowerCase() === 'immutableid') applied.push('IdType="ImmutableId"');
  return {
    zone: { name: zoneName ?? 'UTC', zone },
    bodyType,
    applied: applied.length === 0 ? {} : { 'preference-applied': applied.join(', ') },
  };
}
