const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Model names and column names differ in their spelling alone: the columns of what is set in `values`. */
export function columnsOf(values: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[snake(name), value]])),
  );
}

const FIELDS = new Map<string, string>();
/** What every row says, or another column too. */
const NO_FIELDS = new Set(['tenant_id', 'user_principal_name_lower', 'mail_lower', 'display_name_lower']);

/** The model object in a row. */
export function fieldsOf<T>(row: object): T {
  const found: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) {
    if (NO_FIELDS.has(column)) continue;
    let field = FIELDS.get(column);
    if (field === undefined) {
      field = column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      FIELDS.set(column, field);
    }
    found[field] = value;
  }
  return found as T;
}
