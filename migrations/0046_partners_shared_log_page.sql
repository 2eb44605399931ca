-- What the page of a shared log reads, a stretch of time at a time; new columns and indexes only.

alter table partners.shared_records
  -- The record's own id, by which two that say something different of the same exchange are found beside each other.
  add column exchange_id uuid,
  -- When it was written down here, by the clock of this server; `at` is by the clock of whoever wrote it.
  add column noted_at timestamptz;

create index shared_records_by_time on partners.shared_records (tenant_id, partner_tenant_id, at, id);
create index shared_records_unmatched_by_time on partners.shared_records (tenant_id, partner_tenant_id, at, id)
  where matched_at is null;
create index shared_records_unmatched_by_exchange on partners.shared_records (tenant_id, partner_tenant_id, exchange_id)
  where matched_at is null;
-- What may still find its counterpart in time: few, however many have been told of.
create index shared_records_untold on partners.shared_records (tenant_id, partner_tenant_id)
  where matched_at is null and reported_at is null;
