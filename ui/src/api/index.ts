import type { components } from "./schema";

export { api, csrfToken } from "./client";
export { ApiError, isLoggedOut, Offline } from "./errors";
export { call, keyOf, type ReadPath, read, useWrite } from "./queries";

/** Shapes of the API by name: `Schemas["PersonItem"]`. */
export type Schemas = components["schemas"];
