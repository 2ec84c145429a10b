vcl 4.1;

# Varnish in front of Masthead. Answers are kept as long as they allow, and forgotten by surrogate key as soon as the world
# changes: start the service with MASTHEAD_PURGE_URL naming this Varnish. Set the backend, and who may purge.

backend masthead {
    .host = "masthead";
    .port = "8080";
}

acl purgers {
    "localhost";
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) {
            return (synth(405));
        }
        # Keys are made of letters, digits and hyphens. Anything else has no place in an expression.
        if (req.http.Surrogate-Key !~ "^[a-z0-9-]+( [a-z0-9-]+)*$") {
            return (synth(400));
        }
        # A ban is read word by word, so the expression must not hold a space.
        ban("obj.http.Surrogate-Key ~ (^|[[:space:]])(" + regsuball(req.http.Surrogate-Key, " ", "|") + ")([[:space:]]|$)");
        return (synth(200, "Purged"));
    }
    # What is asked with credentials is answered for whoever asks alone.
    if (req.http.Authorization || (req.method != "GET" && req.method != "HEAD")) {
        return (pass);
    }
    unset req.http.Cookie;
    return (hash);
}

sub vcl_deliver {
    set resp.http.X-Cache = "MISS";
    if (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    }
}
