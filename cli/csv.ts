/** A text, or a number as it is. */
type CsvCell = string | number;

/** What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection): wide forms and what stands before it too. */
const FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/;
/** To be quoted (RFC 4180, section 2). */
const QUOTED = /[",\r\n]/;
/** Digits that are worth something: a ten-thousandth of a cent. */
const DIGITS = 6;

/**
 * Lines of a CSV file, without their ends, for CR LF (RFC 4180). Anyone who writes workflows chooses names that are in it:
 * a text that a spreadsheet would take for a formula gets an apostrophe before it.
 */
export const csvLines = (head: readonly string[], rows: readonly (readonly CsvCell[])[]): string[] =>
  [head, ...rows].map((row) => row.map(cellOf).join(','));

function cellOf(cell: CsvCell): string {
  if (typeof cell === 'number') return String(Number(cell.toFixed(DIGITS)));
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
