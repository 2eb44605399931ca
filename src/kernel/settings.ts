import type { z } from 'zod';
import type { RoleName } from './roles.ts';

/**
 * Whom a setting applies to: the whole tenant, one other organisation or domain, one container (site, group, team), or
 * one object of a named collection (an organization relationship, a sharing policy), which exists by being set.
 */
export type SettingScope = 'tenant' | 'partner' | 'container' | 'collection';

/**
 * A module's settings, declared once. Each object of a collection has a `name`, by which texts speak of it. From this one declaration come validation, the admin form, the text form, the
 * change history and the snapshot that decisions read.
 *
 * Every property of `shape` carries a default and `.describe('one sentence')`.
 */
export interface SettingsDeclaration<Shape extends z.ZodObject = z.ZodObject> {
  /** `directory.guests`: the module, a dot, the group of settings. */
  readonly name: string;
  readonly scope: SettingScope;
  readonly title: string;
  readonly sentence: string;
  readonly shape: Shape;
  /** Written by agreements alone: nobody sets it by hand. */
  readonly setBy?: 'agreement';
  /** The roles of its area: they may read and change it, beside the global administrator. */
  readonly administrators?: readonly RoleName[];
  /** What an application may hold to read or change it, beside the permissions for all settings (`Policy.Read.All`). */
  readonly permissions?: { readonly read: readonly string[]; readonly write: readonly string[] };
  /** Rules across several settings; returns a sentence for what is wrong. */
  readonly check?: (values: z.output<Shape>) => string | undefined;
  /** Rules between the objects of a collection, or with the tenant's own domains. @throws the module's own fault. */
  readonly admits?: (
    values: z.output<Shape>,
    among: { readonly others: ReadonlyMap<string, z.output<Shape>>; readonly ownDomains: readonly string[] },
  ) => void;
  /** Of a collection: the ids of objects that are there from the beginning, by their names. */
  readonly fixedIds?: Readonly<Record<string, string>>;
}

export function defineSettings<Shape extends z.ZodObject>(
  declaration: SettingsDeclaration<Shape>,
): SettingsDeclaration<Shape> {
  return declaration;
}

/** A tenant's settings in memory. Reading never waits; unset values are the declaration's defaults. */
export interface SettingsSnapshot {
  tenant<Shape extends z.ZodObject>(declaration: SettingsDeclaration<Shape>): z.output<Shape>;
  /** `partner`: a tenant id or a domain name. Falls back to the defaults when nothing is set for it. */
  partner<Shape extends z.ZodObject>(declaration: SettingsDeclaration<Shape>, partner: string): z.output<Shape>;
  /** The partners for which anything of this declaration is set. */
  partners(declaration: SettingsDeclaration): readonly string[];
  /** The objects of a collection by id, in the order of their ids. */
  collection<Shape extends z.ZodObject>(declaration: SettingsDeclaration<Shape>): ReadonlyMap<string, z.output<Shape>>;
}
