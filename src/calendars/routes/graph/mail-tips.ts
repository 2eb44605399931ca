import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Request, type Route, route } from '../../../platform/http/route.ts';
import { type LookUpPorts, requireMailboxOf } from '../../usecases/look-up-availability.ts';
import { type LookedUpTip, lookUpMailTips } from '../../usecases/mail-tips.ts';
import { inCaseOf } from './folded.ts';
import { cleanHtml } from './text.ts';

const OPTIONS = [
  'automaticReplies',
  'mailboxFullStatus',
  'customMailTip',
  'externalMemberCount',
  'totalMemberCount',
  'maxMessageSize',
  'deliveryRestriction',
  'moderationStatus',
  'recipientScope',
  'recipientSuggestions',
] as const;
type Option = (typeof OPTIONS)[number];

const body = z.preprocess(
  inCaseOf(['EmailAddresses', 'MailTipsOptions']),
  z.object({
    EmailAddresses: z.array(z.string().trim().min(1).max(320)).min(1),
    MailTipsOptions: z
      .string()
      .max(500)
      .transform((text, check): Option[] => {
        const asked = text.split(',').map((one) => one.trim().toLowerCase());
        const known = OPTIONS.filter((option) => asked.includes(option.toLowerCase()));
        if (known.length === new Set(asked).size) return known;
        check.addIssue({ code: 'custom', message: `Any of ${OPTIONS.join(', ')}, separated by commas.` });
        return z.NEVER;
      }),
  }),
);
type Asked = z.output<typeof body>;

/** Graph: `getMailTips`. */
export function mailTipsRoutes(ports: LookUpPorts): readonly Route[] {
  const graph = {
    method: 'POST',
    wire: 'graph',
    access: 'asks',
    // Other organisations are asked meanwhile.
    transaction: 'none',
    tags: ['mail tips'],
    body,
    summary: 'What a sender should know of recipients before they send.',
  } as const;
  const answer = async (
    ctx: Context,
    { body, origin }: Pick<Request<undefined, undefined, Asked>, 'body' | 'origin'>,
    onBehalfOf?: Parameters<typeof lookUpMailTips>[3],
  ) => ({
    '@odata.context': `${origin}/v1.0/$metadata#Collection(microsoft.graph.mailTips)`,
    value: (await lookUpMailTips(ctx, ports, body.EmailAddresses, onBehalfOf)).map((tip) =>
      present(tip, body.MailTipsOptions),
    ),
  });
  return [
    route({
      ...graph,
      path: '/v1.0/me/getMailTips',
      async handle(ctx, request) {
        if (ctx.actor.kind !== 'account')
          throw kernelFaults.invalid('An application has no account: there is no "me".');
        return answer(ctx, request);
      },
    }),
    route({
      ...graph,
      path: '/v1.0/users/:id/getMailTips',
      params: z.object({ id: z.string().max(300) }),
      async handle(ctx, request) {
        const { tenantId, actor, correlationId } = ctx;
        const id = await ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) =>
          requireMailboxOf(inside, request.params.id),
        );
        return answer(ctx, request, actor.kind === 'account' ? undefined : id);
      },
    }),
  ];
}

const SCOPES = {
  internal: 'internal',
  partner: 'external, externalPartner',
  elsewhere: 'external, externalNonPartner',
} as const;

/** What was asked for and may be told; the rest is absent. */
function present(tip: LookedUpTip, options: readonly Option[]): Record<string, unknown> {
  const { automaticReply: reply } = tip;
  const instant = (at: string) => ({ dateTime: new Date(at).toISOString().replace(/Z$/, '0000'), timeZone: 'UTC' });
  const all: Partial<Record<Option, Record<string, unknown>>> = {
    automaticReplies: reply && {
      automaticReplies: {
        message: cleanHtml(reply.message),
        messageLanguage: { locale: '', displayName: '' },
        ...(reply.startsAt ? { scheduledStartTime: instant(reply.startsAt) } : {}),
        ...(reply.endsAt ? { scheduledEndTime: instant(reply.endsAt) } : {}),
      },
    },
    mailboxFullStatus: { mailboxFull: tip.isMailboxFull },
    customMailTip: { customMailTip: tip.customTip },
    externalMemberCount: { externalMemberCount: tip.externalMembers },
    totalMemberCount: { totalMemberCount: tip.totalMembers },
    maxMessageSize: { maxMessageSize: tip.largestMessage },
    deliveryRestriction: { deliveryRestricted: tip.isDeliveryRestricted },
    moderationStatus: { isModerated: tip.isModerated },
    recipientScope: { recipientScope: SCOPES[tip.scope] },
    recipientSuggestions: { recipientSuggestions: [] },
  } as Partial<Record<Option, Record<string, unknown>>>;
  const told = Object.assign({}, ...options.map((option) => all[option] ?? {}));
  return {
    emailAddress: { name: '', address: tip.address },
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)),
    ...(tip.isUnknown
      ? { error: { code: 'ErrorMailRecipientNotFound', message: 'There is no mailbox of this address.' } }
      : {}),
  };
}
