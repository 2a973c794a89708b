import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_basic,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer, useWindowVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type ReactNode, type Ref, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { count } from '../format';
import { usePrinting } from './printing';

/** Rows that go to paper; a longer list is not read on paper. */
const PRINTED_MAX = 1000;
const ROW_HEIGHT_PX = 46;
const BOXED_ROW_HEIGHT_PX = 33;

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic },
});

export interface Column<T> {
  id: string;
  header: string;
  /** More about the column, for whoever points at its header. */
  title?: string;
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
  /** Scrolls by itself in both directions, with all columns as wide as they ask; else it is part of the page. */
  boxed?: boolean;
}

/** A sortable table of any length: only the rows near the window are in the page. */
export function DataTable<T extends object>({ name, rows, columns, rowId, sort, onSort, boxed }: Props<T>) {
  // As state: the rows are drawn when there is something to scroll.
  const [box, setBox] = useState<HTMLElement | null>(null);
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

  const Rows = boxed ? BoxedBody : PageBody;
  const grid = (
    <table
      className="data"
      aria-label={name}
      aria-rowcount={rows.length + 1}
      style={boxed ? { minWidth: total(columns) } : undefined}
    >
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
                title={column.title}
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
      <Rows rows={sorted.map((row) => row.original)} columns={columns} rowId={rowId} box={box} />
    </table>
  );
  if (!boxed) return <div className="data-box">{grid}</div>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section className="data-box data-boxed" ref={setBox} tabIndex={0} aria-label={`${name}, scrollable`}>
      {grid}
    </section>
  );
}

/** Widths of all columns together. */
function total<T>(columns: readonly Column<T>[]): string {
  return `calc(${columns.map(({ width }) => width ?? '10rem').join(' + ')})`;
}

interface BodyProps<T> extends Pick<Props<T>, 'rows' | 'columns' | 'rowId'> {
  box: HTMLElement | null;
}

/** Rows of a table that scrolls with the page. */
function PageBody<T>({ rows, columns, rowId }: BodyProps<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const box = body.current?.getBoundingClientRect();
    if (box) setTop(Math.round(box.top + scrollY));
  }, []);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 12,
    scrollMargin: top,
    getItemKey: keyIn(rows, rowId),
  });
  return <Near {...{ rows, columns, rowId, virtualizer, top, body }} />;
}

/** Rows of a table that scrolls by itself. */
function BoxedBody<T>({ rows, columns, rowId, box }: BodyProps<T>) {
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box,
    estimateSize: () => BOXED_ROW_HEIGHT_PX,
    overscan: 20,
    getItemKey: keyIn(rows, rowId),
  });
  return <Near {...{ rows, columns, rowId, virtualizer, top: 0 }} />;
}

function keyIn<T>(rows: T[], rowId: (row: T) => string) {
  return (at: number) => {
    const row = rows[at];
    return row === undefined ? at : rowId(row);
  };
}

interface NearProps<T, S extends Element | Window> extends Pick<Props<T>, 'rows' | 'columns' | 'rowId'> {
  virtualizer: Virtualizer<S, Element>;
  /** Where the rows begin. */
  top: number;
  body?: Ref<HTMLTableSectionElement>;
}

/** The rows near what is looked at, and gaps for the others. */
function Near<T, S extends Element | Window>({ rows, columns, rowId, virtualizer, top, body }: NearProps<T, S>) {
  const printing = usePrinting();
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
