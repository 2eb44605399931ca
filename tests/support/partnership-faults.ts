import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { newId } from '../../src/kernel/ids.ts';
import { sqlOf } from '../../src/platform/database/index.ts';
import { soon } from './eventually.ts';
import { certificateFor } from './faulty-front.ts';
import {
  DOCUMENT,
  everybody,
  type Injected,
  injections,
  LONG_AGO,
  nothing,
  POLICY,
  REQUEST,
  RULES,
} from './partnership-injections.ts';
import { BOB, inside, LEVEL, ok, relate, setDomains, type TestedPartnership } from './tested-partnership.ts';
import { becomePartners } from './two-servers.ts';

const TERMS = [{ term: 'files.sharing', of: 'fabrikam.example', offers: 'view', accepts: 'view' }];

/** What can be wrong between two organisations: at which step it is found and on whose side. */
export function faultsOf(partnership: TestedPartnership): readonly Injected[] {
  const { servers, fronts, ann, anders, carla } = partnership;
  const { answers, republished, patched, updated, certificate, agreement, stateOf, broken } = injections(partnership);
  return [
    {
      fault: 'the name does not exist',
      step: 'partners.name',
      side: 'theirs',
      inject: async () => {
        servers.dns.forget('contoso.example');
        return () => servers.dns.setAddresses('contoso.example', ['127.0.0.1']);
      },
    },
    {
      fault: 'no name server answers',
      step: 'partners.name',
      side: 'between',
      inject: async () => {
        servers.dns.setFailure('contoso.example', 'silence');
        return () => {
          servers.dns.forget('contoso.example');
          servers.dns.setAddresses('contoso.example', ['127.0.0.1']);
        };
      },
    },
    {
      fault: 'our server may not reach the address',
      step: 'partners.address',
      side: 'ours',
      inject: async () => {
        servers.dns.setAddresses('contoso.example', ['10.1.2.3']);
        return () => servers.dns.setAddresses('contoso.example', ['127.0.0.1']);
      },
    },
    { fault: 'nothing listens', step: 'partners.connection', side: 'theirs', inject: () => fronts.contoso.closed() },
    {
      fault: 'a firewall drops connections',
      step: 'partners.connection',
      side: 'between',
      inject: () => fronts.contoso.dropping(),
    },
    {
      fault: 'the server hangs',
      step: 'partners.certificate',
      side: 'theirs',
      inject: async () => fronts.contoso.silent(),
    },
    {
      fault: 'no TLS is offered',
      step: 'partners.certificate',
      side: 'theirs',
      inject: async () => fronts.contoso.plain(),
    },
    {
      fault: 'the certificate has ended',
      step: 'partners.certificate',
      side: 'theirs',
      inject: certificate(['contoso.example'], { at: LONG_AGO }),
    },
    {
      fault: 'the certificate is for another name',
      step: 'partners.certificate',
      side: 'theirs',
      inject: certificate(['wingtip.example']),
    },
    {
      fault: 'nobody trusts who issued the certificate',
      step: 'partners.certificate',
      side: 'theirs',
      inject: certificate(['contoso.example'], { isOurs: false }),
    },
    { fault: 'nothing is published', step: 'partners.document', side: 'theirs', inject: answers(DOCUMENT, 404, '{}') },
    {
      fault: 'what is published is not signed',
      step: 'partners.signature',
      side: 'theirs',
      inject: answers(DOCUMENT, 200, async (text) => text.replace('"Contoso', '"Contosa')),
    },
    {
      fault: 'another organisation is published',
      step: 'partners.identity',
      side: 'theirs',
      inject: answers(DOCUMENT, 200, (text) => republished({ tenantId: newId() })(text)),
    },
    {
      fault: 'other keys are published',
      step: 'partners.keys',
      side: 'theirs',
      inject: answers(DOCUMENT, 200, (text) => republished({})(text)),
    },
    {
      fault: 'a confirmed domain is listed no more',
      step: 'partners.domains',
      side: 'theirs',
      inject: async () => {
        await setDomains(servers, []);
        return () => setDomains(servers, ['emea.contoso.example']);
      },
    },
    {
      fault: 'the domain of the mailbox was never confirmed here',
      step: 'partners.domains',
      side: 'ours',
      mailbox: 'bob@apac.contoso.example',
      inject: async () => {
        await setDomains(servers, ['emea.contoso.example', 'apac.contoso.example']);
        return () => setDomains(servers, ['emea.contoso.example']);
      },
    },
    {
      fault: 'they have not confirmed us',
      step: 'partners.request',
      side: 'theirs',
      inject: async () => {
        await ok(carla('DELETE', `/admin/partners/${servers.fabrikam.id}`));
        return () => becomePartners(servers);
      },
    },
    {
      fault: 'they confirmed other keys of ours',
      step: 'partners.request',
      side: 'theirs',
      inject: updated(
        servers.contoso,
        sql`update partners.partner_keys set public_jwk = jsonb_set(public_jwk, '{kid}', '"other"')`,
        sql`update partners.partner_keys set public_jwk = jsonb_set(public_jwk, '{kid}', to_jsonb(kid))`,
      ),
    },
    {
      fault: 'their server fails',
      step: 'partners.request',
      side: 'theirs',
      inject: answers(REQUEST, 500, '{"title":"Oops"}'),
    },
    {
      fault: 'their server answers garbage',
      step: 'partners.request',
      side: 'theirs',
      inject: answers(REQUEST, 200, '<html>Welcome</html>'),
    },
    {
      fault: 'we ask more often than we may',
      step: 'partners.request',
      side: 'ours',
      inject: answers(REQUEST, 429, '{"title":"Slower.","code":"partners.too-many"}'),
    },
    {
      fault: 'their clock is ten minutes off',
      step: 'partners.clock',
      side: 'theirs',
      inject: async () => {
        servers.contoso.app.clock.advance(600);
        return () => servers.contoso.app.clock.advance(-600);
      },
    },
    {
      fault: 'our own certificate has ended',
      step: 'partners.certificate',
      side: 'ours',
      end: 'theirs',
      inject: async () =>
        fronts.fabrikam.secure(await certificateFor(['fabrikam.example'], { pki: servers.pki, at: LONG_AGO })),
    },
    {
      fault: 'our own server cannot be reached from there',
      step: 'partners.connection',
      side: 'ours',
      end: 'theirs',
      inject: () => fronts.fabrikam.closed(),
    },
    {
      fault: 'we require an agreement and there is none',
      step: 'partners.agreement',
      side: 'ours',
      inject: patched(ann, RULES, { values: { requiredFor: ['files'] } }, { values: { requiredFor: null } }),
    },
    {
      fault: 'they have not signed',
      step: 'partners.agreement',
      side: 'theirs',
      inject: async () => {
        const made = await ok(
          ann('POST', '/admin/partners/agreements', {
            partner: 'contoso.example',
            title: 'Working together',
            terms: TERMS,
            propose: true,
          }),
        );
        partnership.agreement = made.id;
        await stateOf(carla, 'proposed');
        return async () => {
          await ok(carla('POST', `${agreement()}/sign`, {}));
          await stateOf(ann, 'active');
        };
      },
    },
    {
      fault: 'they have suspended the agreement',
      step: 'partners.agreement',
      side: 'theirs',
      inject: async () => {
        await ok(carla('POST', `${agreement()}/suspend`, {}));
        await stateOf(ann, 'suspended');
        return async () => {
          await ok(carla('POST', `${agreement()}/resume`, {}));
          await stateOf(ann, 'active');
        };
      },
    },
    {
      fault: 'a byte of our copy of the agreement was changed',
      step: 'partners.agreement',
      side: 'ours',
      inject: broken(servers.fabrikam, ann),
    },
    {
      fault: 'a byte of their copy of the agreement was changed',
      step: 'partners.agreement',
      side: 'theirs',
      inject: async () => {
        const mend = await broken(servers.contoso, carla)();
        const path = agreement();
        await ok(carla('POST', `${path}/verify`));
        // They tell us, and our own end says so too.
        await soon(async () => assert.equal((await ok(ann('GET', path))).isSound, false));
        return mend;
      },
    },
    {
      fault: 'they hold an old version of the agreement',
      step: 'partners.same-agreement',
      side: 'theirs',
      end: 'both',
      inject: async () => {
        await ok(
          ann('POST', `${agreement()}/counter`, {
            terms: TERMS.map((one) => ({ ...one, offers: 'edit' })),
          }),
        );
        await stateOf(carla, 'active');
        await soon(() => ok(carla('POST', `${agreement()}/sign`, { version: 2 })));
        await soon(async () => assert.equal((await ok(ann('GET', agreement()))).version, 2));
        const superseded = (is: boolean) =>
          inside(servers.contoso, (ctx) =>
            sql`update partners.agreement_versions set is_superseded = ${is} where number = 2`.execute(sqlOf(ctx)),
          );
        await superseded(true);
        return () => superseded(false);
      },
    },
    {
      fault: 'we hold an old version of the agreement',
      step: 'partners.same-agreement',
      side: 'ours',
      end: 'both',
      inject: () =>
        updated(
          servers.fabrikam,
          sql`update partners.agreement_versions set is_superseded = true where number = 2`,
          sql`update partners.agreement_versions set is_superseded = false where number = 2`,
        )(),
    },
    {
      fault: 'an invitation could not be sent and waits',
      step: 'partners.queue',
      side: 'between',
      inject: async () => {
        // Looking into one's calendar makes the mailbox.
        await ok(anders('GET', '/v1.0/me/calendars'));
        return updated(
          servers.fabrikam,
          sql`insert into calendars.outgoing (tenant_id, id, batch_id, owner_kind, owner_id, uid, method, sender, sender_name,
                                            recipient, content, attempts, created_at)
            select tenant_id, gen_random_uuid(), gen_random_uuid(), owner_kind, owner_id, 'waits', 'REQUEST',
                   'anders@fabrikam.example', 'Anders', ${BOB}, '', 1, now()
              from calendars.mailboxes limit 1`,
          sql`delete from calendars.outgoing where uid = 'waits'`,
        )();
      },
    },
    {
      fault: 'a signal could not be delivered and waits',
      step: 'partners.queue',
      side: 'between',
      inject: () =>
        updated(
          servers.fabrikam,
          sql`with stream as (
                insert into signin.signal_streams
                  (tenant_id, id, partner_tenant_id, audience, delivery, failures, failure, created_at)
                values (${servers.fabrikam.id}, ${newId()}, ${servers.contoso.id}, 'waits', 'partner', 1, 'partners.unreachable', now())
                returning *)
              insert into signin.signals (tenant_id, stream_id, id, claims, created_at)
              select tenant_id, id, ${newId()}, '{}', now() from stream`,
          sql`delete from signin.signal_streams where audience = 'waits'`,
        )(),
    },
    {
      fault: 'our outbound access policy lets nobody go',
      step: 'partners.people-out',
      side: 'ours',
      end: 'both',
      inject: patched(
        ann,
        POLICY,
        { b2bCollaborationOutbound: everybody('blocked') },
        { b2bCollaborationOutbound: everybody('allowed') },
      ),
    },
    {
      fault: 'their inbound access policy lets nobody come',
      step: 'partners.people-out',
      side: 'theirs',
      end: 'both',
      inject: patched(
        carla,
        POLICY,
        { b2bCollaborationInbound: everybody('blocked') },
        { b2bCollaborationInbound: everybody('allowed') },
      ),
    },
    {
      fault: 'our relationship does not look up times',
      step: 'calendars.look-out',
      side: 'ours',
      inject: patched(ann, partnership.here, { freeBusy: { enabled: false } }, LEVEL),
    },
    {
      fault: 'they have no relationship with us',
      step: 'calendars.times',
      side: 'theirs',
      end: 'theirs',
      inject: async () => {
        await ok(carla('DELETE', partnership.there));
        return async () => {
          partnership.there = await relate(carla, 'fabrikam.example');
        };
      },
    },
    {
      fault: 'their relationship is disabled',
      step: 'calendars.times',
      side: 'theirs',
      end: 'theirs',
      inject: patched(carla, () => partnership.there, { enabled: false }, { enabled: true }),
    },
    {
      fault: 'their relationship gives the level None',
      step: 'calendars.times',
      side: 'theirs',
      end: 'theirs',
      inject: patched(carla, () => partnership.there, { freeBusy: { level: 'None' } }, LEVEL),
    },
    {
      fault: 'their scope does not reach the person',
      step: 'calendars.permission',
      side: 'theirs',
      end: 'both',
      inject: async () => {
        const group = await ok(
          carla('POST', '/v1.0/groups', {
            displayName: 'Shown',
            mailEnabled: false,
            mailNickname: 'shown',
            securityEnabled: true,
          }),
        );
        return patched(carla, () => partnership.there, { freeBusy: { scopeGroupId: group.id } }, LEVEL)();
      },
    },
    {
      fault: 'there is no such mailbox',
      step: 'calendars.mailbox',
      side: 'theirs',
      end: 'both',
      mailbox: 'nobody@contoso.example',
      inject: nothing,
    },
  ];
}
