import { Notifications } from "@mantine/notifications";
import "@mantine/notifications/styles.layer.css";

/** Where toasts appear. Fetched after the first page: those shown before wait for it. */
export default function Toasts() {
  return <Notifications position="bottom-right" limit={4} />;
}
