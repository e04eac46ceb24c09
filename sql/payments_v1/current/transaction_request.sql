-- row: the latest state of a row of public.transaction_request
-- relation: public.transaction_request
-- key: transaction_request_id
-- scaffold: adc1dfa98bbea87c

create table if not exists current_transaction_request (
    transaction_request_id text not null,
    flow_id text,
    token_id text,
    vault_options text
) strict;

create unique index if not exists key_transaction_request
on current_transaction_request (transaction_request_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_transaction_request (
    _tick integer not null,
    _op text not null,
    _image text not null,
    transaction_request_id text,
    flow_id text,
    token_id text,
    vault_options text
) strict;

drop trigger if exists current_transaction_request_inserted;
create trigger current_transaction_request_inserted after insert on current_transaction_request
when (select recording from elt_watermarks where model = 'current_transaction_request')
begin
    insert into changed_transaction_request
    select
        tick, 'insert', 'new', new.transaction_request_id, new.flow_id, new.token_id, new.vault_options
    from elt_clock;
end;

drop trigger if exists current_transaction_request_updated;
create trigger current_transaction_request_updated after update on current_transaction_request
when (select recording from elt_watermarks where model = 'current_transaction_request')
begin
    insert into changed_transaction_request
    select
        tick, 'update', 'old', old.transaction_request_id, old.flow_id, old.token_id, old.vault_options
    from elt_clock;
    insert into changed_transaction_request
    select
        tick, 'update', 'new', new.transaction_request_id, new.flow_id, new.token_id, new.vault_options
    from elt_clock;
end;

drop trigger if exists current_transaction_request_deleted;
create trigger current_transaction_request_deleted after delete on current_transaction_request
when (select recording from elt_watermarks where model = 'current_transaction_request')
begin
    insert into changed_transaction_request
    select
        tick, 'delete', 'old', old.transaction_request_id, old.flow_id, old.token_id, old.vault_options
    from elt_clock;
end;

-- How one change is folded in; the conditions exclude each other.
drop view if exists fold_transaction_request;
create view fold_transaction_request as
select _seq, _op, _old_key, _absent from stg_transaction_request;

create trigger fold_transaction_request_write instead of insert on fold_transaction_request
when new._op in ('insert', 'update') and new._old_key is null and new._absent is null
begin
    insert into current_transaction_request (
        transaction_request_id, flow_id, token_id, vault_options
    )
    select
        transaction_request_id, flow_id, token_id, vault_options
    from stg_transaction_request
    where _seq = new._seq
    on conflict (transaction_request_id) do update
    set (
        flow_id, token_id, vault_options
    ) = (
        excluded.flow_id, excluded.token_id, excluded.vault_options
    )
    where (
        current_transaction_request.flow_id, current_transaction_request.token_id,
        current_transaction_request.vault_options
    ) is distinct from (
        excluded.flow_id, excluded.token_id, excluded.vault_options
    );
end;

create trigger fold_transaction_request_patch instead of insert on fold_transaction_request
when new._op in ('insert', 'update') and (new._old_key is not null or new._absent is not null)
begin
    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_transaction_request
    where transaction_request_id = (select transaction_request_id from stg_transaction_request where _seq = new._seq)
        and transaction_request_id <> new._old_key ->> '$.transaction_request_id'
        and exists (select 1 from current_transaction_request where transaction_request_id = new._old_key ->> '$.transaction_request_id');

    update current_transaction_request
    set transaction_request_id = (select transaction_request_id from stg_transaction_request where _seq = new._seq)
    where transaction_request_id = new._old_key ->> '$.transaction_request_id';

    insert into current_transaction_request (
        transaction_request_id, flow_id, token_id, vault_options
    )
    select
        staged.transaction_request_id,
        iif(instr(new._absent, ',flow_id,'), held.flow_id, staged.flow_id),
        iif(instr(new._absent, ',token_id,'), held.token_id, staged.token_id),
        iif(instr(new._absent, ',vault_options,'), held.vault_options, staged.vault_options)
    from stg_transaction_request as staged
    left join current_transaction_request as held on held.transaction_request_id = staged.transaction_request_id
    where staged._seq = new._seq
    on conflict (transaction_request_id) do update
    set (
        flow_id, token_id, vault_options
    ) = (
        excluded.flow_id, excluded.token_id, excluded.vault_options
    )
    where (
        current_transaction_request.flow_id, current_transaction_request.token_id,
        current_transaction_request.vault_options
    ) is distinct from (
        excluded.flow_id, excluded.token_id, excluded.vault_options
    );
end;

create trigger fold_transaction_request_delete instead of insert on fold_transaction_request
when new._op = 'delete'
begin
    delete from current_transaction_request
    where transaction_request_id = (select transaction_request_id from stg_transaction_request where _seq = new._seq);
end;

create trigger fold_transaction_request_truncate instead of insert on fold_transaction_request
when new._op = 'truncate'
begin
    delete from current_transaction_request;
end;

insert or ignore into elt_watermarks (model) values ('current_transaction_request');

insert into fold_transaction_request
select _seq, _op, _old_key, _absent
from stg_transaction_request
where _seq > (select watermark from elt_watermarks where model = 'current_transaction_request')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_transaction_request';
