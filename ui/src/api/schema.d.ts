// Made from the OpenAPI document by `make schema`. Do not change it by hand.

export interface paths {
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is logged in, their workspaces, and the CSRF token
         * @description Who is logged in, their workspaces, and the CSRF token.
         *
         *     Needs a login; keys are refused.
         */
        get: operations["accounts_session"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change when you get mails about jobs that you have started
         * @description Change when you get mails about jobs that you have started.
         *
         *     Needs a login; keys are refused.
         */
        patch: operations["accounts_change_own_settings"];
        trace?: never;
    };
    "/api/v1/workspaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The workspaces that the logged-in user belongs to
         * @description The workspaces that the logged-in user belongs to.
         *
         *     Needs a login; keys are refused.
         */
        get: operations["accounts_list_workspaces"];
        put?: never;
        /**
         * Make a workspace and become its owner
         * @description Make a workspace and become its owner.
         *
         *     Needs a login; keys are refused.
         */
        post: operations["accounts_create_workspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The operators of filters, as menus are made of them
         * @description The operators of filters, as menus are made of them: by type of field, and for segments and events.
         *
         *     Needs a login or a secret key.
         */
        get: operations["audience_operators"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The workspace, and what the caller may do in it
         * @description The workspace, and what the caller may do in it.
         *
         *     Needs the permission `workspace:read`.
         */
        get: operations["accounts_get_workspace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change name, time zone or language
         * @description Change name, time zone or language.
         *
         *     Needs the permission `workspace:manage`.
         */
        patch: operations["accounts_change_workspace"];
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who belongs to the workspace
         * @description Who belongs to the workspace.
         *
         *     Needs the permission `members:read`.
         */
        get: operations["accounts_list_members"];
        put?: never;
        /**
         * Add a member by email
         * @description Add a member by email. They are told by a mail, in which someone new finds a link to choose a password.
         *
         *     Needs the permission `members:manage`.
         */
        post: operations["accounts_add_member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The keys of the workspace, newest first, revoked ones too
         * @description The keys of the workspace, newest first, revoked ones too.
         *
         *     Needs the permission `keys:manage`.
         */
        get: operations["accounts_list_keys"];
        put?: never;
        /**
         * Make a key
         * @description Make a key. Its token is in this answer and can't be shown again.
         *
         *     Needs the permission `keys:manage`.
         */
        post: operations["accounts_create_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The audit log, newest first
         * @description The audit log, newest first; `action` and `actor` narrow it.
         *
         *     Needs the permission `audit:read`.
         */
        get: operations["accounts_list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * People of a filter, with the exact total
         * @description People of a filter, with the exact total.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["audience_list_people"];
        put?: never;
        /**
         * Create a person by hand
         * @description Create a person by hand; 409 with the existing person's number when an identity is taken.
         *
         *     With `shared`, an email or phone that somebody has is kept as a value and named in `warnings`. Who else may be the
         *     same person is told by `POST people/candidates`.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["people_create_person"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/fields": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All fields, built-in ones first, in the order in which they are shown
         * @description All fields, built-in ones first, in the order in which they are shown.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["people_list_fields"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/attributes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The attributes in the order in which they are shown
         * @description The attributes in the order in which they are shown.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["people_list_attributes"];
        put?: never;
        /**
         * Create an attribute, or restore a deleted one with its values
         * @description Create an attribute, or restore a deleted one with its values.
         *
         *     Needs the permission `attributes:write`.
         */
        post: operations["people_create_attribute"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/merges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Merges, newest first, by members, programs and tracking, and whether each can be undone
         * @description Merges, newest first, by members, programs and tracking, and whether each can be undone.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["merging_list_merges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/erasures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Erasures, newest first
         * @description Erasures, newest first.
         *
         *     Needs the permission `people:delete`.
         */
        get: operations["privacy_list_erasures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every table and kind of file
         * @description Every table and kind of file: what it holds about whom, and what becomes of it when a person is erased.
         *
         *     Needs the permission `audit:read`.
         */
        get: operations["privacy_get_register"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * For how long what is kept
         * @description For how long what is kept: every class with its rule or default, and what would go now.
         *
         *     Needs the permission `people:delete`.
         */
        get: operations["privacy_list_retention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Legal holds, newest first
         * @description Legal holds, newest first.
         *
         *     Needs the permission `people:delete`.
         */
        get: operations["privacy_list_holds"];
        put?: never;
        /**
         * Hold a person, or everyone
         * @description Hold a person, or everyone: nothing of them goes by age, and deleting or erasing them answers 409.
         *
         *     Needs the permission `people:delete`.
         */
        post: operations["privacy_add_hold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/views": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Your saved views and the shared ones
         * @description Your saved views and the shared ones.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["audience_list_views"];
        put?: never;
        /**
         * Save a view
         * @description Save a view; sharing it needs the permission `people:write`.
         *
         *     Needs the permission `people:read`.
         */
        post: operations["audience_create_view"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/segments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The segments you may see, your favourites first
         * @description The segments you may see, your favourites first.
         *
         *     Needs the permission `segments:read`.
         */
        get: operations["segments_list_segments"];
        put?: never;
        /**
         * Save a filter as a dynamic segment, or make a static one of people
         * @description Save a filter as a dynamic segment, or make a static one of people.
         *
         *     Needs the permission `segments:write`.
         */
        post: operations["segments_create_segment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * That people or memberships have changed, at most twice a second
         * @description That people or memberships have changed, at most twice a second: server-sent events.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["segments_stream_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Long tasks with their progress, newest first
         * @description Long tasks with their progress, newest first: your own, and those whose permission you have.
         *
         *     Needs the permission `jobs:read`.
         */
        get: operations["jobs_list_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What you are told about your jobs that ended
         * @description What you are told about your jobs that ended; keys have no notifications.
         *
         *     Needs the permission `jobs:read`.
         */
        get: operations["jobs_list_notifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Imports, newest first
         * @description Imports, newest first.
         *
         *     Needs the permission `people:write`.
         */
        get: operations["transfers_list_imports"];
        put?: never;
        /**
         * Upload a file of people
         * @description Upload a file of people; the answer says what is in it and suggests a field for each column.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["transfers_upload_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write people into a file
         * @description Write people into a file: those whom numbers, a filter or a segment name now, or everyone.
         *
         *     The job's file can be downloaded for seven days.
         *
         *     Needs the permission `people:export`.
         */
        post: operations["transfers_export_people"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/export-destinations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Places into which exports are delivered
         * @description Places into which exports are delivered.
         *
         *     Needs the permission `people:export`.
         */
        get: operations["transfers_list_export_destinations"];
        put?: never;
        /**
         * Name a place for exports
         * @description Name a place for exports: a folder on the server, or storage that speaks the protocol of S3.
         *
         *     Needs the permission `workspace:manage`.
         */
        post: operations["transfers_create_export_destination"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/export-schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Exports by the clock
         * @description Exports by the clock: your own and those of everyone's people; owners see all.
         *
         *     Needs the permission `people:export`.
         */
        get: operations["transfers_list_export_schedules"];
        put?: never;
        /**
         * Have an export made and delivered every hour, day, week or month, with your rights of that moment
         * @description Have an export made and delivered every hour, day, week or month, with your rights of that moment.
         *
         *     Needs the permission `people:export`.
         */
        post: operations["transfers_create_export_schedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Merge two people into one
         * @description Merge two people into one; answers with the survivor's number.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["people_merge_people"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/fields/order": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The fields that are shown, in their order
         * @description The fields that are shown, in their order.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["people_field_order"];
        /**
         * Put all fields into an order, show and hide them, and label them
         * @description Put all fields into an order, show and hide them, and label them; answers with all fields.
         *
         *     Needs the permission `attributes:write`.
         */
        put: operations["people_set_field_order"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/events/names": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The kinds of event and the properties seen so far
         * @description The kinds of event and the properties seen so far.
         *
         *     Needs the permission `events:read`.
         */
        get: operations["people_list_event_names"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/attributes/rejected": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Values that were not taken, with the reasons, oldest first, and how many there are per key
         * @description Values that were not taken, with the reasons, oldest first, and how many there are per key.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["people_list_rejected"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/merge-suggestions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * People who may be the same, the likeliest first
         * @description People who may be the same, the likeliest first: by email, phone, or a like name in the same country.
         *
         *     Those who share an email or phone are noticed when it is written; `POST people/merge-suggestions/find` looks
         *     through everyone.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["merging_list_suggestions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase people everywhere, with all that was kept of them
         * @description Erase people everywhere, with all that was kept of them; that can't be undone.
         *
         *     From now on nothing is taken that names one of their identities. A job does the rest, and a certificate says what
         *     was removed and what is outstanding.
         *
         *     Needs the permission `people:delete`.
         */
        post: operations["privacy_erase_people"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/erasures/allow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let an erased person come again by one of their identities, for instance since they agreed anew
         * @description Let an erased person come again by one of their identities, for instance since they agreed anew.
         *
         *     Needs the permission `people:delete`.
         */
        post: operations["privacy_allow_again"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/retention/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a rule would remove now
         * @description What a rule would remove now; changes nothing.
         *
         *     Needs the permission `people:delete`.
         */
        post: operations["privacy_preview_retention"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/retention/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove what is too old now, by the rules and defaults
         * @description Remove what is too old now, by the rules and defaults; otherwise it is done once a day.
         *
         *     Needs the permission `people:delete`.
         */
        post: operations["privacy_run_retention"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The exact total of a filter, and how each condition divides everyone
         * @description The exact total of a filter, and how each condition divides everyone.
         *
         *     Needs the permission `people:read`.
         */
        post: operations["audience_count_people"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/events/values": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The values of a property of a kind of event, as texts, most frequent first
         * @description The values of a property of a kind of event, as texts, most frequent first; needs `events:read` too.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["audience_list_event_values"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * People by number, identity or its start
         * @description People by number, identity or its start; then those whose name or email holds the text.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["audience_search_people"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/candidates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Who may be the same as a person about to be created
         * @description Who may be the same as a person about to be created: by identity, or by a like name in the same country.
         *
         *     Needs the permission `people:read`.
         */
        post: operations["audience_duplicate_candidates"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/charts/growth": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How a filter's people came, by day, week or month of the workspace's zone
         * @description How a filter's people came, by day, week or month of the workspace's zone.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["audience_growth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/charts/countries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where a filter's people are
         * @description Where a filter's people are.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["audience_countries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/charts/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * When a filter's people did something
         * @description When a filter's people did something: events by weekday and hour; needs `events:read` too.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["audience_activity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/segments/regions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * How two to five segments overlap
         * @description How two to five segments overlap: every region with its exact count.
         *
         *     Needs the permission `segments:read`.
         */
        post: operations["segments_regions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/segments/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who enters and leaves, as it happens
         * @description Who enters and leaves, as it happens: server-sent events, resumed by Last-Event-ID.
         *
         *     Needs the permission `segments:read`.
         */
        get: operations["segments_stream_segments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/tracking/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events that could not be used, newest first, with the reason of each
         * @description Events that could not be used, newest first, with the reason of each.
         *
         *     Needs the permission `events:read`.
         */
        get: operations["tracking_list_quarantine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/tracking/conflicts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Message ids that a source used for two different events
         * @description Message ids that a source used for two different events; the later ones were not taken.
         *
         *     Needs the permission `events:read`.
         */
        get: operations["tracking_list_conflicts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/jobs/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Progress of jobs as it happens
         * @description Progress of jobs as it happens: server-sent events, beginning with the jobs that are not finished.
         *
         *     Needs the permission `jobs:read`.
         */
        get: operations["jobs_stream_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/notifications/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Mark notifications as read
         * @description Mark notifications as read.
         *
         *     Needs the permission `jobs:read`.
         */
        post: operations["jobs_read_notifications"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/attributes/rejected/reapply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try the rejected values of a field again, after its type or protection was changed
         * @description Try the rejected values of a field again, after its type or protection was changed; `dry_run` only looks.
         *
         *     More than 5,000 of them are tried by a job.
         *
         *     Needs the permission `attributes:write`.
         */
        post: operations["people_reapply_rejected"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/merge-suggestions/find": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look through everyone for people who may be the same
         * @description Look through everyone for people who may be the same: a job that comes to suggestions to merge.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["audience_find_same_people"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/bulk/change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set and clear fields, ban and unban (`banned`), add and remove tags of many people
         * @description Set and clear fields, ban and unban (`banned`), add and remove tags of many people.
         *
         *     More than 1,000 are changed by a job: the answer has it, and the people are those of this moment.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["bulk_change_people"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/bulk/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put many people into a static segment, or take them out
         * @description Put many people into a static segment, or take them out; more than 1,000 by a job.
         *
         *     Needs the permission `segments:write`.
         */
        post: operations["bulk_change_members"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/bulk/delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Delete many people, more than 1,000 by a job
         * @description Delete many people, more than 1,000 by a job; that can't be undone.
         *
         *     Needs the permission `people:delete`.
         */
        post: operations["bulk_delete_people"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/charts/breakdown/{field}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A filter's people by the values of a field
         * @description A filter's people by the values of a field.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["audience_breakdown"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/bulk/undo/{undo}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a bulk action back within an hour, by a job within seven days of one that was a job
         * @description Take a bulk action back within an hour, by a job within seven days of one that was a job.
         *
         *     Needs the permission that the action needed. Values that were changed since stay and are told.
         *
         *     Needs the permission `people:read`.
         */
        post: operations["bulk_undo_bulk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/merge-suggestions/{suggestion}/dismiss": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remember that two people are not the same
         * @description Remember that two people are not the same: they are not suggested again.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["merging_dismiss_suggestion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/merge-suggestions/{suggestion}/reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take back that two people are not the same
         * @description Take back that two people are not the same.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["merging_reopen_suggestion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/tracking/quarantine/{event_id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an event through again, after what made it unusable was put right
         * @description Send an event through again, after what made it unusable was put right.
         *
         *     Needs the permission `events:write`.
         */
        post: operations["tracking_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/members/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a member
         * @description Remove a member. All their sessions end; keys that they made stay with the workspace unless they are revoked.
         *
         *     Needs the permission `members:manage`.
         */
        delete: operations["accounts_remove_member"];
        options?: never;
        head?: never;
        /**
         * Give a member another role
         * @description Give a member another role. All their sessions end.
         *
         *     Needs the permission `members:manage`.
         */
        patch: operations["accounts_change_role"];
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a key at once
         * @description End a key at once. It stays in the list.
         *
         *     Needs the permission `keys:manage`.
         */
        delete: operations["accounts_revoke_key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The whole profile of a person
         * @description The whole profile of a person; of the survivor when the person was merged.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["people_read_person"];
        put?: never;
        post?: never;
        /**
         * Delete a person with all values and identities
         * @description Delete a person with all values and identities; the number is not used again.
         *
         *     Needs the permission `people:delete`.
         */
        delete: operations["people_delete_person"];
        options?: never;
        head?: never;
        /**
         * Set and clear fields, add and remove tags
         * @description Set and clear fields, add and remove tags; 400 with a reason per field, and no change, when any is wrong.
         *
         *     Fields that the system sets, such as `created_at` and `last_seen`, can't be changed. An email or phone that is
         *     another person's is kept as a value and named in `warnings`; a user id that is another person's is refused.
         *
         *     Needs the permission `people:write`.
         */
        patch: operations["people_change_person"];
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/fields/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the label, the place and the visibility of a built-in field
         * @description Change the label, the place and the visibility of a built-in field; answers with all fields.
         *
         *     Needs the permission `attributes:write`.
         */
        patch: operations["people_change_field"];
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/attributes/{attribute}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete an attribute
         * @description Delete an attribute; filters on it match nobody from now on. Creating it again brings its values back.
         *
         *     Needs the permission `attributes:write`.
         */
        delete: operations["people_delete_attribute"];
        options?: never;
        head?: never;
        /**
         * Change the label, the description, the place, the visibility, the protection or the limits of an attribute
         * @description Change the label, the description, the place, the visibility, the protection or the limits of an attribute.
         *
         *     Needs the permission `attributes:write`.
         */
        patch: operations["people_change_attribute"];
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/erasures/{erasure}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One erasure, and how much was removed so far
         * @description One erasure, and how much was removed so far.
         *
         *     Needs the permission `people:delete`.
         */
        get: operations["privacy_get_erasure"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/retention/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set the rule of a class, after its preview
         * @description Set the rule of a class, after its preview; 409 when much more would go by now than the preview said.
         *
         *     Needs the permission `people:delete`.
         */
        put: operations["privacy_set_retention"];
        post?: never;
        /**
         * Remove the rule of a class
         * @description Remove the rule of a class: its default holds again.
         *
         *     Needs the permission `people:delete`.
         */
        delete: operations["privacy_drop_retention"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/holds/{hold}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change why and until when a hold stands
         * @description Change why and until when a hold stands.
         *
         *     Needs the permission `people:delete`.
         */
        put: operations["privacy_change_hold"];
        post?: never;
        /**
         * Take a hold away
         * @description Take a hold away; the audit log keeps that it was there.
         *
         *     Needs the permission `people:delete`.
         */
        delete: operations["privacy_end_hold"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/facets/{field}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The values of a field among a filter's people, most frequent first
         * @description The values of a field among a filter's people, most frequent first.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["audience_facets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/views/{view}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete a view of your own
         * @description Delete a view of your own; admins and owners can delete shared ones.
         *
         *     Needs the permission `people:read`.
         */
        delete: operations["audience_delete_view"];
        options?: never;
        head?: never;
        /**
         * Change a view of your own
         * @description Change a view of your own; admins and owners can change shared ones.
         *
         *     Needs the permission `people:read`.
         */
        patch: operations["audience_change_view"];
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/segments/{segment}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One segment, with where it is used
         * @description One segment, with where it is used.
         *
         *     Needs the permission `segments:read`.
         */
        get: operations["segments_get_segment"];
        put?: never;
        post?: never;
        /**
         * Delete a segment
         * @description Delete a segment. 409 with its uses while there are any; `force` deletes it anyway and breaks them.
         *
         *     Needs the permission `segments:write`.
         */
        delete: operations["segments_delete_segment"];
        options?: never;
        head?: never;
        /**
         * Rename, describe or redefine a segment
         * @description Rename, describe or redefine a segment.
         *
         *     Needs the permission `segments:write`.
         */
        patch: operations["segments_change_segment"];
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/jobs/{job}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One job
         * @description One job: progress, outcome, files.
         *
         *     Needs the permission `jobs:read`.
         */
        get: operations["jobs_get_job"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/files/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download a file that a job has made
         * @description Download a file that a job has made; needs the permission that the job needed.
         *
         *     Needs the permission `jobs:read`.
         */
        get: operations["jobs_download_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/imports/{import_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One import
         * @description One import: what was found, the plan, its jobs.
         *
         *     Needs the permission `people:write`.
         */
        get: operations["transfers_get_import"];
        put?: never;
        post?: never;
        /**
         * Remove an import with its file and the outcome of its rows
         * @description Remove an import with its file and the outcome of its rows; what it has done stays, and can't be undone then.
         *
         *     Needs the permission `people:write`.
         */
        delete: operations["transfers_delete_import"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/export-destinations/{destination}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a destination that no schedule uses
         * @description Remove a destination that no schedule uses; what was delivered stays where it is.
         *
         *     Needs the permission `workspace:manage`.
         */
        delete: operations["transfers_delete_export_destination"];
        options?: never;
        head?: never;
        /**
         * Rename a destination, or give it another key
         * @description Rename a destination, or give it another key.
         *
         *     Needs the permission `workspace:manage`.
         */
        patch: operations["transfers_change_export_destination"];
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/export-schedules/{schedule}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One schedule
         * @description One schedule: what it exports, when, and what came of it last.
         *
         *     Needs the permission `people:export`.
         */
        get: operations["transfers_get_export_schedule"];
        put?: never;
        post?: never;
        /**
         * Remove a schedule
         * @description Remove a schedule; what was delivered stays where it is.
         *
         *     Needs the permission `people:export`.
         */
        delete: operations["transfers_delete_export_schedule"];
        options?: never;
        head?: never;
        /**
         * Change a schedule, pause it, or let it go on
         * @description Change a schedule, pause it, or let it go on.
         *
         *     Needs the permission `people:export`.
         */
        patch: operations["transfers_change_export_schedule"];
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/{number}/ban": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ban a person
         * @description Ban a person: they get no reply and no broadcast.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["people_ban_person"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/{number}/unban": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lift the ban of a person
         * @description Lift the ban of a person.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["people_unban_person"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/{number}/notes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The notes on a person, with those on people merged into them
         * @description The notes on a person, with those on people merged into them.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["people_list_notes"];
        put?: never;
        /**
         * Write a note on a person
         * @description Write a note on a person.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["people_add_note"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/attributes/{attribute}/type": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change the type of an attribute, or with `dry_run` say what would not convert
         * @description Change the type of an attribute, or with `dry_run` say what would not convert.
         *
         *     Where there are more than 5,000 people either is a job. The change then names the job that has looked
         *     (`rehearsal`), and until it is done filters see every value, under the old type and then under the new one.
         *
         *     Needs the permission `attributes:write`.
         */
        post: operations["people_change_attribute_type"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/{number}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Merge a person with another, with a choice for each field
         * @description Merge a person with another, with a choice for each field; it can be undone with `merges/{merge}/unmerge`.
         *
         *     Identities, values, tags, memberships of static segments, notes and events follow to the survivor.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["merging_merge_with"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/merges/{merge}/unmerge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo a merge
         * @description Undo a merge: the other person is there again, with all that was theirs.
         *
         *     What was changed since stays with the survivor; where both had a value, the change is a conflict and told.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["merging_unmerge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/{number}/copy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put together everything that is kept of one person
         * @description Put together everything that is kept of one person: a ZIP of JSON and CSV with a manifest and hashes.
         *
         *     It is the answer to a request for access. The job's file can be had for seven days, by who asked and by owners.
         *
         *     Needs the permission `people:export`.
         */
        post: operations["privacy_copy_person"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/erasures/{erasure}/certificate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The signed certificate of an erasure that is done
         * @description The signed certificate of an erasure that is done; it names nobody.
         *
         *     Needs the permission `people:delete`.
         */
        get: operations["privacy_get_certificate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/{number}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why a person is in a segment or meets a filter, condition by condition
         * @description Why a person is in a segment or meets a filter, condition by condition.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["audience_explain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/{number}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a person did, newest first
         * @description What a person did, newest first.
         *
         *     Needs the permission `events:read`.
         */
        get: operations["audience_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/{number}/last-session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a person did in their latest session, and how often there was one
         * @description What a person did in their latest session, and how often there was one; needs `events:read` too.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["audience_last_session"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/segments/{segment}/duplicate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A copy of a segment
         * @description A copy of a segment.
         *
         *     Needs the permission `segments:write`.
         */
        post: operations["segments_duplicate_segment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/segments/{segment}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a segment what it was at a revision
         * @description Make a segment what it was at a revision.
         *
         *     Needs the permission `segments:write`.
         */
        post: operations["segments_restore_segment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/segments/{segment}/star": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Keep a segment among your favourites
         * @description Keep a segment among your favourites.
         *
         *     Needs the permission `segments:read`.
         */
        put: operations["segments_star_segment"];
        post?: never;
        /**
         * Take a segment from your favourites
         * @description Take a segment from your favourites.
         *
         *     Needs the permission `segments:read`.
         */
        delete: operations["segments_unstar_segment"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/segments/{segment}/hidden": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * From whom a segment is hidden
         * @description From whom a segment is hidden.
         *
         *     Needs the permission `segments:hide`.
         */
        get: operations["segments_get_hidden"];
        /**
         * Hide a segment from exactly these roles and members
         * @description Hide a segment from exactly these roles and members: for them it is as good as not there.
         *
         *     Needs the permission `segments:hide`.
         */
        put: operations["segments_set_hidden"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/segments/{segment}/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The people of a segment now, or at a past instant `at`, then by number
         * @description The people of a segment now, or at a past instant `at`, then by number.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["segments_segment_people"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/segments/{segment}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put people into a static segment and take others out
         * @description Put people into a static segment and take others out.
         *
         *     Needs the permission `segments:write`.
         */
        post: operations["segments_change_members"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/segments/{segment}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Size over time, who entered and left and why, and the definitions the segment had
         * @description Size over time, who entered and left and why, and the definitions the segment had.
         *
         *     Needs the permission `segments:read`.
         */
        get: operations["segments_segment_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/{number}/segments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The segments of a person, since when and why
         * @description The segments of a person, since when and why.
         *
         *     Needs the permission `people:read`.
         */
        get: operations["segments_person_segments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/jobs/{job}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop a job at its next checkpoint
         * @description Stop a job at its next checkpoint; what it has done so far stays.
         *
         *     Needs the permission `jobs:manage`.
         */
        post: operations["jobs_cancel_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/jobs/{job}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a job that failed or was cancelled go on where it was
         * @description Let a job that failed or was cancelled go on where it was.
         *
         *     Needs the permission `jobs:manage`.
         */
        post: operations["jobs_retry_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/imports/{import_id}/inspect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look at the file again, with another sheet, header row, encoding or delimiter
         * @description Look at the file again, with another sheet, header row, encoding or delimiter.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["transfers_inspect_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/imports/{import_id}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Say which column is which field, who is who, and what happens to whom
         * @description Say which column is which field, who is who, and what happens to whom.
         *
         *     New attributes need `attributes:write` too, segments `segments:write`.
         *
         *     Needs the permission `people:write`.
         */
        put: operations["transfers_set_import_plan"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/imports/{import_id}/rehearse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find out what would become of each row
         * @description Find out what would become of each row; nobody is changed.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["transfers_rehearse_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/imports/{import_id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Do what the plan says
         * @description Do what the plan says. An import runs once.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["transfers_run_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/imports/{import_id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take the run back
         * @description Take the run back: old values return, untouched new people go; what was changed since stays and is listed.
         *
         *     Needs the permission `people:write`.
         */
        post: operations["transfers_undo_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/imports/{import_id}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became, or would become, of each row, in the file's order
         * @description What became, or would become, of each row, in the file's order.
         *
         *     Needs the permission `people:write`.
         */
        get: operations["transfers_list_import_rows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/export-destinations/{destination}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a destination
         * @description Try a destination: a small file is written and removed. `check_error` of the answer says what came of it.
         *
         *     Needs the permission `workspace:manage`.
         */
        post: operations["transfers_check_export_destination"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/export-schedules/{schedule}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make and deliver the export now, beside its times, with the rights of the schedule's owner
         * @description Make and deliver the export now, beside its times, with the rights of the schedule's owner.
         *
         *     Needs the permission `people:export`.
         */
        post: operations["transfers_run_export_schedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/{number}/merge/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Two people side by side, with where each value came from, and what a merge would leave
         * @description Two people side by side, with where each value came from, and what a merge would leave; nothing is changed.
         *
         *     Needs the permission `people:read`.
         */
        post: operations["merging_preview_merge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{slug}/people/{number}/notes/{note}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete a note of your own
         * @description Delete a note of your own; admins and owners can delete any.
         *
         *     Needs the permission `people:write`.
         */
        delete: operations["people_delete_note"];
        options?: never;
        head?: never;
        /**
         * Change the text of a note of your own, or pin one
         * @description Change the text of a note of your own, or pin one; admins and owners can change any.
         *
         *     Needs the permission `people:write`.
         */
        patch: operations["people_change_note"];
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * JobMails
         * @description When a user gets a mail at the end of a job that they have started.
         * @enum {string}
         */
        JobMails: "always" | "long" | "never";
        /**
         * Language
         * @description A language that the web app and mails speak.
         * @enum {string}
         */
        Language: "en" | "de";
        /**
         * Role
         * @description What a member is; accounts/permissions.py says what each may do.
         * @enum {string}
         */
        Role: "owner" | "admin" | "agent" | "viewer";
        /**
         * SessionOut
         * @description Who is logged in, where they belong, and the token that unsafe requests send as X-CSRFToken.
         */
        SessionOut: {
            user: components["schemas"]["UserOut"];
            /** Workspaces */
            workspaces: components["schemas"]["WorkspaceOut"][];
            /** Csrf Token */
            csrf_token: string;
        };
        /**
         * UserOut
         * @description The logged-in user.
         */
        UserOut: {
            /** Id */
            id: string;
            /** Email */
            email: string;
            /** Name */
            name: string;
            /** @description When you get a mail at the end of a job that you have started. */
            job_mails: components["schemas"]["JobMails"];
        };
        /**
         * WorkspaceOut
         * @description A workspace, and what the caller is in it; `role` is null for a key.
         */
        WorkspaceOut: {
            /** Slug */
            slug: string;
            /** Name */
            name: string;
            /** Timezone */
            timezone: string;
            /** @description That of mails, and of the web app for members who have not chosen one themselves. */
            language: components["schemas"]["Language"];
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
            role: components["schemas"]["Role"] | null;
            /** Permissions */
            permissions: string[];
        };
        /**
         * ErrorBody
         * @description Every error answer.
         */
        ErrorBody: {
            /**
             * Code
             * @description A stable word for programs.
             * @example not_found
             */
            code: string;
            /**
             * Message
             * @description A sentence for people.
             * @example Not found.
             */
            message: string;
            /**
             * Details
             * @description What is known about the cause; depends on the code.
             * @example {}
             */
            details: {
                [key: string]: unknown;
            };
        };
        /**
         * OwnChange
         * @description What you choose for yourself: mails about your jobs always, when they took over 30 seconds, or never.
         * @example {
         *       "job_mails": "long"
         *     }
         */
        OwnChange: {
            job_mails: components["schemas"]["JobMails"];
        };
        /**
         * WorkspaceBody
         * @description A new workspace; whoever sends it becomes its owner.
         * @example {
         *       "name": "Acme",
         *       "slug": "acme",
         *       "timezone": "Europe/Berlin"
         *     }
         */
        WorkspaceBody: {
            /** Slug */
            slug: string;
            /** Name */
            name: string;
            /**
             * Timezone
             * @description An IANA time zone.
             * @default UTC
             * @example Europe/Berlin
             */
            timezone?: string;
            /** @default en */
            language?: components["schemas"]["Language"];
        };
        /**
         * OperatorOut
         * @description One operator: what a condition's `op` says, and which `value` it takes.
         */
        OperatorOut: {
            /**
             * Key
             * @example in_last
             */
            key: string;
            /**
             * Label
             * @example in the last
             */
            label: string;
            /**
             * Sentence
             * @description Its form in a sentence: `{f}` is the field, the others are the value's parts.
             * @example {f} in the last {n} {unit}
             */
            sentence: string;
            /**
             * Also
             * @description Further forms that are read and never written.
             * @example []
             */
            also: string[];
            /**
             * Value
             * @description The shape of the value.
             * @example span
             */
            value: string;
            /**
             * Units
             * @description For lengths of time.
             * @example [
             *       "minutes",
             *       "hours",
             *       "days"
             *     ]
             */
            units: string[];
            /**
             * Minimum
             * @description The least number that it takes.
             * @example 1
             */
            minimum: number;
            /**
             * Semantic
             * @description Only for fields that hold this kind of text.
             * @example null
             */
            semantic: string | null;
            /**
             * Complement Of
             * @description The positive operator whose exact opposite it is.
             * @example null
             */
            complement_of: string | null;
            /**
             * Or Unknown
             * @description Whether the condition may be widened by `or_unknown`.
             */
            or_unknown: boolean;
            /**
             * Example
             * @example last_seen in the last 30 days
             */
            example: string;
        };
        /**
         * OperatorsOut
         * @description All operators. `fields` lists those of each type; a field with a `semantic` has some more of its own.
         */
        OperatorsOut: {
            /** Fields */
            fields: {
                [key: string]: components["schemas"]["OperatorOut"][];
            };
            /** Segments */
            segments: components["schemas"]["OperatorOut"][];
            /** Events */
            events: components["schemas"]["OperatorOut"][];
            /** Functions */
            functions: components["schemas"]["WordOut"][];
            /** Times */
            times: components["schemas"]["WordOut"][];
            /** Windows */
            windows: components["schemas"]["WindowOut"][];
            /**
             * Forms
             * @description A property of the last event, sequences, random buckets.
             */
            forms: components["schemas"]["WordOut"][];
            /**
             * Rules
             * @description How sentences are put together: the forms of each part, with `{x}` for another part, a row or a value, and `{x?}` for what may be left out.
             * @example {
             *       "where": [
             *         "where {property} {further?}"
             *       ]
             *     }
             */
            rules: {
                [key: string]: string[];
            };
        };
        /**
         * WindowOut
         * @description A window of time that an event condition may have.
         */
        WindowOut: {
            /**
             * Kind
             * @example last
             */
            kind: string;
            /**
             * Label
             * @example in the last
             */
            label: string;
            /**
             * Operator
             * @description The operator on times that it works like.
             * @example in_last
             */
            operator: string;
        };
        /**
         * WordOut
         * @description A function over an event's property, which of its times, or another condition that is one form.
         */
        WordOut: {
            /**
             * Key
             * @example sum
             */
            key: string;
            /**
             * Label
             * @example sum of
             */
            label: string;
            /**
             * Sentence
             * @description Its form in a sentence: `{p}` is the property, `{e}`, `{a}` and `{b}` are events.
             * @example sum of {p} over {e}
             */
            sentence: string;
            /**
             * Example
             * @example sum of amount over "purchase" > 500
             */
            example: string;
        };
        /**
         * WorkspaceChange
         * @description What to change; fields that are left out stay.
         * @example {
         *       "language": "de",
         *       "name": "Acme",
         *       "timezone": "Europe/Berlin"
         *     }
         */
        WorkspaceChange: {
            /** Name */
            name?: string | null;
            /** Timezone */
            timezone?: string | null;
            language?: components["schemas"]["Language"] | null;
        };
        /**
         * MemberOut
         * @description A member of the workspace.
         */
        MemberOut: {
            /** Id */
            id: string;
            /** Email */
            email: string;
            /** Name */
            name: string;
            role: components["schemas"]["Role"];
            /**
             * Since
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            since: string;
            /** Active */
            active: boolean;
            /**
             * Keys
             * @description How many keys of the workspace they made and nobody revoked; 0 for callers without `keys:manage`.
             * @example 2
             */
            keys: number;
        };
        /**
         * NewMemberOut
         * @description Someone who has just become a member.
         */
        NewMemberOut: {
            /** Id */
            id: string;
            /** Email */
            email: string;
            /** Name */
            name: string;
            role: components["schemas"]["Role"];
            /**
             * Since
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            since: string;
            /** Active */
            active: boolean;
            /**
             * Keys
             * @description How many keys of the workspace they made and nobody revoked; 0 for callers without `keys:manage`.
             * @example 2
             */
            keys: number;
            /**
             * Mailed
             * @description Whether they were told by a mail. Without one, they ask for a password on the login page.
             * @example true
             */
            mailed: boolean;
        };
        /**
         * MemberBody
         * @description Who to add, by email, and as what.
         * @example {
         *       "email": "ann@example.com",
         *       "role": "agent"
         *     }
         */
        MemberBody: {
            /** Email */
            email: string;
            role: components["schemas"]["Role"];
        };
        /**
         * KeyKind
         * @description A write key is public, sits in web pages and never reads; a secret key belongs on a server.
         * @enum {string}
         */
        KeyKind: "write" | "secret";
        /**
         * KeyOut
         * @description A key without its token. It belongs to the workspace: it works on when its maker has left.
         */
        KeyOut: {
            /** Id */
            id: string;
            kind: components["schemas"]["KeyKind"];
            /** Name */
            name: string;
            /** Prefix */
            prefix: string;
            /** Scopes */
            scopes: string[];
            /** Created By */
            created_by: string | null;
            /** @description Null for a key that a command has made. */
            maker: components["schemas"]["MakerOut"] | null;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
            /** Last Used At */
            last_used_at: string | null;
            /** Revoked At */
            revoked_at: string | null;
        };
        /**
         * MakerOut
         * @description Who made a key. `role` is what they are in the workspace now; null once they have left.
         */
        MakerOut: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Email */
            email: string;
            role: components["schemas"]["Role"] | null;
        };
        /**
         * NewKeyOut
         * @description A key just made, with its token: it can't be shown again.
         */
        NewKeyOut: {
            /** Id */
            id: string;
            kind: components["schemas"]["KeyKind"];
            /** Name */
            name: string;
            /** Prefix */
            prefix: string;
            /** Scopes */
            scopes: string[];
            /** Created By */
            created_by: string | null;
            /** @description Null for a key that a command has made. */
            maker: components["schemas"]["MakerOut"] | null;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
            /** Last Used At */
            last_used_at: string | null;
            /** Revoked At */
            revoked_at: string | null;
            /** Token */
            token: string;
        };
        /**
         * KeyBody
         * @description A new key. A secret key needs scopes, which are names of permissions; a write key has none.
         * @example {
         *       "kind": "secret",
         *       "name": "reporting",
         *       "scopes": [
         *         "people:read",
         *         "segments:read"
         *       ]
         *     }
         * @example {
         *       "kind": "write",
         *       "name": "web page"
         *     }
         */
        KeyBody: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "write" | "secret";
            /** Name */
            name: string;
            /**
             * Scopes
             * @default []
             */
            scopes?: string[];
        };
        /**
         * AuditOut
         * @description One entry of the audit log: who did what to what, when, and from which address.
         */
        AuditOut: {
            /** Number */
            number: number;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
            /**
             * Actor
             * @example user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            actor: string;
            /**
             * Ip
             * @example 192.0.2.7
             */
            ip: string;
            /**
             * Action
             * @description Such as `member.added`; `login.ok`, `login.failed` and `logout` of members are in it too.
             * @example login.ok
             */
            action: string;
            /**
             * Target
             * @example usr_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            target: string;
            /**
             * Details
             * @example {
             *       "method": "password + second factor"
             *     }
             */
            details: {
                [key: string]: unknown;
            };
            /** Hash */
            hash: string;
        };
        /**
         * AuditPageOut
         * @description Entries, newest first, and the cursor of the rest.
         */
        AuditPageOut: {
            /** Entries */
            entries: components["schemas"]["AuditOut"][];
            /**
             * Names
             * @description How those are called whose ids stand in the entries, as far as they have a name that you may see.
             * @example {
             *       "usr_01kb3z8m0v6x9k2q4r7t5w1y3n": "Ada Example"
             *     }
             */
            names: {
                [key: string]: string;
            };
            /** Next */
            next: string | null;
        };
        /**
         * PersonCreatedOut
         * @description The new person's number, and what to know about it.
         */
        PersonCreatedOut: {
            /**
             * Number
             * @example 42
             */
            number: number;
            /** Warnings */
            warnings: components["schemas"]["WarningOut"][];
        };
        /**
         * SuggestionOut
         * @description Two people who may be one, and why: merge them, or leave it.
         */
        SuggestionOut: {
            /**
             * Reason
             * @description For people, in English.
             * @example expected a number, got 'three'
             */
            reason: string;
            /**
             * Code
             * @description A stable word for programs; empty for what was kept before there were codes.
             * @example no_number
             */
            code: string;
            /**
             * Details
             * @description What stands in the text; depends on the code.
             * @example {
             *       "value": "'three'"
             *     }
             */
            details: {
                [key: string]: unknown;
            };
            /**
             * People
             * @example [
             *       42,
             *       57
             *     ]
             */
            people: number[];
        };
        /**
         * WarningOut
         * @description A value that was kept without being an identity, since another person has it.
         */
        WarningOut: {
            /**
             * Field
             * @example email
             */
            field: string;
            /**
             * Value
             * @description The value as it was kept.
             * @example ann@example.com
             */
            value: string;
            /**
             * Message
             * @example Person 57 has this email: the value was kept, but finds that person.
             */
            message: string;
            /**
             * Holder
             * @description The person whose identity it is; null for callers without `people:read`.
             * @example 57
             */
            holder: number | null;
            /** @description The merge that was suggested by this; null for callers without `people:read`. */
            suggestion: components["schemas"]["SuggestionOut"] | null;
        };
        /**
         * IdentityBody
         * @description A name by which the person is known.
         */
        IdentityBody: {
            /**
             * Kind
             * @example telegram
             */
            kind: string;
            /**
             * Value
             * @example 123456789
             */
            value: string;
        };
        JsonValue: unknown;
        /**
         * PersonBody
         * @description A new person: values, identities and tags; at least one value or identity.
         * @example {
         *       "set": {
         *         "email": "ann@example.com",
         *         "name": "Ann"
         *       },
         *       "tags": [
         *         "vip"
         *       ]
         *     }
         */
        PersonBody: {
            /**
             * Set
             * @description Values by field name. An empty one clears the field.
             * @default {}
             * @example {
             *       "email": "ann@example.com",
             *       "name": "Ann Example",
             *       "orders": 3,
             *       "plan": "pro"
             *     }
             */
            set?: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /**
             * Identities
             * @default []
             */
            identities?: components["schemas"]["IdentityBody"][];
            /**
             * Tags
             * @default []
             * @example [
             *       "vip",
             *       "beta"
             *     ]
             */
            tags?: string[];
            /**
             * Shared
             * @description Create it although somebody has the email or phone.
             * @default false
             */
            shared?: boolean;
        };
        /**
         * PeoplePage
         * @description A page of people with the exact total of the filter.
         */
        PeoplePage: {
            /**
             * Total
             * @example 713
             */
            total: number;
            /** Items */
            items: components["schemas"]["PersonItem"][];
            /**
             * Next
             * @description Send it as `cursor` for the next page.
             * @example null
             */
            next: string | null;
            /**
             * Now
             * Format: date-time
             * @description The instant that the filter was evaluated at.
             * @example 2026-01-31T09:00:00.000Z
             */
            now: string;
        };
        /**
         * PersonItem
         * @description A person as a list shows them: fields without a value are left out.
         */
        PersonItem: {
            /**
             * Number
             * @example 42
             */
            number: number;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
            /**
             * Values
             * @example {
             *       "country": "Germany",
             *       "name": "Ada",
             *       "tags": [
             *         "vip"
             *       ]
             *     }
             */
            values: {
                [key: string]: unknown;
            };
        };
        /**
         * Allowed
         * @description The values that an attribute takes; nothing said, nothing asked. An empty value is always taken: it clears.
         *
         *     What does not fit is kept as a rejected value, like one of another type. Values that a person has already stay.
         * @example {
         *       "choices": [
         *         "free",
         *         "pro"
         *       ]
         *     }
         * @example {
         *       "at_least": 0,
         *       "whole": true
         *     }
         */
        Allowed: {
            /** Choices */
            choices?: string[] | null;
            /** Max Length */
            max_length?: number | null;
            /** At Least */
            at_least?: (number | string) | null;
            /** At Most */
            at_most?: (number | string) | null;
            /**
             * Whole
             * @description For numbers: no fractions.
             * @default false
             */
            whole?: boolean;
        };
        /**
         * FieldOut
         * @description A field of a person: built in, or an attribute with its id.
         */
        FieldOut: {
            /**
             * Name
             * @example city
             */
            name: string;
            /**
             * Label
             * @example City
             */
            label: string;
            /**
             * Renamed
             * @description Whether the workspace has given a built-in field another label.
             */
            renamed: boolean;
            type: components["schemas"]["FieldType"];
            /**
             * Group
             * @example Place
             */
            group: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "builtin" | "attribute";
            /** Attribute */
            attribute: number | null;
            /** Description */
            description: string;
            /** Position */
            position: number;
            /** Visible */
            visible: boolean;
            /** Sortable */
            sortable: boolean;
            /**
             * Semantic
             * @description What kind of text it holds: `email` or `phone`.
             * @example null
             */
            semantic: string | null;
            /**
             * Operators
             * @description Keys of the operators it offers.
             * @example [
             *       "is",
             *       "is_not"
             *     ]
             */
            operators: string[];
            /**
             * Writable
             * @description Whether `set` of a person can hold it.
             * @example true
             */
            writable: boolean;
            /**
             * Importable
             * @description Whether a column of a file can go to it.
             * @example true
             */
            importable: boolean;
            /** @description Which values it takes beyond its type; null where all are taken. */
            allowed: components["schemas"]["Allowed"] | null;
        };
        /**
         * FieldType
         * @description The six types a value can have.
         * @enum {string}
         */
        FieldType: "text" | "number" | "boolean" | "datetime" | "date" | "list";
        /**
         * AttributeOut
         * @description A custom field.
         */
        AttributeOut: {
            /**
             * Id
             * @example 7
             */
            id: number;
            /**
             * Key
             * @example plan
             */
            key: string;
            type: components["schemas"]["FieldType"];
            /**
             * Label
             * @example Plan
             */
            label: string;
            /** Description */
            description: string;
            /** Position */
            position: number;
            /** Visible */
            visible: boolean;
            /** Protected */
            protected: boolean;
            allowed: components["schemas"]["Allowed"];
        };
        /**
         * AttributeBody
         * @description A new attribute. Its key can't be changed later; its label and type can.
         * @example {
         *       "key": "plan",
         *       "label": "Plan",
         *       "protected": true,
         *       "type": "text"
         *     }
         */
        AttributeBody: {
            /** Key */
            key: string;
            type: components["schemas"]["FieldType"];
            /**
             * Label
             * @default
             * @example Plan
             */
            label?: string;
            /**
             * Description
             * @default
             */
            description?: string;
            /**
             * Protected
             * @description Public write keys can't set it.
             * @default false
             */
            protected?: boolean;
            /**
             * Visible
             * @default true
             */
            visible?: boolean;
            /** @description Which values it takes beyond its type. */
            allowed?: components["schemas"]["Allowed"] | null;
        };
        /**
         * MergeOut
         * @description One merge of the journal.
         */
        MergeOut: {
            /**
             * Id
             * @example 17
             */
            id: number;
            /**
             * Survivor
             * @example 42
             */
            survivor: number;
            /**
             * Survivor Name
             * @description The survivor's name before.
             * @example Ann Example
             */
            survivor_name: string | null;
            /**
             * Merged
             * @example 57
             */
            merged: number;
            /**
             * Merged Name
             * @description The other's name before.
             * @example Anne Example
             */
            merged_name: string | null;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
            /**
             * Origin
             * @description The kind of source that merged them.
             * @example agent
             */
            origin: string;
            /** Ref */
            ref: string;
            /** Undone At */
            undone_at: string | null;
            /** Undoable */
            undoable: boolean;
            /** @description Why it can't be undone; null when it can. */
            why_not: components["schemas"]["WhyOut"] | null;
        };
        /**
         * MergePage
         * @description Merges, newest first.
         */
        MergePage: {
            /** Items */
            items: components["schemas"]["MergeOut"][];
            /** Next */
            next: string | null;
        };
        /**
         * WhyOut
         * @description Why something was not taken or not done.
         */
        WhyOut: {
            /**
             * Reason
             * @description For people, in English.
             * @example expected a number, got 'three'
             */
            reason: string;
            /**
             * Code
             * @description A stable word for programs; empty for what was kept before there were codes.
             * @example no_number
             */
            code: string;
            /**
             * Details
             * @description What stands in the text; depends on the code.
             * @example {
             *       "value": "'three'"
             *     }
             */
            details: {
                [key: string]: unknown;
            };
        };
        /**
         * ErasureOut
         * @description One erasure. `counts` says how much was removed, by table and kind of file.
         */
        ErasureOut: {
            /**
             * Id
             * @example era_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            id: string;
            /**
             * State
             * @enum {string}
             */
            state: "open" | "done";
            /**
             * People
             * @description The numbers, with those of people merged into them.
             * @example [
             *       42,
             *       57
             *     ]
             */
            people: number[];
            /**
             * Reason
             * @example Request 2026-17
             */
            reason: string;
            /**
             * By
             * @example user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            by: string;
            /**
             * Asked At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            asked_at: string;
            /** Finished At */
            finished_at: string | null;
            /**
             * Counts
             * @example {
             *       "index.events": 31,
             *       "people_person": 2
             *     }
             */
            counts: {
                [key: string]: number;
            };
            /**
             * Job
             * @description The job that does it.
             * @example job_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            job: string | null;
        };
        /**
         * ErasurePage
         * @description Erasures, newest first.
         */
        ErasurePage: {
            /** Items */
            items: components["schemas"]["ErasureOut"][];
            /** Next */
            next: string | null;
        };
        /**
         * HoldingOut
         * @description One table or kind of file, and what becomes of a person's part in it.
         */
        HoldingOut: {
            /**
             * Name
             * @example people_note
             */
            name: string;
            /**
             * Subject
             * @enum {string}
             */
            subject: "person" | "member" | "nobody";
            /**
             * Columns
             * @example {
             *       "text": "personal"
             *     }
             */
            columns: {
                [key: string]: "personal" | "pseudonymous" | "none";
            };
            /**
             * Erased
             * @example Removed.
             */
            erased: string;
            /**
             * Copied
             * @description Whether a person's copy has it.
             */
            copied: boolean;
            /**
             * Not Told
             * @description Why not, if not.
             * @example
             */
            not_told: string;
        };
        /**
         * RegisterOut
         * @description Everything that is kept.
         */
        RegisterOut: {
            /** Items */
            items: components["schemas"]["HoldingOut"][];
        };
        /**
         * ClassOut
         * @description What is kept together for a time. Without a rule `default_days` hold; null: for ever.
         */
        ClassOut: {
            /**
             * Name
             * @description The class.
             * @example events
             */
            name: string;
            /**
             * Holdings
             * @description Tables and files of the register.
             * @example [
             *       "index.events"
             *     ]
             */
            holdings: string[];
            /**
             * Actions
             * @description What a rule can do with it.
             * @example [
             *       "remove"
             *     ]
             */
            actions: ("remove" | "delete" | "erase")[];
            /**
             * Default Days
             * @example null
             */
            default_days: number | null;
            rule: components["schemas"]["RuleOut"] | null;
            /**
             * Days
             * @description What holds: the rule or the default; null: for ever.
             * @example 365
             */
            days: number | null;
            /** @description What would go now; null where it is kept for ever. */
            now: components["schemas"]["DueOut"] | null;
        };
        /**
         * DueOut
         * @description What would go now.
         */
        DueOut: {
            /**
             * Rows
             * @description Entries: events, people, notes, files, ...
             * @example 1204
             */
            rows: number;
            /**
             * People
             * @description In how many people; null where they are not named.
             * @example 311
             */
            people: number | null;
            /** Oldest */
            oldest: string | null;
            /**
             * Sample
             * @description Up to 10 numbers of people, or ids.
             * @example [
             *       42,
             *       57
             *     ]
             */
            sample: (number | string)[];
            /**
             * Paused
             * @description Whether a legal hold keeps all of it.
             */
            paused: boolean;
        };
        /**
         * RetentionOut
         * @description Every class.
         */
        RetentionOut: {
            /** Items */
            items: components["schemas"]["ClassOut"][];
        };
        /**
         * RuleOut
         * @description A workspace's own rule, and who confirmed it.
         */
        RuleOut: {
            /**
             * Days
             * @example 365
             */
            days: number;
            /**
             * Action
             * @enum {string}
             */
            action: "remove" | "delete" | "erase";
            /**
             * By
             * @example user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            by: string;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
        };
        /**
         * HoldOut
         * @description A legal hold: nothing of the person, or of anyone, goes while it stands.
         */
        HoldOut: {
            /**
             * Id
             * @example hold_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            id: string;
            /**
             * Person
             * @description Null: everyone.
             * @example 42
             */
            person: number | null;
            /**
             * Reason
             * @example Case 2026-17
             */
            reason: string;
            /** Until */
            until: string | null;
            /**
             * By
             * @example user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            by: string;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
        };
        /**
         * HoldsOut
         * @description Every hold, the newest first.
         */
        HoldsOut: {
            /** Items */
            items: components["schemas"]["HoldOut"][];
        };
        /**
         * HoldBody
         * @description Whom to hold, and why.
         * @example {
         *       "person": 42,
         *       "reason": "Case 2026-17",
         *       "until": "2036-01-31T00:00:00Z"
         *     }
         */
        HoldBody: {
            /**
             * Person
             * @description The person's number; null: everyone.
             */
            person?: number | null;
            /**
             * Reason
             * @description The matter it is for. It stays: do not name the person.
             */
            reason: string;
            /**
             * Until
             * @description When it ends by itself; null: when it is taken away.
             */
            until?: string | null;
        };
        /**
         * AggregateCondition
         * @description A number made of a property of a person's events.
         */
        AggregateCondition: {
            /**
             * Type
             * @default aggregate
             * @constant
             */
            type?: "aggregate";
            /**
             * Function
             * @enum {string}
             */
            function: "sum" | "average" | "minimum" | "maximum" | "distinct";
            /** Property */
            property: string;
            /** Event */
            event: string;
            /** Window */
            window?: (components["schemas"]["WindowLast"] | components["schemas"]["WindowBefore"] | components["schemas"]["WindowAfter"] | components["schemas"]["WindowBetween"]) | null;
            /**
             * Where
             * @default []
             */
            where?: components["schemas"]["PropertyCondition"][];
            /**
             * Op
             * @enum {string}
             */
            op: "is" | "is_not" | "is_one_of" | "is_none_of" | "contains" | "does_not_contain" | "starts_with" | "does_not_start_with" | "ends_with" | "does_not_end_with" | "matches" | "does_not_match" | "domain_is" | "domain_is_not" | "country_is" | "country_is_not" | "equals" | "not_equals" | "greater" | "at_least" | "less" | "at_most" | "between" | "not_between" | "is_true" | "is_not_true" | "is_false" | "is_not_false" | "before" | "not_before" | "after" | "not_after" | "on" | "not_on" | "time_between" | "not_time_between" | "in_last" | "not_in_last" | "more_than_ago" | "not_more_than_ago" | "in_next" | "not_in_next" | "more_than_ahead" | "not_more_than_ahead" | "exactly_ago" | "not_exactly_ago" | "today" | "not_today" | "yesterday" | "not_yesterday" | "this_week" | "not_this_week" | "this_month" | "not_this_month" | "this_year" | "not_this_year" | "anniversary_in_next" | "not_anniversary_in_next" | "has_any_of" | "has_none_of" | "has_all_of" | "does_not_have_all_of" | "count_equals" | "count_not_equals" | "count_greater" | "count_at_most" | "count_at_least" | "count_less" | "is_not_empty" | "is_empty" | "is_known" | "is_unknown";
            /**
             * Value
             * @default null
             */
            value?: null | (string | number) | (string | number)[] | {
                from: string | number;
                to: string | number;
            } | {
                n: number;
                /** @enum {unknown} */
                unit: "minutes" | "hours" | "days" | "weeks" | "months" | "years";
            } | number;
            /**
             * Or Unknown
             * @default false
             */
            or_unknown?: boolean;
        } & (unknown & unknown & unknown & unknown & unknown & unknown & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "aggregate";
        });
        /**
         * All
         * @description True where each node is; empty, it is everyone.
         */
        All: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "all";
            /** Of */
            of: (components["schemas"]["All"] | components["schemas"]["Any"] | components["schemas"]["Not"] | components["schemas"]["FieldCondition"] | components["schemas"]["SegmentCondition"] | components["schemas"]["EventCondition"] | components["schemas"]["AggregateCondition"] | components["schemas"]["EventTimeCondition"] | components["schemas"]["EventPropertyCondition"] | components["schemas"]["SequenceCondition"] | components["schemas"]["BucketCondition"])[];
        };
        /**
         * Any
         * @description True where a node is; empty, it is nobody.
         */
        Any: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "any";
            /** Of */
            of: (components["schemas"]["All"] | components["schemas"]["Any"] | components["schemas"]["Not"] | components["schemas"]["FieldCondition"] | components["schemas"]["SegmentCondition"] | components["schemas"]["EventCondition"] | components["schemas"]["AggregateCondition"] | components["schemas"]["EventTimeCondition"] | components["schemas"]["EventPropertyCondition"] | components["schemas"]["SequenceCondition"] | components["schemas"]["BucketCondition"])[];
        };
        /**
         * BucketCondition
         * @description A stable random share of people: percent from, up to and not including, to.
         */
        BucketCondition: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "bucket";
            /** From */
            from_: number;
            /** To */
            to: number;
        };
        /**
         * ColumnOut
         * @description A column of a view.
         */
        ColumnOut: {
            /**
             * Field
             * @example city
             */
            field: string;
            /** Width */
            width: number | null;
        };
        /**
         * EventCondition
         * @description How often a person did something.
         */
        EventCondition: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "event";
            /** Event */
            event: string;
            /**
             * Op
             * @enum {string}
             */
            op: "did" | "did_not" | "at_least" | "fewer_than" | "more_than" | "at_most" | "exactly" | "not_exactly";
            /** Count */
            count?: number | null;
            /** Window */
            window?: (components["schemas"]["WindowLast"] | components["schemas"]["WindowBefore"] | components["schemas"]["WindowAfter"] | components["schemas"]["WindowBetween"]) | null;
            /**
             * Where
             * @default []
             */
            where?: components["schemas"]["PropertyCondition"][];
        };
        /**
         * EventPropertyCondition
         * @description A property of the last such event.
         */
        EventPropertyCondition: {
            /**
             * Type
             * @default event_property
             * @constant
             */
            type?: "event_property";
            /** Event */
            event: string;
            /** Property */
            property: string;
            /**
             * Op
             * @enum {string}
             */
            op: "is" | "is_not" | "is_one_of" | "is_none_of" | "contains" | "does_not_contain" | "starts_with" | "does_not_start_with" | "ends_with" | "does_not_end_with" | "matches" | "does_not_match" | "domain_is" | "domain_is_not" | "country_is" | "country_is_not" | "equals" | "not_equals" | "greater" | "at_least" | "less" | "at_most" | "between" | "not_between" | "is_true" | "is_not_true" | "is_false" | "is_not_false" | "before" | "not_before" | "after" | "not_after" | "on" | "not_on" | "time_between" | "not_time_between" | "in_last" | "not_in_last" | "more_than_ago" | "not_more_than_ago" | "in_next" | "not_in_next" | "more_than_ahead" | "not_more_than_ahead" | "exactly_ago" | "not_exactly_ago" | "today" | "not_today" | "yesterday" | "not_yesterday" | "this_week" | "not_this_week" | "this_month" | "not_this_month" | "this_year" | "not_this_year" | "anniversary_in_next" | "not_anniversary_in_next" | "has_any_of" | "has_none_of" | "has_all_of" | "does_not_have_all_of" | "count_equals" | "count_not_equals" | "count_greater" | "count_at_most" | "count_at_least" | "count_less" | "is_not_empty" | "is_empty" | "is_known" | "is_unknown";
            /**
             * Value
             * @default null
             */
            value?: null | (string | number) | (string | number)[] | {
                from: string | number;
                to: string | number;
            } | {
                n: number;
                /** @enum {unknown} */
                unit: "minutes" | "hours" | "days" | "weeks" | "months" | "years";
            } | number;
            /**
             * Or Unknown
             * @default false
             */
            or_unknown?: boolean;
        } & (unknown & unknown & unknown & unknown & unknown & unknown & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "event_property";
        });
        /**
         * EventTimeCondition
         * @description The first or last time of an event.
         */
        EventTimeCondition: {
            /**
             * Type
             * @default event_time
             * @constant
             */
            type?: "event_time";
            /**
             * Which
             * @enum {string}
             */
            which: "first" | "last";
            /** Event */
            event: string;
            /**
             * Where
             * @default []
             */
            where?: components["schemas"]["PropertyCondition"][];
            /**
             * Op
             * @enum {string}
             */
            op: "is" | "is_not" | "is_one_of" | "is_none_of" | "contains" | "does_not_contain" | "starts_with" | "does_not_start_with" | "ends_with" | "does_not_end_with" | "matches" | "does_not_match" | "domain_is" | "domain_is_not" | "country_is" | "country_is_not" | "equals" | "not_equals" | "greater" | "at_least" | "less" | "at_most" | "between" | "not_between" | "is_true" | "is_not_true" | "is_false" | "is_not_false" | "before" | "not_before" | "after" | "not_after" | "on" | "not_on" | "time_between" | "not_time_between" | "in_last" | "not_in_last" | "more_than_ago" | "not_more_than_ago" | "in_next" | "not_in_next" | "more_than_ahead" | "not_more_than_ahead" | "exactly_ago" | "not_exactly_ago" | "today" | "not_today" | "yesterday" | "not_yesterday" | "this_week" | "not_this_week" | "this_month" | "not_this_month" | "this_year" | "not_this_year" | "anniversary_in_next" | "not_anniversary_in_next" | "has_any_of" | "has_none_of" | "has_all_of" | "does_not_have_all_of" | "count_equals" | "count_not_equals" | "count_greater" | "count_at_most" | "count_at_least" | "count_less" | "is_not_empty" | "is_empty" | "is_known" | "is_unknown";
            /**
             * Value
             * @default null
             */
            value?: null | (string | number) | (string | number)[] | {
                from: string | number;
                to: string | number;
            } | {
                n: number;
                /** @enum {unknown} */
                unit: "minutes" | "hours" | "days" | "weeks" | "months" | "years";
            } | number;
            /**
             * Or Unknown
             * @default false
             */
            or_unknown?: boolean;
        } & (unknown & unknown & unknown & unknown & unknown & unknown & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "event_time";
        });
        /**
         * FieldCondition
         * @description What is known about a person.
         */
        FieldCondition: {
            /**
             * Type
             * @default field
             * @constant
             */
            type?: "field";
            /** Field */
            field: string;
            /**
             * Op
             * @enum {string}
             */
            op: "is" | "is_not" | "is_one_of" | "is_none_of" | "contains" | "does_not_contain" | "starts_with" | "does_not_start_with" | "ends_with" | "does_not_end_with" | "matches" | "does_not_match" | "domain_is" | "domain_is_not" | "country_is" | "country_is_not" | "equals" | "not_equals" | "greater" | "at_least" | "less" | "at_most" | "between" | "not_between" | "is_true" | "is_not_true" | "is_false" | "is_not_false" | "before" | "not_before" | "after" | "not_after" | "on" | "not_on" | "time_between" | "not_time_between" | "in_last" | "not_in_last" | "more_than_ago" | "not_more_than_ago" | "in_next" | "not_in_next" | "more_than_ahead" | "not_more_than_ahead" | "exactly_ago" | "not_exactly_ago" | "today" | "not_today" | "yesterday" | "not_yesterday" | "this_week" | "not_this_week" | "this_month" | "not_this_month" | "this_year" | "not_this_year" | "anniversary_in_next" | "not_anniversary_in_next" | "has_any_of" | "has_none_of" | "has_all_of" | "does_not_have_all_of" | "count_equals" | "count_not_equals" | "count_greater" | "count_at_most" | "count_at_least" | "count_less" | "is_not_empty" | "is_empty" | "is_known" | "is_unknown";
            /**
             * Value
             * @default null
             */
            value?: null | (string | number) | (string | number)[] | {
                from: string | number;
                to: string | number;
            } | {
                n: number;
                /** @enum {unknown} */
                unit: "minutes" | "hours" | "days" | "weeks" | "months" | "years";
            } | number;
            /**
             * Or Unknown
             * @default false
             */
            or_unknown?: boolean;
        } & (unknown & unknown & unknown & unknown & unknown & unknown & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "field";
        });
        /**
         * Filter
         * @description A filter with the version of the language it was written in.
         */
        Filter: {
            /**
             * Version
             * @default 1
             * @constant
             */
            version?: 1;
            /** Root */
            root: components["schemas"]["All"] | components["schemas"]["Any"] | components["schemas"]["Not"] | components["schemas"]["FieldCondition"] | components["schemas"]["SegmentCondition"] | components["schemas"]["EventCondition"] | components["schemas"]["AggregateCondition"] | components["schemas"]["EventTimeCondition"] | components["schemas"]["EventPropertyCondition"] | components["schemas"]["SequenceCondition"] | components["schemas"]["BucketCondition"];
        };
        /**
         * Not
         * @description True where the node is not.
         */
        Not: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "not";
            /** Of */
            of: components["schemas"]["All"] | components["schemas"]["Any"] | components["schemas"]["Not"] | components["schemas"]["FieldCondition"] | components["schemas"]["SegmentCondition"] | components["schemas"]["EventCondition"] | components["schemas"]["AggregateCondition"] | components["schemas"]["EventTimeCondition"] | components["schemas"]["EventPropertyCondition"] | components["schemas"]["SequenceCondition"] | components["schemas"]["BucketCondition"];
        };
        /**
         * PropertyCondition
         * @description What one event must have to count.
         */
        PropertyCondition: {
            /** Property */
            property: string;
            /**
             * Op
             * @enum {string}
             */
            op: "is" | "is_not" | "is_one_of" | "is_none_of" | "contains" | "does_not_contain" | "starts_with" | "does_not_start_with" | "ends_with" | "does_not_end_with" | "matches" | "does_not_match" | "domain_is" | "domain_is_not" | "country_is" | "country_is_not" | "equals" | "not_equals" | "greater" | "at_least" | "less" | "at_most" | "between" | "not_between" | "is_true" | "is_not_true" | "is_false" | "is_not_false" | "before" | "not_before" | "after" | "not_after" | "on" | "not_on" | "time_between" | "not_time_between" | "in_last" | "not_in_last" | "more_than_ago" | "not_more_than_ago" | "in_next" | "not_in_next" | "more_than_ahead" | "not_more_than_ahead" | "exactly_ago" | "not_exactly_ago" | "today" | "not_today" | "yesterday" | "not_yesterday" | "this_week" | "not_this_week" | "this_month" | "not_this_month" | "this_year" | "not_this_year" | "anniversary_in_next" | "not_anniversary_in_next" | "has_any_of" | "has_none_of" | "has_all_of" | "does_not_have_all_of" | "count_equals" | "count_not_equals" | "count_greater" | "count_at_most" | "count_at_least" | "count_less" | "is_not_empty" | "is_empty" | "is_known" | "is_unknown";
            /**
             * Value
             * @default null
             */
            value?: null | (string | number) | (string | number)[] | {
                from: string | number;
                to: string | number;
            } | {
                n: number;
                /** @enum {unknown} */
                unit: "minutes" | "hours" | "days" | "weeks" | "months" | "years";
            } | number;
        } & (unknown & unknown & unknown & unknown & unknown & unknown);
        /**
         * SegmentCondition
         * @description Membership; `segments` are public ids.
         */
        SegmentCondition: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "segment";
            /**
             * Op
             * @enum {string}
             */
            op: "in" | "not_in" | "in_any" | "in_all";
            /** Segments */
            segments: string[];
        };
        /**
         * SequenceCondition
         * @description One event, then another within a time.
         */
        SequenceCondition: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "sequence";
            /** First */
            first: string;
            /** Then */
            then: string;
            within: components["schemas"]["Span"];
        };
        /**
         * Span
         * @description A length of time.
         */
        Span: {
            /** N */
            n: number;
            /**
             * Unit
             * @enum {string}
             */
            unit: "minutes" | "hours" | "days" | "weeks" | "months" | "years";
        };
        /**
         * ViewOut
         * @description A saved view. A broken one says why, and has no sentence.
         */
        ViewOut: {
            /**
             * Id
             * @example view_01jd3x5vq8w2k6m4n9p7r1s0ta
             */
            id: string;
            /**
             * Name
             * @example Germany
             */
            name: string;
            /**
             * Owner
             * @description Id of the user.
             * @example usr_01jd3x5vq8w2k6m4n9p7r1s0ta
             */
            owner: string;
            /** Own */
            own: boolean;
            /** Shared */
            shared: boolean;
            /** Is Default */
            is_default: boolean;
            /** Position */
            position: number;
            /**
             * Where
             * @description The filter as a sentence, empty for everyone.
             * @example country is "United States" and (language is "English" or tags has any of ("vip", "beta"))
             */
            where: string | null;
            /** Filter */
            filter: components["schemas"]["Filter"] | null;
            /**
             * Broken
             * @description Why the filter can't be used.
             * @example null
             */
            broken: string | null;
            /** Columns */
            columns: components["schemas"]["ColumnOut"][];
            /**
             * Missing
             * @description Columns whose fields are gone.
             * @example []
             */
            missing: string[];
            /**
             * Sort
             * @example -last_seen
             */
            sort: string;
            /**
             * Updated At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            updated_at: string;
        };
        /**
         * ViewsOut
         * @description Your views and the shared ones, by position.
         */
        ViewsOut: {
            /** Items */
            items: components["schemas"]["ViewOut"][];
        };
        /**
         * WindowAfter
         * @description Events after a date or a time.
         */
        WindowAfter: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "after";
            /** At */
            at: string | number | boolean;
        };
        /**
         * WindowBefore
         * @description Events before a date or a time.
         */
        WindowBefore: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "before";
            /** At */
            at: string | number | boolean;
        };
        /**
         * WindowBetween
         * @description Events from one date or time up to, not including, another.
         */
        WindowBetween: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "between";
            /** From */
            from_: string | number | boolean;
            /** To */
            to: string | number | boolean;
        };
        /**
         * WindowLast
         * @description Events of the last n units up to, not including, now.
         */
        WindowLast: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "last";
            /** N */
            n: number;
            /**
             * Unit
             * @enum {string}
             */
            unit: "minutes" | "hours" | "days" | "weeks" | "months" | "years";
        };
        /**
         * ColumnBody
         * @description A column: its field, and its width in pixels where it was set.
         */
        ColumnBody: {
            /**
             * Field
             * @example city
             */
            field: string;
            /** Width */
            width?: number | null;
        };
        /**
         * ViewBody
         * @description A view to be saved: a filter in one of its notations (none means everyone), columns and an order.
         * @example {
         *       "columns": [
         *         {
         *           "field": "name"
         *         }
         *       ],
         *       "name": "Germany",
         *       "where": "country is \"Germany\""
         *     }
         */
        ViewBody: {
            /**
             * Where
             * @description The filter as a sentence.
             */
            where?: string | null;
            /**
             * Filter
             * @description The filter as a tree.
             */
            filter?: components["schemas"]["Filter"] | null;
            /**
             * Conditions
             * @description Conditions, numbered from 1.
             */
            conditions?: (components["schemas"]["FieldCondition"] | components["schemas"]["EventCondition"] | components["schemas"]["AggregateCondition"] | components["schemas"]["EventTimeCondition"] | components["schemas"]["EventPropertyCondition"] | components["schemas"]["SequenceCondition"] | components["schemas"]["BucketCondition"] | components["schemas"]["SegmentCondition"])[] | null;
            /**
             * Expression
             * @description How the conditions go together, such as `(1 and 2) or 3`; without one, all must hold.
             */
            expression?: string | null;
            /**
             * Columns
             * @description In their order; none means those of the workspace.
             * @default []
             */
            columns?: components["schemas"]["ColumnBody"][];
            /**
             * Sort
             * @description A field; `-` before it for descending.
             * @default -last_seen
             */
            sort?: string;
            /**
             * Shared
             * @description Whether all members see it.
             * @default false
             */
            shared?: boolean;
            /**
             * Is Default
             * @description Whether the list opens with it; one view of the workspace.
             * @default false
             */
            is_default?: boolean;
            /**
             * Position
             * @description Its place; a new view comes last.
             * @default 0
             */
            position?: number;
            /**
             * Name
             * @example Germany
             */
            name: string;
        };
        /**
         * Kind
         * @description A dynamic segment follows its filter; a static one changes only when someone changes it.
         * @enum {string}
         */
        Kind: "dynamic" | "static";
        /**
         * SegmentList
         * @description The segments that the caller may see, favourites first.
         */
        SegmentList: {
            /** Items */
            items: components["schemas"]["SegmentOut"][];
        };
        /**
         * SegmentOut
         * @description A segment. `size` is that of its last computed membership, at `computed_at`; while the index of people is
         *     `rebuilding`, the last one before that.
         *
         *     A broken segment matches nobody and says why. Where the definition uses a segment that the caller can't see,
         *     `partly_hidden` is true and `filter` and `sentence` do not name it.
         */
        SegmentOut: {
            /**
             * Id
             * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            id: string;
            /**
             * Name
             * @example Paying in Germany
             */
            name: string;
            /** Description */
            description: string;
            kind: components["schemas"]["Kind"];
            /**
             * Size
             * @example 424
             */
            size: number;
            /**
             * Computed At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            computed_at: string;
            /**
             * Rebuilding
             * @description The index is being made anew: size and time are the last known.
             */
            rebuilding: boolean;
            /** Starred */
            starred: boolean;
            /**
             * Sentence
             * @example country is "Germany" and sum of amount over "purchase" in the last 90 days > 500
             */
            sentence: string | null;
            /** Filter */
            filter: components["schemas"]["Filter"] | null;
            /** Partly Hidden */
            partly_hidden: boolean;
            /**
             * Broken
             * @description Why the segment matches nobody; null while it is whole.
             * @example null
             */
            broken: string | null;
            /**
             * Broken Code
             * @description A stable word for it; empty while the segment is whole.
             * @example
             */
            broken_code: string;
            /**
             * Uses Count
             * @description How many things use it that the caller may know of.
             * @example 0
             */
            uses_count: number;
            /**
             * Revision
             * @example 1
             */
            revision: number;
            /**
             * Created By
             * @example user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            created_by: string;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
            /**
             * Updated At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            updated_at: string;
        };
        /**
         * HiddenBody
         * @description From whom to hide the segment, as a whole: roles, and ids of members.
         * @example {
         *       "roles": [
         *         "agent",
         *         "viewer"
         *       ],
         *       "users": []
         *     }
         */
        HiddenBody: {
            /**
             * Roles
             * @default []
             * @example [
             *       "agent",
             *       "viewer"
             *     ]
             */
            roles?: components["schemas"]["Role"][];
            /**
             * Users
             * @default []
             * @example [
             *       "usr_01kb3z8m0v6x9k2q4r7t5w1y3n"
             *     ]
             */
            users?: string[];
        };
        /**
         * SegmentBody
         * @description A new segment. A dynamic one follows its filter; a static one holds `people`, or those of the filter now.
         * @example {
         *       "name": "Paying in Germany",
         *       "where": "country is \"Germany\" and sum of amount over \"purchase\" in the last 90 days > 500"
         *     }
         * @example {
         *       "kind": "static",
         *       "name": "Beta testers",
         *       "people": [
         *         42,
         *         43
         *       ]
         *     }
         * @example {
         *       "kind": "static",
         *       "name": "VIPs of January",
         *       "where": "tags has any of (\"vip\")"
         *     }
         */
        SegmentBody: {
            /**
             * Where
             * @description The filter as a sentence.
             */
            where?: string | null;
            /**
             * Filter
             * @description The filter as a tree.
             */
            filter?: components["schemas"]["Filter"] | null;
            /**
             * Conditions
             * @description Conditions, numbered from 1.
             */
            conditions?: (components["schemas"]["FieldCondition"] | components["schemas"]["EventCondition"] | components["schemas"]["AggregateCondition"] | components["schemas"]["EventTimeCondition"] | components["schemas"]["EventPropertyCondition"] | components["schemas"]["SequenceCondition"] | components["schemas"]["BucketCondition"] | components["schemas"]["SegmentCondition"])[] | null;
            /**
             * Expression
             * @description How the conditions go together, such as `(1 and 2) or 3`; without one, all must hold.
             */
            expression?: string | null;
            /**
             * Name
             * @example Paying in Germany
             */
            name: string;
            /**
             * Description
             * @default
             * @example For the monthly letter.
             */
            description?: string;
            /**
             * Kind
             * @default dynamic
             * @enum {string}
             */
            kind?: "dynamic" | "static";
            /**
             * People
             * @description Numbers of people, for a static segment.
             */
            people?: number[] | null;
            /** @description From whom it is hidden from the start; needs `segments:hide`. */
            hidden?: components["schemas"]["HiddenBody"] | null;
        };
        /**
         * FileOut
         * @description A file that a job has made. `expires_at` null: it stays.
         */
        FileOut: {
            /**
             * Id
             * @example file_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            id: string;
            /**
             * Name
             * @example people.csv
             */
            name: string;
            /**
             * Purpose
             * @example export
             */
            purpose: string;
            /**
             * Size
             * @description Bytes.
             * @example 48213
             */
            size: number;
            /** Expires At */
            expires_at: string | null;
        };
        /**
         * JobOut
         * @description A long task. `result` depends on the kind; `counts` in it are what it did so far.
         */
        JobOut: {
            /**
             * Id
             * @example job_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            id: string;
            /**
             * Kind
             * @example import.rehearse
             */
            kind: string;
            /**
             * Title
             * @example Rehearsal of people.csv
             */
            title: string;
            /**
             * Title Code
             * @description The title for programs, by which it can be said in other languages; empty for older jobs.
             * @example rehearsal
             */
            title_code: string;
            /**
             * Title Details
             * @description What stands in the title: text, numbers, or the title of another job with its own code.
             * @example {
             *       "name": "people.csv"
             *     }
             */
            title_details: {
                [key: string]: unknown;
            };
            /**
             * About
             * @description The id of what it works on, such as an import; empty where it stands alone.
             * @example imp_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            about: string;
            /**
             * State
             * @enum {string}
             */
            state: "queued" | "running" | "done" | "failed" | "cancelled";
            /**
             * Phase
             * @description What it does now, in English.
             * @example Going through the rows
             */
            phase: string;
            /**
             * Phase Code
             * @description The phase for programs; empty where it has none.
             * @example rows
             */
            phase_code: string;
            /**
             * Unit
             * @example rows
             */
            unit: string;
            progress: components["schemas"]["ProgressOut"];
            /**
             * Result
             * @example {
             *       "counts": {
             *         "created": 120,
             *         "updated": 14
             *       }
             *     }
             */
            result: {
                [key: string]: unknown;
            };
            /**
             * Error
             * @description Why it failed; empty when it did not.
             * @example
             */
            error: string;
            /** @description The error in parts, where they are known. */
            failure: components["schemas"]["ErrorBody"] | null;
            /**
             * Cancelling
             * @description It was asked to stop and does so at its next checkpoint.
             */
            cancelling: boolean;
            /**
             * By
             * @example user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            by: string;
            /**
             * Attempts
             * @description How often a process ended while it ran.
             */
            attempts: number;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
            /** Started At */
            started_at: string | null;
            /** Finished At */
            finished_at: string | null;
            /** Heartbeat At */
            heartbeat_at: string | null;
            /** Files */
            files: components["schemas"]["FileOut"][];
        };
        /**
         * JobPage
         * @description Jobs, newest first.
         */
        JobPage: {
            /** Items */
            items: components["schemas"]["JobOut"][];
            /** Next */
            next: string | null;
        };
        /**
         * ProgressOut
         * @description How far a job is: `done` of `total` (null: not known yet), `rate` per second, seconds left as far as known.
         */
        ProgressOut: {
            /**
             * Done
             * @example 12000
             */
            done: number;
            /**
             * Total
             * @example 50000
             */
            total: number | null;
            /**
             * Rate
             * @example 4100.5
             */
            rate: number;
            /**
             * Seconds Left
             * @example 9
             */
            seconds_left: number | null;
        };
        /**
         * NotificationList
         * @description Notifications, newest first.
         */
        NotificationList: {
            /** Items */
            items: components["schemas"]["NotificationOut"][];
        };
        /**
         * NotificationOut
         * @description What you are told about the end of a job of yours.
         */
        NotificationOut: {
            /**
             * Id
             * @example ntf_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            id: string;
            /**
             * Job
             * @example job_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            job: string;
            /**
             * Kind
             * @example export
             */
            kind: string;
            /**
             * Title
             * @example Import of people.csv
             */
            title: string;
            /**
             * Title Code
             * @description The title for programs, by which it can be said in other languages; empty for older jobs.
             * @example rehearsal
             */
            title_code: string;
            /**
             * Title Details
             * @description What stands in the title: text, numbers, or the title of another job with its own code.
             * @example {
             *       "name": "people.csv"
             *     }
             */
            title_details: {
                [key: string]: unknown;
            };
            /**
             * State
             * @description How the job ended.
             * @enum {string}
             */
            state: "queued" | "running" | "done" | "failed" | "cancelled";
            /**
             * Text
             * @example Import of people.csv is done
             */
            text: string;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
            /** Read At */
            read_at: string | null;
        };
        /**
         * FileColumnOut
         * @description A column of the file, told from its first 1,000 rows.
         */
        FileColumnOut: {
            /**
             * Place
             * @description From 1.
             * @example 1
             */
            place: number;
            /**
             * Header
             * @example E-Mail
             */
            header: string;
            /**
             * Samples
             * @example [
             *       "ada@example.org"
             *     ]
             */
            samples: string[];
            /**
             * Filled
             * @description Cells that are not empty, of those looked at.
             * @example 998
             */
            filled: number;
            /**
             * Distinct
             * @example 998
             */
            distinct: number;
            /**
             * Types
             * @description The share of these cells that fit each type, 0 to 1.
             * @example {
             *       "email": 0.99,
             *       "text": 1
             *     }
             */
            types: {
                [key: string]: number;
            };
            /**
             * Date Order
             * @enum {string}
             */
            date_order: "ymd" | "dmy" | "mdy";
            /**
             * Decimal
             * @enum {string}
             */
            decimal: "." | ",";
            suggestion: components["schemas"]["SuggestionOfColumnOut"] | null;
        };
        /**
         * ImportOut
         * @description An import: what was found in the file, the plan, and its jobs.
         */
        ImportOut: {
            /**
             * Id
             * @example imp_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            id: string;
            /**
             * Name
             * @example people.csv
             */
            name: string;
            /**
             * Format
             * @enum {string}
             */
            format: "text" | "sheet";
            /**
             * Size
             * @description Bytes.
             * @example 48213
             */
            size: number;
            /**
             * State
             * @enum {string}
             */
            state: "uploaded" | "planned" | "rehearsed" | "running" | "done" | "failed" | "undone";
            /**
             * Sheets
             * @example [
             *       "Customers"
             *     ]
             */
            sheets: string[];
            /** Sheet */
            sheet: string;
            /**
             * Encoding
             * @example utf-8
             */
            encoding: string;
            /**
             * Delimiter
             * @example ,
             */
            delimiter: string;
            /**
             * Header Row
             * @example 1
             */
            header_row: number;
            /**
             * Preview
             * @description The first rows of the file, also those above the header.
             */
            preview: components["schemas"]["PreviewRowOut"][];
            /** Columns */
            columns: components["schemas"]["FileColumnOut"][];
            /**
             * Key
             * @description The field that may tell who is who; empty when none does.
             * @example email
             */
            key: string;
            plan: components["schemas"]["ImportPlan"] | null;
            /**
             * Rehearsal
             * @description The id of the latest rehearsal's job.
             */
            rehearsal: string | null;
            /**
             * Run
             * @description The id of the run's job.
             */
            run: string | null;
            /**
             * Undo
             * @description The id of the undo's job.
             */
            undo: string | null;
            /**
             * Counts
             * @description Rows by outcome, of the latest job. With segments in the plan, `would_join` of a rehearsal and `added_to_segments` of a run are how many people, of all segments.
             * @example {
             *       "created": 120,
             *       "rejected": 2,
             *       "updated": 14
             *     }
             */
            counts: {
                [key: string]: number;
            };
            /**
             * By
             * @example user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            by: string;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
        };
        /**
         * ImportPage
         * @description Imports, newest first.
         */
        ImportPage: {
            /** Items */
            items: components["schemas"]["ImportOut"][];
            /** Next */
            next: string | null;
        };
        /**
         * ImportPlan
         * @description How a file is read and what is done with it.
         *
         *     `existing` is about people who are known by the key: `update` sets what the file has, `fill` only what is empty,
         *     `tags` only adds tags, `skip` leaves them. `missing` is about the others.
         * @example {
         *       "columns": [
         *         {
         *           "column": 1,
         *           "field": "email"
         *         },
         *         {
         *           "column": 2,
         *           "field": "name"
         *         },
         *         {
         *           "column": 3,
         *           "field": "plan",
         *           "label": "Plan",
         *           "type": "text"
         *         }
         *       ],
         *       "existing": "update",
         *       "key": "email",
         *       "missing": "create",
         *       "tags": [
         *         "imported"
         *       ]
         *     }
         */
        ImportPlan: {
            /**
             * Sheet
             * @description The sheet of a spreadsheet; empty: the first.
             * @default
             */
            sheet?: string;
            /**
             * Header Row
             * @description The row that names the columns; rows above it are left out. 0: there is none.
             * @default 1
             */
            header_row?: number;
            /**
             * Encoding
             * @description Of a text file; empty: as detected.
             * @default
             */
            encoding?: string;
            /**
             * Delimiter
             * @description Of a text file; empty: as detected.
             * @default
             * @enum {string}
             */
            delimiter?: "" | "," | ";" | "\t" | "|";
            /** Columns */
            columns: components["schemas"]["PlanColumn"][];
            /**
             * Key
             * @description What tells who is who: a field of `columns`. Empty: every row makes a new person.
             * @default
             */
            key?: string;
            /**
             * Existing
             * @default update
             * @enum {string}
             */
            existing?: "update" | "fill" | "tags" | "skip";
            /**
             * Missing
             * @default create
             * @enum {string}
             */
            missing?: "create" | "skip";
            /**
             * Empty Cells
             * @description What an empty cell does to a value there is.
             * @default keep
             * @enum {string}
             */
            empty_cells?: "keep" | "clear";
            /**
             * Bad Values
             * @description A value that can't be taken rejects its row, or only the value is left out.
             * @default reject
             * @enum {string}
             */
            bad_values?: "reject" | "leave_out";
            /**
             * Duplicates
             * @description Rows about someone of whom the file had one already: skipped, or applied on top.
             * @default skip
             * @enum {string}
             */
            duplicates?: "skip" | "apply";
            /**
             * Country
             * @description Assumed for phone numbers without a country code; empty: that of the workspace's time zone.
             * @default
             */
            country?: string;
            /**
             * List Delimiter
             * @default ;
             */
            list_delimiter?: string;
            /**
             * Tags
             * @description Put on everyone created or updated.
             * @default []
             */
            tags?: string[];
            /**
             * Segments
             * @description Static segments that they are put into.
             * @default []
             */
            segments?: string[];
            /**
             * Consents
             * @default []
             */
            consents?: components["schemas"]["PlanConsent"][];
        };
        /**
         * PlanColumn
         * @description One column of the file: the field that it goes to, and how its cells are written.
         *
         *     `type` makes a new attribute of that type where there is no such field; `label` is what it is called.
         */
        PlanColumn: {
            /**
             * Column
             * @description The column's place, from 1.
             * @example 1
             */
            column: number;
            /**
             * Field
             * @example email
             */
            field: string;
            type?: components["schemas"]["FieldType"] | null;
            /**
             * Label
             * @default
             */
            label?: string;
            /**
             * Date Order
             * @default ymd
             * @enum {string}
             */
            date_order?: "ymd" | "dmy" | "mdy";
            /**
             * Decimal
             * @default .
             * @enum {string}
             */
            decimal?: "." | ",";
        };
        /**
         * PlanConsent
         * @description Consent to be written to on a channel: of everyone in the file, or as a column says, with where it came from.
         */
        PlanConsent: {
            /**
             * Channel
             * @enum {string}
             */
            channel: "email" | "sms" | "whatsapp" | "messenger" | "telegram" | "voice" | "webchat";
            /**
             * Source
             * @example Sign-up form, January 2026
             */
            source: string;
            /**
             * Column
             * @description A column of yes and no; without one, everyone has agreed.
             */
            column?: number | null;
        };
        /**
         * PreviewRowOut
         * @description A row as it stands in the file; long cells and wide rows are cut.
         */
        PreviewRowOut: {
            /**
             * Row
             * @description What `header_row` calls it.
             * @example 1
             */
            row: number;
            /**
             * Cells
             * @example [
             *       "E-Mail",
             *       "Name"
             *     ]
             */
            cells: string[];
        };
        /**
         * SuggestionOfColumnOut
         * @description The field that a column may be; with `exists` false, a new attribute of that key and type.
         */
        SuggestionOfColumnOut: {
            /**
             * Field
             * @example email
             */
            field: string;
            type: components["schemas"]["FieldType"];
            /** Exists */
            exists: boolean;
            /**
             * Why
             * @example the name
             */
            why: string;
        };
        /**
         * ExportBody
         * @description Whom and what to export: numbers, a filter, a segment, or everyone; the columns in their order.
         * @example {
         *       "columns": [
         *         "number",
         *         "name",
         *         "email"
         *       ],
         *       "format": "csv",
         *       "where": "everyone"
         *     }
         * @example {
         *       "format": "xlsx",
         *       "numbers": [
         *         1,
         *         2
         *       ]
         *     }
         */
        ExportBody: {
            /**
             * Where
             * @description The filter as a sentence.
             */
            where?: string | null;
            /**
             * Filter
             * @description The filter as a tree.
             */
            filter?: components["schemas"]["Filter"] | null;
            /**
             * Conditions
             * @description Conditions, numbered from 1.
             */
            conditions?: (components["schemas"]["FieldCondition"] | components["schemas"]["EventCondition"] | components["schemas"]["AggregateCondition"] | components["schemas"]["EventTimeCondition"] | components["schemas"]["EventPropertyCondition"] | components["schemas"]["SequenceCondition"] | components["schemas"]["BucketCondition"] | components["schemas"]["SegmentCondition"])[] | null;
            /**
             * Expression
             * @description How the conditions go together, such as `(1 and 2) or 3`; without one, all must hold.
             */
            expression?: string | null;
            /** Numbers */
            numbers?: number[] | null;
            /**
             * Segment
             * @description The id of a segment.
             * @default
             */
            segment?: string;
            /**
             * Except
             * @description Numbers of people who are left out.
             * @default []
             */
            except?: number[];
            /**
             * Columns
             * @description Fields in their order, and `number`; without any, all that are shown.
             * @default []
             */
            columns?: string[];
            /**
             * Format
             * @default csv
             * @enum {string}
             */
            format?: "csv" | "xlsx";
            /**
             * Name
             * @description The file's name without its ending.
             * @default
             */
            name?: string;
        };
        /**
         * DestinationList
         * @description Destinations by name; `folder` says whether this server has a folder for exports.
         */
        DestinationList: {
            /** Items */
            items: components["schemas"]["DestinationOut"][];
            /**
             * Folder
             * @description Whether this server has a folder for exports (`COTERIE_EXPORT_FOLDER`).
             */
            folder: boolean;
        };
        /**
         * DestinationOut
         * @description A place for exports. Its secret is never told.
         */
        DestinationOut: {
            /**
             * Id
             * @example dst_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            id: string;
            /**
             * Name
             * @example Warehouse
             */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "folder" | "s3";
            /**
             * Place
             * @example https://s3.eu-central-1.amazonaws.com/acme-exports/coterie
             */
            place: string;
            /** Folder */
            folder: string;
            /** Endpoint */
            endpoint: string;
            /** Region */
            region: string;
            /** Bucket */
            bucket: string;
            /** Prefix */
            prefix: string;
            /** Key Id */
            key_id: string;
            /**
             * Checked At
             * @description When it was last tried.
             */
            checked_at: string | null;
            /** @description What came of it; null when it worked. */
            check_error: components["schemas"]["WhyOut"] | null;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
        };
        /**
         * DestinationBody
         * @description A place for exports: a folder on the server, or a bucket of storage that speaks the protocol of S3.
         * @example {
         *       "folder": "crm/nightly",
         *       "kind": "folder",
         *       "name": "Nightly"
         *     }
         * @example {
         *       "bucket": "acme-exports",
         *       "endpoint": "https://s3.eu-central-1.amazonaws.com",
         *       "key_id": "AKIAIOSFODNN7EXAMPLE",
         *       "kind": "s3",
         *       "name": "Warehouse",
         *       "prefix": "coterie",
         *       "region": "eu-central-1",
         *       "secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
         *     }
         */
        DestinationBody: {
            /** Name */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "folder" | "s3";
            /**
             * Folder
             * @description Below the workspace's own folder on the server.
             * @default
             */
            folder?: string;
            /**
             * Endpoint
             * @description The storage's address, without the bucket.
             * @default
             */
            endpoint?: string;
            /**
             * Region
             * @description `us-east-1` where the storage has none.
             * @default
             */
            region?: string;
            /**
             * Bucket
             * @default
             */
            bucket?: string;
            /**
             * Prefix
             * @description Stands before the names of objects, with a slash.
             * @default
             */
            prefix?: string;
            /**
             * Key Id
             * @description The id of a key of the storage.
             * @default
             */
            key_id?: string;
            /**
             * Secret
             * @description Its secret: kept sealed and never told again.
             * @default
             */
            secret?: string;
        };
        /**
         * DeliveryOut
         * @description A file that was delivered.
         */
        DeliveryOut: {
            /**
             * Place
             * @example folder crm/nightly
             */
            place: string;
            /**
             * Object
             * @example known-people-20260131T053000Z.csv
             */
            object: string;
            /**
             * Size
             * @description Bytes.
             * @example 48213
             */
            size: number;
            /**
             * Rows
             * @description People in it.
             * @example 1204
             */
            rows: number;
            /** Sha256 */
            sha256: string;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
        };
        /**
         * ScheduleList
         * @description Schedules by name.
         */
        ScheduleList: {
            /** Items */
            items: components["schemas"]["ScheduleOut"][];
        };
        /**
         * ScheduleOut
         * @description A schedule with what came of it last.
         */
        ScheduleOut: {
            /**
             * Id
             * @example exs_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            id: string;
            /**
             * Name
             * @example Known people
             */
            name: string;
            /**
             * Destination
             * @example dst_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            destination: string;
            /**
             * Destination Name
             * @example Warehouse
             */
            destination_name: string;
            /**
             * Every
             * @enum {string}
             */
            every: "hour" | "day" | "week" | "month";
            /**
             * At
             * @example 06:30
             */
            at: string;
            /** Weekday */
            weekday: number | null;
            /** Day */
            day: number | null;
            /**
             * Next At
             * @description Null while it is paused.
             */
            next_at: string | null;
            /** Paused */
            paused: boolean;
            /** @description Why it was paused; null when somebody has paused it. */
            paused_reason: components["schemas"]["WhyOut"] | null;
            /**
             * By
             * @description Its owner, with whose rights it runs.
             * @example user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            by: string;
            /**
             * Where
             * @description Its filter as a sentence; null when that can't be told any more.
             */
            where: string | null;
            /**
             * Segment
             * @description The id of a segment; empty without one.
             * @example
             */
            segment: string;
            /**
             * Columns
             * @description Empty: all that are shown.
             * @example [
             *       "number",
             *       "email"
             *     ]
             */
            columns: string[];
            /**
             * Format
             * @enum {string}
             */
            format: "csv" | "xlsx";
            /**
             * Last Job
             * @description The id of its latest job.
             */
            last_job: string | null;
            /** Last State */
            last_state: ("queued" | "running" | "done" | "failed" | "cancelled") | null;
            /**
             * Last Error
             * @example
             */
            last_error: string;
            /** @description The error in parts, where they are known. */
            last_failure: components["schemas"]["ErrorBody"] | null;
            last_delivery: components["schemas"]["DeliveryOut"] | null;
        };
        /**
         * ScheduleBody
         * @description An export that is made again and again and delivered. Without `export`, everyone with all that is shown.
         * @example {
         *       "at": "06:30",
         *       "destination": "dst_01kb3z8m0v6x9k2q4r7t5w1y3n",
         *       "every": "week",
         *       "export": {
         *         "columns": [
         *           "number",
         *           "email"
         *         ],
         *         "format": "csv",
         *         "where": "email is known"
         *       },
         *       "name": "Known people",
         *       "weekday": 1
         *     }
         */
        ScheduleBody: {
            /** Name */
            name: string;
            /** @description As for `POST exports`, but without numbers. */
            export?: components["schemas"]["ExportBody"];
            /**
             * Destination
             * @example dst_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            destination: string;
            /**
             * Every
             * @enum {string}
             */
            every: "hour" | "day" | "week" | "month";
            /**
             * At
             * @description By the workspace's clock; by the hour only the minutes count.
             * @default 06:00
             * @example 06:30
             */
            at?: string;
            /** Weekday */
            weekday?: number | null;
            /** Day */
            day?: number | null;
        };
        /**
         * NumberOut
         * @description The person's number; after a merge the survivor's.
         */
        NumberOut: {
            /**
             * Number
             * @example 42
             */
            number: number;
        };
        /**
         * MergeBody
         * @description Two people who are one; their order makes no difference.
         * @example {
         *       "people": [
         *         42,
         *         57
         *       ]
         *     }
         */
        MergeBody: {
            /** People */
            people: number[];
        };
        /**
         * FieldOrder
         * @description The fields in the order in which they are shown; those that are not named follow.
         * @example {
         *       "fields": [
         *         {
         *           "name": "name"
         *         },
         *         {
         *           "name": "city",
         *           "visible": false
         *         }
         *       ]
         *     }
         */
        FieldOrder: {
            /** Fields */
            fields: components["schemas"]["PlacedField"][];
        };
        /**
         * PlacedField
         * @description A field in the order; what is left out stays, an empty label is the field's own again.
         */
        PlacedField: {
            /**
             * Name
             * @example name
             */
            name: string;
            /** Visible */
            visible?: boolean | null;
            /** Label */
            label?: string | null;
        };
        /**
         * EventCatalogueOut
         * @description What events have been seen.
         */
        EventCatalogueOut: {
            /** Events */
            events: components["schemas"]["EventNameOut"][];
            /** Properties */
            properties: components["schemas"]["EventPropertyOut"][];
        };
        /**
         * EventNameOut
         * @description A kind of event; `count` is approximate.
         */
        EventNameOut: {
            /**
             * Name
             * @example purchase
             */
            name: string;
            /** Count */
            count: number;
            /**
             * First Seen
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            first_seen: string;
            /**
             * Last Seen
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            last_seen: string;
        };
        /**
         * EventPropertyOut
         * @description A property seen on events, with the type of its last value.
         */
        EventPropertyOut: {
            /**
             * Name
             * @example amount
             */
            name: string;
            type: components["schemas"]["FieldType"];
        };
        /**
         * RejectedCountOut
         * @description How many people have a rejected value for a key.
         */
        RejectedCountOut: {
            /**
             * Key
             * @example orders
             */
            key: string;
            /**
             * People
             * @example 3
             */
            people: number;
        };
        /**
         * RejectedOut
         * @description A value that was not taken, and why.
         */
        RejectedOut: {
            /**
             * Reason
             * @description For people, in English.
             * @example expected a number, got 'three'
             */
            reason: string;
            /**
             * Code
             * @description A stable word for programs; empty for what was kept before there were codes.
             * @example no_number
             */
            code: string;
            /**
             * Details
             * @description What stands in the text; depends on the code.
             * @example {
             *       "value": "'three'"
             *     }
             */
            details: {
                [key: string]: unknown;
            };
            /**
             * Number
             * @example 42
             */
            number: number;
            /**
             * Key
             * @example orders
             */
            key: string;
            /**
             * Value
             * @example three
             */
            value: unknown;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
        };
        /**
         * RejectedPageOut
         * @description Rejected values, the counts per key, and the cursor of the rest.
         */
        RejectedPageOut: {
            /** Counts */
            counts: components["schemas"]["RejectedCountOut"][];
            /** Values */
            values: components["schemas"]["RejectedOut"][];
            /** Next */
            next: string | null;
        };
        /**
         * MergePersonOut
         * @description One of two people, in short; without values when they were merged or deleted since.
         */
        MergePersonOut: {
            /**
             * Number
             * @example 42
             */
            number: number;
            /**
             * Name
             * @example Ann Example
             */
            name: string | null;
            /**
             * Email
             * @example ann@example.com
             */
            email: string | null;
            /**
             * Phone
             * @example +4915112345678
             */
            phone: string | null;
            /**
             * Country
             * @example Germany
             */
            country: string | null;
            /**
             * Last Seen
             * @example 2026-01-31T09:00:00.000Z
             */
            last_seen: string | null;
        };
        /**
         * MergeSuggestionOut
         * @description Two people who may be one, and why.
         */
        MergeSuggestionOut: {
            /**
             * Reason
             * @description For people, in English.
             * @example expected a number, got 'three'
             */
            reason: string;
            /**
             * Code
             * @description A stable word for programs; empty for what was kept before there were codes.
             * @example no_number
             */
            code: string;
            /**
             * Details
             * @description What stands in the text; depends on the code.
             * @example {
             *       "value": "'three'"
             *     }
             */
            details: {
                [key: string]: unknown;
            };
            /**
             * Id
             * @example 17
             */
            id: number;
            /**
             * People
             * @description Both, the lower number first.
             */
            people: components["schemas"]["MergePersonOut"][];
            /**
             * Score
             * @description How sure, out of 100; 100 where they share an email or phone.
             * @example 95
             */
            score: number;
            /**
             * State
             * @enum {string}
             */
            state: "open" | "dismissed" | "merged";
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
        };
        /**
         * MergeSuggestionPage
         * @description Suggestions, the likeliest first.
         */
        MergeSuggestionPage: {
            /** Items */
            items: components["schemas"]["MergeSuggestionOut"][];
            /** Next */
            next: string | null;
        };
        /**
         * EraseBody
         * @description Whom to erase.
         * @example {
         *       "people": [
         *         42
         *       ],
         *       "reason": "Request 2026-17"
         *     }
         */
        EraseBody: {
            /** People */
            people: number[];
            /**
             * Reason
             * @description A reference to the request. It stays: do not name the person.
             * @default
             */
            reason?: string;
        };
        /**
         * AgainBody
         * @description An identity that may be known again.
         * @example {
         *       "kind": "email",
         *       "value": "gone@example.com"
         *     }
         */
        AgainBody: {
            /**
             * Kind
             * @example email
             */
            kind: string;
            /**
             * Value
             * @example gone@example.com
             */
            value: string;
        };
        /**
         * PreviewOut
         * @description What a rule would remove now; nothing was changed.
         */
        PreviewOut: {
            /**
             * Rows
             * @description Entries: events, people, notes, files, ...
             * @example 1204
             */
            rows: number;
            /**
             * People
             * @description In how many people; null where they are not named.
             * @example 311
             */
            people: number | null;
            /** Oldest */
            oldest: string | null;
            /**
             * Sample
             * @description Up to 10 numbers of people, or ids.
             * @example [
             *       42,
             *       57
             *     ]
             */
            sample: (number | string)[];
            /**
             * Paused
             * @description Whether a legal hold keeps all of it.
             */
            paused: boolean;
            /**
             * Name
             * @description The class.
             * @example events
             */
            name: string;
            /**
             * Days
             * @example 365
             */
            days: number;
            /**
             * Action
             * @enum {string}
             */
            action: "remove" | "delete" | "erase";
        };
        /**
         * PreviewBody
         * @description A rule to look at.
         * @example {
         *       "action": "remove",
         *       "days": 365,
         *       "name": "events"
         *     }
         */
        PreviewBody: {
            /**
             * Name
             * @description The class.
             */
            name: string;
            /**
             * Days
             * @description Older than so many days goes.
             * @example 365
             */
            days: number;
            /**
             * Action
             * @description What becomes of it then; the first of the class if null.
             */
            action?: ("remove" | "delete" | "erase") | null;
        };
        /**
         * ConditionCountOut
         * @description A condition among everyone: a positive one splits them in three; people without a value meet a negative one.
         */
        ConditionCountOut: {
            /**
             * Match
             * @example 424
             */
            match: number;
            /**
             * No Match
             * @example 289
             */
            no_match: number;
            /**
             * No Value
             * @example 12
             */
            no_value: number;
        };
        /**
         * CountOut
         * @description An exact total, with the counts of each condition in the order they are written.
         */
        CountOut: {
            /**
             * Total
             * @example 424
             */
            total: number;
            /** Conditions */
            conditions: components["schemas"]["ConditionCountOut"][];
            /**
             * Sentence
             * @description The filter as a sentence.
             * @example country is "United States" and (language is "English" or tags has any of ("vip", "beta"))
             */
            sentence: string;
            numbered: components["schemas"]["NumberedOut"];
            /**
             * Now
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            now: string;
        };
        /**
         * NumberedOut
         * @description A filter as a filter bar edits it: conditions, numbered from 1, and how they go together.
         */
        NumberedOut: {
            /**
             * Conditions
             * @example [
             *       {
             *         "field": "country",
             *         "op": "is",
             *         "type": "field",
             *         "value": "Germany"
             *       }
             *     ]
             */
            conditions: (components["schemas"]["FieldCondition"] | components["schemas"]["EventCondition"] | components["schemas"]["AggregateCondition"] | components["schemas"]["EventTimeCondition"] | components["schemas"]["EventPropertyCondition"] | components["schemas"]["SequenceCondition"] | components["schemas"]["BucketCondition"] | components["schemas"]["SegmentCondition"])[];
            /**
             * Expression
             * @example 1
             */
            expression: string;
        };
        /**
         * FilterBody
         * @description A filter in one of its three notations; without any, everyone.
         * @example {
         *       "where": "country is \"United States\" and (language is \"English\" or tags has any of (\"vip\", \"beta\"))"
         *     }
         * @example {
         *       "filter": {
         *         "root": {
         *           "field": "country",
         *           "op": "is",
         *           "type": "field",
         *           "value": "Germany"
         *         },
         *         "version": 1
         *       }
         *     }
         * @example {
         *       "conditions": [
         *         {
         *           "field": "email",
         *           "op": "is_known",
         *           "type": "field"
         *         },
         *         {
         *           "field": "phone",
         *           "op": "is_known",
         *           "type": "field"
         *         }
         *       ],
         *       "expression": "1 or 2"
         *     }
         */
        FilterBody: {
            /**
             * Where
             * @description The filter as a sentence.
             */
            where?: string | null;
            /**
             * Filter
             * @description The filter as a tree.
             */
            filter?: components["schemas"]["Filter"] | null;
            /**
             * Conditions
             * @description Conditions, numbered from 1.
             */
            conditions?: (components["schemas"]["FieldCondition"] | components["schemas"]["EventCondition"] | components["schemas"]["AggregateCondition"] | components["schemas"]["EventTimeCondition"] | components["schemas"]["EventPropertyCondition"] | components["schemas"]["SequenceCondition"] | components["schemas"]["BucketCondition"] | components["schemas"]["SegmentCondition"])[] | null;
            /**
             * Expression
             * @description How the conditions go together, such as `(1 and 2) or 3`; without one, all must hold.
             */
            expression?: string | null;
        };
        /**
         * EventValueOut
         * @description One value of a property.
         */
        EventValueOut: {
            /**
             * Value
             * @example Kind of Blue
             */
            value: string;
            /**
             * Count
             * @description Events with it, of the people of today.
             * @example 31
             */
            count: number;
        };
        /**
         * EventValuesOut
         * @description The values of a property of a kind of event, most frequent first; of at most a million events.
         */
        EventValuesOut: {
            /**
             * Event
             * @example purchase
             */
            event: string;
            /**
             * Property
             * @example title
             */
            property: string;
            /** Values */
            values: components["schemas"]["EventValueOut"][];
        };
        /**
         * FoundOut
         * @description People found, the best first.
         */
        FoundOut: {
            /** Items */
            items: components["schemas"]["PersonItem"][];
            /**
             * Complete
             * @description False while the index is rebuilt: then only identities are searched.
             */
            complete: boolean;
        };
        /**
         * CandidateOut
         * @description Someone who may be the same person, and why.
         */
        CandidateOut: {
            /**
             * Number
             * @example 42
             */
            number: number;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
            /**
             * Values
             * @example {
             *       "country": "Germany",
             *       "name": "Ada",
             *       "tags": [
             *         "vip"
             *       ]
             *     }
             */
            values: {
                [key: string]: unknown;
            };
            /**
             * Score
             * @description Out of 100; 100 where an identity is the same.
             * @example 95
             */
            score: number;
            /** Reasons */
            reasons: components["schemas"]["WhyOut"][];
        };
        /**
         * CandidatesOut
         * @description Who may be the same, the likeliest first.
         */
        CandidatesOut: {
            /** Items */
            items: components["schemas"]["CandidateOut"][];
        };
        /**
         * GrowthOut
         * @description How people came: steps without gaps, oldest first.
         */
        GrowthOut: {
            /** Points */
            points: components["schemas"]["GrowthPoint"][];
            /**
             * Before
             * @description People who came before the first step.
             */
            before: number;
            /**
             * Later
             * @description People whose time lies after the last step.
             */
            later: number;
            /** No Value */
            no_value: number;
            /** Total */
            total: number;
            /**
             * Now
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            now: string;
        };
        /**
         * GrowthPoint
         * @description One step of the calendar.
         */
        GrowthPoint: {
            /**
             * Start
             * @description Its first day.
             * @example 2026-01-05
             */
            start: string;
            /** New */
            new: number;
            /**
             * Total
             * @description How many there were at its end.
             */
            total: number;
        };
        /**
         * CountriesOut
         * @description Where people are, the most first.
         */
        CountriesOut: {
            /** Countries */
            countries: components["schemas"]["CountryOut"][];
            /** Other */
            other: number;
            /** No Value */
            no_value: number;
            /** Total */
            total: number;
            /**
             * Now
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            now: string;
        };
        /**
         * CountryOut
         * @description One country.
         */
        CountryOut: {
            /**
             * Code
             * @description ISO 3166, null where the name is not known.
             * @example DE
             */
            code: string | null;
            /**
             * Name
             * @example Germany
             */
            name: string;
            /** Count */
            count: number;
        };
        /**
         * ActivityOut
         * @description Events by weekday and hour in the workspace's zone.
         */
        ActivityOut: {
            /**
             * Hours
             * @description Seven rows from Monday, each of 24 hours.
             * @example [
             *       [
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0
             *       ],
             *       [
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0
             *       ],
             *       [
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0
             *       ],
             *       [
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0
             *       ],
             *       [
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0
             *       ],
             *       [
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0
             *       ],
             *       [
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0,
             *         0
             *       ]
             *     ]
             */
            hours: number[][];
            /** Total */
            total: number;
            /**
             * Since
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            since: string;
            /**
             * Now
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            now: string;
        };
        /**
         * RegionOut
         * @description People who are in exactly these segments of those compared.
         */
        RegionOut: {
            /** Inside */
            inside: string[];
            /**
             * Count
             * @example 31
             */
            count: number;
        };
        /**
         * RegionsOut
         * @description All regions, 2^n - 1 of n segments.
         */
        RegionsOut: {
            /** Regions */
            regions: components["schemas"]["RegionOut"][];
        };
        /**
         * RegionsBody
         * @description Two to five segments to compare.
         * @example {
         *       "segments": [
         *         "seg_01kb3z8m0v6x9k2q4r7t5w1y3n",
         *         "seg_01kb3z8m0v6x9k2q4r7t5w1y3p"
         *       ]
         *     }
         */
        RegionsBody: {
            /** Segments */
            segments: string[];
        };
        /**
         * QuarantineState
         * @description `open` waits for someone; `replayed` went through the log again.
         * @enum {string}
         */
        QuarantineState: "open" | "replayed";
        /**
         * QuarantineList
         * @description Events set aside, newest first.
         */
        QuarantineList: {
            /** Events */
            events: components["schemas"]["QuarantinedEvent"][];
            /**
             * Open
             * @description How many events wait in all.
             */
            open: number;
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * QuarantinedEvent
         * @description An event that could not be used.
         */
        QuarantinedEvent: {
            /**
             * Id
             * @example qua_01jd8v6m3e5q9w2x4y7z0abcde
             */
            id: string;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
            /**
             * Received At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            received_at: string;
            /**
             * Source
             * @description The name of the key it came with.
             * @example web page
             */
            source: string;
            /** Message Id */
            message_id: string;
            /**
             * Code
             * @description A stable word for programs.
             * @example no_id
             */
            code: string;
            /**
             * Reason
             * @example userId or anonymousId is missing: an event needs a person
             */
            reason: string;
            /**
             * State
             * @description open or replayed
             * @example open
             */
            state: string;
            /**
             * Event
             * @description The event as it was sent.
             */
            event: unknown;
        };
        /**
         * ConflictList
         * @description Ids used twice, newest day first.
         */
        ConflictList: {
            /** Conflicts */
            conflicts: components["schemas"]["ConflictOfIds"][];
        };
        /**
         * ConflictOfIds
         * @description How often a source used one message id for two different events on a day. The later ones were not taken.
         */
        ConflictOfIds: {
            /**
             * Day
             * Format: date
             */
            day: string;
            /** Source */
            source: string;
            /** Count */
            count: number;
            /**
             * Message Id
             * @description The latest such id.
             */
            message_id: string;
            /**
             * Sample
             * @description The latest event that was not taken, as JSON, cut at 4,000 characters.
             */
            sample: string;
        };
        /**
         * ReadOut
         * @description How many were marked as read now.
         */
        ReadOut: {
            /**
             * Read
             * @example 2
             */
            read: number;
        };
        /**
         * ReadBody
         * @description Which notifications were read; without a list all are.
         * @example {}
         * @example {
         *       "notifications": [
         *         "ntf_01kb3z8m0v6x9k2q4r7t5w1y3n"
         *       ]
         *     }
         */
        ReadBody: {
            /** Notifications */
            notifications?: string[] | null;
        };
        /**
         * ReappliedOut
         * @description How many values were taken, and how many stay rejected, with some of these.
         */
        ReappliedOut: {
            /** Taken */
            taken: number;
            /** Rejected */
            rejected: number;
            /**
             * Unseen
             * @description Values that a dry run did not look at.
             * @example 0
             */
            unseen: number;
            /** Samples */
            samples: components["schemas"]["SampleOut"][];
            /** @description What does it where there are more than 5,000 values; null otherwise. */
            job: components["schemas"]["JobOut"] | null;
        };
        /**
         * SampleOut
         * @description A stored value that does not convert, and why.
         */
        SampleOut: {
            /**
             * Reason
             * @description For people, in English.
             * @example expected a number, got 'three'
             */
            reason: string;
            /**
             * Code
             * @description A stable word for programs; empty for what was kept before there were codes.
             * @example no_number
             */
            code: string;
            /**
             * Details
             * @description What stands in the text; depends on the code.
             * @example {
             *       "value": "'three'"
             *     }
             */
            details: {
                [key: string]: unknown;
            };
            /** Number */
            number: number;
            /** Value */
            value: unknown;
        };
        /**
         * ReapplyBody
         * @description The field whose rejected values are tried again.
         * @example {
         *       "key": "orders"
         *     }
         */
        ReapplyBody: {
            /** Key */
            key: string;
            /**
             * Dry Run
             * @description Only say what would become of the first 5,000 values.
             * @default false
             */
            dry_run?: boolean;
        };
        /**
         * BulkOut
         * @description What a bulk action did, or the job that does it. At most 1,000 failures are listed.
         *
         *     With a `job`, only `selected` is known: its own `result` counts, and has the `undo` once somebody was changed.
         */
        BulkOut: {
            /**
             * Selected
             * @example 120
             */
            selected: number;
            /**
             * Changed
             * @example 100
             */
            changed: number;
            /**
             * Unchanged
             * @description People who were so already.
             * @example 19
             */
            unchanged: number;
            /**
             * Failed
             * @example 1
             */
            failed: number;
            /** Failures */
            failures: components["schemas"]["FailureOut"][];
            /**
             * Undo
             * @description For `bulk/undo`, within an hour; null where nothing can be taken back.
             * @example undo_01jd3x5vq8w2k6m4n9p7r1s0ta
             */
            undo: string | null;
            /** @description What does it where there are more than 1,000 people; null otherwise. */
            job: components["schemas"]["JobOut"] | null;
        };
        /**
         * FailureOut
         * @description A person for whom not all was done, and why.
         */
        FailureOut: {
            /**
             * Reason
             * @description For people, in English.
             * @example expected a number, got 'three'
             */
            reason: string;
            /**
             * Code
             * @description A stable word for programs; empty for what was kept before there were codes.
             * @example no_number
             */
            code: string;
            /**
             * Details
             * @description What stands in the text; depends on the code.
             * @example {
             *       "value": "'three'"
             *     }
             */
            details: {
                [key: string]: unknown;
            };
            /**
             * Number
             * @example 42
             */
            number: number;
        };
        /**
         * BulkChangeBody
         * @description What to do to each of the selected people.
         * @example {
         *       "add_tags": [
         *         "vip"
         *       ],
         *       "selection": {
         *         "numbers": [
         *           1,
         *           2
         *         ]
         *       }
         *     }
         * @example {
         *       "clear": [
         *         "gender"
         *       ],
         *       "selection": {
         *         "except": [
         *           3
         *         ],
         *         "where": "everyone"
         *       },
         *       "set": {
         *         "city": "Bonn"
         *       }
         *     }
         * @example {
         *       "selection": {
         *         "numbers": [
         *           4
         *         ]
         *       },
         *       "set": {
         *         "banned": true
         *       }
         *     }
         */
        BulkChangeBody: {
            selection: components["schemas"]["SelectionBody"];
            /**
             * Set
             * @default {}
             * @example {
             *       "plan": "pro"
             *     }
             */
            set?: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /**
             * Clear
             * @default []
             * @example [
             *       "city"
             *     ]
             */
            clear?: string[];
            /**
             * Add Tags
             * @default []
             * @example [
             *       "vip"
             *     ]
             */
            add_tags?: string[];
            /**
             * Remove Tags
             * @default []
             * @example [
             *       "trial"
             *     ]
             */
            remove_tags?: string[];
        };
        /**
         * SelectionBody
         * @description Whom it is about: numbers or a filter, with some left out. An empty filter is refused; `everyone` is a filter.
         * @example {
         *       "numbers": [
         *         1,
         *         2
         *       ]
         *     }
         * @example {
         *       "except": [
         *         3
         *       ],
         *       "where": "everyone"
         *     }
         */
        SelectionBody: {
            /**
             * Where
             * @description The filter as a sentence.
             */
            where?: string | null;
            /**
             * Filter
             * @description The filter as a tree.
             */
            filter?: components["schemas"]["Filter"] | null;
            /**
             * Conditions
             * @description Conditions, numbered from 1.
             */
            conditions?: (components["schemas"]["FieldCondition"] | components["schemas"]["EventCondition"] | components["schemas"]["AggregateCondition"] | components["schemas"]["EventTimeCondition"] | components["schemas"]["EventPropertyCondition"] | components["schemas"]["SequenceCondition"] | components["schemas"]["BucketCondition"] | components["schemas"]["SegmentCondition"])[] | null;
            /**
             * Expression
             * @description How the conditions go together, such as `(1 and 2) or 3`; without one, all must hold.
             */
            expression?: string | null;
            /** Numbers */
            numbers?: number[] | null;
            /**
             * Except
             * @description Numbers of people who are left out.
             * @default []
             */
            except?: number[];
        };
        /**
         * BulkMembersBody
         * @description A static segment that the selected people are put into or taken out of.
         * @example {
         *       "action": "add",
         *       "segment": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n",
         *       "selection": {
         *         "numbers": [
         *           1,
         *           2
         *         ]
         *       }
         *     }
         */
        BulkMembersBody: {
            selection: components["schemas"]["SelectionBody"];
            /**
             * Segment
             * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            segment: string;
            /**
             * Action
             * @enum {string}
             */
            action: "add" | "remove";
        };
        /**
         * BulkDeleteBody
         * @description People to delete.
         * @example {
         *       "selection": {
         *         "numbers": [
         *           59,
         *           60
         *         ]
         *       }
         *     }
         */
        BulkDeleteBody: {
            selection: components["schemas"]["SelectionBody"];
        };
        /**
         * BreakdownOut
         * @description The most frequent values of a field, and how many people have another one.
         */
        BreakdownOut: {
            /**
             * Field
             * @example country
             */
            field: string;
            /**
             * Type
             * @example text
             */
            type: string;
            /**
             * Total
             * @example 713
             */
            total: number;
            /**
             * Known
             * @description People with any value.
             * @example 700
             */
            known: number;
            /**
             * No Value
             * @example 13
             */
            no_value: number;
            /** Values */
            values: components["schemas"]["FacetOut"][];
            /**
             * Now
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            now: string;
            /**
             * Other
             * @description Null for lists, where one person has several.
             * @example 3
             */
            other: number | null;
        };
        /**
         * FacetOut
         * @description One value of a field.
         */
        FacetOut: {
            /**
             * Value
             * @example Germany
             */
            value: unknown;
            /**
             * Count
             * @example 120
             */
            count: number;
        };
        /**
         * RoleBody
         * @description The new role.
         * @example {
         *       "role": "admin"
         *     }
         */
        RoleBody: {
            role: components["schemas"]["Role"];
        };
        /**
         * IdentityOut
         * @description A name by which the person is known, since when, and the kind of source it came from.
         */
        IdentityOut: {
            /**
             * Kind
             * @example email
             */
            kind: string;
            /**
             * Value
             * @example ann@example.com
             */
            value: string;
            /**
             * Since
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            since: string;
            /**
             * Origin
             * @example tracking
             */
            origin: string;
        };
        /**
         * OriginOut
         * @description Where a value came from.
         */
        OriginOut: {
            /**
             * Kind
             * @example tracking
             */
            kind: string;
            /**
             * Ref
             * @example key_01jd3x5vq8w2k6m4n9p7r1s0ta
             */
            ref: string;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
        };
        /**
         * PersonOut
         * @description All that is known about a person. `local_time` is null while the time zone is unknown.
         */
        PersonOut: {
            /**
             * Number
             * @example 42
             */
            number: number;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
            /**
             * Updated At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            updated_at: string;
            /**
             * Seq
             * @description The change that last wrote the person.
             * @example 1207
             */
            seq: number;
            /**
             * Data
             * @example {
             *       "email": "ann@example.com",
             *       "name": "Ann Example",
             *       "plan": "pro"
             *     }
             */
            data: {
                [key: string]: unknown;
            };
            /** Origins */
            origins: {
                [key: string]: components["schemas"]["OriginOut"];
            };
            /** Identities */
            identities: components["schemas"]["IdentityOut"][];
            /** Rejected */
            rejected: components["schemas"]["RejectedOut"][];
            /**
             * Tags
             * @example [
             *       "vip"
             *     ]
             */
            tags: string[];
            /**
             * Merged
             * @description Numbers of people merged into this one.
             * @example [
             *       57
             *     ]
             */
            merged: number[];
            /**
             * Local Time
             * @example 2026-01-31T10:00:00+01:00
             */
            local_time: string | null;
        };
        /**
         * PersonChangedOut
         * @description The person after a change, and what to know about it.
         */
        PersonChangedOut: {
            /**
             * Number
             * @example 42
             */
            number: number;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
            /**
             * Updated At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            updated_at: string;
            /**
             * Seq
             * @description The change that last wrote the person.
             * @example 1207
             */
            seq: number;
            /**
             * Data
             * @example {
             *       "email": "ann@example.com",
             *       "name": "Ann Example",
             *       "plan": "pro"
             *     }
             */
            data: {
                [key: string]: unknown;
            };
            /** Origins */
            origins: {
                [key: string]: components["schemas"]["OriginOut"];
            };
            /** Identities */
            identities: components["schemas"]["IdentityOut"][];
            /** Rejected */
            rejected: components["schemas"]["RejectedOut"][];
            /**
             * Tags
             * @example [
             *       "vip"
             *     ]
             */
            tags: string[];
            /**
             * Merged
             * @description Numbers of people merged into this one.
             * @example [
             *       57
             *     ]
             */
            merged: number[];
            /**
             * Local Time
             * @example 2026-01-31T10:00:00+01:00
             */
            local_time: string | null;
            /** Warnings */
            warnings: components["schemas"]["WarningOut"][];
        };
        /**
         * PersonChange
         * @description What to change; nothing is changed when any part of it can't be.
         * @example {
         *       "add_tags": [
         *         "vip"
         *       ],
         *       "clear": [
         *         "city"
         *       ],
         *       "remove_tags": [
         *         "trial"
         *       ],
         *       "set": {
         *         "plan": "pro"
         *       }
         *     }
         */
        PersonChange: {
            /**
             * Set
             * @description Values by field name. An empty one clears the field.
             * @default {}
             * @example {
             *       "email": "ann@example.com",
             *       "name": "Ann Example",
             *       "orders": 3,
             *       "plan": "pro"
             *     }
             */
            set?: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /**
             * Clear
             * @default []
             * @example [
             *       "plan"
             *     ]
             */
            clear?: string[];
            /**
             * Add Tags
             * @default []
             * @example [
             *       "vip",
             *       "beta"
             *     ]
             */
            add_tags?: string[];
            /**
             * Remove Tags
             * @default []
             * @example [
             *       "vip",
             *       "beta"
             *     ]
             */
            remove_tags?: string[];
        };
        /**
         * FieldChange
         * @description How a built-in field is shown; an empty label is the field's own again.
         * @example {
         *       "label": "Town",
         *       "position": 2,
         *       "visible": true
         *     }
         */
        FieldChange: {
            /** Label */
            label?: string | null;
            /** Visible */
            visible?: boolean | null;
            /** Position */
            position?: number | null;
        };
        /**
         * AttributeChange
         * @description What to change; what is left out stays.
         * @example {
         *       "label": "Plan",
         *       "position": 3,
         *       "visible": false
         *     }
         */
        AttributeChange: {
            /** Label */
            label?: string | null;
            /** Description */
            description?: string | null;
            /** Position */
            position?: number | null;
            /** Visible */
            visible?: boolean | null;
            /** Protected */
            protected?: boolean | null;
            /** @description Which values it takes from now on; `{}` is any of its type. */
            allowed?: components["schemas"]["Allowed"] | null;
        };
        /**
         * RuleBody
         * @description A rule that was looked at before: `rows` is how many entries its preview said would go.
         * @example {
         *       "action": "remove",
         *       "days": 365,
         *       "rows": 0
         *     }
         */
        RuleBody: {
            /**
             * Days
             * @description Older than so many days goes.
             * @example 365
             */
            days: number;
            /**
             * Action
             * @description What becomes of it then; the first of the class if null.
             */
            action?: ("remove" | "delete" | "erase") | null;
            /**
             * Rows
             * @description `rows` of the preview.
             */
            rows: number;
        };
        /**
         * HoldChangeBody
         * @description Why and until when a hold stands from now on.
         * @example {
         *       "reason": "Case 2026-17",
         *       "until": null
         *     }
         */
        HoldChangeBody: {
            /**
             * Reason
             * @description The matter it is for. It stays: do not name the person.
             */
            reason: string;
            /**
             * Until
             * @description When it ends by itself; null: when it is taken away.
             */
            until?: string | null;
        };
        /**
         * FacetsOut
         * @description The values of a field among a filter's people, most frequent first.
         */
        FacetsOut: {
            /**
             * Field
             * @example country
             */
            field: string;
            /**
             * Type
             * @example text
             */
            type: string;
            /**
             * Total
             * @example 713
             */
            total: number;
            /**
             * Known
             * @description People with any value.
             * @example 700
             */
            known: number;
            /**
             * No Value
             * @example 13
             */
            no_value: number;
            /** Values */
            values: components["schemas"]["FacetOut"][];
            /**
             * Now
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            now: string;
        };
        /**
         * ViewChange
         * @description What to change about a view: only what is sent changes; an empty `where` is everyone.
         * @example {
         *       "columns": [],
         *       "sort": "name"
         *     }
         */
        ViewChange: {
            /**
             * Where
             * @description The filter as a sentence.
             */
            where?: string | null;
            /**
             * Filter
             * @description The filter as a tree.
             */
            filter?: components["schemas"]["Filter"] | null;
            /**
             * Conditions
             * @description Conditions, numbered from 1.
             */
            conditions?: (components["schemas"]["FieldCondition"] | components["schemas"]["EventCondition"] | components["schemas"]["AggregateCondition"] | components["schemas"]["EventTimeCondition"] | components["schemas"]["EventPropertyCondition"] | components["schemas"]["SequenceCondition"] | components["schemas"]["BucketCondition"] | components["schemas"]["SegmentCondition"])[] | null;
            /**
             * Expression
             * @description How the conditions go together, such as `(1 and 2) or 3`; without one, all must hold.
             */
            expression?: string | null;
            /**
             * Columns
             * @description In their order; none means those of the workspace.
             * @default []
             */
            columns?: components["schemas"]["ColumnBody"][];
            /**
             * Sort
             * @description A field; `-` before it for descending.
             * @default -last_seen
             */
            sort?: string;
            /**
             * Shared
             * @description Whether all members see it.
             * @default false
             */
            shared?: boolean;
            /**
             * Is Default
             * @description Whether the list opens with it; one view of the workspace.
             * @default false
             */
            is_default?: boolean;
            /**
             * Position
             * @description Its place; a new view comes last.
             * @default 0
             */
            position?: number;
            /**
             * Name
             * @default
             * @example Germany
             */
            name?: string;
        };
        /**
         * SegmentDetail
         * @description A segment with where it is used.
         */
        SegmentDetail: {
            /**
             * Id
             * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            id: string;
            /**
             * Name
             * @example Paying in Germany
             */
            name: string;
            /** Description */
            description: string;
            kind: components["schemas"]["Kind"];
            /**
             * Size
             * @example 424
             */
            size: number;
            /**
             * Computed At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            computed_at: string;
            /**
             * Rebuilding
             * @description The index is being made anew: size and time are the last known.
             */
            rebuilding: boolean;
            /** Starred */
            starred: boolean;
            /**
             * Sentence
             * @example country is "Germany" and sum of amount over "purchase" in the last 90 days > 500
             */
            sentence: string | null;
            /** Filter */
            filter: components["schemas"]["Filter"] | null;
            /** Partly Hidden */
            partly_hidden: boolean;
            /**
             * Broken
             * @description Why the segment matches nobody; null while it is whole.
             * @example null
             */
            broken: string | null;
            /**
             * Broken Code
             * @description A stable word for it; empty while the segment is whole.
             * @example
             */
            broken_code: string;
            /**
             * Uses Count
             * @description How many things use it that the caller may know of.
             * @example 0
             */
            uses_count: number;
            /**
             * Revision
             * @example 1
             */
            revision: number;
            /**
             * Created By
             * @example user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            created_by: string;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
            /**
             * Updated At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            updated_at: string;
            /** Uses */
            uses: components["schemas"]["UseOut"][];
        };
        /**
         * UseOut
         * @description Something that names the segment.
         */
        UseOut: {
            /**
             * Kind
             * @example segment
             */
            kind: string;
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * SegmentChange
         * @description What to change; what is left out stays. With `revision`, nothing is changed when someone else was faster.
         * @example {
         *       "name": "Paying",
         *       "revision": 3
         *     }
         * @example {
         *       "where": "country is \"Germany\" and sum of amount over \"purchase\" in the last 90 days > 500"
         *     }
         */
        SegmentChange: {
            /**
             * Where
             * @description The filter as a sentence.
             */
            where?: string | null;
            /**
             * Filter
             * @description The filter as a tree.
             */
            filter?: components["schemas"]["Filter"] | null;
            /**
             * Conditions
             * @description Conditions, numbered from 1.
             */
            conditions?: (components["schemas"]["FieldCondition"] | components["schemas"]["EventCondition"] | components["schemas"]["AggregateCondition"] | components["schemas"]["EventTimeCondition"] | components["schemas"]["EventPropertyCondition"] | components["schemas"]["SequenceCondition"] | components["schemas"]["BucketCondition"] | components["schemas"]["SegmentCondition"])[] | null;
            /**
             * Expression
             * @description How the conditions go together, such as `(1 and 2) or 3`; without one, all must hold.
             */
            expression?: string | null;
            /** Name */
            name?: string | null;
            /** Description */
            description?: string | null;
            /**
             * Revision
             * @description The revision that the caller has seen.
             */
            revision?: number | null;
        };
        /**
         * DestinationPatch
         * @description A new name, or another key; where a destination leads stays.
         * @example {
         *       "name": "Data warehouse"
         *     }
         */
        DestinationPatch: {
            /** Name */
            name?: string | null;
            /** Key Id */
            key_id?: string | null;
            /** Secret */
            secret?: string | null;
        };
        /**
         * SchedulePatch
         * @description What is to be changed of a schedule. Whoever changes more than its name, or lets it go on, is its owner then.
         * @example {
         *       "at": "07:00",
         *       "every": "day"
         *     }
         * @example {
         *       "columns": [
         *         "number",
         *         "name"
         *       ],
         *       "format": "xlsx"
         *     }
         * @example {
         *       "paused": true
         *     }
         */
        SchedulePatch: {
            /** Name */
            name?: string | null;
            /** @description Another export in place of the one that it makes. */
            export?: components["schemas"]["ExportBody"] | null;
            /**
             * Columns
             * @description Other columns for the same people.
             */
            columns?: string[] | null;
            /**
             * Format
             * @description Another format for the same people.
             */
            format?: ("csv" | "xlsx") | null;
            /** Destination */
            destination?: string | null;
            /** Every */
            every?: ("hour" | "day" | "week" | "month") | null;
            /** At */
            at?: string | null;
            /** Weekday */
            weekday?: number | null;
            /** Day */
            day?: number | null;
            /**
             * Paused
             * @description Stop it, or let it go on.
             */
            paused?: boolean | null;
        };
        /**
         * NoteOut
         * @description A note with its author: a user's name, or the id of a key.
         */
        NoteOut: {
            /**
             * Id
             * @example note_01jd3x5vq8w2k6m4n9p7r1s0ta
             */
            id: string;
            /** Text */
            text: string;
            /** Pinned */
            pinned: boolean;
            /**
             * Author
             * @example Ann Example
             */
            author: string;
            /**
             * By
             * @description The author's id.
             * @example user:usr_01jd3x5vq8w2k6m4n9p7r1s0ta
             */
            by: string;
            /**
             * Person
             * @description The person it was written about, before merges.
             * @example 42
             */
            person: number;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
            /** Edited At */
            edited_at: string | null;
        };
        /**
         * NotesOut
         * @description All notes on a person, pinned ones first, then the newest first.
         */
        NotesOut: {
            /** Items */
            items: components["schemas"]["NoteOut"][];
        };
        /**
         * NoteBody
         * @description A note on a person.
         * @example {
         *       "pinned": true,
         *       "text": "Prefers to be called in the morning."
         *     }
         */
        NoteBody: {
            /**
             * Text
             * @example Prefers to be called in the morning.
             */
            text: string;
            /**
             * Pinned
             * @default false
             */
            pinned?: boolean;
        };
        /**
         * TypeReportOut
         * @description What a change of type does, or would do. With a `job` the numbers are in its `result`, when it has looked.
         */
        TypeReportOut: {
            /**
             * Values
             * @example 1200
             */
            values: number;
            /**
             * Converted
             * @example 1197
             */
            converted: number;
            /**
             * Rejected
             * @example 3
             */
            rejected: number;
            /** Samples */
            samples: components["schemas"]["SampleOut"][];
            /** @description What does it where there are more than 5,000 people; null otherwise. */
            job: components["schemas"]["JobOut"] | null;
        };
        /**
         * TypeBody
         * @description Another type; with `dry_run` (the default) only the report is made.
         * @example {
         *       "dry_run": true,
         *       "type": "number"
         *     }
         */
        TypeBody: {
            type: components["schemas"]["FieldType"];
            /**
             * Dry Run
             * @default true
             */
            dry_run?: boolean;
            /**
             * Rehearsal
             * @description The job that has looked at what converts; needed where the change is a job.
             */
            rehearsal?: string | null;
        };
        /**
         * MergedOut
         * @description Who survived, and the entry of the journal that takes it back.
         */
        MergedOut: {
            /**
             * Number
             * @description The survivor's number.
             * @example 42
             */
            number: number;
            /**
             * Merged
             * @description The number that leads to the survivor now.
             * @example 57
             */
            merged: number;
            /**
             * Merge
             * @description For `merges/{merge}/unmerge`.
             * @example 17
             */
            merge: number;
        };
        /**
         * MergeChoicesBody
         * @description The other of two people, and whose value stays where it is not to be the newer one.
         * @example {
         *       "choices": {
         *         "city": 57
         *       },
         *       "other": 57
         *     }
         */
        MergeChoicesBody: {
            /**
             * Other
             * @description A person's number.
             * @example 42
             */
            other: number;
            /**
             * Choices
             * @description The number of one of the two by field: that one's value stays, or the lack of one.
             * @default {}
             */
            choices?: {
                [key: string]: number;
            };
        };
        /**
         * HeldIdentityOut
         * @description An identity of the merged person that somebody else has by now.
         */
        HeldIdentityOut: {
            /**
             * Kind
             * @example email
             */
            kind: string;
            /**
             * Value
             * @example ann@example.com
             */
            value: string;
            /**
             * Holder
             * @example 60
             */
            holder: number;
        };
        /**
         * MergeConflictOut
         * @description A field that was changed since the merge: `now` stays with the survivor.
         */
        MergeConflictOut: {
            /**
             * Field
             * @example city
             */
            field: string;
            /**
             * Now
             * @example Hamburg
             */
            now: unknown;
            /**
             * Survivor
             * @description The survivor's value before the merge.
             * @example Berlin
             */
            survivor: unknown;
            /**
             * Merged
             * @description The other's value, which they have again.
             * @example Bonn
             */
            merged: unknown;
        };
        /**
         * UnmergedOut
         * @description Both people are there again. `conflicts` and `held` say what could not be told apart.
         */
        UnmergedOut: {
            /**
             * Survivor
             * @example 42
             */
            survivor: number;
            /**
             * Merged
             * @example 57
             */
            merged: number;
            /** Conflicts */
            conflicts: components["schemas"]["MergeConflictOut"][];
            /** Held */
            held: components["schemas"]["HeldIdentityOut"][];
        };
        /**
         * CertificateOut
         * @description A signed statement; `coterie privacy verify` checks one without the installation.
         */
        CertificateOut: {
            /**
             * Statement
             * @description Exactly what was signed: who was erased is not in it, only how many and what was removed.
             * @example {
             *       "erasure": "era_01kb3z8m0v6x9k2q4r7t5w1y3n",
             *       "people": 2
             *     }
             */
            statement: {
                [key: string]: unknown;
            };
            /**
             * Algorithm
             * @example Ed25519
             */
            algorithm: string;
            /**
             * Public Key
             * @description Base64 of 32 bytes.
             * @example MCowBQYDK2VwAyEA
             */
            public_key: string;
            /**
             * Signature
             * @description Base64, over the statement as canonical JSON.
             * @example c2lnbmF0dXJl
             */
            signature: string;
        };
        /**
         * ExplanationOut
         * @description Why a person is in or out.
         */
        ExplanationOut: {
            /** Matches */
            matches: boolean;
            /**
             * Sentence
             * @example country is "United States" and (language is "English" or tags has any of ("vip", "beta"))
             */
            sentence: string;
            /** Reasons */
            reasons: components["schemas"]["ReasonOut"][];
            /**
             * Now
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            now: string;
        };
        /**
         * ReasonOut
         * @description One condition and what it found for this person.
         */
        ReasonOut: {
            /**
             * Condition
             * @description The condition as a sentence.
             * @example country is "Germany"
             */
            condition: string;
            /** Matches */
            matches: boolean;
            /**
             * Value
             * @description What decided: the value of a field. For events an object: how many `events` the condition counts, in its window and with its properties, their `first` and `last` time, the `event` that decided (`id`, `at`), the `value` that is compared (a sum, a time, a property), and, where there are more of the name, how many `ever` and the last of them, `ever_last`. For segments `segments`: of each its `id` and `name`, whether the person is `inside`, `since` when they are or are not, and the `cause` and `ref` of that.
             * @example Germany
             * @example {
             *       "event": {
             *         "at": "2026-01-31T09:00:00.000Z",
             *         "id": "ord-77"
             *       },
             *       "events": 2,
             *       "first": "2026-01-10T08:00:00.000Z",
             *       "last": "2026-01-31T09:00:00.000Z",
             *       "value": 620
             *     }
             */
            value: unknown;
            /**
             * Origin
             * @description Where the value came from: kind, reference, time (ms).
             * @example null
             */
            origin: unknown[] | null;
        };
        /**
         * TimelineItem
         * @description Something a person did.
         */
        TimelineItem: {
            /** Id */
            id: string;
            /**
             * Name
             * @example purchase
             */
            name: string;
            /**
             * Kind
             * @example track
             */
            kind: string;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
            /**
             * Received At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            received_at: string;
            /** Source */
            source: string;
            /**
             * Properties
             * @example {
             *       "amount": 42
             *     }
             */
            properties: {
                [key: string]: unknown;
            };
        };
        /**
         * TimelinePage
         * @description A page of a person's events, newest first.
         */
        TimelinePage: {
            /** Items */
            items: components["schemas"]["TimelineItem"][];
            /** Next */
            next?: string | null;
        };
        /**
         * EventCountOut
         * @description How often something was done.
         */
        EventCountOut: {
            /**
             * Name
             * @example purchase
             */
            name: string;
            /** Count */
            count: number;
        };
        /**
         * FieldChangeOut
         * @description A value that was written, and where it came from.
         */
        FieldChangeOut: {
            /**
             * Field
             * @example plan
             */
            field: string;
            /**
             * Value
             * @example pro
             */
            value: unknown;
            /**
             * Origin
             * @description The kind of source.
             * @example tracking
             */
            origin: string;
            /** Ref */
            ref: string;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
        };
        /**
         * HabitOut
         * @description How often a person comes: sessions of the last `days` days, fewer than 90 where 500 events say less.
         */
        HabitOut: {
            /**
             * Sessions
             * @example 6
             */
            sessions: number;
            /**
             * Days
             * @example 90
             */
            days: number;
        };
        /**
         * LastSessionOut
         * @description A person's latest session, null without events, and how often there was one.
         */
        LastSessionOut: {
            session: components["schemas"]["PersonSessionOut"] | null;
            habit: components["schemas"]["HabitOut"];
        };
        /**
         * PersonSessionOut
         * @description Events with no pause of 30 minutes, and the values that were written from then until 30 minutes later.
         */
        PersonSessionOut: {
            /**
             * Started At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            started_at: string;
            /**
             * Ended At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            ended_at: string;
            /** Events */
            events: components["schemas"]["EventCountOut"][];
            /** Changes */
            changes: components["schemas"]["FieldChangeOut"][];
            /**
             * Complete
             * @description False when it has more than 500 events: the latest are counted.
             */
            complete: boolean;
        };
        /**
         * CopyBody
         * @description How to call the copy; without a name it is the old one with "(copy)".
         * @example {
         *       "name": "Paying, without Berlin"
         *     }
         */
        CopyBody: {
            /** Name */
            name?: string | null;
        };
        /**
         * RestoreBody
         * @description Which revision to go back to.
         * @example {
         *       "revision": 2
         *     }
         */
        RestoreBody: {
            /**
             * Revision
             * @example 2
             */
            revision: number;
        };
        /**
         * HiddenOut
         * @description From whom a segment is hidden.
         */
        HiddenOut: {
            /**
             * Roles
             * @example [
             *       "agent"
             *     ]
             */
            roles: string[];
            /**
             * Users
             * @example []
             */
            users: string[];
        };
        /**
         * SegmentPeople
         * @description A page of a segment's people; with `at`, of those who were in it then.
         */
        SegmentPeople: {
            /**
             * Total
             * @example 424
             */
            total: number;
            /** Items */
            items: components["schemas"]["SegmentPerson"][];
            /**
             * Next
             * @description Send it as `cursor` for the next page.
             * @example null
             */
            next: string | null;
            /**
             * Now
             * Format: date-time
             * @description The instant that the page is about.
             * @example 2026-01-31T09:00:00.000Z
             */
            now: string;
        };
        /**
         * SegmentPerson
         * @description Someone in a segment, since when and why; `since` is null where that is not known.
         */
        SegmentPerson: {
            /**
             * Number
             * @example 42
             */
            number: number;
            /**
             * Created At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            created_at: string;
            /**
             * Values
             * @example {
             *       "country": "Germany",
             *       "name": "Ada",
             *       "tags": [
             *         "vip"
             *       ]
             *     }
             */
            values: {
                [key: string]: unknown;
            };
            /** Since */
            since: string | null;
            /**
             * Cause
             * @example event
             */
            cause: string;
            /**
             * Ref
             * @example purchase
             */
            ref: string;
        };
        /**
         * MembersOut
         * @description How many went in and out; those who were in or out already do not count.
         */
        MembersOut: {
            /**
             * Added
             * @example 2
             */
            added: number;
            /**
             * Removed
             * @example 0
             */
            removed: number;
        };
        /**
         * MembersBody
         * @description Who goes into a static segment and who goes out; `add_where` adds the people of a filter as it is now.
         * @example {
         *       "add": [
         *         42,
         *         43
         *       ],
         *       "remove": [
         *         7
         *       ]
         *     }
         * @example {
         *       "add_where": "tags has any of (\"vip\")"
         *     }
         */
        MembersBody: {
            /**
             * Add
             * @default []
             * @example [
             *       42,
             *       43
             *     ]
             */
            add?: number[];
            /**
             * Remove
             * @default []
             * @example [
             *       42,
             *       43
             *     ]
             */
            remove?: number[];
            /** Add Where */
            add_where?: string | null;
        };
        /**
         * HistoryOut
         * @description A segment's size over time, a page of who entered and left, newest first, and its definitions.
         */
        HistoryOut: {
            /** Sizes */
            sizes: components["schemas"]["SizePoint"][];
            /**
             * Entered
             * @description How many entered between `since` and `until`.
             * @example 120
             */
            entered: number;
            /**
             * Left
             * @example 14
             */
            left: number;
            /** Transitions */
            transitions: components["schemas"]["TransitionOut"][];
            /**
             * Next
             * @description Send it as `cursor` for more transitions.
             */
            next: string | null;
            /** Revisions */
            revisions: components["schemas"]["RevisionOut"][];
        };
        /**
         * RevisionOut
         * @description What the segment was from `at` on.
         */
        RevisionOut: {
            /**
             * Revision
             * @example 1
             */
            revision: number;
            /** Name */
            name: string;
            /** Description */
            description: string;
            /** Sentence */
            sentence: string | null;
            /** Filter */
            filter: components["schemas"]["Filter"] | null;
            /** By */
            by: string;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
        };
        /**
         * SizePoint
         * @description The size at the end of a minute or an hour that starts at `at`, and what happened in it.
         */
        SizePoint: {
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
            /**
             * Size
             * @example 424
             */
            size: number;
            /**
             * Entered
             * @example 3
             */
            entered: number;
            /**
             * Left
             * @example 1
             */
            left: number;
        };
        /**
         * TransitionOut
         * @description Someone who entered or left. `cause` is a kind (`event`, `field`, `clock`, `hand` ...), `ref` what it was.
         */
        TransitionOut: {
            /**
             * Number
             * @example 42
             */
            number: number;
            /**
             * Name
             * @description The person's name or email; null where there is none.
             * @example Ada
             */
            name: string | null;
            /** Entered */
            entered: boolean;
            /**
             * At
             * Format: date-time
             * @example 2026-01-31T09:00:00.000Z
             */
            at: string;
            /**
             * Cause
             * @example event
             */
            cause: string;
            /**
             * Ref
             * @example purchase
             */
            ref: string;
        };
        /**
         * PersonSegmentOut
         * @description A segment that a person is in, since when and why.
         */
        PersonSegmentOut: {
            /**
             * Id
             * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
             */
            id: string;
            /**
             * Name
             * @example Paying in Germany
             */
            name: string;
            kind: components["schemas"]["Kind"];
            /** Since */
            since: string | null;
            /**
             * Cause
             * @example event
             */
            cause: string;
            /**
             * Ref
             * @example purchase
             */
            ref: string;
        };
        /**
         * PersonSegments
         * @description The segments of a person that the caller may see.
         */
        PersonSegments: {
            /** Items */
            items: components["schemas"]["PersonSegmentOut"][];
        };
        /**
         * LayoutBody
         * @description How to look at the file; what is left out is detected.
         * @example {
         *       "encoding": "utf-8",
         *       "header_row": 1
         *     }
         */
        LayoutBody: {
            /**
             * Sheet
             * @default
             */
            sheet?: string;
            /** Header Row */
            header_row?: number | null;
            /**
             * Encoding
             * @default
             */
            encoding?: string;
            /**
             * Delimiter
             * @default
             * @enum {string}
             */
            delimiter?: "" | "," | ";" | "\t" | "|";
        };
        /**
         * ImportRowOut
         * @description What became, or would become, of a row; `reason` says why it was rejected, skipped or kept, where it was.
         */
        ImportRowOut: {
            /**
             * Reason
             * @description For people, in English.
             * @example expected a number, got 'three'
             */
            reason: string;
            /**
             * Code
             * @description A stable word for programs; empty for what was kept before there were codes.
             * @example no_number
             */
            code: string;
            /**
             * Details
             * @description What stands in the text; depends on the code.
             * @example {
             *       "value": "'three'"
             *     }
             */
            details: {
                [key: string]: unknown;
            };
            /**
             * Line
             * @description The line of the file, or the row of the sheet.
             * @example 2
             */
            line: number;
            /**
             * Outcome
             * @enum {string}
             */
            outcome: "created" | "updated" | "unchanged" | "skipped" | "duplicate" | "rejected" | "restored" | "kept";
            /**
             * Number
             * @description The person, when they are there.
             * @example 42
             */
            number: number | null;
            /**
             * Changes
             * @description Old and new value of each field that changes.
             * @example {
             *       "city": [
             *         "Rome",
             *         "Milan"
             *       ]
             *     }
             */
            changes: {
                [key: string]: unknown[];
            };
            /**
             * Problems
             * @description Values that can't be taken.
             */
            problems: components["schemas"]["ProblemOut"][];
            /** Warnings */
            warnings: components["schemas"]["WhyOut"][];
            /**
             * Cells
             * @description The row as it was, where it has problems.
             */
            cells: string[] | null;
            /**
             * Of
             * @description The line that had the same person first.
             * @example null
             */
            of: number | null;
        };
        /**
         * ImportRowPage
         * @description Rows in the file's order.
         */
        ImportRowPage: {
            /** Items */
            items: components["schemas"]["ImportRowOut"][];
            /** Next */
            next: string | null;
        };
        /**
         * ProblemOut
         * @description A value of a row that can't be taken, and why.
         */
        ProblemOut: {
            /**
             * Reason
             * @description For people, in English.
             * @example expected a number, got 'three'
             */
            reason: string;
            /**
             * Code
             * @description A stable word for programs; empty for what was kept before there were codes.
             * @example no_number
             */
            code: string;
            /**
             * Details
             * @description What stands in the text; depends on the code.
             * @example {
             *       "value": "'three'"
             *     }
             */
            details: {
                [key: string]: unknown;
            };
            /**
             * Field
             * @example email
             */
            field: string;
            /**
             * Cell
             * @example x
             */
            cell: string;
        };
        /**
         * MergeFieldOut
         * @description One field of both people. `takes` says whose value stays without a choice.
         */
        MergeFieldOut: {
            /**
             * Field
             * @example city
             */
            field: string;
            /**
             * Label
             * @example City
             */
            label: string;
            survivor: components["schemas"]["MergeValueOut"] | null;
            merged: components["schemas"]["MergeValueOut"] | null;
            /**
             * Result
             * @example Berlin
             */
            result: unknown;
            /**
             * Takes
             * @enum {string}
             */
            takes: "same" | "survivor" | "merged" | "both";
            /**
             * Choosable
             * @description Whether `choices` can say otherwise.
             */
            choosable: boolean;
        };
        /**
         * MergePartOut
         * @description What one of the two brings besides values.
         */
        MergePartOut: {
            /**
             * Number
             * @example 42
             */
            number: number;
            /** Identities */
            identities: components["schemas"]["IdentityOut"][];
            /**
             * Notes
             * @example 2
             */
            notes: number;
        };
        /**
         * MergePreviewOut
         * @description What a merge would come to. The survivor keeps their number; the other's number leads to them.
         */
        MergePreviewOut: {
            survivor: components["schemas"]["MergePartOut"];
            merged: components["schemas"]["MergePartOut"];
            /** Fields */
            fields: components["schemas"]["MergeFieldOut"][];
        };
        /**
         * MergeValueOut
         * @description A value and where it came from.
         */
        MergeValueOut: {
            /**
             * Value
             * @example Berlin
             */
            value: unknown;
            origin: components["schemas"]["OriginOut"] | null;
        };
        /**
         * MergeWithBody
         * @description The other of two people.
         * @example {
         *       "other": 58
         *     }
         */
        MergeWithBody: {
            /**
             * Other
             * @description A person's number.
             * @example 42
             */
            other: number;
        };
        /**
         * NoteChange
         * @description What to change about a note.
         * @example {
         *       "pinned": true
         *     }
         */
        NoteChange: {
            /** Text */
            text?: string | null;
            /** Pinned */
            pinned?: boolean | null;
        };
    };
    responses: {
        /** @description An error. */
        Error: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    accounts_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "user": {
                     *         "id": "text",
                     *         "email": "text",
                     *         "name": "text",
                     *         "job_mails": "always"
                     *       },
                     *       "workspaces": [
                     *         {
                     *           "slug": "text",
                     *           "name": "text",
                     *           "timezone": "text",
                     *           "language": "en",
                     *           "created_at": "2026-01-31T09:00:00.000Z",
                     *           "role": "owner",
                     *           "permissions": [
                     *             "text"
                     *           ]
                     *         }
                     *       ],
                     *       "csrf_token": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["SessionOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_change_own_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OwnChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "text",
                     *       "email": "text",
                     *       "name": "text",
                     *       "job_mails": "always"
                     *     }
                     */
                    "application/json": components["schemas"]["UserOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_list_workspaces: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "slug": "text",
                     *         "name": "text",
                     *         "timezone": "text",
                     *         "language": "en",
                     *         "created_at": "2026-01-31T09:00:00.000Z",
                     *         "role": "owner",
                     *         "permissions": [
                     *           "text"
                     *         ]
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["WorkspaceOut"][];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_create_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkspaceBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "slug": "text",
                     *       "name": "text",
                     *       "timezone": "text",
                     *       "language": "en",
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "role": "owner",
                     *       "permissions": [
                     *         "text"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["WorkspaceOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_operators: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "fields": {
                     *         "name": [
                     *           {
                     *             "key": "in_last",
                     *             "label": "in the last",
                     *             "sentence": "{f} in the last {n} {unit}",
                     *             "also": [],
                     *             "value": "span",
                     *             "units": [
                     *               "minutes",
                     *               "hours",
                     *               "days"
                     *             ],
                     *             "minimum": 1,
                     *             "semantic": null,
                     *             "complement_of": null,
                     *             "or_unknown": true,
                     *             "example": "last_seen in the last 30 days"
                     *           }
                     *         ]
                     *       },
                     *       "segments": [
                     *         {
                     *           "key": "in_last",
                     *           "label": "in the last",
                     *           "sentence": "{f} in the last {n} {unit}",
                     *           "also": [],
                     *           "value": "span",
                     *           "units": [
                     *             "minutes",
                     *             "hours",
                     *             "days"
                     *           ],
                     *           "minimum": 1,
                     *           "semantic": null,
                     *           "complement_of": null,
                     *           "or_unknown": true,
                     *           "example": "last_seen in the last 30 days"
                     *         }
                     *       ],
                     *       "events": [
                     *         {
                     *           "key": "in_last",
                     *           "label": "in the last",
                     *           "sentence": "{f} in the last {n} {unit}",
                     *           "also": [],
                     *           "value": "span",
                     *           "units": [
                     *             "minutes",
                     *             "hours",
                     *             "days"
                     *           ],
                     *           "minimum": 1,
                     *           "semantic": null,
                     *           "complement_of": null,
                     *           "or_unknown": true,
                     *           "example": "last_seen in the last 30 days"
                     *         }
                     *       ],
                     *       "functions": [
                     *         {
                     *           "key": "sum",
                     *           "label": "sum of",
                     *           "sentence": "sum of {p} over {e}",
                     *           "example": "sum of amount over \"purchase\" > 500"
                     *         }
                     *       ],
                     *       "times": [
                     *         {
                     *           "key": "sum",
                     *           "label": "sum of",
                     *           "sentence": "sum of {p} over {e}",
                     *           "example": "sum of amount over \"purchase\" > 500"
                     *         }
                     *       ],
                     *       "windows": [
                     *         {
                     *           "kind": "last",
                     *           "label": "in the last",
                     *           "operator": "in_last"
                     *         }
                     *       ],
                     *       "forms": [
                     *         {
                     *           "key": "sum",
                     *           "label": "sum of",
                     *           "sentence": "sum of {p} over {e}",
                     *           "example": "sum of amount over \"purchase\" > 500"
                     *         }
                     *       ],
                     *       "rules": {
                     *         "where": [
                     *           "where {property} {further?}"
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["OperatorsOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_get_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "slug": "text",
                     *       "name": "text",
                     *       "timezone": "text",
                     *       "language": "en",
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "role": "owner",
                     *       "permissions": [
                     *         "text"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["WorkspaceOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_change_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkspaceChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "slug": "text",
                     *       "name": "text",
                     *       "timezone": "text",
                     *       "language": "en",
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "role": "owner",
                     *       "permissions": [
                     *         "text"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["WorkspaceOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_list_members: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "id": "text",
                     *         "email": "text",
                     *         "name": "text",
                     *         "role": "owner",
                     *         "since": "2026-01-31T09:00:00.000Z",
                     *         "active": true,
                     *         "keys": 2
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["MemberOut"][];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_add_member: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "text",
                     *       "email": "text",
                     *       "name": "text",
                     *       "role": "owner",
                     *       "since": "2026-01-31T09:00:00.000Z",
                     *       "active": true,
                     *       "keys": 2,
                     *       "mailed": true
                     *     }
                     */
                    "application/json": components["schemas"]["NewMemberOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_list_keys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "id": "text",
                     *         "kind": "write",
                     *         "name": "text",
                     *         "prefix": "text",
                     *         "scopes": [
                     *           "text"
                     *         ],
                     *         "created_by": "text",
                     *         "maker": {
                     *           "id": "text",
                     *           "name": "text",
                     *           "email": "text",
                     *           "role": "owner"
                     *         },
                     *         "created_at": "2026-01-31T09:00:00.000Z",
                     *         "last_used_at": "2026-01-31T09:00:00.000Z",
                     *         "revoked_at": "2026-01-31T09:00:00.000Z"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["KeyOut"][];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_create_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "text",
                     *       "kind": "write",
                     *       "name": "text",
                     *       "prefix": "text",
                     *       "scopes": [
                     *         "text"
                     *       ],
                     *       "created_by": "text",
                     *       "maker": {
                     *         "id": "text",
                     *         "name": "text",
                     *         "email": "text",
                     *         "role": "owner"
                     *       },
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "last_used_at": "2026-01-31T09:00:00.000Z",
                     *       "revoked_at": "2026-01-31T09:00:00.000Z",
                     *       "token": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["NewKeyOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_list_audit: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                cursor?: (string | null) | null;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
                /**
                 * @description Only entries of this action.
                 * @example member.added
                 */
                action?: string;
                /**
                 * @description Only entries of this actor.
                 * @example user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                actor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "entries": [
                     *         {
                     *           "number": 1,
                     *           "at": "2026-01-31T09:00:00.000Z",
                     *           "actor": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "ip": "192.0.2.7",
                     *           "action": "login.ok",
                     *           "target": "usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "details": {
                     *             "method": "password + second factor"
                     *           },
                     *           "hash": "text"
                     *         }
                     *       ],
                     *       "names": {
                     *         "usr_01kb3z8m0v6x9k2q4r7t5w1y3n": "Ada Example"
                     *       },
                     *       "next": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["AuditPageOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_list_people: {
        parameters: {
            query?: {
                /** @description A filter as a sentence; without one, everyone. */
                where?: string | null;
                /** @description A field; `-` before it for descending. */
                sort?: string;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string | null;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 713,
                     *       "items": [
                     *         {
                     *           "number": 42,
                     *           "created_at": "2026-01-31T09:00:00.000Z",
                     *           "values": {
                     *             "country": "Germany",
                     *             "name": "Ada",
                     *             "tags": [
                     *               "vip"
                     *             ]
                     *           }
                     *         }
                     *       ],
                     *       "next": null,
                     *       "now": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["PeoplePage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_create_person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "number": 42,
                     *       "warnings": [
                     *         {
                     *           "field": "email",
                     *           "value": "ann@example.com",
                     *           "message": "Person 57 has this email: the value was kept, but finds that person.",
                     *           "holder": 57,
                     *           "suggestion": {
                     *             "reason": "expected a number, got 'three'",
                     *             "code": "no_number",
                     *             "details": {
                     *               "value": "'three'"
                     *             },
                     *             "people": [
                     *               42,
                     *               57
                     *             ]
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["PersonCreatedOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_list_fields: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "name": "city",
                     *         "label": "City",
                     *         "renamed": true,
                     *         "type": "text",
                     *         "group": "Place",
                     *         "kind": "builtin",
                     *         "attribute": 1,
                     *         "description": "text",
                     *         "position": 1,
                     *         "visible": true,
                     *         "sortable": true,
                     *         "semantic": null,
                     *         "operators": [
                     *           "is",
                     *           "is_not"
                     *         ],
                     *         "writable": true,
                     *         "importable": true,
                     *         "allowed": {
                     *           "choices": [
                     *             "free",
                     *             "pro"
                     *           ]
                     *         }
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["FieldOut"][];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_list_attributes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "id": 7,
                     *         "key": "plan",
                     *         "type": "text",
                     *         "label": "Plan",
                     *         "description": "text",
                     *         "position": 1,
                     *         "visible": true,
                     *         "protected": true,
                     *         "allowed": {
                     *           "choices": [
                     *             "free",
                     *             "pro"
                     *           ]
                     *         }
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["AttributeOut"][];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_create_attribute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AttributeBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 7,
                     *       "key": "plan",
                     *       "type": "text",
                     *       "label": "Plan",
                     *       "description": "text",
                     *       "position": 1,
                     *       "visible": true,
                     *       "protected": true,
                     *       "allowed": {
                     *         "choices": [
                     *           "free",
                     *           "pro"
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["AttributeOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    merging_list_merges: {
        parameters: {
            query?: {
                /** @description Only those about this person. */
                person?: number | null;
                /** @description `next` of the page before. */
                cursor?: string | null;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": 17,
                     *           "survivor": 42,
                     *           "survivor_name": "Ann Example",
                     *           "merged": 57,
                     *           "merged_name": "Anne Example",
                     *           "at": "2026-01-31T09:00:00.000Z",
                     *           "origin": "agent",
                     *           "ref": "text",
                     *           "undone_at": "2026-01-31T09:00:00.000Z",
                     *           "undoable": true,
                     *           "why_not": {
                     *             "reason": "expected a number, got 'three'",
                     *             "code": "no_number",
                     *             "details": {
                     *               "value": "'three'"
                     *             }
                     *           }
                     *         }
                     *       ],
                     *       "next": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["MergePage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_list_erasures: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                cursor?: string | null;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "era_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "state": "open",
                     *           "people": [
                     *             42,
                     *             57
                     *           ],
                     *           "reason": "Request 2026-17",
                     *           "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "asked_at": "2026-01-31T09:00:00.000Z",
                     *           "finished_at": "2026-01-31T09:00:00.000Z",
                     *           "counts": {
                     *             "index.events": 31,
                     *             "people_person": 2
                     *           },
                     *           "job": "job_01kb3z8m0v6x9k2q4r7t5w1y3n"
                     *         }
                     *       ],
                     *       "next": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["ErasurePage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_get_register: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "people_note",
                     *           "subject": "person",
                     *           "columns": {
                     *             "text": "personal"
                     *           },
                     *           "erased": "Removed.",
                     *           "copied": true,
                     *           "not_told": ""
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RegisterOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_list_retention: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "events",
                     *           "holdings": [
                     *             "index.events"
                     *           ],
                     *           "actions": [
                     *             "remove"
                     *           ],
                     *           "default_days": null,
                     *           "rule": {
                     *             "days": 365,
                     *             "action": "remove",
                     *             "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *             "at": "2026-01-31T09:00:00.000Z"
                     *           },
                     *           "days": 365,
                     *           "now": {
                     *             "rows": 1204,
                     *             "people": 311,
                     *             "oldest": "2026-01-31T09:00:00.000Z",
                     *             "sample": [
                     *               42,
                     *               57
                     *             ],
                     *             "paused": true
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RetentionOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_list_holds: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "hold_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "person": 42,
                     *           "reason": "Case 2026-17",
                     *           "until": "2026-01-31T09:00:00.000Z",
                     *           "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["HoldsOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_add_hold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HoldBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "hold_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "person": 42,
                     *       "reason": "Case 2026-17",
                     *       "until": "2026-01-31T09:00:00.000Z",
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["HoldOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_list_views: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "view_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *           "name": "Germany",
                     *           "owner": "usr_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *           "own": true,
                     *           "shared": true,
                     *           "is_default": true,
                     *           "position": 1,
                     *           "where": "country is \"United States\" and (language is \"English\" or tags has any of (\"vip\", \"beta\"))",
                     *           "filter": {
                     *             "root": {
                     *               "field": "country",
                     *               "op": "is",
                     *               "type": "field",
                     *               "value": "Germany"
                     *             },
                     *             "version": 1
                     *           },
                     *           "broken": null,
                     *           "columns": [
                     *             {
                     *               "field": "city",
                     *               "width": 1
                     *             }
                     *           ],
                     *           "missing": [],
                     *           "sort": "-last_seen",
                     *           "updated_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ViewsOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_create_view: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ViewBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "view_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *       "name": "Germany",
                     *       "owner": "usr_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *       "own": true,
                     *       "shared": true,
                     *       "is_default": true,
                     *       "position": 1,
                     *       "where": "country is \"United States\" and (language is \"English\" or tags has any of (\"vip\", \"beta\"))",
                     *       "filter": {
                     *         "root": {
                     *           "field": "country",
                     *           "op": "is",
                     *           "type": "field",
                     *           "value": "Germany"
                     *         },
                     *         "version": 1
                     *       },
                     *       "broken": null,
                     *       "columns": [
                     *         {
                     *           "field": "city",
                     *           "width": 1
                     *         }
                     *       ],
                     *       "missing": [],
                     *       "sort": "-last_seen",
                     *       "updated_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ViewOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_list_segments: {
        parameters: {
            query?: {
                /**
                 * @description Only segments of this kind.
                 * @example dynamic
                 */
                kind?: "" | "dynamic" | "static";
                /** @description Part of the name. */
                search?: string;
                /**
                 * @description Only your favourites, or only the others.
                 * @example true
                 */
                starred?: boolean | null;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "Paying in Germany",
                     *           "description": "text",
                     *           "kind": "dynamic",
                     *           "size": 424,
                     *           "computed_at": "2026-01-31T09:00:00.000Z",
                     *           "rebuilding": true,
                     *           "starred": true,
                     *           "sentence": "country is \"Germany\" and sum of amount over \"purchase\" in the last 90 days > 500",
                     *           "filter": {
                     *             "root": {
                     *               "field": "country",
                     *               "op": "is",
                     *               "type": "field",
                     *               "value": "Germany"
                     *             },
                     *             "version": 1
                     *           },
                     *           "partly_hidden": true,
                     *           "broken": null,
                     *           "broken_code": "",
                     *           "uses_count": 0,
                     *           "revision": 1,
                     *           "created_by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "created_at": "2026-01-31T09:00:00.000Z",
                     *           "updated_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["SegmentList"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_create_segment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "Paying in Germany",
                     *       "description": "text",
                     *       "kind": "dynamic",
                     *       "size": 424,
                     *       "computed_at": "2026-01-31T09:00:00.000Z",
                     *       "rebuilding": true,
                     *       "starred": true,
                     *       "sentence": "country is \"Germany\" and sum of amount over \"purchase\" in the last 90 days > 500",
                     *       "filter": {
                     *         "root": {
                     *           "field": "country",
                     *           "op": "is",
                     *           "type": "field",
                     *           "value": "Germany"
                     *         },
                     *         "version": 1
                     *       },
                     *       "partly_hidden": true,
                     *       "broken": null,
                     *       "broken_code": "",
                     *       "uses_count": 0,
                     *       "revision": 1,
                     *       "created_by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "updated_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["SegmentOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_stream_changes: {
        parameters: {
            query?: {
                /** @description Tell of this person's changes only. */
                number?: number | null;
            };
            header?: {
                /**
                 * @description The id of the last event that arrived: the stream goes on after it.
                 * @example 1207
                 */
                "Last-Event-ID"?: string | null;
            };
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: changed
                     *     id: 5120-1207
                     *     data: {"seq": 5120, "position": 1207, "at": "2026-01-31T09:00:00.000Z", "people": true, "segments": [{"id": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n", "size": 424}], "all": false}
                     */
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    jobs_list_jobs: {
        parameters: {
            query?: {
                /** @description Only jobs in this state; `open` is queued or running. */
                state?: "" | "open" | "queued" | "running" | "done" | "failed" | "cancelled";
                /** @description Only jobs of this kind. */
                kind?: string;
                /** @description `next` of the page before. */
                cursor?: string | null;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "kind": "import.rehearse",
                     *           "title": "Rehearsal of people.csv",
                     *           "title_code": "rehearsal",
                     *           "title_details": {
                     *             "name": "people.csv"
                     *           },
                     *           "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "state": "queued",
                     *           "phase": "Going through the rows",
                     *           "phase_code": "rows",
                     *           "unit": "rows",
                     *           "progress": {
                     *             "done": 12000,
                     *             "total": 50000,
                     *             "rate": 4100.5,
                     *             "seconds_left": 9
                     *           },
                     *           "result": {
                     *             "counts": {
                     *               "created": 120,
                     *               "updated": 14
                     *             }
                     *           },
                     *           "error": "",
                     *           "failure": {
                     *             "code": "not_found",
                     *             "message": "Not found.",
                     *             "details": {}
                     *           },
                     *           "cancelling": true,
                     *           "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "attempts": 1,
                     *           "created_at": "2026-01-31T09:00:00.000Z",
                     *           "started_at": "2026-01-31T09:00:00.000Z",
                     *           "finished_at": "2026-01-31T09:00:00.000Z",
                     *           "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *           "files": [
                     *             {
                     *               "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *               "name": "people.csv",
                     *               "purpose": "export",
                     *               "size": 48213,
                     *               "expires_at": "2026-01-31T09:00:00.000Z"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "next": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["JobPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    jobs_list_notifications: {
        parameters: {
            query?: {
                /** @description Only those that were not read. */
                unread?: boolean;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "ntf_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "job": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "kind": "export",
                     *           "title": "Import of people.csv",
                     *           "title_code": "rehearsal",
                     *           "title_details": {
                     *             "name": "people.csv"
                     *           },
                     *           "state": "queued",
                     *           "text": "Import of people.csv is done",
                     *           "at": "2026-01-31T09:00:00.000Z",
                     *           "read_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["NotificationList"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_list_imports: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                cursor?: string | null;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "people.csv",
                     *           "format": "text",
                     *           "size": 48213,
                     *           "state": "uploaded",
                     *           "sheets": [
                     *             "Customers"
                     *           ],
                     *           "sheet": "text",
                     *           "encoding": "utf-8",
                     *           "delimiter": ",",
                     *           "header_row": 1,
                     *           "preview": [
                     *             {
                     *               "row": 1,
                     *               "cells": [
                     *                 "E-Mail",
                     *                 "Name"
                     *               ]
                     *             }
                     *           ],
                     *           "columns": [
                     *             {
                     *               "place": 1,
                     *               "header": "E-Mail",
                     *               "samples": [
                     *                 "ada@example.org"
                     *               ],
                     *               "filled": 998,
                     *               "distinct": 998,
                     *               "types": {
                     *                 "email": 0.99,
                     *                 "text": 1
                     *               },
                     *               "date_order": "ymd",
                     *               "decimal": ".",
                     *               "suggestion": {
                     *                 "field": "email",
                     *                 "type": "text",
                     *                 "exists": true,
                     *                 "why": "the name"
                     *               }
                     *             }
                     *           ],
                     *           "key": "email",
                     *           "plan": {
                     *             "columns": [
                     *               {
                     *                 "column": 1,
                     *                 "field": "email"
                     *               },
                     *               {
                     *                 "column": 2,
                     *                 "field": "name"
                     *               },
                     *               {
                     *                 "column": 3,
                     *                 "field": "plan",
                     *                 "label": "Plan",
                     *                 "type": "text"
                     *               }
                     *             ],
                     *             "existing": "update",
                     *             "key": "email",
                     *             "missing": "create",
                     *             "tags": [
                     *               "imported"
                     *             ]
                     *           },
                     *           "rehearsal": "text",
                     *           "run": "text",
                     *           "undo": "text",
                     *           "counts": {
                     *             "created": 120,
                     *             "rejected": 2,
                     *             "updated": 14
                     *           },
                     *           "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "created_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ],
                     *       "next": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["ImportPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_upload_import: {
        parameters: {
            query: {
                /** @description The file's name. */
                name: string;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        /** @description The file itself: CSV or another text table of up to 1 GB, XLSX or ODS of up to 50 MB. */
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "people.csv",
                     *       "format": "text",
                     *       "size": 48213,
                     *       "state": "uploaded",
                     *       "sheets": [
                     *         "Customers"
                     *       ],
                     *       "sheet": "text",
                     *       "encoding": "utf-8",
                     *       "delimiter": ",",
                     *       "header_row": 1,
                     *       "preview": [
                     *         {
                     *           "row": 1,
                     *           "cells": [
                     *             "E-Mail",
                     *             "Name"
                     *           ]
                     *         }
                     *       ],
                     *       "columns": [
                     *         {
                     *           "place": 1,
                     *           "header": "E-Mail",
                     *           "samples": [
                     *             "ada@example.org"
                     *           ],
                     *           "filled": 998,
                     *           "distinct": 998,
                     *           "types": {
                     *             "email": 0.99,
                     *             "text": 1
                     *           },
                     *           "date_order": "ymd",
                     *           "decimal": ".",
                     *           "suggestion": {
                     *             "field": "email",
                     *             "type": "text",
                     *             "exists": true,
                     *             "why": "the name"
                     *           }
                     *         }
                     *       ],
                     *       "key": "email",
                     *       "plan": {
                     *         "columns": [
                     *           {
                     *             "column": 1,
                     *             "field": "email"
                     *           },
                     *           {
                     *             "column": 2,
                     *             "field": "name"
                     *           },
                     *           {
                     *             "column": 3,
                     *             "field": "plan",
                     *             "label": "Plan",
                     *             "type": "text"
                     *           }
                     *         ],
                     *         "existing": "update",
                     *         "key": "email",
                     *         "missing": "create",
                     *         "tags": [
                     *           "imported"
                     *         ]
                     *       },
                     *       "rehearsal": "text",
                     *       "run": "text",
                     *       "undo": "text",
                     *       "counts": {
                     *         "created": 120,
                     *         "rejected": 2,
                     *         "updated": 14
                     *       },
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "created_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ImportOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_export_people: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExportBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "kind": "import.rehearse",
                     *       "title": "Rehearsal of people.csv",
                     *       "title_code": "rehearsal",
                     *       "title_details": {
                     *         "name": "people.csv"
                     *       },
                     *       "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "queued",
                     *       "phase": "Going through the rows",
                     *       "phase_code": "rows",
                     *       "unit": "rows",
                     *       "progress": {
                     *         "done": 12000,
                     *         "total": 50000,
                     *         "rate": 4100.5,
                     *         "seconds_left": 9
                     *       },
                     *       "result": {
                     *         "counts": {
                     *           "created": 120,
                     *           "updated": 14
                     *         }
                     *       },
                     *       "error": "",
                     *       "failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "cancelling": true,
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "attempts": 1,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "started_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *       "files": [
                     *         {
                     *           "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "people.csv",
                     *           "purpose": "export",
                     *           "size": 48213,
                     *           "expires_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_list_export_destinations: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "dst_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "Warehouse",
                     *           "kind": "folder",
                     *           "place": "https://s3.eu-central-1.amazonaws.com/acme-exports/coterie",
                     *           "folder": "text",
                     *           "endpoint": "text",
                     *           "region": "text",
                     *           "bucket": "text",
                     *           "prefix": "text",
                     *           "key_id": "text",
                     *           "checked_at": "2026-01-31T09:00:00.000Z",
                     *           "check_error": {
                     *             "reason": "expected a number, got 'three'",
                     *             "code": "no_number",
                     *             "details": {
                     *               "value": "'three'"
                     *             }
                     *           },
                     *           "created_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ],
                     *       "folder": true
                     *     }
                     */
                    "application/json": components["schemas"]["DestinationList"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_create_export_destination: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DestinationBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "dst_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "Warehouse",
                     *       "kind": "folder",
                     *       "place": "https://s3.eu-central-1.amazonaws.com/acme-exports/coterie",
                     *       "folder": "text",
                     *       "endpoint": "text",
                     *       "region": "text",
                     *       "bucket": "text",
                     *       "prefix": "text",
                     *       "key_id": "text",
                     *       "checked_at": "2026-01-31T09:00:00.000Z",
                     *       "check_error": {
                     *         "reason": "expected a number, got 'three'",
                     *         "code": "no_number",
                     *         "details": {
                     *           "value": "'three'"
                     *         }
                     *       },
                     *       "created_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["DestinationOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_list_export_schedules: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "exs_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "Known people",
                     *           "destination": "dst_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "destination_name": "Warehouse",
                     *           "every": "hour",
                     *           "at": "06:30",
                     *           "weekday": 1,
                     *           "day": 1,
                     *           "next_at": "2026-01-31T09:00:00.000Z",
                     *           "paused": true,
                     *           "paused_reason": {
                     *             "reason": "expected a number, got 'three'",
                     *             "code": "no_number",
                     *             "details": {
                     *               "value": "'three'"
                     *             }
                     *           },
                     *           "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "where": "text",
                     *           "segment": "",
                     *           "columns": [
                     *             "number",
                     *             "email"
                     *           ],
                     *           "format": "csv",
                     *           "last_job": "text",
                     *           "last_state": "queued",
                     *           "last_error": "",
                     *           "last_failure": {
                     *             "code": "not_found",
                     *             "message": "Not found.",
                     *             "details": {}
                     *           },
                     *           "last_delivery": {
                     *             "place": "folder crm/nightly",
                     *             "object": "known-people-20260131T053000Z.csv",
                     *             "size": 48213,
                     *             "rows": 1204,
                     *             "sha256": "text",
                     *             "at": "2026-01-31T09:00:00.000Z"
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ScheduleList"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_create_export_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "exs_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "Known people",
                     *       "destination": "dst_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "destination_name": "Warehouse",
                     *       "every": "hour",
                     *       "at": "06:30",
                     *       "weekday": 1,
                     *       "day": 1,
                     *       "next_at": "2026-01-31T09:00:00.000Z",
                     *       "paused": true,
                     *       "paused_reason": {
                     *         "reason": "expected a number, got 'three'",
                     *         "code": "no_number",
                     *         "details": {
                     *           "value": "'three'"
                     *         }
                     *       },
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "where": "text",
                     *       "segment": "",
                     *       "columns": [
                     *         "number",
                     *         "email"
                     *       ],
                     *       "format": "csv",
                     *       "last_job": "text",
                     *       "last_state": "queued",
                     *       "last_error": "",
                     *       "last_failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "last_delivery": {
                     *         "place": "folder crm/nightly",
                     *         "object": "known-people-20260131T053000Z.csv",
                     *         "size": 48213,
                     *         "rows": 1204,
                     *         "sha256": "text",
                     *         "at": "2026-01-31T09:00:00.000Z"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ScheduleOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_merge_people: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MergeBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "number": 42
                     *     }
                     */
                    "application/json": components["schemas"]["NumberOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_field_order: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "name": "city",
                     *         "label": "City",
                     *         "renamed": true,
                     *         "type": "text",
                     *         "group": "Place",
                     *         "kind": "builtin",
                     *         "attribute": 1,
                     *         "description": "text",
                     *         "position": 1,
                     *         "visible": true,
                     *         "sortable": true,
                     *         "semantic": null,
                     *         "operators": [
                     *           "is",
                     *           "is_not"
                     *         ],
                     *         "writable": true,
                     *         "importable": true,
                     *         "allowed": {
                     *           "choices": [
                     *             "free",
                     *             "pro"
                     *           ]
                     *         }
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["FieldOut"][];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_set_field_order: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FieldOrder"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "name": "city",
                     *         "label": "City",
                     *         "renamed": true,
                     *         "type": "text",
                     *         "group": "Place",
                     *         "kind": "builtin",
                     *         "attribute": 1,
                     *         "description": "text",
                     *         "position": 1,
                     *         "visible": true,
                     *         "sortable": true,
                     *         "semantic": null,
                     *         "operators": [
                     *           "is",
                     *           "is_not"
                     *         ],
                     *         "writable": true,
                     *         "importable": true,
                     *         "allowed": {
                     *           "choices": [
                     *             "free",
                     *             "pro"
                     *           ]
                     *         }
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["FieldOut"][];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_list_event_names: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "events": [
                     *         {
                     *           "name": "purchase",
                     *           "count": 1,
                     *           "first_seen": "2026-01-31T09:00:00.000Z",
                     *           "last_seen": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ],
                     *       "properties": [
                     *         {
                     *           "name": "amount",
                     *           "type": "text"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["EventCatalogueOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_list_rejected: {
        parameters: {
            query?: {
                /** @description Only values for this field. */
                key?: string | null;
                /** @description `next` of the page before. */
                cursor?: string | null;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "counts": [
                     *         {
                     *           "key": "orders",
                     *           "people": 3
                     *         }
                     *       ],
                     *       "values": [
                     *         {
                     *           "reason": "expected a number, got 'three'",
                     *           "code": "no_number",
                     *           "details": {
                     *             "value": "'three'"
                     *           },
                     *           "number": 42,
                     *           "key": "orders",
                     *           "value": "three",
                     *           "at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ],
                     *       "next": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["RejectedPageOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    merging_list_suggestions: {
        parameters: {
            query?: {
                /**
                 * @description Only events in this state.
                 * @example open
                 */
                state?: "open" | "dismissed" | "merged";
                /** @description Only those about this person. */
                person?: number | null;
                /** @description `next` of the page before. */
                cursor?: string | null;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "reason": "expected a number, got 'three'",
                     *           "code": "no_number",
                     *           "details": {
                     *             "value": "'three'"
                     *           },
                     *           "id": 17,
                     *           "people": [
                     *             {
                     *               "number": 42,
                     *               "name": "Ann Example",
                     *               "email": "ann@example.com",
                     *               "phone": "+4915112345678",
                     *               "country": "Germany",
                     *               "last_seen": "2026-01-31T09:00:00.000Z"
                     *             }
                     *           ],
                     *           "score": 95,
                     *           "state": "open",
                     *           "at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ],
                     *       "next": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["MergeSuggestionPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_erase_people: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EraseBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "era_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "open",
                     *       "people": [
                     *         42,
                     *         57
                     *       ],
                     *       "reason": "Request 2026-17",
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "asked_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "counts": {
                     *         "index.events": 31,
                     *         "people_person": 2
                     *       },
                     *       "job": "job_01kb3z8m0v6x9k2q4r7t5w1y3n"
                     *     }
                     */
                    "application/json": components["schemas"]["ErasureOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_allow_again: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AgainBody"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_preview_retention: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreviewBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "rows": 1204,
                     *       "people": 311,
                     *       "oldest": "2026-01-31T09:00:00.000Z",
                     *       "sample": [
                     *         42,
                     *         57
                     *       ],
                     *       "paused": true,
                     *       "name": "events",
                     *       "days": 365,
                     *       "action": "remove"
                     *     }
                     */
                    "application/json": components["schemas"]["PreviewOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_run_retention: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "kind": "import.rehearse",
                     *       "title": "Rehearsal of people.csv",
                     *       "title_code": "rehearsal",
                     *       "title_details": {
                     *         "name": "people.csv"
                     *       },
                     *       "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "queued",
                     *       "phase": "Going through the rows",
                     *       "phase_code": "rows",
                     *       "unit": "rows",
                     *       "progress": {
                     *         "done": 12000,
                     *         "total": 50000,
                     *         "rate": 4100.5,
                     *         "seconds_left": 9
                     *       },
                     *       "result": {
                     *         "counts": {
                     *           "created": 120,
                     *           "updated": 14
                     *         }
                     *       },
                     *       "error": "",
                     *       "failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "cancelling": true,
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "attempts": 1,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "started_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *       "files": [
                     *         {
                     *           "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "people.csv",
                     *           "purpose": "export",
                     *           "size": 48213,
                     *           "expires_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_count_people: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FilterBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 424,
                     *       "conditions": [
                     *         {
                     *           "match": 424,
                     *           "no_match": 289,
                     *           "no_value": 12
                     *         }
                     *       ],
                     *       "sentence": "country is \"United States\" and (language is \"English\" or tags has any of (\"vip\", \"beta\"))",
                     *       "numbered": {
                     *         "conditions": [
                     *           {
                     *             "field": "country",
                     *             "op": "is",
                     *             "type": "field",
                     *             "value": "Germany"
                     *           }
                     *         ],
                     *         "expression": "1"
                     *       },
                     *       "now": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["CountOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_list_event_values: {
        parameters: {
            query: {
                /** @description The kind of event. */
                event: string;
                /** @description Its property. */
                property: string;
                /** @description Only values that contain this. */
                search?: string;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "event": "purchase",
                     *       "property": "title",
                     *       "values": [
                     *         {
                     *           "value": "Kind of Blue",
                     *           "count": 31
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["EventValuesOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_search_people: {
        parameters: {
            query: {
                /** @description Any text that names a person. */
                q: string;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "number": 42,
                     *           "created_at": "2026-01-31T09:00:00.000Z",
                     *           "values": {
                     *             "country": "Germany",
                     *             "name": "Ada",
                     *             "tags": [
                     *               "vip"
                     *             ]
                     *           }
                     *         }
                     *       ],
                     *       "complete": true
                     *     }
                     */
                    "application/json": components["schemas"]["FoundOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_duplicate_candidates: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "number": 42,
                     *           "created_at": "2026-01-31T09:00:00.000Z",
                     *           "values": {
                     *             "country": "Germany",
                     *             "name": "Ada",
                     *             "tags": [
                     *               "vip"
                     *             ]
                     *           },
                     *           "score": 95,
                     *           "reasons": [
                     *             {
                     *               "reason": "expected a number, got 'three'",
                     *               "code": "no_number",
                     *               "details": {
                     *                 "value": "'three'"
                     *               }
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["CandidatesOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_growth: {
        parameters: {
            query?: {
                /** @description A filter as a sentence; without one, everyone. */
                where?: string | null;
                /**
                 * @description The length of a step.
                 * @example week
                 */
                by?: "day" | "week" | "month";
                /**
                 * @description The field's name.
                 * @example created_at
                 */
                field?: "first_seen" | "created_at";
                /** @description How many steps, up to now. */
                points?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "points": [
                     *         {
                     *           "start": "2026-01-05",
                     *           "new": 1,
                     *           "total": 1
                     *         }
                     *       ],
                     *       "before": 1,
                     *       "later": 1,
                     *       "no_value": 1,
                     *       "total": 1,
                     *       "now": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["GrowthOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_countries: {
        parameters: {
            query?: {
                /** @description A filter as a sentence; without one, everyone. */
                where?: string | null;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "countries": [
                     *         {
                     *           "code": "DE",
                     *           "name": "Germany",
                     *           "count": 1
                     *         }
                     *       ],
                     *       "other": 1,
                     *       "no_value": 1,
                     *       "total": 1,
                     *       "now": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["CountriesOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_activity: {
        parameters: {
            query?: {
                /** @description A filter as a sentence; without one, everyone. */
                where?: string | null;
                /** @description Calendar days, today among them. */
                days?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "hours": [
                     *         [
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0
                     *         ],
                     *         [
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0
                     *         ],
                     *         [
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0
                     *         ],
                     *         [
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0
                     *         ],
                     *         [
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0
                     *         ],
                     *         [
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0
                     *         ],
                     *         [
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0,
                     *           0
                     *         ]
                     *       ],
                     *       "total": 1,
                     *       "since": "2026-01-31T09:00:00.000Z",
                     *       "now": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ActivityOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_regions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegionsBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "regions": [
                     *         {
                     *           "inside": [
                     *             "seg_01kb3z8m0v6x9k2q4r7t5w1y3n"
                     *           ],
                     *           "count": 31
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RegionsOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_stream_segments: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The id of the last event that arrived: the stream goes on after it.
                 * @example 1207
                 */
                "Last-Event-ID"?: string | null;
            };
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: transitions
                     *     id: 1207
                     *     data: {"at": "2026-01-31T09:00:00.000Z", "segments": [{"id": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n", "name": "Paying", "size": 424, "entered": [42], "entered_count": 1, "left": [], "left_count": 0, "causes": [{"cause": "event", "ref": "purchase", "entered": [42], "entered_count": 1, "left": [], "left_count": 0}]}]}
                     */
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    tracking_list_quarantine: {
        parameters: {
            query?: {
                /**
                 * @description Only events in this state.
                 * @example open
                 */
                state?: components["schemas"]["QuarantineState"] | null;
                /** @description `next` of the page before. */
                cursor?: string | null;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "events": [
                     *         {
                     *           "id": "qua_01jd8v6m3e5q9w2x4y7z0abcde",
                     *           "at": "2026-01-31T09:00:00.000Z",
                     *           "received_at": "2026-01-31T09:00:00.000Z",
                     *           "source": "web page",
                     *           "message_id": "text",
                     *           "code": "no_id",
                     *           "reason": "userId or anonymousId is missing: an event needs a person",
                     *           "state": "open",
                     *           "event": null
                     *         }
                     *       ],
                     *       "open": 1,
                     *       "next_cursor": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["QuarantineList"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    tracking_list_conflicts: {
        parameters: {
            query?: {
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "conflicts": [
                     *         {
                     *           "day": "2026-01-31",
                     *           "source": "text",
                     *           "count": 1,
                     *           "message_id": "text",
                     *           "sample": "text"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ConflictList"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    jobs_stream_jobs: {
        parameters: {
            query?: {
                /** @description Tell of this job only. */
                follow?: string | null;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: job
                     *     id: 1769850000000
                     *     data: {"id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n", "state": "running", "progress": {"done": 12000, "total": 50000, "rate": 4100.5, "seconds_left": 9}}
                     */
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    jobs_read_notifications: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReadBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "read": 2
                     *     }
                     */
                    "application/json": components["schemas"]["ReadOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_reapply_rejected: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReapplyBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "taken": 1,
                     *       "rejected": 1,
                     *       "unseen": 0,
                     *       "samples": [
                     *         {
                     *           "reason": "expected a number, got 'three'",
                     *           "code": "no_number",
                     *           "details": {
                     *             "value": "'three'"
                     *           },
                     *           "number": 1,
                     *           "value": null
                     *         }
                     *       ],
                     *       "job": {
                     *         "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "kind": "import.rehearse",
                     *         "title": "Rehearsal of people.csv",
                     *         "title_code": "rehearsal",
                     *         "title_details": {
                     *           "name": "people.csv"
                     *         },
                     *         "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "state": "queued",
                     *         "phase": "Going through the rows",
                     *         "phase_code": "rows",
                     *         "unit": "rows",
                     *         "progress": {
                     *           "done": 12000,
                     *           "total": 50000,
                     *           "rate": 4100.5,
                     *           "seconds_left": 9
                     *         },
                     *         "result": {
                     *           "counts": {
                     *             "created": 120,
                     *             "updated": 14
                     *           }
                     *         },
                     *         "error": "",
                     *         "failure": {
                     *           "code": "not_found",
                     *           "message": "Not found.",
                     *           "details": {}
                     *         },
                     *         "cancelling": true,
                     *         "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "attempts": 1,
                     *         "created_at": "2026-01-31T09:00:00.000Z",
                     *         "started_at": "2026-01-31T09:00:00.000Z",
                     *         "finished_at": "2026-01-31T09:00:00.000Z",
                     *         "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *         "files": [
                     *           {
                     *             "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *             "name": "people.csv",
                     *             "purpose": "export",
                     *             "size": 48213,
                     *             "expires_at": "2026-01-31T09:00:00.000Z"
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ReappliedOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_find_same_people: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "kind": "import.rehearse",
                     *       "title": "Rehearsal of people.csv",
                     *       "title_code": "rehearsal",
                     *       "title_details": {
                     *         "name": "people.csv"
                     *       },
                     *       "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "queued",
                     *       "phase": "Going through the rows",
                     *       "phase_code": "rows",
                     *       "unit": "rows",
                     *       "progress": {
                     *         "done": 12000,
                     *         "total": 50000,
                     *         "rate": 4100.5,
                     *         "seconds_left": 9
                     *       },
                     *       "result": {
                     *         "counts": {
                     *           "created": 120,
                     *           "updated": 14
                     *         }
                     *       },
                     *       "error": "",
                     *       "failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "cancelling": true,
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "attempts": 1,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "started_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *       "files": [
                     *         {
                     *           "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "people.csv",
                     *           "purpose": "export",
                     *           "size": 48213,
                     *           "expires_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    bulk_change_people: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkChangeBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "selected": 120,
                     *       "changed": 100,
                     *       "unchanged": 19,
                     *       "failed": 1,
                     *       "failures": [
                     *         {
                     *           "reason": "expected a number, got 'three'",
                     *           "code": "no_number",
                     *           "details": {
                     *             "value": "'three'"
                     *           },
                     *           "number": 42
                     *         }
                     *       ],
                     *       "undo": "undo_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *       "job": {
                     *         "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "kind": "import.rehearse",
                     *         "title": "Rehearsal of people.csv",
                     *         "title_code": "rehearsal",
                     *         "title_details": {
                     *           "name": "people.csv"
                     *         },
                     *         "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "state": "queued",
                     *         "phase": "Going through the rows",
                     *         "phase_code": "rows",
                     *         "unit": "rows",
                     *         "progress": {
                     *           "done": 12000,
                     *           "total": 50000,
                     *           "rate": 4100.5,
                     *           "seconds_left": 9
                     *         },
                     *         "result": {
                     *           "counts": {
                     *             "created": 120,
                     *             "updated": 14
                     *           }
                     *         },
                     *         "error": "",
                     *         "failure": {
                     *           "code": "not_found",
                     *           "message": "Not found.",
                     *           "details": {}
                     *         },
                     *         "cancelling": true,
                     *         "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "attempts": 1,
                     *         "created_at": "2026-01-31T09:00:00.000Z",
                     *         "started_at": "2026-01-31T09:00:00.000Z",
                     *         "finished_at": "2026-01-31T09:00:00.000Z",
                     *         "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *         "files": [
                     *           {
                     *             "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *             "name": "people.csv",
                     *             "purpose": "export",
                     *             "size": 48213,
                     *             "expires_at": "2026-01-31T09:00:00.000Z"
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["BulkOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    bulk_change_members: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkMembersBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "selected": 120,
                     *       "changed": 100,
                     *       "unchanged": 19,
                     *       "failed": 1,
                     *       "failures": [
                     *         {
                     *           "reason": "expected a number, got 'three'",
                     *           "code": "no_number",
                     *           "details": {
                     *             "value": "'three'"
                     *           },
                     *           "number": 42
                     *         }
                     *       ],
                     *       "undo": "undo_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *       "job": {
                     *         "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "kind": "import.rehearse",
                     *         "title": "Rehearsal of people.csv",
                     *         "title_code": "rehearsal",
                     *         "title_details": {
                     *           "name": "people.csv"
                     *         },
                     *         "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "state": "queued",
                     *         "phase": "Going through the rows",
                     *         "phase_code": "rows",
                     *         "unit": "rows",
                     *         "progress": {
                     *           "done": 12000,
                     *           "total": 50000,
                     *           "rate": 4100.5,
                     *           "seconds_left": 9
                     *         },
                     *         "result": {
                     *           "counts": {
                     *             "created": 120,
                     *             "updated": 14
                     *           }
                     *         },
                     *         "error": "",
                     *         "failure": {
                     *           "code": "not_found",
                     *           "message": "Not found.",
                     *           "details": {}
                     *         },
                     *         "cancelling": true,
                     *         "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "attempts": 1,
                     *         "created_at": "2026-01-31T09:00:00.000Z",
                     *         "started_at": "2026-01-31T09:00:00.000Z",
                     *         "finished_at": "2026-01-31T09:00:00.000Z",
                     *         "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *         "files": [
                     *           {
                     *             "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *             "name": "people.csv",
                     *             "purpose": "export",
                     *             "size": 48213,
                     *             "expires_at": "2026-01-31T09:00:00.000Z"
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["BulkOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    bulk_delete_people: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkDeleteBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "selected": 120,
                     *       "changed": 100,
                     *       "unchanged": 19,
                     *       "failed": 1,
                     *       "failures": [
                     *         {
                     *           "reason": "expected a number, got 'three'",
                     *           "code": "no_number",
                     *           "details": {
                     *             "value": "'three'"
                     *           },
                     *           "number": 42
                     *         }
                     *       ],
                     *       "undo": "undo_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *       "job": {
                     *         "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "kind": "import.rehearse",
                     *         "title": "Rehearsal of people.csv",
                     *         "title_code": "rehearsal",
                     *         "title_details": {
                     *           "name": "people.csv"
                     *         },
                     *         "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "state": "queued",
                     *         "phase": "Going through the rows",
                     *         "phase_code": "rows",
                     *         "unit": "rows",
                     *         "progress": {
                     *           "done": 12000,
                     *           "total": 50000,
                     *           "rate": 4100.5,
                     *           "seconds_left": 9
                     *         },
                     *         "result": {
                     *           "counts": {
                     *             "created": 120,
                     *             "updated": 14
                     *           }
                     *         },
                     *         "error": "",
                     *         "failure": {
                     *           "code": "not_found",
                     *           "message": "Not found.",
                     *           "details": {}
                     *         },
                     *         "cancelling": true,
                     *         "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "attempts": 1,
                     *         "created_at": "2026-01-31T09:00:00.000Z",
                     *         "started_at": "2026-01-31T09:00:00.000Z",
                     *         "finished_at": "2026-01-31T09:00:00.000Z",
                     *         "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *         "files": [
                     *           {
                     *             "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *             "name": "people.csv",
                     *             "purpose": "export",
                     *             "size": 48213,
                     *             "expires_at": "2026-01-31T09:00:00.000Z"
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["BulkOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_breakdown: {
        parameters: {
            query?: {
                /** @description A filter as a sentence; without one, everyone. */
                where?: string | null;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The field's name. */
                field: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "field": "country",
                     *       "type": "text",
                     *       "total": 713,
                     *       "known": 700,
                     *       "no_value": 13,
                     *       "values": [
                     *         {
                     *           "value": "Germany",
                     *           "count": 120
                     *         }
                     *       ],
                     *       "now": "2026-01-31T09:00:00.000Z",
                     *       "other": 3
                     *     }
                     */
                    "application/json": components["schemas"]["BreakdownOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    bulk_undo_bulk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The token that the bulk action answered with.
                 * @example undo_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                undo: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "selected": 120,
                     *       "changed": 100,
                     *       "unchanged": 19,
                     *       "failed": 1,
                     *       "failures": [
                     *         {
                     *           "reason": "expected a number, got 'three'",
                     *           "code": "no_number",
                     *           "details": {
                     *             "value": "'three'"
                     *           },
                     *           "number": 42
                     *         }
                     *       ],
                     *       "undo": "undo_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *       "job": {
                     *         "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "kind": "import.rehearse",
                     *         "title": "Rehearsal of people.csv",
                     *         "title_code": "rehearsal",
                     *         "title_details": {
                     *           "name": "people.csv"
                     *         },
                     *         "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "state": "queued",
                     *         "phase": "Going through the rows",
                     *         "phase_code": "rows",
                     *         "unit": "rows",
                     *         "progress": {
                     *           "done": 12000,
                     *           "total": 50000,
                     *           "rate": 4100.5,
                     *           "seconds_left": 9
                     *         },
                     *         "result": {
                     *           "counts": {
                     *             "created": 120,
                     *             "updated": 14
                     *           }
                     *         },
                     *         "error": "",
                     *         "failure": {
                     *           "code": "not_found",
                     *           "message": "Not found.",
                     *           "details": {}
                     *         },
                     *         "cancelling": true,
                     *         "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "attempts": 1,
                     *         "created_at": "2026-01-31T09:00:00.000Z",
                     *         "started_at": "2026-01-31T09:00:00.000Z",
                     *         "finished_at": "2026-01-31T09:00:00.000Z",
                     *         "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *         "files": [
                     *           {
                     *             "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *             "name": "people.csv",
                     *             "purpose": "export",
                     *             "size": 48213,
                     *             "expires_at": "2026-01-31T09:00:00.000Z"
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["BulkOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    merging_dismiss_suggestion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The suggestion's id. */
                suggestion: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "reason": "expected a number, got 'three'",
                     *       "code": "no_number",
                     *       "details": {
                     *         "value": "'three'"
                     *       },
                     *       "id": 17,
                     *       "people": [
                     *         {
                     *           "number": 42,
                     *           "name": "Ann Example",
                     *           "email": "ann@example.com",
                     *           "phone": "+4915112345678",
                     *           "country": "Germany",
                     *           "last_seen": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ],
                     *       "score": 95,
                     *       "state": "open",
                     *       "at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["MergeSuggestionOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    merging_reopen_suggestion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The suggestion's id. */
                suggestion: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "reason": "expected a number, got 'three'",
                     *       "code": "no_number",
                     *       "details": {
                     *         "value": "'three'"
                     *       },
                     *       "id": 17,
                     *       "people": [
                     *         {
                     *           "number": 42,
                     *           "name": "Ann Example",
                     *           "email": "ann@example.com",
                     *           "phone": "+4915112345678",
                     *           "country": "Germany",
                     *           "last_seen": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ],
                     *       "score": 95,
                     *       "state": "open",
                     *       "at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["MergeSuggestionOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    tracking_replay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The event's id in quarantine.
                 * @example qua_01jd8v6m3e5q9w2x4y7z0abcde
                 */
                event_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "qua_01jd8v6m3e5q9w2x4y7z0abcde",
                     *       "at": "2026-01-31T09:00:00.000Z",
                     *       "received_at": "2026-01-31T09:00:00.000Z",
                     *       "source": "web page",
                     *       "message_id": "text",
                     *       "code": "no_id",
                     *       "reason": "userId or anonymousId is missing: an event needs a person",
                     *       "state": "open",
                     *       "event": null
                     *     }
                     */
                    "application/json": components["schemas"]["QuarantinedEvent"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_remove_member: {
        parameters: {
            query?: {
                /** @description What becomes of the keys that they made. */
                their_keys?: "keep" | "revoke";
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The member's id.
                 * @example usr_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_change_role: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The member's id.
                 * @example usr_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "text",
                     *       "email": "text",
                     *       "name": "text",
                     *       "role": "owner",
                     *       "since": "2026-01-31T09:00:00.000Z",
                     *       "active": true,
                     *       "keys": 2
                     *     }
                     */
                    "application/json": components["schemas"]["MemberOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    accounts_revoke_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The key's id.
                 * @example key_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "text",
                     *       "kind": "write",
                     *       "name": "text",
                     *       "prefix": "text",
                     *       "scopes": [
                     *         "text"
                     *       ],
                     *       "created_by": "text",
                     *       "maker": {
                     *         "id": "text",
                     *         "name": "text",
                     *         "email": "text",
                     *         "role": "owner"
                     *       },
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "last_used_at": "2026-01-31T09:00:00.000Z",
                     *       "revoked_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["KeyOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_read_person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "number": 42,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "updated_at": "2026-01-31T09:00:00.000Z",
                     *       "seq": 1207,
                     *       "data": {
                     *         "email": "ann@example.com",
                     *         "name": "Ann Example",
                     *         "plan": "pro"
                     *       },
                     *       "origins": {
                     *         "name": {
                     *           "kind": "tracking",
                     *           "ref": "key_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *           "at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       },
                     *       "identities": [
                     *         {
                     *           "kind": "email",
                     *           "value": "ann@example.com",
                     *           "since": "2026-01-31T09:00:00.000Z",
                     *           "origin": "tracking"
                     *         }
                     *       ],
                     *       "rejected": [
                     *         {
                     *           "reason": "expected a number, got 'three'",
                     *           "code": "no_number",
                     *           "details": {
                     *             "value": "'three'"
                     *           },
                     *           "number": 42,
                     *           "key": "orders",
                     *           "value": "three",
                     *           "at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ],
                     *       "tags": [
                     *         "vip"
                     *       ],
                     *       "merged": [
                     *         57
                     *       ],
                     *       "local_time": "2026-01-31T10:00:00+01:00"
                     *     }
                     */
                    "application/json": components["schemas"]["PersonOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_delete_person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    people_change_person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "number": 42,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "updated_at": "2026-01-31T09:00:00.000Z",
                     *       "seq": 1207,
                     *       "data": {
                     *         "email": "ann@example.com",
                     *         "name": "Ann Example",
                     *         "plan": "pro"
                     *       },
                     *       "origins": {
                     *         "name": {
                     *           "kind": "tracking",
                     *           "ref": "key_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *           "at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       },
                     *       "identities": [
                     *         {
                     *           "kind": "email",
                     *           "value": "ann@example.com",
                     *           "since": "2026-01-31T09:00:00.000Z",
                     *           "origin": "tracking"
                     *         }
                     *       ],
                     *       "rejected": [
                     *         {
                     *           "reason": "expected a number, got 'three'",
                     *           "code": "no_number",
                     *           "details": {
                     *             "value": "'three'"
                     *           },
                     *           "number": 42,
                     *           "key": "orders",
                     *           "value": "three",
                     *           "at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ],
                     *       "tags": [
                     *         "vip"
                     *       ],
                     *       "merged": [
                     *         57
                     *       ],
                     *       "local_time": "2026-01-31T10:00:00+01:00",
                     *       "warnings": [
                     *         {
                     *           "field": "email",
                     *           "value": "ann@example.com",
                     *           "message": "Person 57 has this email: the value was kept, but finds that person.",
                     *           "holder": 57,
                     *           "suggestion": {
                     *             "reason": "expected a number, got 'three'",
                     *             "code": "no_number",
                     *             "details": {
                     *               "value": "'three'"
                     *             },
                     *             "people": [
                     *               42,
                     *               57
                     *             ]
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["PersonChangedOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_change_field: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The field's name.
                 * @example city
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FieldChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "name": "city",
                     *         "label": "City",
                     *         "renamed": true,
                     *         "type": "text",
                     *         "group": "Place",
                     *         "kind": "builtin",
                     *         "attribute": 1,
                     *         "description": "text",
                     *         "position": 1,
                     *         "visible": true,
                     *         "sortable": true,
                     *         "semantic": null,
                     *         "operators": [
                     *           "is",
                     *           "is_not"
                     *         ],
                     *         "writable": true,
                     *         "importable": true,
                     *         "allowed": {
                     *           "choices": [
                     *             "free",
                     *             "pro"
                     *           ]
                     *         }
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["FieldOut"][];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_delete_attribute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The attribute's id. */
                attribute: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    people_change_attribute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The attribute's id. */
                attribute: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AttributeChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 7,
                     *       "key": "plan",
                     *       "type": "text",
                     *       "label": "Plan",
                     *       "description": "text",
                     *       "position": 1,
                     *       "visible": true,
                     *       "protected": true,
                     *       "allowed": {
                     *         "choices": [
                     *           "free",
                     *           "pro"
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["AttributeOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_get_erasure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The erasure's id. */
                erasure: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "era_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "open",
                     *       "people": [
                     *         42,
                     *         57
                     *       ],
                     *       "reason": "Request 2026-17",
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "asked_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "counts": {
                     *         "index.events": 31,
                     *         "people_person": 2
                     *       },
                     *       "job": "job_01kb3z8m0v6x9k2q4r7t5w1y3n"
                     *     }
                     */
                    "application/json": components["schemas"]["ErasureOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_set_retention: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The class. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RuleBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "events",
                     *       "holdings": [
                     *         "index.events"
                     *       ],
                     *       "actions": [
                     *         "remove"
                     *       ],
                     *       "default_days": null,
                     *       "rule": {
                     *         "days": 365,
                     *         "action": "remove",
                     *         "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "at": "2026-01-31T09:00:00.000Z"
                     *       },
                     *       "days": 365,
                     *       "now": {
                     *         "rows": 1204,
                     *         "people": 311,
                     *         "oldest": "2026-01-31T09:00:00.000Z",
                     *         "sample": [
                     *           42,
                     *           57
                     *         ],
                     *         "paused": true
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ClassOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_drop_retention: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The class. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_change_hold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The hold's id. */
                hold: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HoldChangeBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "hold_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "person": 42,
                     *       "reason": "Case 2026-17",
                     *       "until": "2026-01-31T09:00:00.000Z",
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["HoldOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_end_hold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The hold's id. */
                hold: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    audience_facets: {
        parameters: {
            query?: {
                /** @description A filter as a sentence; without one, everyone. */
                where?: string | null;
                /** @description Only values that contain this. */
                search?: string;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The field's name. */
                field: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "field": "country",
                     *       "type": "text",
                     *       "total": 713,
                     *       "known": 700,
                     *       "no_value": 13,
                     *       "values": [
                     *         {
                     *           "value": "Germany",
                     *           "count": 120
                     *         }
                     *       ],
                     *       "now": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["FacetsOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_delete_view: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The view's id.
                 * @example view_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                view: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    audience_change_view: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The view's id.
                 * @example view_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                view: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ViewChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "view_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *       "name": "Germany",
                     *       "owner": "usr_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *       "own": true,
                     *       "shared": true,
                     *       "is_default": true,
                     *       "position": 1,
                     *       "where": "country is \"United States\" and (language is \"English\" or tags has any of (\"vip\", \"beta\"))",
                     *       "filter": {
                     *         "root": {
                     *           "field": "country",
                     *           "op": "is",
                     *           "type": "field",
                     *           "value": "Germany"
                     *         },
                     *         "version": 1
                     *       },
                     *       "broken": null,
                     *       "columns": [
                     *         {
                     *           "field": "city",
                     *           "width": 1
                     *         }
                     *       ],
                     *       "missing": [],
                     *       "sort": "-last_seen",
                     *       "updated_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ViewOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_get_segment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The segment's id.
                 * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                segment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "Paying in Germany",
                     *       "description": "text",
                     *       "kind": "dynamic",
                     *       "size": 424,
                     *       "computed_at": "2026-01-31T09:00:00.000Z",
                     *       "rebuilding": true,
                     *       "starred": true,
                     *       "sentence": "country is \"Germany\" and sum of amount over \"purchase\" in the last 90 days > 500",
                     *       "filter": {
                     *         "root": {
                     *           "field": "country",
                     *           "op": "is",
                     *           "type": "field",
                     *           "value": "Germany"
                     *         },
                     *         "version": 1
                     *       },
                     *       "partly_hidden": true,
                     *       "broken": null,
                     *       "broken_code": "",
                     *       "uses_count": 0,
                     *       "revision": 1,
                     *       "created_by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "updated_at": "2026-01-31T09:00:00.000Z",
                     *       "uses": [
                     *         {
                     *           "kind": "segment",
                     *           "id": "text",
                     *           "name": "text"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["SegmentDetail"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_delete_segment: {
        parameters: {
            query?: {
                /**
                 * @description Delete it although it is used.
                 * @example false
                 */
                force?: boolean;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The segment's id.
                 * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                segment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    segments_change_segment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The segment's id.
                 * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                segment: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "Paying in Germany",
                     *       "description": "text",
                     *       "kind": "dynamic",
                     *       "size": 424,
                     *       "computed_at": "2026-01-31T09:00:00.000Z",
                     *       "rebuilding": true,
                     *       "starred": true,
                     *       "sentence": "country is \"Germany\" and sum of amount over \"purchase\" in the last 90 days > 500",
                     *       "filter": {
                     *         "root": {
                     *           "field": "country",
                     *           "op": "is",
                     *           "type": "field",
                     *           "value": "Germany"
                     *         },
                     *         "version": 1
                     *       },
                     *       "partly_hidden": true,
                     *       "broken": null,
                     *       "broken_code": "",
                     *       "uses_count": 0,
                     *       "revision": 1,
                     *       "created_by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "updated_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["SegmentOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    jobs_get_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The job's id.
                 * @example job_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "kind": "import.rehearse",
                     *       "title": "Rehearsal of people.csv",
                     *       "title_code": "rehearsal",
                     *       "title_details": {
                     *         "name": "people.csv"
                     *       },
                     *       "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "queued",
                     *       "phase": "Going through the rows",
                     *       "phase_code": "rows",
                     *       "unit": "rows",
                     *       "progress": {
                     *         "done": 12000,
                     *         "total": 50000,
                     *         "rate": 4100.5,
                     *         "seconds_left": 9
                     *       },
                     *       "result": {
                     *         "counts": {
                     *           "created": 120,
                     *           "updated": 14
                     *         }
                     *       },
                     *       "error": "",
                     *       "failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "cancelling": true,
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "attempts": 1,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "started_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *       "files": [
                     *         {
                     *           "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "people.csv",
                     *           "purpose": "export",
                     *           "size": 48213,
                     *           "expires_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    jobs_download_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The file's id.
                 * @example file_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example  */
                    "application/octet-stream": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_get_import: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The import's id.
                 * @example imp_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                import_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "people.csv",
                     *       "format": "text",
                     *       "size": 48213,
                     *       "state": "uploaded",
                     *       "sheets": [
                     *         "Customers"
                     *       ],
                     *       "sheet": "text",
                     *       "encoding": "utf-8",
                     *       "delimiter": ",",
                     *       "header_row": 1,
                     *       "preview": [
                     *         {
                     *           "row": 1,
                     *           "cells": [
                     *             "E-Mail",
                     *             "Name"
                     *           ]
                     *         }
                     *       ],
                     *       "columns": [
                     *         {
                     *           "place": 1,
                     *           "header": "E-Mail",
                     *           "samples": [
                     *             "ada@example.org"
                     *           ],
                     *           "filled": 998,
                     *           "distinct": 998,
                     *           "types": {
                     *             "email": 0.99,
                     *             "text": 1
                     *           },
                     *           "date_order": "ymd",
                     *           "decimal": ".",
                     *           "suggestion": {
                     *             "field": "email",
                     *             "type": "text",
                     *             "exists": true,
                     *             "why": "the name"
                     *           }
                     *         }
                     *       ],
                     *       "key": "email",
                     *       "plan": {
                     *         "columns": [
                     *           {
                     *             "column": 1,
                     *             "field": "email"
                     *           },
                     *           {
                     *             "column": 2,
                     *             "field": "name"
                     *           },
                     *           {
                     *             "column": 3,
                     *             "field": "plan",
                     *             "label": "Plan",
                     *             "type": "text"
                     *           }
                     *         ],
                     *         "existing": "update",
                     *         "key": "email",
                     *         "missing": "create",
                     *         "tags": [
                     *           "imported"
                     *         ]
                     *       },
                     *       "rehearsal": "text",
                     *       "run": "text",
                     *       "undo": "text",
                     *       "counts": {
                     *         "created": 120,
                     *         "rejected": 2,
                     *         "updated": 14
                     *       },
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "created_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ImportOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_delete_import: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The import's id.
                 * @example imp_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                import_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_delete_export_destination: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The destination's id.
                 * @example dst_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                destination: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_change_export_destination: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The destination's id.
                 * @example dst_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                destination: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DestinationPatch"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "dst_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "Warehouse",
                     *       "kind": "folder",
                     *       "place": "https://s3.eu-central-1.amazonaws.com/acme-exports/coterie",
                     *       "folder": "text",
                     *       "endpoint": "text",
                     *       "region": "text",
                     *       "bucket": "text",
                     *       "prefix": "text",
                     *       "key_id": "text",
                     *       "checked_at": "2026-01-31T09:00:00.000Z",
                     *       "check_error": {
                     *         "reason": "expected a number, got 'three'",
                     *         "code": "no_number",
                     *         "details": {
                     *           "value": "'three'"
                     *         }
                     *       },
                     *       "created_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["DestinationOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_get_export_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The schedule's id.
                 * @example exs_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                schedule: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "exs_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "Known people",
                     *       "destination": "dst_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "destination_name": "Warehouse",
                     *       "every": "hour",
                     *       "at": "06:30",
                     *       "weekday": 1,
                     *       "day": 1,
                     *       "next_at": "2026-01-31T09:00:00.000Z",
                     *       "paused": true,
                     *       "paused_reason": {
                     *         "reason": "expected a number, got 'three'",
                     *         "code": "no_number",
                     *         "details": {
                     *           "value": "'three'"
                     *         }
                     *       },
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "where": "text",
                     *       "segment": "",
                     *       "columns": [
                     *         "number",
                     *         "email"
                     *       ],
                     *       "format": "csv",
                     *       "last_job": "text",
                     *       "last_state": "queued",
                     *       "last_error": "",
                     *       "last_failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "last_delivery": {
                     *         "place": "folder crm/nightly",
                     *         "object": "known-people-20260131T053000Z.csv",
                     *         "size": 48213,
                     *         "rows": 1204,
                     *         "sha256": "text",
                     *         "at": "2026-01-31T09:00:00.000Z"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ScheduleOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_delete_export_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The schedule's id.
                 * @example exs_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                schedule: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_change_export_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The schedule's id.
                 * @example exs_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                schedule: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SchedulePatch"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "exs_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "Known people",
                     *       "destination": "dst_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "destination_name": "Warehouse",
                     *       "every": "hour",
                     *       "at": "06:30",
                     *       "weekday": 1,
                     *       "day": 1,
                     *       "next_at": "2026-01-31T09:00:00.000Z",
                     *       "paused": true,
                     *       "paused_reason": {
                     *         "reason": "expected a number, got 'three'",
                     *         "code": "no_number",
                     *         "details": {
                     *           "value": "'three'"
                     *         }
                     *       },
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "where": "text",
                     *       "segment": "",
                     *       "columns": [
                     *         "number",
                     *         "email"
                     *       ],
                     *       "format": "csv",
                     *       "last_job": "text",
                     *       "last_state": "queued",
                     *       "last_error": "",
                     *       "last_failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "last_delivery": {
                     *         "place": "folder crm/nightly",
                     *         "object": "known-people-20260131T053000Z.csv",
                     *         "size": 48213,
                     *         "rows": 1204,
                     *         "sha256": "text",
                     *         "at": "2026-01-31T09:00:00.000Z"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ScheduleOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_ban_person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "number": 42
                     *     }
                     */
                    "application/json": components["schemas"]["NumberOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_unban_person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "number": 42
                     *     }
                     */
                    "application/json": components["schemas"]["NumberOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_list_notes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "note_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *           "text": "text",
                     *           "pinned": true,
                     *           "author": "Ann Example",
                     *           "by": "user:usr_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *           "person": 42,
                     *           "created_at": "2026-01-31T09:00:00.000Z",
                     *           "edited_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["NotesOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_add_note: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NoteBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "note_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *       "text": "text",
                     *       "pinned": true,
                     *       "author": "Ann Example",
                     *       "by": "user:usr_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *       "person": 42,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "edited_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["NoteOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_change_attribute_type: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The attribute's id. */
                attribute: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TypeBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "values": 1200,
                     *       "converted": 1197,
                     *       "rejected": 3,
                     *       "samples": [
                     *         {
                     *           "reason": "expected a number, got 'three'",
                     *           "code": "no_number",
                     *           "details": {
                     *             "value": "'three'"
                     *           },
                     *           "number": 1,
                     *           "value": null
                     *         }
                     *       ],
                     *       "job": {
                     *         "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "kind": "import.rehearse",
                     *         "title": "Rehearsal of people.csv",
                     *         "title_code": "rehearsal",
                     *         "title_details": {
                     *           "name": "people.csv"
                     *         },
                     *         "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "state": "queued",
                     *         "phase": "Going through the rows",
                     *         "phase_code": "rows",
                     *         "unit": "rows",
                     *         "progress": {
                     *           "done": 12000,
                     *           "total": 50000,
                     *           "rate": 4100.5,
                     *           "seconds_left": 9
                     *         },
                     *         "result": {
                     *           "counts": {
                     *             "created": 120,
                     *             "updated": 14
                     *           }
                     *         },
                     *         "error": "",
                     *         "failure": {
                     *           "code": "not_found",
                     *           "message": "Not found.",
                     *           "details": {}
                     *         },
                     *         "cancelling": true,
                     *         "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "attempts": 1,
                     *         "created_at": "2026-01-31T09:00:00.000Z",
                     *         "started_at": "2026-01-31T09:00:00.000Z",
                     *         "finished_at": "2026-01-31T09:00:00.000Z",
                     *         "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *         "files": [
                     *           {
                     *             "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *             "name": "people.csv",
                     *             "purpose": "export",
                     *             "size": 48213,
                     *             "expires_at": "2026-01-31T09:00:00.000Z"
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["TypeReportOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    merging_merge_with: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MergeChoicesBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "number": 42,
                     *       "merged": 57,
                     *       "merge": 17
                     *     }
                     */
                    "application/json": components["schemas"]["MergedOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    merging_unmerge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The merge's id. */
                merge: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "survivor": 42,
                     *       "merged": 57,
                     *       "conflicts": [
                     *         {
                     *           "field": "city",
                     *           "now": "Hamburg",
                     *           "survivor": "Berlin",
                     *           "merged": "Bonn"
                     *         }
                     *       ],
                     *       "held": [
                     *         {
                     *           "kind": "email",
                     *           "value": "ann@example.com",
                     *           "holder": 60
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["UnmergedOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_copy_person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "kind": "import.rehearse",
                     *       "title": "Rehearsal of people.csv",
                     *       "title_code": "rehearsal",
                     *       "title_details": {
                     *         "name": "people.csv"
                     *       },
                     *       "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "queued",
                     *       "phase": "Going through the rows",
                     *       "phase_code": "rows",
                     *       "unit": "rows",
                     *       "progress": {
                     *         "done": 12000,
                     *         "total": 50000,
                     *         "rate": 4100.5,
                     *         "seconds_left": 9
                     *       },
                     *       "result": {
                     *         "counts": {
                     *           "created": 120,
                     *           "updated": 14
                     *         }
                     *       },
                     *       "error": "",
                     *       "failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "cancelling": true,
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "attempts": 1,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "started_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *       "files": [
                     *         {
                     *           "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "people.csv",
                     *           "purpose": "export",
                     *           "size": 48213,
                     *           "expires_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    privacy_get_certificate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The erasure's id. */
                erasure: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "statement": {
                     *         "erasure": "era_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *         "people": 2
                     *       },
                     *       "algorithm": "Ed25519",
                     *       "public_key": "MCowBQYDK2VwAyEA",
                     *       "signature": "c2lnbmF0dXJl"
                     *     }
                     */
                    "application/json": components["schemas"]["CertificateOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_explain: {
        parameters: {
            query?: {
                /** @description Id of a segment. */
                segment?: string | null;
                /** @description A filter as a sentence; without one, everyone. */
                where?: string | null;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "matches": true,
                     *       "sentence": "country is \"United States\" and (language is \"English\" or tags has any of (\"vip\", \"beta\"))",
                     *       "reasons": [
                     *         {
                     *           "condition": "country is \"Germany\"",
                     *           "matches": true,
                     *           "value": "Germany",
                     *           "origin": null
                     *         }
                     *       ],
                     *       "now": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ExplanationOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_events: {
        parameters: {
            query?: {
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string | null;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "text",
                     *           "name": "purchase",
                     *           "kind": "track",
                     *           "at": "2026-01-31T09:00:00.000Z",
                     *           "received_at": "2026-01-31T09:00:00.000Z",
                     *           "source": "text",
                     *           "properties": {
                     *             "amount": 42
                     *           }
                     *         }
                     *       ],
                     *       "next": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["TimelinePage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    audience_last_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "session": {
                     *         "started_at": "2026-01-31T09:00:00.000Z",
                     *         "ended_at": "2026-01-31T09:00:00.000Z",
                     *         "events": [
                     *           {
                     *             "name": "purchase",
                     *             "count": 1
                     *           }
                     *         ],
                     *         "changes": [
                     *           {
                     *             "field": "plan",
                     *             "value": "pro",
                     *             "origin": "tracking",
                     *             "ref": "text",
                     *             "at": "2026-01-31T09:00:00.000Z"
                     *           }
                     *         ],
                     *         "complete": true
                     *       },
                     *       "habit": {
                     *         "sessions": 6,
                     *         "days": 90
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["LastSessionOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_duplicate_segment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The segment's id.
                 * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                segment: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CopyBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "Paying in Germany",
                     *       "description": "text",
                     *       "kind": "dynamic",
                     *       "size": 424,
                     *       "computed_at": "2026-01-31T09:00:00.000Z",
                     *       "rebuilding": true,
                     *       "starred": true,
                     *       "sentence": "country is \"Germany\" and sum of amount over \"purchase\" in the last 90 days > 500",
                     *       "filter": {
                     *         "root": {
                     *           "field": "country",
                     *           "op": "is",
                     *           "type": "field",
                     *           "value": "Germany"
                     *         },
                     *         "version": 1
                     *       },
                     *       "partly_hidden": true,
                     *       "broken": null,
                     *       "broken_code": "",
                     *       "uses_count": 0,
                     *       "revision": 1,
                     *       "created_by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "updated_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["SegmentOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_restore_segment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The segment's id.
                 * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                segment: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestoreBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "Paying in Germany",
                     *       "description": "text",
                     *       "kind": "dynamic",
                     *       "size": 424,
                     *       "computed_at": "2026-01-31T09:00:00.000Z",
                     *       "rebuilding": true,
                     *       "starred": true,
                     *       "sentence": "country is \"Germany\" and sum of amount over \"purchase\" in the last 90 days > 500",
                     *       "filter": {
                     *         "root": {
                     *           "field": "country",
                     *           "op": "is",
                     *           "type": "field",
                     *           "value": "Germany"
                     *         },
                     *         "version": 1
                     *       },
                     *       "partly_hidden": true,
                     *       "broken": null,
                     *       "broken_code": "",
                     *       "uses_count": 0,
                     *       "revision": 1,
                     *       "created_by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "updated_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["SegmentOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_star_segment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The segment's id.
                 * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                segment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    segments_unstar_segment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The segment's id.
                 * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                segment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    segments_get_hidden: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The segment's id.
                 * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                segment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "roles": [
                     *         "agent"
                     *       ],
                     *       "users": []
                     *     }
                     */
                    "application/json": components["schemas"]["HiddenOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_set_hidden: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The segment's id.
                 * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                segment: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HiddenBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "roles": [
                     *         "agent"
                     *       ],
                     *       "users": []
                     *     }
                     */
                    "application/json": components["schemas"]["HiddenOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_segment_people: {
        parameters: {
            query?: {
                /** @description A field; `-` before it for descending. */
                sort?: string;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string | null;
                /** @description ISO 8601 with a zone. */
                at?: string | null;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The segment's id.
                 * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                segment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 424,
                     *       "items": [
                     *         {
                     *           "number": 42,
                     *           "created_at": "2026-01-31T09:00:00.000Z",
                     *           "values": {
                     *             "country": "Germany",
                     *             "name": "Ada",
                     *             "tags": [
                     *               "vip"
                     *             ]
                     *           },
                     *           "since": "2026-01-31T09:00:00.000Z",
                     *           "cause": "event",
                     *           "ref": "purchase"
                     *         }
                     *       ],
                     *       "next": null,
                     *       "now": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["SegmentPeople"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_change_members: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The segment's id.
                 * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                segment: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MembersBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "added": 2,
                     *       "removed": 0
                     *     }
                     */
                    "application/json": components["schemas"]["MembersOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_segment_history: {
        parameters: {
            query?: {
                /** @description ISO 8601 with a zone. */
                since?: string | null;
                /** @description ISO 8601 with a zone. */
                until?: string | null;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string | null;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The segment's id.
                 * @example seg_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                segment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sizes": [
                     *         {
                     *           "at": "2026-01-31T09:00:00.000Z",
                     *           "size": 424,
                     *           "entered": 3,
                     *           "left": 1
                     *         }
                     *       ],
                     *       "entered": 120,
                     *       "left": 14,
                     *       "transitions": [
                     *         {
                     *           "number": 42,
                     *           "name": "Ada",
                     *           "entered": true,
                     *           "at": "2026-01-31T09:00:00.000Z",
                     *           "cause": "event",
                     *           "ref": "purchase"
                     *         }
                     *       ],
                     *       "next": "text",
                     *       "revisions": [
                     *         {
                     *           "revision": 1,
                     *           "name": "text",
                     *           "description": "text",
                     *           "sentence": "text",
                     *           "filter": {
                     *             "root": {
                     *               "field": "country",
                     *               "op": "is",
                     *               "type": "field",
                     *               "value": "Germany"
                     *             },
                     *             "version": 1
                     *           },
                     *           "by": "text",
                     *           "at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["HistoryOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    segments_person_segments: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "Paying in Germany",
                     *           "kind": "dynamic",
                     *           "since": "2026-01-31T09:00:00.000Z",
                     *           "cause": "event",
                     *           "ref": "purchase"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["PersonSegments"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    jobs_cancel_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The job's id.
                 * @example job_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "kind": "import.rehearse",
                     *       "title": "Rehearsal of people.csv",
                     *       "title_code": "rehearsal",
                     *       "title_details": {
                     *         "name": "people.csv"
                     *       },
                     *       "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "queued",
                     *       "phase": "Going through the rows",
                     *       "phase_code": "rows",
                     *       "unit": "rows",
                     *       "progress": {
                     *         "done": 12000,
                     *         "total": 50000,
                     *         "rate": 4100.5,
                     *         "seconds_left": 9
                     *       },
                     *       "result": {
                     *         "counts": {
                     *           "created": 120,
                     *           "updated": 14
                     *         }
                     *       },
                     *       "error": "",
                     *       "failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "cancelling": true,
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "attempts": 1,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "started_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *       "files": [
                     *         {
                     *           "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "people.csv",
                     *           "purpose": "export",
                     *           "size": 48213,
                     *           "expires_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    jobs_retry_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The job's id.
                 * @example job_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "kind": "import.rehearse",
                     *       "title": "Rehearsal of people.csv",
                     *       "title_code": "rehearsal",
                     *       "title_details": {
                     *         "name": "people.csv"
                     *       },
                     *       "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "queued",
                     *       "phase": "Going through the rows",
                     *       "phase_code": "rows",
                     *       "unit": "rows",
                     *       "progress": {
                     *         "done": 12000,
                     *         "total": 50000,
                     *         "rate": 4100.5,
                     *         "seconds_left": 9
                     *       },
                     *       "result": {
                     *         "counts": {
                     *           "created": 120,
                     *           "updated": 14
                     *         }
                     *       },
                     *       "error": "",
                     *       "failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "cancelling": true,
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "attempts": 1,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "started_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *       "files": [
                     *         {
                     *           "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "people.csv",
                     *           "purpose": "export",
                     *           "size": 48213,
                     *           "expires_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_inspect_import: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The import's id.
                 * @example imp_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                import_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LayoutBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "people.csv",
                     *       "format": "text",
                     *       "size": 48213,
                     *       "state": "uploaded",
                     *       "sheets": [
                     *         "Customers"
                     *       ],
                     *       "sheet": "text",
                     *       "encoding": "utf-8",
                     *       "delimiter": ",",
                     *       "header_row": 1,
                     *       "preview": [
                     *         {
                     *           "row": 1,
                     *           "cells": [
                     *             "E-Mail",
                     *             "Name"
                     *           ]
                     *         }
                     *       ],
                     *       "columns": [
                     *         {
                     *           "place": 1,
                     *           "header": "E-Mail",
                     *           "samples": [
                     *             "ada@example.org"
                     *           ],
                     *           "filled": 998,
                     *           "distinct": 998,
                     *           "types": {
                     *             "email": 0.99,
                     *             "text": 1
                     *           },
                     *           "date_order": "ymd",
                     *           "decimal": ".",
                     *           "suggestion": {
                     *             "field": "email",
                     *             "type": "text",
                     *             "exists": true,
                     *             "why": "the name"
                     *           }
                     *         }
                     *       ],
                     *       "key": "email",
                     *       "plan": {
                     *         "columns": [
                     *           {
                     *             "column": 1,
                     *             "field": "email"
                     *           },
                     *           {
                     *             "column": 2,
                     *             "field": "name"
                     *           },
                     *           {
                     *             "column": 3,
                     *             "field": "plan",
                     *             "label": "Plan",
                     *             "type": "text"
                     *           }
                     *         ],
                     *         "existing": "update",
                     *         "key": "email",
                     *         "missing": "create",
                     *         "tags": [
                     *           "imported"
                     *         ]
                     *       },
                     *       "rehearsal": "text",
                     *       "run": "text",
                     *       "undo": "text",
                     *       "counts": {
                     *         "created": 120,
                     *         "rejected": 2,
                     *         "updated": 14
                     *       },
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "created_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ImportOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_set_import_plan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The import's id.
                 * @example imp_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                import_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportPlan"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "people.csv",
                     *       "format": "text",
                     *       "size": 48213,
                     *       "state": "uploaded",
                     *       "sheets": [
                     *         "Customers"
                     *       ],
                     *       "sheet": "text",
                     *       "encoding": "utf-8",
                     *       "delimiter": ",",
                     *       "header_row": 1,
                     *       "preview": [
                     *         {
                     *           "row": 1,
                     *           "cells": [
                     *             "E-Mail",
                     *             "Name"
                     *           ]
                     *         }
                     *       ],
                     *       "columns": [
                     *         {
                     *           "place": 1,
                     *           "header": "E-Mail",
                     *           "samples": [
                     *             "ada@example.org"
                     *           ],
                     *           "filled": 998,
                     *           "distinct": 998,
                     *           "types": {
                     *             "email": 0.99,
                     *             "text": 1
                     *           },
                     *           "date_order": "ymd",
                     *           "decimal": ".",
                     *           "suggestion": {
                     *             "field": "email",
                     *             "type": "text",
                     *             "exists": true,
                     *             "why": "the name"
                     *           }
                     *         }
                     *       ],
                     *       "key": "email",
                     *       "plan": {
                     *         "columns": [
                     *           {
                     *             "column": 1,
                     *             "field": "email"
                     *           },
                     *           {
                     *             "column": 2,
                     *             "field": "name"
                     *           },
                     *           {
                     *             "column": 3,
                     *             "field": "plan",
                     *             "label": "Plan",
                     *             "type": "text"
                     *           }
                     *         ],
                     *         "existing": "update",
                     *         "key": "email",
                     *         "missing": "create",
                     *         "tags": [
                     *           "imported"
                     *         ]
                     *       },
                     *       "rehearsal": "text",
                     *       "run": "text",
                     *       "undo": "text",
                     *       "counts": {
                     *         "created": 120,
                     *         "rejected": 2,
                     *         "updated": 14
                     *       },
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "created_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ImportOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_rehearse_import: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The import's id.
                 * @example imp_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                import_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "kind": "import.rehearse",
                     *       "title": "Rehearsal of people.csv",
                     *       "title_code": "rehearsal",
                     *       "title_details": {
                     *         "name": "people.csv"
                     *       },
                     *       "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "queued",
                     *       "phase": "Going through the rows",
                     *       "phase_code": "rows",
                     *       "unit": "rows",
                     *       "progress": {
                     *         "done": 12000,
                     *         "total": 50000,
                     *         "rate": 4100.5,
                     *         "seconds_left": 9
                     *       },
                     *       "result": {
                     *         "counts": {
                     *           "created": 120,
                     *           "updated": 14
                     *         }
                     *       },
                     *       "error": "",
                     *       "failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "cancelling": true,
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "attempts": 1,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "started_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *       "files": [
                     *         {
                     *           "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "people.csv",
                     *           "purpose": "export",
                     *           "size": 48213,
                     *           "expires_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_run_import: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The import's id.
                 * @example imp_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                import_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "kind": "import.rehearse",
                     *       "title": "Rehearsal of people.csv",
                     *       "title_code": "rehearsal",
                     *       "title_details": {
                     *         "name": "people.csv"
                     *       },
                     *       "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "queued",
                     *       "phase": "Going through the rows",
                     *       "phase_code": "rows",
                     *       "unit": "rows",
                     *       "progress": {
                     *         "done": 12000,
                     *         "total": 50000,
                     *         "rate": 4100.5,
                     *         "seconds_left": 9
                     *       },
                     *       "result": {
                     *         "counts": {
                     *           "created": 120,
                     *           "updated": 14
                     *         }
                     *       },
                     *       "error": "",
                     *       "failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "cancelling": true,
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "attempts": 1,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "started_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *       "files": [
                     *         {
                     *           "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "people.csv",
                     *           "purpose": "export",
                     *           "size": 48213,
                     *           "expires_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_undo_import: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The import's id.
                 * @example imp_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                import_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "kind": "import.rehearse",
                     *       "title": "Rehearsal of people.csv",
                     *       "title_code": "rehearsal",
                     *       "title_details": {
                     *         "name": "people.csv"
                     *       },
                     *       "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "queued",
                     *       "phase": "Going through the rows",
                     *       "phase_code": "rows",
                     *       "unit": "rows",
                     *       "progress": {
                     *         "done": 12000,
                     *         "total": 50000,
                     *         "rate": 4100.5,
                     *         "seconds_left": 9
                     *       },
                     *       "result": {
                     *         "counts": {
                     *           "created": 120,
                     *           "updated": 14
                     *         }
                     *       },
                     *       "error": "",
                     *       "failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "cancelling": true,
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "attempts": 1,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "started_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *       "files": [
                     *         {
                     *           "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "people.csv",
                     *           "purpose": "export",
                     *           "size": 48213,
                     *           "expires_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_list_import_rows: {
        parameters: {
            query?: {
                /** @description Of the rehearsal, the run or the undo. */
                phase?: "rehearsal" | "run" | "undo";
                /** @description Only rows with this outcome. */
                outcome?: ("created" | "updated" | "unchanged" | "skipped" | "duplicate" | "rejected" | "restored" | "kept") | null;
                /** @description `next` of the page before. */
                cursor?: string | null;
                /**
                 * @description At most so many on a page.
                 * @example 50
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The import's id.
                 * @example imp_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                import_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "reason": "expected a number, got 'three'",
                     *           "code": "no_number",
                     *           "details": {
                     *             "value": "'three'"
                     *           },
                     *           "line": 2,
                     *           "outcome": "created",
                     *           "number": 42,
                     *           "changes": {
                     *             "city": [
                     *               "Rome",
                     *               "Milan"
                     *             ]
                     *           },
                     *           "problems": [
                     *             {
                     *               "reason": "expected a number, got 'three'",
                     *               "code": "no_number",
                     *               "details": {
                     *                 "value": "'three'"
                     *               },
                     *               "field": "email",
                     *               "cell": "x"
                     *             }
                     *           ],
                     *           "warnings": [
                     *             {
                     *               "reason": "expected a number, got 'three'",
                     *               "code": "no_number",
                     *               "details": {
                     *                 "value": "'three'"
                     *               }
                     *             }
                     *           ],
                     *           "cells": [
                     *             "text"
                     *           ],
                     *           "of": null
                     *         }
                     *       ],
                     *       "next": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["ImportRowPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_check_export_destination: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The destination's id.
                 * @example dst_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                destination: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "dst_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "name": "Warehouse",
                     *       "kind": "folder",
                     *       "place": "https://s3.eu-central-1.amazonaws.com/acme-exports/coterie",
                     *       "folder": "text",
                     *       "endpoint": "text",
                     *       "region": "text",
                     *       "bucket": "text",
                     *       "prefix": "text",
                     *       "key_id": "text",
                     *       "checked_at": "2026-01-31T09:00:00.000Z",
                     *       "check_error": {
                     *         "reason": "expected a number, got 'three'",
                     *         "code": "no_number",
                     *         "details": {
                     *           "value": "'three'"
                     *         }
                     *       },
                     *       "created_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["DestinationOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    transfers_run_export_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /**
                 * @description The schedule's id.
                 * @example exs_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                schedule: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "kind": "import.rehearse",
                     *       "title": "Rehearsal of people.csv",
                     *       "title_code": "rehearsal",
                     *       "title_details": {
                     *         "name": "people.csv"
                     *       },
                     *       "about": "imp_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "state": "queued",
                     *       "phase": "Going through the rows",
                     *       "phase_code": "rows",
                     *       "unit": "rows",
                     *       "progress": {
                     *         "done": 12000,
                     *         "total": 50000,
                     *         "rate": 4100.5,
                     *         "seconds_left": 9
                     *       },
                     *       "result": {
                     *         "counts": {
                     *           "created": 120,
                     *           "updated": 14
                     *         }
                     *       },
                     *       "error": "",
                     *       "failure": {
                     *         "code": "not_found",
                     *         "message": "Not found.",
                     *         "details": {}
                     *       },
                     *       "cancelling": true,
                     *       "by": "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *       "attempts": 1,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "started_at": "2026-01-31T09:00:00.000Z",
                     *       "finished_at": "2026-01-31T09:00:00.000Z",
                     *       "heartbeat_at": "2026-01-31T09:00:00.000Z",
                     *       "files": [
                     *         {
                     *           "id": "file_01kb3z8m0v6x9k2q4r7t5w1y3n",
                     *           "name": "people.csv",
                     *           "purpose": "export",
                     *           "size": 48213,
                     *           "expires_at": "2026-01-31T09:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    merging_preview_merge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MergeWithBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "survivor": {
                     *         "number": 42,
                     *         "identities": [
                     *           {
                     *             "kind": "email",
                     *             "value": "ann@example.com",
                     *             "since": "2026-01-31T09:00:00.000Z",
                     *             "origin": "tracking"
                     *           }
                     *         ],
                     *         "notes": 2
                     *       },
                     *       "merged": {
                     *         "number": 42,
                     *         "identities": [
                     *           {
                     *             "kind": "email",
                     *             "value": "ann@example.com",
                     *             "since": "2026-01-31T09:00:00.000Z",
                     *             "origin": "tracking"
                     *           }
                     *         ],
                     *         "notes": 2
                     *       },
                     *       "fields": [
                     *         {
                     *           "field": "city",
                     *           "label": "City",
                     *           "survivor": {
                     *             "value": "Berlin",
                     *             "origin": {
                     *               "kind": "tracking",
                     *               "ref": "key_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *               "at": "2026-01-31T09:00:00.000Z"
                     *             }
                     *           },
                     *           "merged": {
                     *             "value": "Berlin",
                     *             "origin": {
                     *               "kind": "tracking",
                     *               "ref": "key_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *               "at": "2026-01-31T09:00:00.000Z"
                     *             }
                     *           },
                     *           "result": "Berlin",
                     *           "takes": "same",
                     *           "choosable": true
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["MergePreviewOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    people_delete_note: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
                /**
                 * @description The note's id.
                 * @example note_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                note: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    people_change_note: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The workspace's slug.
                 * @example acme
                 */
                slug: string;
                /** @description The person's number. */
                number: number;
                /**
                 * @description The note's id.
                 * @example note_01kb3z8m0v6x9k2q4r7t5w1y3n
                 */
                note: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NoteChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "note_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *       "text": "text",
                     *       "pinned": true,
                     *       "author": "Ann Example",
                     *       "by": "user:usr_01jd3x5vq8w2k6m4n9p7r1s0ta",
                     *       "person": 42,
                     *       "created_at": "2026-01-31T09:00:00.000Z",
                     *       "edited_at": "2026-01-31T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["NoteOut"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
}
