import type { Schemas } from "@/api";

export const ERASURES = "/api/v1/workspaces/{slug}/erasures";
export const RETENTION = "/api/v1/workspaces/{slug}/retention";
export const PREVIEW = "/api/v1/workspaces/{slug}/retention/preview";
export const RULE = "/api/v1/workspaces/{slug}/retention/{name}";
export const HOLDS = "/api/v1/workspaces/{slug}/holds";
export const HOLD = "/api/v1/workspaces/{slug}/holds/{hold}";

export type Erasure = Schemas["ErasureOut"];
export type Certificate = Schemas["CertificateOut"];
export type Kept = Schemas["ClassOut"];
export type Preview = Schemas["PreviewOut"];
export type Hold = Schemas["HoldOut"];
