import { kernelFaults } from '../../kernel/fault.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import type { Partners } from '../../kernel/module.ts';
import { domainOf } from '../../tenants/index.ts';
import { type AnswerPorts, answerPartner, LONGEST_MESSAGE, refuseSender } from './answer-partners.ts';
import { DONE, outcomeOf, recordOfRequest } from './witness.ts';

export interface AskPorts extends AnswerPorts {
  /** The organisation on this server that holds a verified domain. */
  readonly tenantOfDomain: (domain: string) => Promise<TenantId | undefined>;
}

/**
 * Our way to other organisations. Those on this server are asked as if they were elsewhere: what is asked and answered
 * becomes text and back, the asking tenant's word about the visitor is checked against its verified domains, and the
 * answer is given in the other tenant's own context.
 */
export function openPartners(ports: AskPorts): Partners {
  return witnessed(ports, {
    findByDomain: async (_from, domain) => ports.tenantOfDomain(domain),

    async ask(envoy, to, name, asked) {
      if ((await ports.tenantOfDomain(domainOf(envoy.address) ?? '')) !== envoy.tenantId)
        await refuseSender(ports.run, to, envoy, name);
      const text = JSON.stringify(asked);
      if (text.length > LONGEST_MESSAGE) throw kernelFaults.invalid('The request is too large.');
      const answer = await answerPartner(ports, envoy, to, name, JSON.parse(text));
      return answer === undefined ? undefined : JSON.parse(JSON.stringify(answer));
    },
  });
}

/** Gives each exchange its id, and writes down for who asked how it ended. */
function witnessed(ports: AnswerPorts, way: Partners): Partners {
  return {
    ...way,
    async ask(given, to, name, asked) {
      const envoy = { ...given, exchangeId: newId() };
      const note = (outcome: string | undefined) => {
        const request = ports.requests().find((one) => one.name === name);
        const record = outcome === undefined ? undefined : recordOfRequest(envoy, to, request, asked, outcome);
        if (record) ports.witness.note(envoy.tenantId, record);
      };
      try {
        const answer = await way.ask(envoy, to, name, asked);
        note(DONE);
        return answer;
      } catch (error) {
        note(outcomeOf(error));
        throw error;
      }
    },
  };
}
