-- Since when a partner's log could not be read: null while the last exchange went well, or ended with a finding.
alter table partners.shared_exchanges add column apart_since timestamptz;
