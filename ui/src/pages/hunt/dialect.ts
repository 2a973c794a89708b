import { SQLDialect } from '@codemirror/lang-sql';

/** What hunts are written in. Only what reads: words that hunts refuse are neither colored nor offered. */
export const HUNT_SQL = SQLDialect.define({
  keywords:
    'all and any as asc between by case cast cross current_date current_timestamp desc describe distinct else end ' +
    'escape except exists explain extract filter first following from full group having ilike in inner intersect ' +
    'interval is join last lateral left like limit not nulls offset on or order outer over partition preceding range ' +
    'recursive right row rows select show similar then to unbounded union unnest using values when where window with ' +
    'within',
  types: 'bigint boolean date decimal double float int integer interval real smallint text timestamp varchar',
  builtin: 'false null true',
  operatorChars: '*+-%<>!=&|^/#@?~',
  specialVar: '$',
  identifierQuotes: '"',
  doubleDollarQuotedStrings: true,
});

/** Functions that analysts need, with what they take. Vedette's own come first. */
export const FUNCTIONS: readonly [name: string, takes: string, about: string][] = [
  ['time_bucket', "('1 hour', at)", 'Start of the bucket that a time falls into.'],
  ['cidr_contains', "('10.0.0.0/8', client_ip)", 'Whether an address is in a network.'],
  ['is_private_ip', '(client_ip)', 'Whether an address is private.'],
  ['host', '(url)', 'Host of a URL.'],
  ['json_get', "(json, '$.a.b')", 'A value in a JSON text.'],
  ['path_segment', '(path, 2)', 'A segment of a path, from 1.'],
  ['status_class', '(status)', '`2xx` of 204.'],
  ['url_decode', '(text)', 'Percent escapes undone.'],
  ['count', '(*)', 'Rows.'],
  ['sum', '(x)', 'Sum.'],
  ['avg', '(x)', 'Mean.'],
  ['min', '(x)', 'Smallest.'],
  ['max', '(x)', 'Largest.'],
  ['approx_distinct', '(x)', 'Distinct values, estimated in little memory.'],
  ['approx_percentile_cont', '(0.95) within group (order by x)', 'A percentile, estimated.'],
  ['array_agg', '(x)', 'All values as a list.'],
  ['string_agg', "(x, ', ')", 'All texts as one.'],
  ['coalesce', '(x, y)', 'The first that is not null.'],
  ['date_bin', "(interval '15 minutes', at)", 'Start of a bucket of any length.'],
  ['date_trunc', "('day', at)", 'A time without its smaller parts.'],
  ['now', '()', 'The present time.'],
  ['lower', '(text)', 'In lower case.'],
  ['split_part', "(text, '/', 2)", 'A part of a text.'],
  ['regexp_like', "(text, 'pattern')", 'Whether a pattern fits.'],
  ['lag', '(x) over (order by at)', 'The value of the row before.'],
  ['row_number', '() over (order by x)', 'Number of the row.'],
];
