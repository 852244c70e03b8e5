import { i18n } from "./index";
import type { Resources } from "./resources";

/** The words of another language: the same keys as the English ones, each a text. */
export type Words<T> = { readonly [K in keyof T]: T[K] extends string ? string : Words<T[K]> };

/** Fetches the words of a feature; the `loader` of its routes, beside the page's own part. */
export async function words(namespace: keyof Resources): Promise<void> {
  await i18n.loadNamespaces(namespace);
}
