import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Petitioner } from '../../kernel/module.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { AccessRequest, RequestState } from '../model/request.ts';

interface RequestsTable {
  tenant_id: string;
  id: string;
  put_to: AccessRequest['putTo'];
  decision_id: string;
  asker_kind: Petitioner['kind'];
  asker_id: string;
  asker_name: string;
  asker_tenant_id: string | null;
  asker_request_id: string | null;
  partner_tenant_id: string | null;
  partner_name: string | null;
  question: string | null;
  input: unknown;
  wanted: string | null;
  owner_ids: string[];
  is_for_administrators: boolean;
  message: string;
  same: string;
  times: number;
  state: RequestState;
  note: string | null;
  answered_by: string | null;
  answered_by_name: string | null;
  asked_at: Date;
  last_asked_at: Date;
  answered_at: Date | null;
  expires_at: Date;
}

interface Tables {
  'access.requests': RequestsTable;
}

type NewRequest = {
  readonly id: string;
  readonly decisionId: string;
  readonly asker: Petitioner;
  readonly askerName: string;
  readonly message: string;
  readonly same: string;
  readonly expiresAt: Date;
} & (
  | {
      readonly putTo: 'here';
      readonly question: string;
      readonly input: unknown;
      readonly wanted: string;
      readonly ownerIds: readonly string[];
      readonly isForAdministrators: boolean;
      readonly askerRequestId: string | null;
    }
  | { readonly putTo: 'partner'; readonly partnerTenantId: TenantId; readonly partnerName: string }
);

/** Keeps a request; one that asks for the same and is still open takes up the newer words and is counted. */
export async function putRequest(ctx: Context, asked: NewRequest): Promise<{ id: string; isNew: boolean }> {
  const { asker } = asked;
  const here = asked.putTo === 'here' ? asked : undefined;
  const elsewhere = asked.putTo === 'partner' ? asked : undefined;
  const row = await sqlOf<Tables>(ctx)
    .insertInto('access.requests')
    .values({
      tenant_id: ctx.tenantId,
      id: asked.id,
      put_to: asked.putTo,
      decision_id: asked.decisionId,
      asker_kind: asker.kind,
      asker_id: asker.kind === 'account' ? asker.id : asker.address,
      asker_name: asked.askerName,
      asker_tenant_id: asker.kind === 'visitor' ? asker.homeTenantId : null,
      asker_request_id: here?.askerRequestId ?? null,
      partner_tenant_id: elsewhere?.partnerTenantId ?? null,
      partner_name: elsewhere?.partnerName ?? null,
      question: here?.question ?? null,
      input: JSON.stringify(here?.input ?? null),
      wanted: here?.wanted ?? null,
      owner_ids: [...(here?.ownerIds ?? [])],
      is_for_administrators: here?.isForAdministrators ?? false,
      message: asked.message,
      same: asked.same,
      times: 1,
      state: 'open',
      asked_at: ctx.now,
      last_asked_at: ctx.now,
      expires_at: asked.expiresAt,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'same'])
        // Written out: for a parameter the index is no longer found once the database plans for any value.
        .where('state', '=', sql.lit<RequestState>('open'))
        .doUpdateSet((set) => ({
          times: sql<number>`access.requests.times + 1`,
          last_asked_at: ctx.now,
          message: set.ref('excluded.message'),
          decision_id: set.ref('excluded.decision_id'),
          asker_request_id: set.ref('excluded.asker_request_id'),
          owner_ids: set.ref('excluded.owner_ids'),
          is_for_administrators: set.ref('excluded.is_for_administrators'),
        })),
    )
    .returning(['id', 'times'])
    .executeTakeFirstOrThrow();
  return { id: row.id, isNew: row.times === 1 };
}

export interface RequestFilter {
  readonly id?: string;
  readonly askerId?: string;
  readonly askerTenantId?: string;
  /** Somebody who can give what lacks. */
  readonly ownerId?: string;
  readonly isForAdministrators?: boolean;
  readonly state?: RequestState;
  readonly expiredAt?: Date;
}

/** The latest first. `after` is the id of the last one of the page before. */
export async function listRequests(
  ctx: Context,
  filter: RequestFilter,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<AccessRequest[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('access.requests')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('id', 'desc')
    .limit(page.limit);
  if (page.after !== undefined) query = query.where('id', '<', page.after);
  if (filter.id !== undefined) query = query.where('id', '=', filter.id);
  if (filter.askerId !== undefined) query = query.where('asker_id', '=', filter.askerId);
  if (filter.askerTenantId !== undefined) query = query.where('asker_tenant_id', '=', filter.askerTenantId);
  if (filter.ownerId !== undefined) query = query.where(sql<boolean>`owner_ids @> array[${filter.ownerId}]::uuid[]`);
  if (filter.isForAdministrators !== undefined)
    query = query.where('is_for_administrators', '=', filter.isForAdministrators);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.expiredAt !== undefined) query = query.where('expires_at', '<=', filter.expiredAt);
  return (await query.execute()).map(fromRow);
}

/** One request, held until the transaction ends, so that two answers are one after the other. */
export async function lockRequest(ctx: Context, id: string): Promise<AccessRequest | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('access.requests')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function findRequest(ctx: Context, id: string): Promise<AccessRequest | undefined> {
  return (await listRequests(ctx, { id }, { limit: 1 }))[0];
}

export async function settleRequest(
  ctx: Context,
  id: string,
  answer: {
    readonly state: Exclude<RequestState, 'open'>;
    readonly note: string | null;
    readonly by: string | null;
    readonly byName: string | null;
  },
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('access.requests')
    .set({
      state: answer.state,
      note: answer.note,
      answered_by: answer.by,
      answered_by_name: answer.byName,
      answered_at: ctx.now,
    })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

/** How many of a filter there are, counted no further than `most`. */
export async function countOpenRequests(
  ctx: Context,
  filter: Pick<RequestFilter, 'askerId' | 'askerTenantId'>,
  most: number,
): Promise<number> {
  return (await listRequests(ctx, { ...filter, state: 'open' }, { limit: most })).length;
}

/** Forgets what was settled before a moment. */
export async function forgetRequests(ctx: Context, before: Date): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('access.requests')
    .where('tenant_id', '=', ctx.tenantId)
    .where('state', '!=', 'open')
    .where('answered_at', '<', before)
    .execute();
}

function fromRow(row: Selectable<RequestsTable>): AccessRequest {
  const asked = {
    id: row.id,
    decisionId: row.decision_id,
    asker:
      row.asker_kind === 'account'
        ? ({ kind: 'account', id: row.asker_id } as const)
        : ({ kind: 'visitor', address: row.asker_id, homeTenantId: row.asker_tenant_id as TenantId } as const),
    askerName: row.asker_name,
    message: row.message,
    times: row.times,
    state: row.state,
    note: row.note,
    answeredByName: row.answered_by_name,
    askedAt: row.asked_at,
    lastAskedAt: row.last_asked_at,
    answeredAt: row.answered_at,
    expiresAt: row.expires_at,
  };
  if (row.put_to === 'partner') {
    return {
      ...asked,
      putTo: 'partner',
      partnerTenantId: row.partner_tenant_id as TenantId,
      partnerName: row.partner_name ?? '',
    };
  }
  return {
    ...asked,
    putTo: 'here',
    question: row.question ?? '',
    input: row.input,
    wanted: row.wanted ?? '',
    ownerIds: row.owner_ids,
    isForAdministrators: row.is_for_administrators,
    askerRequestId: row.asker_request_id,
  };
}
