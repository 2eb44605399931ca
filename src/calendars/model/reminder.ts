import ICAL from 'ical.js';
import { type CalendarObject, keyOf, momentOf } from '../../protocols/icalendar/index.ts';

/** An alarm of an event (RFC 5545 §3.6.6), as far as we act on it. */
export interface Alarm {
  readonly kind: 'display' | 'email';
  /** When it is due for an instance. */
  dueFor(instance: { readonly startsAt: Date; readonly endsAt: Date }): Date;
}

/** Nobody wants to be reminded oftener of one event. */
const ALARMS_AT_MOST = 20;

/** The alarms of each instance: those of its own exception, or of the series. Keyed by recurrence; '' is the series. */
export function alarmsOf(object: CalendarObject, ownerZone: string): (recurrenceId: string) => readonly Alarm[] {
  const ofSeries = object.master ? readAlarms(object.master, ownerZone) : [];
  const own = new Map<string, readonly Alarm[]>();
  for (const exception of object.exceptions) {
    const recurrence = exception.getFirstProperty('recurrence-id');
    if (recurrence) own.set(keyOf(momentOf(recurrence, ownerZone)), readAlarms(exception, ownerZone));
  }
  return (recurrenceId) => own.get(recurrenceId) ?? ofSeries;
}

function readAlarms(component: ICAL.Component, ownerZone: string): Alarm[] {
  return component
    .getAllSubcomponents('valarm')
    .slice(0, ALARMS_AT_MOST)
    .flatMap((alarm): Alarm[] => {
      const action = String(alarm.getFirstPropertyValue('action') ?? 'DISPLAY').toUpperCase();
      const trigger = alarm.getFirstProperty('trigger');
      const value = trigger?.getFirstValue();
      // A sound is shown; what a program would have to run is nobody's business.
      if (!trigger || !['DISPLAY', 'AUDIO', 'EMAIL'].includes(action)) return [];
      const kind = action === 'EMAIL' ? ('email' as const) : ('display' as const);
      if (value instanceof ICAL.Duration) {
        const seconds = value.toSeconds();
        const isFromEnd = String(trigger.getFirstParameter('related') ?? '').toUpperCase() === 'END';
        const from = isFromEnd ? 'endsAt' : 'startsAt';
        return [{ kind, dueFor: (instance) => new Date(instance[from].getTime() + seconds * 1000) }];
      }
      if (!(value instanceof ICAL.Time)) return [];
      const at = new Date(momentOf(trigger, ownerZone).at.epochMilliseconds);
      return [{ kind, dueFor: () => at }];
    });
}
