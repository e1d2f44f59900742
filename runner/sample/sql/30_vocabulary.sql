-- Names, places and the way people write.
create table sites (site_no integer, site_code varchar, region varchar, zone varchar, weight double, kind varchar);
insert into sites values
    (0, 'LON-HQ', 'EMEA', 'Europe/London', 18, 'office'),
    (1, 'MAN-OFF', 'EMEA', 'Europe/London', 9, 'office'),
    (2, 'GLA-CC', 'EMEA', 'Europe/London', 13, 'contact centre'),
    (3, 'DUB-OFF', 'EMEA', 'Europe/Dublin', 5, 'office'),
    (4, 'BER-OFF', 'EMEA', 'Europe/Berlin', 5, 'office'),
    (5, 'LDS-CC', 'EMEA', 'Europe/London', 8, 'contact centre'),
    (6, 'NYC-HQ', 'AMER', 'America/New_York', 11, 'office'),
    (7, 'AUS-CC', 'AMER', 'America/Chicago', 8, 'contact centre'),
    (8, 'TOR-OFF', 'AMER', 'America/Toronto', 4, 'office'),
    (9, 'SIN-OFF', 'APAC', 'Asia/Singapore', 4, 'office'),
    (10, 'SYD-OFF', 'APAC', 'Australia/Sydney', 4, 'office'),
    (11, 'BLR-CC', 'APAC', 'Asia/Kolkata', 8, 'contact centre'),
    (12, 'DVT-WH', 'EMEA', 'Europe/London', 2, 'warehouse'),
    (13, 'NWK-WH', 'AMER', 'America/New_York', 1, 'warehouse');

create table cost_centres (cost_centre_no integer, cost_centre varchar, kind varchar, place integer);
insert into cost_centres values
    (0, 'CORP-FIN', 'office', 0), (1, 'CORP-HR', 'office', 1), (2, 'CORP-IT', 'office', 2),
    (3, 'CORP-LEGAL', 'office', 3),
    (4, 'CORP-SALES', 'office', 4), (5, 'CORP-MKTG', 'office', 5), (6, 'CORP-OPS', 'office', 6),
    (7, 'CC9100', 'office', 7),
    (8, 'CC1010', 'contact centre', 0), (9, 'CC1020', 'contact centre', 1), (10, 'CC1030', 'contact centre', 2),
    (11, 'CC2010', 'contact centre', 3), (12, 'CC2020', 'contact centre', 4), (13, 'CC3010', 'contact centre', 5),
    (14, 'CC3020', 'contact centre', 6), (15, 'CORP-TRAIN', 'contact centre', 7),
    (16, 'WHS-01', 'warehouse', 0), (17, 'WHS-02', 'warehouse', 1), (18, 'LOG-11', 'warehouse', 2),
    (19, 'LOG-12', 'warehouse', 3),
    (20, 'LOG-20', 'warehouse', 4), (21, 'WHS-07', 'warehouse', 5), (22, 'FAC-03', 'warehouse', 6),
    (23, 'FAC-04', 'warehouse', 7);

-- A wheel has one row per slot; a draw is a join on pick(.., slots).
create table site_wheel as
select row_number() over (order by site_no, slot) - 1 as slot, site_no
from (select site_no, unnest(range(cast(weight as integer))) as slot from sites);

-- Topics: what a ticket is about, how people put it, and what technicians note down for it.
create table topics (topic_no integer, weight integer, ticket_type varchar, tier_hint varchar, is_software integer);
insert into topics values
    (0, 16, 'incident', 'SIMPLE', 0), (1, 8, 'incident', 'SIMPLE', 0), (2, 6, 'service_request', 'COMPLEX', 0),
    (3, 4, 'service_request', 'MODERATE', 0), (4, 7, 'service_request', 'COMPLEX', 0),
    (5, 5, 'service_request', 'MODERATE', 0),
    (6, 5, 'service_request', 'MODERATE', 0), (7, 5, 'service_request', 'MODERATE', 0),
    (8, 6, 'incident', 'SIMPLE', 0),
    (9, 5, 'incident', 'MODERATE', 0), (10, 6, 'incident', 'SIMPLE', 0), (11, 4, 'incident', 'SIMPLE', 0),
    (12, 6, 'incident', 'SIMPLE', 0), (13, 4, 'incident', 'SIMPLE', 0), (14, 4, 'incident', 'COMPLEX', 0),
    (15, 3, 'service_request', 'MODERATE', 0), (16, 5, 'service_request', 'SIMPLE', 0),
    (17, 2, 'incident', 'COMPLEX', 0),
    (18, 4, 'incident', 'MODERATE', 0), (19, 3, 'change', 'COMPLEX', 0), (20, 2, 'change', 'COMPLEX', 0),
    (21, 3, 'incident', 'SIMPLE', 0), (22, 0, 'service_request', 'MODERATE', 1);

