{#- A regular expression as LIKE patterns, for SQL Server before 2025, which has none. Takes literals, \ before a mark,
    ( | ), (?: ), ? after a character or a group, [..], \d, \s, ., .*, .+, and ^ and $ at the ends; everything is upper
    case and found anywhere, as the expression would be.

    Appends to `found` one {pattern, scope} for each way to match; it matches where any does. `scope` is what the pattern
    is held against: `text`, or where a dot must not cross a line end, as it does not elsewhere: `line` (any line),
    `first_line`, `last_line`, or `one_line` (the text, if it is a single line).
    Appends to `problems` what cannot be written so. Nothing here is dbt's own, so that the seed check runs it too. -#}
{%- macro like_patterns(pattern, found, problems) -%}
    {%- set atoms = [] -%}
    {%- set skeleton = [] -%}
    {%- for part in modules.re.findall('(?s)\\\\.|\\[\\^?\\]?[^\\]]*\\]|\\.[*+]\\??|\\(\\?:|.', pattern) -%}
        {%- if part in ['(', ')', '|', '?', '^', '$'] -%}
            {%- do skeleton.append(part) -%}
        {%- elif part == '(?:' -%}
            {%- do skeleton.append('(') -%}
        {%- else -%}
            {%- set atom = [] -%}
            {%- do like_atom(part, atom, problems) -%}
            {%- if atom[0] not in atoms -%}
                {%- do atoms.append(atom[0]) -%}
            {%- endif -%}
            {%- do skeleton.append('<' ~ atoms.index(atom[0]) ~ '>') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set ways = [] -%}
    {%- if not problems -%}
        {%- do like_ways(skeleton | join, ways, [], problems) -%}
    {%- endif -%}
    {%- for way in ways if not problems -%}
        {%- set parts = modules.re.fullmatch('(\\^?)((?:<\\d+>)*)(\\$?)', way) -%}
        {%- if not parts -%}
            {%- do problems.append('^ or $ inside it, or a bracket or ? that belongs to nothing') -%}
        {%- else -%}
            {%- set used = [] -%}
            {%- for number in modules.re.findall('\\d+', parts.group(2)) -%}
                {%- do used.append(atoms[number | int]) -%}
            {%- endfor -%}
            {%- set has_dot = used | selectattr('is_dot') | list | length > 0 -%}
            {%- if has_dot and used | selectattr('crosses_lines') | list -%}
                {%- do problems.append('a dot beside \\s or [^..]') -%}
            {%- endif -%}
            {%- set is_contained = namespace(yes=false) -%}
            {%- for other in ways if other != way and '^' not in other and '$' not in other and other in way -%}
                {%- set is_contained.yes = true -%}
            {%- endfor -%}
            {%- if not is_contained.yes -%}
                {%- set ends = parts.group(1) ~ parts.group(3) -%}
                {%- do found.append({
                    'pattern': ('' if parts.group(1) else '%') ~ used | map(attribute='like') | join ~ ('' if parts.group(3) else '%'),
                    'scope': {'': 'line', '^': 'first_line', '$': 'last_line', '^$': 'one_line'}[ends] if has_dot else 'text'
                }) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}

{#- Appends what a part of an expression is in LIKE. -#}
{%- macro like_atom(part, atom, problems) -%}
    {%- set like = namespace(text='', is_dot=part.startswith('.'), crosses_lines=false) -%}
    {%- if part.startswith('.') -%}
        {%- set like.text = {'.': '_', '.*': '%', '.+': '_%'}[part | replace('?', '')] -%}
    {%- elif part == '\\d' -%}
        {%- set like.text = '[0-9]' -%}
    {%- elif part == '\\s' -%}
        {%- set like.text = '[ \t\n\f\r]' -%}
        {%- set like.crosses_lines = true -%}
    {%- elif part.startswith('[') and part | length > 1 -%}
        {%- set inside = modules.re.fullmatch('\\[(\\^?)([A-Za-z0-9 _.,/&#\'-]+)\\]', part) -%}
        {%- set ranges = modules.re.findall('.-.', inside.group(2)) if inside else [] -%}
        {%- for range in ranges if not modules.re.fullmatch('[A-Z]-[A-Z]|[a-z]-[a-z]|[0-9]-[0-9]', range) -%}
            {%- do problems.append('the range ' ~ range) -%}
        {%- endfor -%}
        {%- if not inside -%}
            {%- do problems.append('the class ' ~ part) -%}
        {%- else -%}
            {#- A hyphen is itself where it stands first. -#}
            {%- set plain = modules.re.sub('(?<![A-Za-z0-9])-|-(?![A-Za-z0-9])', '', inside.group(2)) -%}
            {%- set hyphen = '-' if plain != inside.group(2) else '' -%}
            {%- set like.text = '[' ~ inside.group(1) ~ hyphen ~ plain | upper ~ ']' -%}
            {%- set like.crosses_lines = inside.group(1) == '^' -%}
        {%- endif -%}
    {%- elif part in ['*', '+', '{'] -%}
        {%- do problems.append('the repetition ' ~ part) -%}
    {%- elif part | length == 2 and modules.re.fullmatch('[A-Za-z0-9]', part[1]) -%}
        {%- do problems.append('the escape ' ~ part) -%}
    {%- elif part == '\\' or part == '[' or part[-1] | upper | length != 1 -%}
        {%- do problems.append('the character ' ~ part) -%}
    {%- else -%}
        {%- set letter = part[-1] | upper -%}
        {%- set like.text = '[' ~ letter ~ ']' if letter in ['%', '_', '['] else letter -%}
    {%- endif -%}
    {%- do atom.append({'like': like.text, 'is_dot': like.is_dot, 'crosses_lines': like.crosses_lines}) -%}
{%- endmacro -%}

{#- Appends every way through the options and alternatives of an expression. -#}
{%- macro like_ways(skeleton, ways, steps, problems) -%}
    {%- do steps.append(1) -%}
    {%- set option = modules.re.search('<\\d+>\\?', skeleton) -%}
    {%- set group = modules.re.search('\\(([^()]*)\\)(\\??)', skeleton) -%}
    {%- if steps | length > 500 -%}
        {%- if not problems -%}
            {%- do problems.append('too many alternatives') -%}
        {%- endif -%}
    {%- elif option -%}
        {%- set before, after = skeleton[:option.start()], skeleton[option.end():] -%}
        {%- do like_ways(before ~ skeleton[option.start():option.end() - 1] ~ after, ways, steps, problems) -%}
        {%- do like_ways(before ~ after, ways, steps, problems) -%}
    {%- elif group -%}
        {%- for alternative in group.group(1).split('|') + ([''] if group.group(2) else []) -%}
            {%- do like_ways(skeleton[:group.start()] ~ alternative ~ skeleton[group.end():], ways, steps, problems) -%}
        {%- endfor -%}
    {%- else -%}
        {%- for way in skeleton.split('|') if way not in ways -%}
            {%- do ways.append(way) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}
