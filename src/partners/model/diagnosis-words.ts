import type { FindingWords } from '../../kernel/diagnosis.ts';

/** What the way to a partner is found to be. `us` is the organisation that went it, `them` the one it leads to. */
export const WAY_WORDS: Readonly<Record<string, FindingWords>> = {
  'record-confirmed': { seen: '{us} has confirmed {them}, with {domains}.' },
  'record-same-server': { seen: '{us} and {them} are on the same server: nothing lies between them.' },
  'record-missing': {
    seen: '{us} knows no organisation behind {domain}.',
    todo: 'Find {domain} under Partners, compare its key with the partner by another way, and confirm it.',
    who: 'our-administrator',
  },
  'same-server': { seen: 'Both are on the same server.' },
  'name-found': { seen: '{host} leads to {address}.' },
  'name-missing': {
    seen: 'The name {host} leads to no address ({reason}).',
    todo: 'Publish an address for {host} in DNS.',
    who: 'their-operator',
  },
  'name-unanswered': {
    seen: 'No name server said where {host} is ({reason}).',
    todo: 'Look whether the server of {us} reaches its name servers, and then at the name servers of {host}.',
    who: 'our-operator',
  },
  'address-allowed': { seen: '{address} may be reached.' },
  'address-refused': {
    seen: '{host} leads to {address}, a private address that the server of {us} does not reach.',
    todo: 'Where both are in one network, allow it with the setting privateNetworks. Otherwise {them} publishes a public address.',
    who: 'our-operator',
  },
  'connection-made': { seen: 'Port {port} of {host} takes connections.' },
  'connection-refused': {
    seen: 'Nothing listens at port {port} of {host}.',
    todo: 'Start the server of {them}, or let it listen at port {port}.',
    who: 'their-operator',
  },
  'connection-dropped': {
    seen: 'Port {port} of {host} gave no answer, neither yes nor no: something on the way drops connections, or the machine is off.',
    todo: 'Let connections to port {port} of {host} through the firewalls of both sides.',
    who: 'both-operators',
  },
  'connection-failed': {
    seen: 'Port {port} of {host} cannot be reached ({reason}).',
    todo: 'Look at the network between the server of {us} and {host}.',
    who: 'both-operators',
  },
  'tls-missing': {
    seen: 'Port {port} of {host} does not speak TLS ({reason}).',
    todo: 'Let the server of {them} offer HTTPS at port {port}.',
    who: 'their-operator',
  },
  'tls-silent': {
    seen: 'Port {port} of {host} takes connections and then says nothing.',
    todo: 'Look at the server of {them}, or at what stands in front of it: it does not answer.',
    who: 'their-operator',
  },
  'tls-failed': {
    seen: 'Port {port} of {host} broke off the TLS handshake ({reason}).',
    todo: 'Look at the TLS settings of the server of {them}.',
    who: 'their-operator',
  },
  'certificate-good': { seen: 'The certificate is for {names}, issued by {issuer}, good until {ends}.' },
  'certificate-expired': {
    seen: 'The certificate of {host} ended on {ends}.',
    todo: 'Renew the certificate of {host}.',
    who: 'their-operator',
  },
  'certificate-early': {
    seen: 'The certificate of {host} begins only on {begins}.',
    todo: 'Look at the clock of both servers, or wait until the certificate begins.',
    who: 'their-operator',
  },
  'certificate-name': {
    seen: 'The certificate shown by {host} is for {names}.',
    todo: 'Get a certificate for {host}.',
    who: 'their-operator',
  },
  'certificate-issuer': {
    seen: 'The certificate of {host} was issued by {issuer}, which the server of {us} does not trust.',
    todo: 'Use a certificate of a known authority, with its whole chain. For an authority of its own, {us} adds it with the setting trustedAuthorities.',
    who: 'their-operator',
  },
  'certificate-bad': {
    seen: 'The certificate of {host} does not hold ({reason}).',
    todo: 'Get another certificate for {host}.',
    who: 'their-operator',
  },
  'document-found': { seen: '{place} publishes what {them} is.' },
  'document-missing': {
    seen: '{place} publishes nothing of {them}: {reason}',
    todo: 'Let https://{place}/.well-known/entente lead to the server of {them}.',
    who: 'their-operator',
  },
  'document-unreached': {
    seen: 'What {place} publishes could not be fetched: {reason}',
    todo: 'Look at the server behind {place}.',
    who: 'their-operator',
  },
  'document-signed': { seen: 'It is signed by a key that it names.' },
  'document-forged': {
    seen: 'What {place} publishes is not signed by a key that it names.',
    todo: 'Look whether something in front of the server changes what it publishes. Believe nothing of it until then.',
    who: 'their-operator',
  },
  'identity-same': { seen: 'It is the organisation that was confirmed.' },
  'identity-other': {
    seen: '{place} is now of another organisation ({id}) than the one that {us} confirmed.',
    todo: 'Ask {them} what happened. If it has moved to a new server, forget the partner and confirm it anew.',
    who: 'their-administrator',
  },
  'keys-same': { seen: 'Its keys are those that were confirmed.' },
  'keys-changed': {
    seen: '{them} publishes other keys than {us} confirmed.',
    todo: 'Compare the new key with {them} by another way, and confirm the change under Partners.',
    who: 'our-administrator',
  },
  'domains-same': { seen: 'Its domains are {domains}.' },
  'domain-missing': {
    seen: '{them} no longer lists {domains}, which {us} confirmed.',
    todo: 'Verify {domains} again at {them}. If it was given up, {us} confirms the change under Partners.',
    who: 'their-administrator',
  },
  'domain-unconfirmed': {
    seen: '{them} lists {domains}, which {us} has not confirmed.',
    todo: 'Confirm the domain under Partners.',
    who: 'our-administrator',
  },
  'domain-not-theirs': {
    seen: '{domains} is no domain of {them}.',
    todo: 'Look at the address of the mailbox.',
    who: 'our-administrator',
  },
  'request-taken': { seen: '{them} takes requests that {us} signed.' },
  'request-unknown': {
    seen: '{them} does not know {us}: nobody there has confirmed it.',
    todo: 'Confirm {us} under Partners at {them}.',
    who: 'their-administrator',
  },
  'request-signature': {
    seen: '{them} does not believe the signature of {us}: it confirmed other keys.',
    todo: 'Confirm the change of {us} under Partners at {them}.',
    who: 'their-administrator',
  },
  'request-domain': {
    seen: '{them} has not confirmed the domain {domain} of {us}.',
    todo: 'Confirm {domain} under Partners at {them}.',
    who: 'their-administrator',
  },
  'request-clock': {
    seen: '{them} refuses requests of {us} because of their time.',
    todo: 'Set the clocks of both servers by a time server.',
    who: 'both-operators',
  },
  'request-busy': {
    seen: '{us} asks more often than {them} lets it.',
    todo: 'Wait a minute. If it stays so, look for what asks so often.',
    who: 'our-operator',
  },
  'request-garbled': {
    seen: 'The server of {them} answers a signed request with status {status} and nothing that can be read.',
    todo: 'Look at the log of the server of {them}, and at what stands in front of it.',
    who: 'their-operator',
  },
  'request-unanswered': {
    seen: 'The server of {them} did not answer a signed request ({reason}).',
    todo: 'Look at the log of the server of {them}, and at what stands in front of it.',
    who: 'their-operator',
  },
  'clock-same': { seen: 'Both clocks are within {seconds} s.' },
  'clock-theirs': {
    seen: 'The clock of {them} is {seconds} s off; those of other partners agree with {us}.',
    todo: 'Set the clock of the server of {them} by a time server.',
    who: 'their-operator',
  },
  'clock-ours': {
    seen: 'The clock of {us} is {seconds} s off; those of other partners agree with {them}.',
    todo: 'Set the clock of the server of {us} by a time server.',
    who: 'our-operator',
  },
  'clock-between': {
    seen: 'The clocks are {seconds} s apart, and no third one says which of them is off.',
    todo: 'Set the clocks of both servers by a time server.',
    who: 'both-operators',
  },
  'version-same': { seen: '{them} speaks the same version of the protocol ({version}).' },
  'version-older': {
    seen: 'The server of {them} does not know this test: it runs an older version.',
    todo: 'Bring the server of {them} up to date.',
    who: 'their-operator',
  },
  'other-end-answered': { seen: '{them} has looked from its end.' },
  'other-end-silent': {
    seen: '{them} did not look from its end ({reason}).',
    todo: 'Try again in a minute; then look at the log of the server of {them}.',
    who: 'their-operator',
  },
  'not-told': { seen: '{us} does not permit this, and tells no more.', who: 'our-administrator' },
  'not-told-reference': {
    seen: '{us} does not permit this. Reference {reference}.',
    todo: 'Ask the administrator of {us}, who finds the reason under Explain by the reference.',
    who: 'our-administrator',
  },
  'not-known-here': { seen: '{us} says "{code}", which has no words here.' },
  'before-failed': { seen: 'A step before failed.' },
};

