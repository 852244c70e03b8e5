// One visit with a stock Node SDK: `node sdks.mjs NAME`. The same visit as in ../python_sdks.py.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { SDK_HOST: host, SDK_KEY: key, SDK_EVENTS: count, SDK_MODULES: modules } = process.env;
// The packages live in a cache folder outside the repository.
const require = createRequire(pathToFileURL(`${modules}/`));

const visits = {
  async "segment-node"() {
    const { Analytics } = require("@segment/analytics-node");
    const analytics = new Analytics({ writeKey: key, host, flushAt: 1000, flushInterval: 100, maxRetries: 10 });
    analytics.on("error", (error) => console.error("on_error:", error.code));
    analytics.identify({ userId: "u1", traits: { plan: "pro" } });
    for (let number = 0; number < Number(count); number++)
      analytics.track({ userId: "u1", event: "bought", properties: { number } });
    analytics.page({ anonymousId: "a1", name: "Home" });
    analytics.alias({ userId: "u1", previousId: "a1" });
    await analytics.closeAndFlush();
  },
  async "rudderstack-node"() {
    const Analytics = require("@rudderstack/rudder-sdk-node");
    const client = new (Analytics.default ?? Analytics)(key, {
      dataPlaneUrl: host,
      flushAt: 1000,
      retryCount: 10,
      errorHandler: (error) => console.error("on_error:", error.message),
    });
    // The SDK sends the first event at once and the rest with the flush.
    client.identify({ userId: "u1", traits: { plan: "pro" } });
    for (let number = 0; number < Number(count); number++)
      client.track({ userId: "u1", event: "bought", properties: { number } });
    client.page({ anonymousId: "a1", name: "Home" });
    client.alias({ userId: "u1", previousId: "a1" });
    await client.flush();
    // A flush ends before the request of the very first event may have done so.
    await new Promise((resolve) => setTimeout(resolve, 300));
  },
  async "posthog-node"() {
    const { PostHog } = require("posthog-node");
    const client = new PostHog(key, { host, flushAt: 1000, fetchRetryCount: 10, fetchRetryDelay: 300 });
    client.on("error", (error) => console.error("on_error:", error.message));
    client.identify({ distinctId: "u1", properties: { plan: "pro" } });
    for (let number = 0; number < Number(count); number++)
      client.capture({ distinctId: "u1", event: "bought", properties: { number } });
    client.capture({ distinctId: "a1", event: "$pageview" });
    client.alias({ distinctId: "u1", alias: "a1" });
    await client.shutdown(60_000);
  },
};

await visits[process.argv[2]]();
