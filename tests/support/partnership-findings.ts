import { sql } from 'kysely';
import { sqlOf } from '../../src/platform/database/index.ts';
import {
  DOCUMENT,
  everybody,
  type Inject,
  injections,
  nothing,
  POLICY,
  REQUEST,
  RULES,
} from './partnership-injections.ts';
import type { Api } from './people.ts';
import { BOB, inside, type TestedPartnership } from './tested-partnership.ts';

interface Finding {
  readonly shows: readonly string[];
  readonly inject: Inject;
  readonly mailbox?: string | null;
  readonly partner?: string;
}

/** What may be found beside the faults, each with all its words. */
export function findingsOf(partnership: TestedPartnership): readonly Finding[] {
  const { servers, fronts, hostile, ann, carla } = partnership;
  const { answers, cutOff, patched, updated, certificate } = injections(partnership);
  const refusing = (code: string) => answers(REQUEST, 401, JSON.stringify({ title: 'No.', code }));
  const blocked = (api: Api, part: string) =>
    patched(api, POLICY, { [part]: everybody('blocked') }, { [part]: everybody('allowed') });
  return [
    { shows: ['record-missing'], partner: 'nowhere.example', inject: nothing },
    { shows: ['tls-failed'], inject: async () => fronts.contoso.breakingOff() },
    {
      shows: ['certificate-early'],
      inject: certificate(['contoso.example'], { isOurs: false, at: new Date(Date.now() + 10 * 86_400_000) }),
    },
    { shows: ['document-unreached'], inject: cutOff(DOCUMENT) },
    { shows: ['domain-not-theirs'], mailbox: 'bob@nowhere.example', inject: nothing },
    { shows: ['request-domain'], inject: refusing('partners.forged-address') },
    { shows: ['request-clock'], inject: refusing('partners.clock') },
    { shows: ['version-older'], inject: refusing('partners.unknown-request') },
    { shows: ['request-unanswered'], inject: cutOff(REQUEST) },
    { shows: ['other-end-silent'], inject: cutOff(/diagnose$/) },
    {
      shows: ['not-known-here'],
      inject: answers(
        /diagnose$/,
        200,
        JSON.stringify({
          answer: { v: 1, steps: [{ step: 'later.step', status: 'failed', side: 'ours', code: 'of-a-later-version' }] },
        }),
      ),
    },
    {
      shows: ['clock-ours'],
      inject: async () => {
        const off = (seconds: number) =>
          sql`update partners.health set clock_skew = clock_skew + ${seconds} where partner_tenant_id = ${hostile.id}`;
        const mend = await updated(servers.fabrikam, off(600), off(-600))();
        servers.contoso.app.clock.advance(600);
        return () => {
          servers.contoso.app.clock.advance(-600);
          return mend();
        };
      },
    },
    { shows: ['policy-out', 'people-kept-out-here'], inject: blocked(ann, 'b2bCollaborationInbound') },
    { shows: ['policy-in', 'people-kept-there'], inject: blocked(carla, 'b2bCollaborationOutbound') },
    {
      shows: ['policy-neither', 'people-neither'],
      inject: async () => {
        const mends = [
          await blocked(ann, 'b2bCollaborationInbound')(),
          await blocked(ann, 'b2bCollaborationOutbound')(),
          await blocked(carla, 'b2bCollaborationInbound')(),
        ];
        return async () => {
          for (const mend of mends) await mend();
        };
      },
    },
    {
      shows: ['same-agreement-differs'],
      inject: async () => {
        const rows = await inside(servers.contoso, async (ctx) => {
          const { rows } = await sql<{ row: unknown }>`
            with last as (select max(number) as number from partners.agreement_amendments)
            delete from partners.agreement_amendments a using last where a.number = last.number
            returning to_jsonb(a) as row`.execute(sqlOf(ctx));
          return rows.map(({ row }) => row);
        });
        return () =>
          inside(servers.contoso, (ctx) =>
            sql`insert into partners.agreement_amendments
                select * from jsonb_populate_recordset(null::partners.agreement_amendments, ${JSON.stringify(rows)}::jsonb)`.execute(
              sqlOf(ctx),
            ),
          );
      },
    },
    {
      shows: ['not-told', 'mailbox-not-named'],
      mailbox: null,
      inject: patched(carla, RULES, { values: { requiredFor: ['calendar'] } }, { values: { requiredFor: null } }),
    },
    {
      shows: ['times-not-meant'],
      mailbox: null,
      inject: patched(carla, () => partnership.there, { enabled: false }, { enabled: true }),
    },
    {
      shows: ['data-failed'],
      inject: answers(
        /calendars\.availability$/,
        200,
        JSON.stringify({
          answer: {
            value: [
              {
                scheduleId: BOB,
                availabilityView: '',
                scheduleItems: [],
                error: { responseCode: 'ErrorFreeBusyGenerationFailed' },
              },
            ],
          },
        }),
      ),
    },
  ];
}
