/** iCalendar (RFC 5545): read, printed and expanded. Nothing that stands in a text is lost by reading and printing it. */

export { type Found, joinObjects, type Left, type Reader, readersOf } from './collection.ts';
export { type Expansion, expand, type Instance, instanceOf, keyOf, repeats } from './expand.ts';
export {
  addressOf,
  type CalendarObject,
  CalendarTextError,
  type KeptComponent,
  objectOf,
  readCalendar,
  readObject,
  readObjectOnItsWay,
  textOf,
} from './object.ts';
export { printCalendar } from './print.ts';
export { firstOf } from './series.ts';
export { definitionOf, isZone, type Moment, momentOf, windowsNameOf, zoneOf } from './zones.ts';
