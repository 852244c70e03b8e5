import type { Schemas } from "@/api";

export const SCHEDULES = "/api/v1/workspaces/{slug}/export-schedules";
export const SCHEDULE = "/api/v1/workspaces/{slug}/export-schedules/{schedule}";
export const DESTINATIONS = "/api/v1/workspaces/{slug}/export-destinations";
export const DESTINATION = "/api/v1/workspaces/{slug}/export-destinations/{destination}";

export type Schedule = Schemas["ScheduleOut"];
export type Destination = Schemas["DestinationOut"];
