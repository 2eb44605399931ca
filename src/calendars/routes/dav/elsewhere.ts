/** What calendars and address books of other organisations have in common as they stand in a home here. */
import { Fault } from '../../../kernel/fault.ts';
import { type Method, Reply } from '../../../platform/http/route.ts';
import { multistatus, type XmlElement } from '../../../protocols/dav-xml.ts';
import { allRefused, XML_TYPE } from './collections.ts';
import { davFaults } from './faults.ts';
import { instructionsIn, printSettled } from './settable.ts';

/** A request about something of another organisation. */
export interface AbroadRequest<Place> {
  readonly place: Place;
  readonly root: () => XmlElement | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly depth: string;
}

export const isReading = (method: Method): boolean => ['PROPFIND', 'REPORT', 'GET'].includes(method);

/** What a report or a change asks for. @throws dav.bad-request without a body. */
export function wishIn({ root }: Pick<AbroadRequest<unknown>, 'root'>): XmlElement {
  const wish = root();
  if (!wish) throw davFaults.badRequest('The body says what is asked for; there is none.');
  return wish;
}

export const printed = (answer: string): Reply => new Reply(207, Buffer.from(answer), XML_TYPE);

/** A PROPPATCH: what is kept elsewhere is not named otherwise here. */
export function nothingSettled(path: string, request: Pick<AbroadRequest<unknown>, 'root'>): Reply {
  const instructions = instructionsIn(wishIn(request));
  return printed(multistatus([printSettled(path, instructions, allRefused(instructions))]));
}

/** Undefined where the other organisation does not tell: it stays in the list, and whoever reads it is told why that fails. */
export async function whereTold<T>(telling: Promise<T>): Promise<T | undefined> {
  try {
    return await telling;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** Every method that there is no answer to. @throws dav.not-here for whatever writes. */
export function notAbroad(method: Method, what: string): Reply {
  if (isReading(method)) return new Reply(405, undefined, { allow: 'OPTIONS, PROPFIND, REPORT, DELETE' });
  throw davFaults.notHere(`${what} of another organisation is read here, and changed there.`);
}
