import { z } from 'zod';

interface Shape {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly minItems?: number;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly minLength?: number;
  readonly minimum?: number;
}

/** Where in a shape an id is wanted: `['members', 'id']`. */
export type Place = readonly string[];

/** The smallest value that a schema takes, with every id in it, also the optional ones, answered by `idAt`. */
export function sampleOf(schema: z.ZodType, idAt: (place: Place) => string): unknown {
  return sample(shapeOf(schema), [], idAt, true);
}

/** The places of a schema that want an id: UUIDs, and text in a property whose name ends in `id`. */
export function idPlaces(schema: z.ZodType): Place[] {
  const places: Place[] = [];
  sample(
    shapeOf(schema),
    [],
    (place) => {
      places.push(place);
      return '00000000-0000-4000-8000-000000000000';
    },
    true,
  );
  return places;
}

const shapeOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;

/** The type wanted; of several, the first that is something. */
const typeOf = ({ type }: Shape) => (typeof type === 'string' ? type : type?.find((one) => one !== 'null'));

/** Called ids, but by the people who write them down and not by us, or kept as written and looked up by nobody. */
const NO_IDS = new Set([
  'employeeId',
  'externalId',
  'appRoleId',
  'resourceId',
  'roleDefinitionId',
  'transactionId',
  'uniqueId',
]);

const isId = (shape: Shape, place: Place) =>
  shape.format === 'uuid' ||
  (typeOf(shape) === 'string' &&
    !shape.enum &&
    !NO_IDS.has(place.at(-1) ?? '') &&
    /(^id|Id|^@odata\.id)$/.test(place.at(-1) ?? ''));

function sample(shape: Shape, place: Place, idAt: (place: Place) => string, isWanted: boolean): unknown {
  if (isId(shape, place)) return idAt(place);
  const choice = (shape.anyOf ?? shape.oneOf)?.find((one) => one.type !== 'null') ?? shape.allOf?.[0];
  if (choice) return sample(choice, place, idAt, isWanted);
  if ('const' in shape) return shape.const;
  if (shape.enum) return shape.enum[0];
  switch (typeOf(shape)) {
    case 'object': {
      const value: Record<string, unknown> = {};
      for (const [name, inner] of Object.entries(shape.properties ?? {})) {
        const isRequired = shape.required?.includes(name) ?? false;
        if (isRequired || holdsId(inner, [...place, name])) value[name] = sample(inner, [...place, name], idAt, true);
      }
      return value;
    }
    case 'array': {
      const isNeeded = (shape.minItems ?? 0) > 0 || (shape.items && holdsId(shape.items, place));
      return isNeeded && shape.items ? [sample(shape.items, place, idAt, true)] : [];
    }
    case 'integer':
    case 'number':
      return shape.minimum ?? 1;
    case 'boolean':
      return false;
    case 'string':
      return text(shape);
    default:
      return {};
  }
}

function holdsId(shape: Shape, place: Place): boolean {
  if (isId(shape, place)) return true;
  const inner = [...(shape.anyOf ?? []), ...(shape.oneOf ?? []), ...(shape.allOf ?? [])];
  if (inner.some((one) => holdsId(one, place))) return true;
  if (shape.items && holdsId(shape.items, place)) return true;
  return Object.entries(shape.properties ?? {}).some(([name, one]) => holdsId(one, [...place, name]));
}

function text({ format, minLength }: Shape): string {
  switch (format) {
    case 'email':
      return 'somebody@fabrikam.example';
    case 'uri':
      return 'https://fabrikam.example/';
    case 'date-time':
      return '2031-01-01T00:00:00Z';
    case 'date':
      return '2031-01-01';
    default:
      return 'x'.repeat(Math.max(1, minLength ?? 1));
  }
}
