import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import type { Envoy, Partners } from '../../kernel/module.ts';
import { domainOf } from '../../tenants/index.ts';
import { NOT_PERMITTED, partnersFaults } from '../faults.ts';
import { findPartnerIdByDomain } from '../store/records.ts';
import { type AnswerPorts, answerPartner, LONGEST_MESSAGE, refuseSender } from './answer-partners.ts';
import type { Elsewhere } from './ask-elsewhere.ts';
import { DONE, outcomeOf, recordOfRequest } from './witness.ts';

export interface AskPorts extends AnswerPorts {
  readonly elsewhere: Elsewhere;
  /** The organisation on this server that holds a verified domain. */
  readonly tenantOfDomain: (domain: string) => Promise<TenantId | undefined>;
  readonly isHere: (tenantId: TenantId) => Promise<boolean>;
  /** @throws not-found. */
  readonly nameOf: (ctx: Pick<Envoy, 'tenantId' | 'correlationId'>, partner: TenantId) => Promise<string>;
}

/**
 * Our way to other organisations. Those on this server are asked as if they were elsewhere: what is asked and answered
 * becomes text and back, the asking tenant's word about the visitor is checked against its verified domains, and the
 * answer is given in the other tenant's own context. Those on other servers are asked over HTTPS, once an administrator
 * has confirmed them.
 */
export function openPartners(ports: AskPorts): Partners {
  const actor = { kind: 'system', name: 'partners' } as const;
  return witnessed(ports, {
    async findByDomain(from, domain) {
      const here = await ports.tenantOfDomain(domain);
      return here ?? ports.run({ tenantId: from, actor, readOnly: true }, (ctx) => findPartnerIdByDomain(ctx, domain));
    },

    async ask(envoy, to, name, asked) {
      const text = JSON.stringify(asked);
      if (!(await ports.isHere(to))) return ports.elsewhere.ask(envoy, to, name, asked);
      if ((await ports.tenantOfDomain(domainOf(envoy.address) ?? '')) !== envoy.tenantId)
        await refuseSender(ports.run, to, envoy, name);
      const answer = await answerPartner(ports, envoy, to, name, JSON.parse(text));
      return answer === undefined ? undefined : JSON.parse(JSON.stringify(answer));
    },
  });
}

/** Gives each exchange its id, and writes down for who asked how it ended. */
function witnessed(ports: AskPorts, way: Partners): Partners {
  return {
    ...way,
    async ask(given, to, name, asked) {
      // Nobody hears of what is never sent.
      if (JSON.stringify(asked).length > LONGEST_MESSAGE) throw kernelFaults.invalid('The request is too large.');
      const envoy = { ...given, exchangeId: newId() };
      const request = ports.requests().find((one) => one.name === name);
      const question = recordOfRequest(envoy, to, request, asked, DONE);
      if (question) await ports.witness.ask(envoy.tenantId, question);
      const note = (outcome: string | undefined) => {
        const record = outcome === undefined ? undefined : recordOfRequest(envoy, to, request, asked, outcome);
        if (record) ports.witness.note(envoy.tenantId, record);
      };
      try {
        const answer = await way.ask(envoy, to, name, asked);
        note(DONE);
        return answer;
      } catch (error) {
        note(outcomeOf(error));
        throw await asRefusalOf(ports, envoy, to, error);
      }
    },
  };
}

/** Says who refused, by the name that our own record gives it: not in words of theirs. */
async function asRefusalOf(ports: AskPorts, envoy: Envoy, to: TenantId, error: unknown): Promise<unknown> {
  if (!(error instanceof Fault) || error.code !== NOT_PERMITTED) return error;
  const name = await ports.nameOf(envoy, to).catch(() => undefined);
  return partnersFaults.notPermitted({ ...error.facts, refusedBy: to }, name);
}
