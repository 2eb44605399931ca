import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { updateMailbox } from '../../src/calendars/store/calendars.ts';
import { ensureMailbox } from '../../src/calendars/usecases/mailboxes.ts';
import { createGroup } from '../../src/directory/index.ts';
import type { Context } from '../../src/kernel/context.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

let people: People;
let anders: Api;
let bob: Api;
let carla: Api;
let tom: Api;
before(async () => {
  people = await startPeople();
  anders = people.api(people.fabrikam.anders);
  bob = people.api(people.contoso.bob);
  carla = people.api(people.contoso.carla);
  tom = people.api(people.tailspin.tom);
  await atContoso(async (ctx) => {
    const owner = { kind: 'account', id: people.contoso.bob.id } as const;
    await ensureMailbox(ctx, owner);
    await updateMailbox(ctx, owner, {
      automaticReplies: {
        status: 'alwaysEnabled',
        externalAudience: 'all',
        internalReplyMessage: '<p>Ask Clara.</p>',
        externalReplyMessage: '<p>Back on Monday.</p><script>alert(1)</script>',
      },
    });
    await createGroup(ctx, {
      kind: 'shared',
      displayName: 'Everybody',
      mailNickname: 'everybody',
      members: [
        { kind: 'account', id: people.contoso.bob.id },
        { kind: 'account', id: people.contoso.carla.id },
      ],
    });
  });
});
after(() => people.app.close());

const atContoso = <T>(act: (ctx: Context) => Promise<T>) =>
  people.app.run({ tenantId: people.contoso.id, actor: { kind: 'system', name: 'test' } }, act);

const EVERYTHING =
  'automaticReplies, mailboxFullStatus, customMailTip, externalMemberCount, totalMemberCount, maxMessageSize, deliveryRestriction, moderationStatus, recipientScope';

async function tips(api: Api, ...EmailAddresses: string[]) {
  const answer = await api('POST', '/v1.0/me/getMailTips', { EmailAddresses, MailTipsOptions: EVERYTHING });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.value.map(({ emailAddress, ...told }: { emailAddress: { address: string } }) => {
    assert.equal(EmailAddresses.includes(emailAddress.address), true);
    return told;
  });
}

async function relate(mailTips: Record<string, unknown>) {
  const answer = await carla('POST', '/admin/organization-relationships', {
    name: 'Fabrikam',
    domainNames: ['fabrikam.example'],
    mailTips,
  });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  const path = `/admin/organization-relationships/${answer.body.id}`;
  return {
    change: (changes: unknown) => carla('PATCH', path, { mailTips: changes }),
    end: () => carla('DELETE', path),
  };
}

const OUTSIDE = { recipientScope: 'external, externalNonPartner' };
const SIZE = 36 * 1024 * 1024;

test('at home everything is told, and which recipients there are not', async () => {
  const [own, group, nobody] = await tips(
    carla,
    'bob@contoso.example',
    'everybody@contoso.example',
    'nobody@contoso.example',
  );
  assert.deepEqual(own, {
    automaticReplies: { message: '<p>Ask Clara.</p>', messageLanguage: { locale: '', displayName: '' } },
    mailboxFull: false,
    customMailTip: '',
    maxMessageSize: SIZE,
    deliveryRestricted: false,
    isModerated: false,
    recipientScope: 'internal',
  });
  assert.deepEqual([group.totalMemberCount, group.externalMemberCount], [2, 0]);
  assert.equal(nobody.error.code, 'ErrorMailRecipientNotFound');
});

test('a partner to whom nothing is given is told nothing, of whomever it asks', async () => {
  assert.deepEqual(await tips(tom, 'bob@contoso.example', 'nobody@contoso.example', 'x@nowhere.example'), [
    OUTSIDE,
    OUTSIDE,
    OUTSIDE,
  ]);
});

test('EX-18: the limited level holds no own tip, no counts, no moderation and no full mailbox', async () => {
  const { change, end } = await relate({ enabled: true, level: 'Limited' });
  const limited = await tips(anders, 'bob@contoso.example', 'everybody@contoso.example', 'nobody@contoso.example');
  const few = { maxMessageSize: SIZE, deliveryRestricted: false, ...OUTSIDE };
  const reply = { message: '<p>Back on Monday.</p>', messageLanguage: { locale: '', displayName: '' } };
  assert.deepEqual(limited, [{ automaticReplies: reply, ...few }, few, few]);
  await change({ level: 'All' });
  const [all, group] = await tips(anders, 'bob@contoso.example', 'everybody@contoso.example');
  assert.deepEqual(all, {
    automaticReplies: reply,
    mailboxFull: false,
    customMailTip: '',
    isModerated: false,
    ...few,
  });
  assert.equal(group.totalMemberCount, 2);
  await change({ enabled: false });
  assert.deepEqual(await tips(anders, 'bob@contoso.example'), [OUTSIDE]);
  await end();
});

test('EX-19: of whoever is not in the scope nothing of their own is told, and what concerns mail at all still is', async () => {
  const { id } = await atContoso((ctx) =>
    createGroup(ctx, { kind: 'security', displayName: 'Told', mailNickname: 'told' }),
  );
  const { end } = await relate({ enabled: true, level: 'All', scopeGroupId: id });
  const [outside] = await tips(anders, 'bob@contoso.example');
  assert.deepEqual(Object.keys(outside).sort(), [
    'deliveryRestricted',
    'isModerated',
    'maxMessageSize',
    'recipientScope',
  ]);
  await carla('POST', `/v1.0/groups/${id}/members/$ref`, {
    '@odata.id': `${people.app.origin}/v1.0/directoryObjects/${people.contoso.bob.id}`,
  });
  const [inside] = await tips(anders, 'bob@contoso.example');
  assert.match(inside.automaticReplies.message, /Monday/);
  await end();
});

test('a reply for later, or for nobody outside, is not told; an organisation may give no tips at all', async () => {
  const { end } = await relate({ enabled: true, level: 'All' });
  const set = (automaticReplies: Record<string, unknown>) =>
    atContoso((ctx) =>
      updateMailbox(
        ctx,
        { kind: 'account', id: people.contoso.bob.id },
        {
          automaticReplies: {
            status: 'alwaysEnabled',
            internalReplyMessage: 'In.',
            externalReplyMessage: 'Out.',
            ...automaticReplies,
          },
        },
      ),
    );
  const said = async (api: Api) => (await tips(api, 'bob@contoso.example'))[0].automaticReplies?.message;
  await set({ externalAudience: 'none' });
  assert.deepEqual([await said(carla), await said(anders)], ['In.', undefined]);
  const hour = (hours: number) => new Date(people.app.clock.now.getTime() + hours * 3_600_000).toISOString();
  await set({ status: 'scheduled', startsAt: hour(1), endsAt: hour(2) });
  assert.deepEqual([await said(carla), await said(anders)], [undefined, undefined]);
  await set({ status: 'scheduled', startsAt: hour(-1), endsAt: hour(2) });
  assert.deepEqual([await said(carla), await said(anders)], ['In.', 'Out.']);

  const change = (allTipsEnabled: boolean) =>
    carla('PATCH', '/admin/settings/calendars.mail-tips', { values: { allTipsEnabled } });
  assert.equal((await change(false)).status, 200);
  assert.deepEqual(await tips(anders, 'bob@contoso.example'), [OUTSIDE]);
  const none = await bob('POST', '/v1.0/me/getMailTips', {
    EmailAddresses: ['carla@contoso.example'],
    MailTipsOptions: EVERYTHING,
  });
  assert.equal(none.status, 403);
  await change(true);
  await end();
});
