import { z } from 'zod';
import type { Route } from '../platform/http/route.ts';
import { route } from '../platform/http/route.ts';

/** Our path form to OpenAPI's: `/users/:id` to `/users/{id}`. */
export const openApiPath = (path: string) => path.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{rest}');

/** The OpenAPI 3.1 document of every route, made from the same declarations that the server obeys. */
export function openApiDocument(routes: readonly Route[], server: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const one of routes) {
    const path = openApiPath(one.path);
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operation(one) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Entente',
      version: '1.0',
      description: 'Everything the web app and the command line do is here. `/v1.0` is shaped like Microsoft Graph.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: server }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      responses: {
        Problem: {
          description: 'A problem (RFC 9457).',
          content: {
            'application/problem+json': {
              schema: {
                type: 'object',
                required: ['type', 'title', 'status', 'code', 'requestId'],
                properties: {
                  type: { type: 'string' },
                  title: { type: 'string' },
                  status: { type: 'integer' },
                  code: { type: 'string' },
                  requestId: { type: 'string' },
                  decisionId: { type: 'string', description: 'Of a refusal: GET /me/decisions/{id} says more.' },
                },
              },
            },
          },
        },
        GraphError: {
          description: 'An error in the shape of Microsoft Graph.',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['error'],
                properties: {
                  error: {
                    type: 'object',
                    required: ['code', 'message'],
                    properties: {
                      code: { type: 'string' },
                      message: { type: 'string' },
                      innerError: { type: 'object' },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  };
}

function operation(one: Route): Record<string, unknown> {
  const names = [...one.path.matchAll(/:(\w+)/g)].map((match) => match[1] as string);
  if (one.path.endsWith('*')) names.push('rest');
  const shapes = one.params ? propertiesOf(one.params) : {};
  const query = one.query ? jsonSchema(one.query) : {};
  const required = new Set((query.required as string[] | undefined) ?? []);
  const isPublic = typeof one.access === 'object';
  return {
    operationId: `${one.method.toLowerCase()}${openApiPath(one.path).replace(/[^A-Za-z0-9]+(\w?)/g, (_all, letter: string) => letter.toUpperCase())}`,
    summary: one.summary,
    ...(one.tags ? { tags: one.tags } : {}),
    ...(isPublic ? { security: [], description: (one.access as { public: string }).public } : {}),
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: shapes[name] ?? { type: 'string' } })),
      ...Object.entries((query.properties as Record<string, unknown> | undefined) ?? {}).map(([name, schema]) => ({
        name,
        in: 'query',
        required: required.has(name),
        schema,
      })),
    ],
    ...(one.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(one.body) } } } }
      : {}),
    responses: {
      '2XX': {
        description: 'Done.',
        ...(one.answer ? { content: { 'application/json': { schema: jsonSchema(one.answer) } } } : {}),
      },
      default: { $ref: `#/components/responses/${one.wire === 'graph' ? 'GraphError' : 'Problem'}` },
    },
  };
}

function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Record<
    string,
    unknown
  >;
  return rest;
}

function propertiesOf(schema: z.ZodType): Record<string, unknown> {
  return (jsonSchema(schema).properties as Record<string, unknown> | undefined) ?? {};
}

/** Serves the document. `routes` is asked when it is wanted, so that it lists itself too. */
export function openApiRoute(routes: () => readonly Route[]): Route {
  let text: string | undefined;
  return route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document.',
    wire: 'problem',
    access: { public: 'Describes the product, not anybody who uses it.' },
    transaction: 'none',
    tags: ['health'],
    handle: async () => {
      text ??= JSON.stringify(openApiDocument(routes(), '/'));
      return JSON.parse(text) as unknown;
    },
  });
}