/** What each end finds in what it has about the other. */
export const OWN_WORDS: Readonly<Record<string, FindingWords>> = {
  'agreement-none': { seen: 'There is no agreement: each side’s own settings hold.' },
  'agreement-required': {
    seen: '{us} requires an agreement for {workloads}, and there is none.',
    todo: 'Propose an agreement to {them}.',
    who: 'our-administrator',
  },
  'agreement-holds': { seen: 'Version {version} is in force, signed by both, as it was signed.' },
  'agreement-unsigned-here': {
    seen: 'Version {version} of the agreement waits for the signature of {us}.',
    todo: 'Sign it, or answer with a version of your own.',
    who: 'our-administrator',
  },
  'agreement-unsigned-there': {
    seen: 'Version {version} of the agreement waits for the signature of {them}.',
    todo: 'Ask {them} to sign it.',
    who: 'their-administrator',
  },
  'agreement-suspended-here': {
    seen: '{us} has suspended the agreement.',
    todo: 'Resume it when it shall hold again.',
    who: 'our-administrator',
  },
  'agreement-suspended-there': {
    seen: '{them} has suspended the agreement.',
    todo: 'Ask {them} to resume it.',
    who: 'their-administrator',
  },
  'agreement-broken-here': {
    seen: 'What {us} stores of the agreement is not what was signed.',
    todo: 'Restore it from a backup and verify it, or end it and make it anew.',
    who: 'our-administrator',
  },
  'agreement-broken-there': {
    seen: '{them} has found that its copy of the agreement is not what was signed.',
    todo: 'Ask {them} to restore its copy.',
    who: 'their-administrator',
  },
  'terms-none': { seen: 'No terms are in force.' },
  'terms-agreed': { seen: '{terms}' },
  'policy-both': { seen: '{us} lets its people go to {them}, and people of {them} come.' },
  'policy-out': { seen: '{us} lets its people go to {them}, and nobody of {them} come.' },
  'policy-in': { seen: '{us} lets people of {them} come, and none of its own go there.' },
  'policy-neither': { seen: '{us} lets nobody go to {them}, and nobody of {them} come.' },
  'people-may': { seen: 'People may go from {from} to {to}.' },
  'people-kept-here': {
    seen: '{us} lets none of its people work at {them}, which would let them come.',
    todo: 'Change the outbound access of {us} for {them}, or leave it so.',
    who: 'our-administrator',
  },
  'people-kept-out-there': {
    seen: '{them} lets nobody of {us} come. Reference {reference}.',
    todo: 'Ask {them} whether its inbound access for {us} is meant so.',
    who: 'their-administrator',
  },
  'people-kept-out-here': {
    seen: '{us} lets nobody of {them} come, which would let them go.',
    todo: 'Change the inbound access of {us} for {them}, or leave it so.',
    who: 'our-administrator',
  },
  'people-kept-there': {
    seen: '{them} lets none of its people work at {us}.',
    todo: 'Ask {them} whether its outbound access for {us} is meant so.',
    who: 'their-administrator',
  },
  'people-neither': { seen: 'Neither side lets people go from {from} to {to}.' },
  'queue-empty': { seen: 'Nothing waits to be told to {them}.' },
  'queue-waiting': {
    seen: '{count} messages of {us} could not be told to {them} yet; the last failure: {reason}',
    todo: 'Mend what fails above; they are then sent by themselves.',
    who: 'both-operators',
  },
  'same-agreement': { seen: 'Both hold the same version, with the same amendments.' },
  'same-agreement-behind-here': {
    seen: '{us} holds version {ours} of the agreement, {them} version {theirs}.',
    todo: 'Look whether the messages of {them} arrive; then verify the agreement.',
    who: 'our-administrator',
  },
  'same-agreement-behind-there': {
    seen: '{them} holds version {theirs} of the agreement, {us} version {ours}.',
    todo: 'Look whether the messages of {us} arrive there; then let {them} verify the agreement.',
    who: 'their-administrator',
  },
  'same-agreement-differs': {
    seen: 'Both hold version {ours}, and do not know the same amendments.',
    todo: 'Verify the agreement on both sides.',
    who: 'our-administrator',
  },
  'no-mail': { seen: 'Servers here exchange no mail yet: there is no TLS session of mail to look at.' },
};
