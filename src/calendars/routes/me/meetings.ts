import { z } from 'zod';
import { noContent, type Route, route } from '../../../platform/http/route.ts';
import { momentOf, textOf } from '../../../protocols/icalendar/index.ts';
import { readMessage } from '../../../protocols/itip/index.ts';
import type { InboxMessage } from '../../model/scheduling.ts';
import { printEventId } from '../../usecases/events.ts';
import {
  answerWaiting,
  changeMeetingSettings,
  decideProposal,
  readMeetingSettings,
  readOwnInbox,
  removeFromInbox,
} from '../../usecases/inbox.ts';
import { readOwnReminders } from '../../usecases/reminders.ts';

const params = z.object({ id: z.uuid() });
const decision = z.object({ comment: z.string().max(10_000).optional() }).default({});
const settingsShape = z
  .strictObject({
    deliverTo: z.enum(['sendToDelegateOnly', 'sendToDelegateAndPrincipal', 'sendToDelegateAndInformationToPrincipal']),
    reminderMinutes: z.int().min(0).max(40_320).nullable(),
    addNewRequestsTentatively: z.boolean(),
  })
  .partial();

/** What came about meetings, and what is to be decided. */
export function meetingRoutes(): readonly Route[] {
  const own = { wire: 'problem', access: 'asks', tags: ['meetings'] } as const;
  return [
    route({
      ...own,
      method: 'GET',
      path: '/me/meeting-messages',
      summary: 'The messages about meetings that came in the last thirty days, also for those one stands in for.',
      query: z.object({ proposals: z.enum(['open']).optional() }),
      handle: async (ctx, { query }) => ({
        value: (await readOwnInbox(ctx, query.proposals ? { isOpenProposal: true } : {})).map(present),
      }),
    }),
    route({
      ...own,
      method: 'DELETE',
      path: '/me/meeting-messages/:id',
      summary: 'Puts a message away; what it did stays done.',
      params,
      handle: async (ctx, request) => {
        await removeFromInbox(ctx, request.params.id);
        return noContent();
      },
    }),
    ...(['accept', 'decline'] as const).map((word) =>
      route({
        ...own,
        method: 'POST',
        path: `/me/meeting-messages/:id/${word}`,
        summary:
          word === 'accept'
            ? 'Moves the meeting to the proposed time; everybody is told.'
            : 'Keeps the time of the meeting; whoever proposed another is told.',
        params,
        body: decision,
        handle: async (ctx, request) => {
          const decided = word === 'accept' ? 'accepted' : 'declined';
          await decideProposal(ctx, request.params.id, decided, request.body.comment);
          return noContent();
        },
      }),
    ),
    route({
      ...own,
      method: 'POST',
      path: '/me/meeting-messages/:id/answer',
      summary: 'Answers an invitation that is in no calendar yet.',
      params,
      body: z.strictObject({
        answer: z.enum(['accept', 'tentativelyAccept', 'decline']),
        comment: z.string().max(10_000).optional(),
        sendResponse: z.boolean().optional(),
      }),
      async handle(ctx, request) {
        const { answer, ...response } = request.body;
        await answerWaiting(ctx, request.params.id, answer, response);
        return noContent();
      },
    }),
    route({
      ...own,
      method: 'GET',
      path: '/me/reminders',
      summary: 'The reminders that were shown and neither put away nor put off.',
      handle: async (ctx) => ({
        value: (await readOwnReminders(ctx)).map(({ objectId, recurrenceId, startsAt, endsAt, subject, location }) => ({
          eventId: printEventId({ objectId, recurrenceId }),
          subject,
          location,
          startsAt: startsAt.toISOString(),
          endsAt: endsAt.toISOString(),
        })),
      }),
    }),
    route({
      ...own,
      method: 'GET',
      path: '/me/meeting-settings',
      summary: 'How one deals with meetings: who reads the messages, reminders, what is in the calendar unanswered.',
      transaction: 'write',
      handle: async (ctx) => withDefaults(await readMeetingSettings(ctx)),
    }),
    route({
      ...own,
      method: 'PATCH',
      path: '/me/meeting-settings',
      summary: 'Changes how one deals with meetings.',
      body: settingsShape,
      handle: async (ctx, { body }) => {
        const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
        return withDefaults(await changeMeetingSettings(ctx, given));
      },
    }),
  ];
}

const withDefaults = (settings: object) => ({
  deliverTo: 'sendToDelegateAndInformationToPrincipal',
  reminderMinutes: 15,
  addNewRequestsTentatively: true,
  ...settings,
});

function present(row: InboxMessage) {
  const [part] = readMessage(row.content).parts;
  // An instant, so that nobody need know the zones of whoever wrote; a date of what lasts whole days.
  const time = (name: string) => {
    const property = part?.getFirstProperty(name);
    if (!property) return null;
    const { at, isDate } = momentOf(property, 'UTC');
    return isDate ? at.toPlainDate().toString() : at.toInstant().toString();
  };
  return {
    id: row.id,
    method: row.method,
    sender: row.sender,
    eventId: row.objectId,
    for: row.owner,
    subject: part ? textOf(part, 'summary') : null,
    start: time('dtstart'),
    end: time('dtend'),
    comment: row.comment,
    outcome: row.outcome,
    warning: row.warning,
    proposal: row.proposal,
    receivedAt: row.receivedAt.toISOString(),
  };
}