create table topic_wheel as
select row_number() over (order by topic_no, slot) - 1 as slot, topic_no
from (select topic_no, unnest(range(weight)) as slot from topics);

create table ticket_texts as
with
given (topic_no, texts) as (
    values
    (0, ['Password reset', 'forgot my pwd', 'pw reset pls', 'Cannot log in, password expired',
        'passwrd not accepted']),
    (1, ['Account locked out', 'acct locked again', 'Locked out of Windows', 'Please unlock my account',
        'lockout after hols']),
    (2, ['New starter Monday', 'new joiner - full kit', 'Onboarding for two new hires', 'Starter kit needed',
        'new starter in agent desk team']),
    (3, ['Leaver - collect kit', 'Offboarding', 'leaver, disable acct', 'Offboard contractor',
        'Leaver form attached']),
    (4, ['Laptop replacement', 'lptop dead', 'Laptop swap under warranty', 'laptop wont power on',
        'Refresh of the laptop']),
    (5, ['Second monitor', 'x3 monitors for team', 'monitor flickering', 'need 2nd screen',
        'Monitors for the boardroom']),
    (6, ['Docking station not detected', 'dock broken', 'new docking station', 'dock keeps dropping screens',
        'docking stn req']),
    (7, ['Keyboard sticking', 'kybd + mouse pls', 'new mouse', 'Ergonomic keyboard', 'kybd keys missing']),
    (8, ['Headset no sound', 'head set broken', 'Softphone will not register', 'jabra not pairing',
        'headset mic fault']),
    (9, ['Printer jam', 'prnter offline', 'No toner 2nd floor', 'Printing blank pages',
        'printer in head office reception']),
    (10, ['VPN drops', 'vpn wont connect', 'Remote access not working', 'AnyConnect error',
        'cannot work from home, vpn']),
    (11, ['Wifi slow', 'wi-fi drops in mtg rooms', 'No wireless', 'wlan not visible', 'WiFi on 3rd floor']),
    (12, ['Outlook not syncing', 'mailbox full', 'email stuck in outbox', 'shared mailbox missing',
        'calendar invites vanish']),
    (13, ['Teams call quality', 'Zoom no video', 'webex link dead', 'Teams crashes on join',
        'cannot share screen in teams']),
    (14, ['PC rebuild', 're-image please', 'Rebuild after failed update', 'imaging of spare pcs',
        're-build for finance team']),
    (15, ['New mobile', 'iphone broken', 'Android wont enrol', 'handset lost', 'mobile swap']),
    (16, ['Access to shared drive', 'permissions on folder', 'access request - payroll', 'folder access pls',
        'need permission for legal team share']),
    (17, ['Possible virus', 'phishing mail clicked', 'Malware alert', 'phish reported', 'AV popup - virus?']),
    (18, ['Blue screen', 'BSOD x2 today', 'app crash', 'freezes every morning', 'pc freezing']),
    (19, ['Desk move', 'Relocation of team', 'office move ph2', 'desk move x6', 'relocate 4 agent desktops']),
    (20, ['Meeting room AV', 'projector dead', 'AV kit for town hall', 'meeting room screen',
        'AV equipment upgrade']),
    (21, ['PC slow', 'laptop very slow', 'performance issues', 'slow since patch', 'call centre app slow']),
    (22, ['Install Visio', 'software instal req', 'Adobe licence', 'Deploy office to new pcs', 'project licence pls'])
)
select topic_no, unnest(texts) as text, unnest(range(5)) as text_no from given;

