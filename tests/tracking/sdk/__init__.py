"""Stock SDKs of Segment, RudderStack and PostHog against a running server."""
