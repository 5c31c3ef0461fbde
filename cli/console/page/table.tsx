import type { ComponentChildren } from 'preact';

interface TableProps {
  readonly name: string;
  readonly children: ComponentChildren;
}

/** A table whose rows become cards on a small screen (page.css). */
export const Table = ({ name, children }: TableProps) => (
  <table class={`cards ${name}`} aria-labelledby={name}>
    {children}
  </table>
);

/** The names of columns; `#` begins one of numbers. */
export const Head = ({ columns }: { readonly columns: readonly (string | Column)[] }) => (
  <thead>
    <tr>
      {columns.map(columnOf).map(({ name, className, content }) => (
        <th key={name} scope="col" class={className}>
          {content}
        </th>
      ))}
    </tr>
  </thead>
);

interface Column {
  readonly name: string;
  readonly className: string;
  readonly content: ComponentChildren;
}

const columnOf = (column: string | Column): Column => {
  if (typeof column !== 'string') return column;
  const name = column.replace('#', '');
  return { name, className: column.startsWith('#') ? 'number' : '', content: name };
};
