/**
 * What an object of the API has under a key that came from outside. Visitors choose the names of fields, and
 * `constructor` or `toString` is a name like any other: plain access would find what every object inherits.
 */
export function own<T>(values: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}
