-- What home calls its refusal of a guest, so that its administrators find it by what the guest reads out. One new
-- column without a default; old and new servers can run side by side.
alter table signin.vouched add column home_reference uuid;
