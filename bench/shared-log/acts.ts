import type { SideProcess } from './two-sides.ts';

const DAY = 86_400_000;

/**
 * One thing that somebody of one organisation does toward the other; which, follows from `n`. Most look something up,
 * as at work. Returns what it was and how it was answered.
 */
export async function act(
  fabrikam: SideProcess,
  contoso: SideProcess,
  n: number,
): Promise<readonly [kind: string, status: number]> {
  const [side, other] = n % 2 === 0 ? [fabrikam, contoso] : [contoso, fabrikam];
  const target = other.member;
  // Never twice the same, so that nothing is answered from memory.
  const day = new Date(Date.UTC(2027, 0, 1) + (Math.floor(n / 2) % 3_000) * DAY).toISOString().slice(0, 10);
  const at = (time: string) => ({ dateTime: `${day}T${time}`, timeZone: 'UTC' });
  switch (Math.floor(n / 2) % 12) {
    case 0: {
      const attendees = [{ emailAddress: { address: target }, type: 'required' }];
      const meeting = { subject: `Meeting ${n}`, start: at('09:00:00'), end: at('09:30:00'), attendees };
      return ['meeting', (await side.call('member', 'POST', '/v1.0/me/events', meeting)).status];
    }
    case 1: {
      const permissions = '/v1.0/me/calendar/calendarPermissions';
      const emailAddress = { address: `${n}.${target}`, name: 'Somebody' };
      const made = await side.call('member', 'POST', permissions, { emailAddress, role: 'freeBusyRead' });
      if (made.status !== 201) return ['share', made.status];
      return ['share', (await side.call('member', 'DELETE', `${permissions}/${made.body.id}`)).status];
    }
    case 2: {
      const invited = await side.call('administrator', 'POST', '/v1.0/invitations', {
        invitedUserEmailAddress: `guest${n}@${other.options.domain}`,
        inviteRedirectUrl: 'https://apps.example/',
      });
      if (invited.status !== 201) return ['guest', invited.status];
      const { id } = invited.body.invitedUser;
      return ['guest', (await side.call('administrator', 'DELETE', `/v1.0/users/${id}`)).status];
    }
    case 3:
    case 4: {
      const asked = { EmailAddresses: [target], MailTipsOptions: 'automaticReplies, mailboxFullStatus' };
      return ['mail tips', (await side.call('member', 'POST', '/v1.0/me/getMailTips', asked)).status];
    }
    default: {
      const asked = { schedules: [target], startTime: at('00:00:00'), endTime: at('23:59:00') };
      return ['free/busy', (await side.call('member', 'POST', '/v1.0/me/calendar/getSchedule', asked)).status];
    }
  }
}
