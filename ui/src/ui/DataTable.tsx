import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_basic,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type ReactNode, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { count } from '../format';
import { usePrinting } from './printing';

/** Rows that go to paper; a longer list is not read on paper. */
const PRINTED_MAX = 1000;
const ROW_HEIGHT_PX = 46;

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic },
});

export interface Column<T> {
  id: string;
  header: string;
  /** What to sort by. Without it the column does not sort. */
  value?: (row: T) => number | string;
  cell: (row: T) => ReactNode;
  /** CSS class of the cells: `num`, and `wide` or `medium` for columns that only show when there is room. */
  className?: string;
  width?: string;
  /** First direction when the header is pressed: numbers begin with the largest. */
  descending?: boolean;
}

interface Props<T> {
  name: string;
  rows: T[];
  columns: readonly Column<T>[];
  rowId: (row: T) => string;
  /** `column` or `-column` for descending, as in the URL. Empty keeps the order of the rows. */
  sort: string;
  onSort: (sort: string) => void;
}

/** A sortable table of any length: only the rows near the window are in the page. */
export function DataTable<T extends object>({ name, rows, columns, rowId, sort, onSort }: Props<T>) {
  const sorting = useMemo(() => {
    const id = sort.replace(/^-/, '');
    return columns.some((column) => column.id === id && column.value) ? [{ id, desc: sort.startsWith('-') }] : [];
  }, [sort, columns]);
  const defs = useMemo(
    () =>
      columns.map(
        (column): ColumnDef<typeof features, T> => ({
          id: column.id,
          header: column.header,
          accessorFn: column.value ?? (() => null),
          enableSorting: column.value !== undefined,
          sortFn: 'basic',
          cell: (context) => column.cell(context.row.original),
        }),
      ),
    [columns],
  );
  // A button would be blank in the heading that paper repeats on every sheet.
  const printing = usePrinting();
  const table = useTable({ features, columns: defs, data: rows, state: { sorting }, getRowId: rowId });
  const sorted = table.getRowModel().rows;
  const press = (column: Column<T>) => {
    const [current] = sorting;
    const descending = current?.id === column.id ? !current.desc : column.descending === true;
    onSort(`${descending ? '-' : ''}${column.id}`);
  };

  return (
    <div className="data-box">
      <table className="data" aria-label={name} aria-rowcount={rows.length + 1}>
        <colgroup>
          {columns.map((column) => (
            <col key={column.id} className={column.className} style={{ '--width': column.width } as CSSProperties} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => {
              const active = sorting.find((one) => one.id === column.id);
              return (
                <th
                  key={column.id}
                  scope="col"
                  className={column.className}
                  aria-sort={active ? (active.desc ? 'descending' : 'ascending') : undefined}
                >
                  {column.value && !printing ? (
                    <button type="button" onClick={() => press(column)}>
                      {column.header}
                      <i aria-hidden="true">{active ? (active.desc ? '↓' : '↑') : ''}</i>
                    </button>
                  ) : (
                    column.header
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <Body rows={sorted.map((row) => row.original)} columns={columns} rowId={rowId} />
      </table>
    </div>
  );
}

function Body<T>({ rows, columns, rowId }: Pick<Props<T>, 'rows' | 'columns' | 'rowId'>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  const printing = usePrinting();
  useLayoutEffect(() => {
    const box = body.current?.getBoundingClientRect();
    if (box) setTop(Math.round(box.top + scrollY));
  }, []);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 12,
    scrollMargin: top,
    getItemKey: (at) => {
      const row = rows[at];
      return row === undefined ? at : rowId(row);
    },
  });
  const items = virtualizer.getVirtualItems();
  const before = (items[0]?.start ?? top) - top;
  const after = virtualizer.getTotalSize() - ((items.at(-1)?.end ?? top) - top);

  if (printing) {
    return (
      <tbody>
        {rows.slice(0, PRINTED_MAX).map((row, at) => (
          <Line key={rowId(row)} row={row} at={at} columns={columns} />
        ))}
        {rows.length > PRINTED_MAX && (
          <tr>
            <td colSpan={columns.length}>
              {count(rows.length - PRINTED_MAX)} more rows are not printed; filter first.
            </td>
          </tr>
        )}
      </tbody>
    );
  }
  return (
    <tbody ref={body}>
      {before > 0 && <Gap height={before} />}
      {items.map((item) => {
        const row = rows[item.index];
        return row === undefined ? null : (
          <Line key={item.key} row={row} at={item.index} columns={columns} measure={virtualizer.measureElement} />
        );
      })}
      {after > 0 && <Gap height={after} />}
    </tbody>
  );
}

/** Stands for the rows that are not in the page. One cell: spanning hidden columns would bring them back as empty ones. */
function Gap({ height }: { height: number }) {
  return (
    <tr className="gap">
      <td style={{ height }} />
    </tr>
  );
}

interface LineProps<T> {
  row: T;
  at: number;
  columns: readonly Column<T>[];
  measure?: (element: Element | null) => void;
}

function Line<T>({ row, at, columns, measure }: LineProps<T>) {
  return (
    <tr ref={measure} data-index={at} aria-rowindex={at + 2}>
      {columns.map((column) => (
        <td key={column.id} className={column.className}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}
