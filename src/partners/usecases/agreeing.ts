import type { Context } from '../../kernel/context.ts';
import { standingOf } from '../model/agreement.ts';
import { findAgreement } from '../store/agreements.ts';
import type { AgreementPorts } from './agreement-ports.ts';
import { draftAgreement, type NewAgreement, proposeVersion, signVersion } from './agreements.ts';
import { readChecked } from './apply-agreement.ts';
import { confirmPartner, proposePartner, type RecordPorts } from './records.ts';

/** Becoming partners in the name of a context's person, who is asked about each step. Call it outside a transaction. */
export interface Agreeing {
  /** Confirms the organisation behind a domain as a partner, with every domain it proves, without a look at its key. */
  confirm(ctx: Context, place: string): Promise<void>;
  /** Drafts a first version, signs it and sends it. Returns the agreement's id, which is the partner's too. */
  propose(ctx: Context, asked: NewAgreement): Promise<string>;
  /** Whether the partner has put a version to us that we have not signed. Inside a transaction. */
  isPutToUs(ctx: Context, id: string): Promise<boolean>;
  sign(ctx: Context, id: string): Promise<void>;
}

export const openAgreeing = (agreements: AgreementPorts, records: RecordPorts): Agreeing => ({
  async confirm(ctx, place) {
    const { digest, proven } = await proposePartner(ctx, records, place);
    await confirmPartner(ctx, records, { place, digest, domains: proven });
  },
  async propose(ctx, asked) {
    const id = await draftAgreement(ctx, agreements, asked);
    await proposeVersion(ctx, agreements, id);
    return id;
  },
  async isPutToUs(ctx, id) {
    const kept = await findAgreement(ctx, id);
    const open = kept && standingOf((await readChecked(ctx, kept)).said).open;
    return open != null && !open.signers.includes(ctx.tenantId);
  },
  sign: (ctx, id) => signVersion(ctx, agreements, id),
});
