// Addresses of segments, written once; `useWrite` takes them as what to refresh too.
export const LIST = "/api/v1/workspaces/{slug}/segments";
export const ONE = "/api/v1/workspaces/{slug}/segments/{segment}";
export const PEOPLE = "/api/v1/workspaces/{slug}/segments/{segment}/people";
export const HISTORY = "/api/v1/workspaces/{slug}/segments/{segment}/history";
export const MEMBERS = "/api/v1/workspaces/{slug}/segments/{segment}/members";
export const HIDDEN = "/api/v1/workspaces/{slug}/segments/{segment}/hidden";
export const REGIONS = "/api/v1/workspaces/{slug}/segments/regions";