create table task_texts as
with
given (topic_no, texts) as (
    values
    (0, ['pw reset', 'password reset, user verified', 'Reset pwd in AD', 'passwd reset + mfa re-enrolled',
        'pwd reset by phone']),
    (1, ['unlocked acct', 'account lock cleared', 'locked out - unlocked, cached creds on phone', 'unlock AD acct',
        'acct lockout, cleared old session']),
    (2, ['new starter kit built', 'onboarding: kit x{n} issued', 'new joiner setup, desk + logon',
        'new hire, acct + kit', 'starter kit x{n}']),
    (3, ['leaver - kit collected', 'offboarding, acct disabled', 'leaver, returned kit x{n}',
        'offboard, mailbox archived', 'leaver wiped']),
    (4, ['laptop swap', 'lptop replaced', 'replaced laptop x{n}', 'lptop refresh, data moved',
        'swap of the laptop, warranty']),
    (5, ['x{n} monitors', 'monitor fitted', 'second screen set up', 'display cable swapped',
        'monitors x{n} fitted + tested']),
    (6, ['docking station replaced', 'dock x{n}', 'docking stn firmware', 'dock fitted', 'new dock, tested']),
    (7, ['kybd replaced', 'keyboard + mouse x{n}', 'mouse swapped', 'kybd x{n} delivered', 'ergo keyboard set up']),
    (8, ['headset swapped', 'softphone re-registered', 'jabra x{n}', 'head set mic replaced', 'plantronics paired']),
    (9, ['printer - cleared jam', 'prnter driver', 'toner x{n}', 'printing queue reset', 'printer remapped']),
    (10, ['vpn profile reset', 'remote access re-enabled', 'anyconnect reinstalled', 'vpn cert renewed',
        'vpn - user error']),
    (11, ['wifi profile', 'wireless ap restarted', 'wlan cert', 'wi-fi survey 3rd fl', 'wifi adapter x{n}']),
    (12, ['outlook profile rebuilt', 'mailbox quota raised', 'email rule removed', 'calendar perms fixed',
        'e-mail sync fixed']),
    (13, ['teams cache cleared', 'zoom updated', 'webex plug-in', 'teams policy', 'meeting audio fixed']),
    (14, ['re-image', 'rebuild x{n}', 'pc imaging', 'reimaged + data back', 'rebuild, user data restored']),
    (15, ['mobile enrolled', 'iphone swapped', 'android handset x{n}', 'mobile sim moved', 'iphone wiped + set up']),
    (16, ['permission granted', 'access to shared drive', 'folder rights', 'access request done',
        'shared drive mapped']),
    (17, ['virus scan, clean', 'malware removed', 'phish - pw changed', 'phishing mail purged',
        'virus - pc isolated']),
    (18, ['bsod - driver', 'crash dump sent to vendor', 'blue screen, ram replaced', 'freezing, ssd fw',
        'crash fixed w/ patch']),
    (19, ['desk move x{n}', 'relocated {n} desks', 'office move', 'desk move - cabling',
        'relocation, kit x{n} moved']),
    (20, ['meeting room screen', 'projector lamp', 'av kit tested', 'meeting room av x{n}', 'av equipment swapped']),
    (21, ['slow pc - disk cleanup', 'performance, startup items', 'slow - ram x{n}', 'perf ok after reboot',
        'slow, patched']),
    (22, ['install visio', 'instal adobe x{n}', 'licence assigned', 'deployed office', 'sw upgrade project x{n}'])
)
select topic_no, unnest(texts) as text, unnest(range(5)) as text_no from given;

create table endings as
select unnest(range(12)) as ending_no, unnest([
    '', '', '', '', '', ' pls', ' asap', ' - urgent!!', ' thx', ' (see mail)', ', user waiting', ' - 2nd time'
]) as ending;

-- Every sentence a ticket can open with, and the first environment rule that fits it.
create table ticket_sentences as
with
sentences as (
    select
        (topic_no * 5 + text_no) * 12 + ending_no as sentence_no,
        topic_no,
        text || ending as sentence
    from ticket_texts
    cross join endings
)
select
    sentences.*,
    (
        select min(rank)
        from seed_environment_rules
        where field = 'short_description' and regexp_matches(sentences.sentence, pattern, 'i')
    ) as rule_rank
from sentences
order by sentence_no;

create table site_rules as
select site_no, min(rank) as rule_rank
from sites
inner join seed_environment_rules on field = 'site_code' and regexp_matches(site_code, pattern, 'i')
group by all;

create table cost_centre_rules as
select cost_centre_no, min(rank) as rule_rank
from cost_centres
inner join seed_environment_rules on field = 'cost_centre' and regexp_matches(cost_centre, pattern, 'i')
group by all;

create table products as
select unnest(range(6)) as product_no,
    unnest(['Atlas Suite', 'Atlas Mobile', 'Beacon', 'Cargo API', 'Ledger Link', 'Portal']) as product;
