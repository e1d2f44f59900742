-- Pseudo-random numbers are a pure function of seed, purpose and row number, so that the same arguments give the same
-- bytes. The purpose is mixed in before the last hash: hash(purpose, n) would only xor a constant, and what is drawn
-- for two purposes would go together.
create macro bits(purpose, n) as
    hash(xor(cast(n as ubigint), hash(concat(getvariable('seed'), ':', purpose))));

-- A number in [0, 1).
create macro chance(purpose, n) as
    cast(bits(purpose, n) >> 11 as double) / 9007199254740992.0;

-- A whole number in [0, k).
create macro pick(purpose, n, k) as
    cast(bits(purpose, n) % cast(k as ubigint) as bigint);

-- A whole number in [low, high].
create macro between_whole(purpose, n, low, high) as
    low + pick(purpose, n, high - low + 1);

create macro readable_id(prefix, n, width) as
    concat(prefix, lpad(cast(n as varchar), cast(greatest(width, length(cast(n as varchar))) as integer), '0'));

create macro money(cents) as
    cast(cast(cents as decimal(16, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2));

create macro month_of(moment) as
    cast(date_trunc('month', moment) as date);

create macro months_later(month, months) as
    cast(month + to_months(cast(months as integer)) as date);

-- A code as people and systems mangle it: other case, spaces around it. Trimmed and case-blind it is the same.
create macro mangled(purpose, n, code, share) as
    case
        when chance(purpose, n) >= share then code
        when pick(concat(purpose, ' how'), n, 4) = 0 then lower(code)
        when pick(concat(purpose, ' how'), n, 4) = 1 then concat(' ', code)
        when pick(concat(purpose, ' how'), n, 4) = 2 then concat(code, '  ')
        else concat(' ', upper(code), ' ')
    end;

-- A missing value comes as null or as blanks.
create macro nothing(purpose, n) as
    case when pick(purpose, n, 2) = 0 then cast(null as varchar) else '  ' end;

-- Where a fault of a list of `total` goes: spread over [low, high], no two at one place as long as there is room.
create macro spread_over(purpose, position, total, low, high) as
    cast(floor(
        low + (position + chance(purpose, position) * greatest(0.0, 0.999 - total / (high - low)))
            * (high - low) / total
    ) as bigint);
