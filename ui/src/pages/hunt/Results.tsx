import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { compact, count, millis, plural } from '../../format';
import { send } from '../../served/client';
import type { Cell, HuntResult } from '../../served/contract';
import { type Column, DataTable } from '../../ui/DataTable';
import { Icon } from '../../ui/Icon';
import { Empty } from '../../ui/Panel';
import { chartOf } from './chart';
import { cellText, sortOf, toTsv, widths } from './columns';
import { HuntChart } from './HuntChart';
import type { HuntRequest } from './run';

interface Props {
  result: HuntResult;
  /** What was asked; a download asks it again, for all rows. */
  request: HuntRequest;
  sort: string;
  onSort: (sort: string) => void;
}

interface Row {
  at: number;
  cells: Cell[];
}

/** What a hunt found: as a chart when its shape fits, and as a table. */
export function Results({ result, request, sort, onSort }: Props) {
  const chart = useMemo(() => chartOf(result), [result]);
  const [drawn, setDrawn] = useState(true);
  const rows = useMemo(() => result.rows.map((cells, at): Row => ({ at, cells })), [result]);
  const columns = useMemo(() => columnsOf(result), [result]);
  return (
    <section className="hunt-results" aria-label="Result">
      <div className="hunt-bar">
        <p role="status">
          <b>
            {result.stats.truncated ? 'The first ' : ''}
            {plural(rows.length, 'row')}
          </b>{' '}
          <span className="muted small">
            in {millis(result.stats.elapsed_ms)}
            {result.stats.scanned_rows > 0 && `, ${compact(result.stats.scanned_rows)} rows read`}
          </span>
        </p>
        {chart && (
          <button type="button" className="button" aria-pressed={drawn} onClick={() => setDrawn(!drawn)}>
            Chart
          </button>
        )}
        <CopyButton result={result} />
        <Download request={request} />
      </div>
      {result.stats.truncated && (
        <p className="notice warn">
          There are more rows than the table takes. Narrow the hunt, aggregate, or download all of them.
        </p>
      )}
      {chart && drawn && (
        <div className="panel">
          <HuntChart chart={chart} />
        </div>
      )}
      {rows.length === 0 ? (
        <Empty>No row. The hunt ran, and nothing fits it.</Empty>
      ) : (
        <DataTable
          name="Rows"
          rows={rows}
          columns={columns}
          rowId={(row) => String(row.at)}
          sort={sort}
          onSort={onSort}
          boxed
        />
      )}
    </section>
  );
}

function columnsOf(result: HuntResult): Column<Row>[] {
  const wide = widths(result);
  return result.columns.map(({ name, type }, at) => {
    const sort = sortOf(type);
    return {
      // Two columns of a statement may have one name.
      id: result.columns.findIndex((one) => one.name === name) === at ? name : `${name}-${at}`,
      header: name,
      title: type,
      className: sort === 'number' ? 'num' : sort === 'time' ? 'moment' : undefined,
      descending: sort === 'number',
      width: `${wide[at]}ch`,
      value: (row) => comparable(row.cells[at]),
      cell: (row) => {
        const value = row.cells[at];
        if (value === null || value === undefined) return <span className="faint">null</span>;
        const text = cellText(value, name, sort);
        return <span title={text.length > 40 ? text : undefined}>{text}</span>;
      },
    };
  });
}

function comparable(value: Cell | undefined): number | string {
  if (value === null || value === undefined) return '';
  return typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);
}

function CopyButton({ result }: { result: HuntResult }) {
  const [said, setSaid] = useState('Copy');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(toTsv(result));
      setSaid(`Copied ${count(result.rows.length)}`);
    } catch {
      setSaid('Not allowed here');
    }
    setTimeout(() => setSaid('Copy'), 2500);
  };
  return (
    <button type="button" className="button" onClick={() => void copy()} title="As text with tabs, for a sheet">
      {said}
    </button>
  );
}

const FORMATS = [
  ['csv', 'CSV', 'text/csv'],
  ['ndjson', 'NDJSON', 'application/x-ndjson'],
  ['parquet', 'Parquet', 'application/vnd.apache.parquet'],
  ['arrow', 'Arrow', 'application/vnd.apache.arrow.stream'],
] as const;

/** All rows as a file, made by the server. */
function Download({ request }: { request: HuntRequest }) {
  const download = useMutation({
    mutationFn: async ([suffix, , accept]: (typeof FORMATS)[number]) => {
      const response = await send('/v1/hunts/run', { method: 'POST', body: request, accept });
      const url = URL.createObjectURL(await response.blob());
      const link = document.createElement('a');
      link.href = url;
      link.download = `hunt.${suffix}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
  });
  return (
    <span className="hunt-download">
      <Icon name="download" size={15} />
      {FORMATS.map((format) => (
        <button
          key={format[0]}
          type="button"
          className="plain-button"
          disabled={download.isPending}
          onClick={() => download.mutate(format)}
        >
          <span className="sr">Download </span>
          {format[1]}
        </button>
      ))}
      {download.error && (
        <small className="caution" role="alert">
          {download.error.message}
        </small>
      )}
    </span>
  );
}
