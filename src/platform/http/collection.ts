import { kernelFaults } from '../../kernel/fault.ts';
import { ODataError, parseQueryOptions, type Schema, toPredicate } from '../../protocols/odata.ts';
import type { Request } from './route.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * Presents a collection that is small enough to be read whole (domains, licences) as OData wants it:
 * `$filter $orderby $select $top $skip $count`, with `@odata.nextLink`. `schema` says what may be filtered and sorted.
 * @throws request.invalid naming the option that is wrong.
 */
export function presentCollection<R extends Row>(
  request: Pick<Request<unknown, unknown, unknown>, 'raw' | 'origin'>,
  name: string,
  rows: readonly R[],
  schema: Schema,
): Row {
  const url = new URL(request.raw.url, request.origin);
  try {
    const options = parseQueryOptions(url.searchParams);
    let found = options.filter ? rows.filter(toPredicate(options.filter, schema)) : [...rows];
    for (const { path, descending } of [...(options.orderBy ?? [])].reverse()) {
      const key = path.join('/');
      if (!Object.hasOwn(schema, key))
        throw new ODataError('unknown-property', '$orderby', `"${key}" cannot be sorted by.`);
      const sign = descending ? -1 : 1;
      found = found.toSorted((a, b) => sign * compare(a[key], b[key]));
    }
    const skip = options.skip ?? 0;
    const end = options.top === undefined ? found.length : skip + options.top;
    const page = found.slice(skip, end);
    const next = new URL(url);
    next.searchParams.set('$skip', String(end));
    return {
      '@odata.context': `${request.origin}/v1.0/$metadata#${name}`,
      ...(options.count ? { '@odata.count': found.length } : {}),
      ...(end < found.length && page.length > 0 ? { '@odata.nextLink': next.href } : {}),
      value: options.select ? page.map((row) => pick(row, options.select ?? [])) : page,
    };
  } catch (error) {
    if (error instanceof ODataError) throw kernelFaults.invalid(error.message);
    throw error;
  }
}

/** Presents one object, with `$select`. */
export function presentEntity(
  request: Pick<Request<unknown, unknown, unknown>, 'raw' | 'origin'>,
  name: string,
  row: Row,
): Row {
  try {
    const { select } = parseQueryOptions(new URL(request.raw.url, request.origin).searchParams);
    const context = { '@odata.context': `${request.origin}/v1.0/$metadata#${name}/$entity` };
    return { ...context, ...(select ? pick(row, select) : row) };
  } catch (error) {
    if (error instanceof ODataError) throw kernelFaults.invalid(error.message);
    throw error;
  }
}

const pick = (row: Row, select: readonly (readonly string[])[]): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => select.some(([first]) => first === name || first === '*')));

const compare = (a: unknown, b: unknown): number => {
  const [left, right] = [String(a ?? ''), String(b ?? '')];
  return left < right ? -1 : left > right ? 1 : 0;
};
