//! The document: what every operation has in common is added here once, so that no handler has to repeat it.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use crate::db::page::{Page, PageInfo};
use crate::error::{FieldError, Problem};

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .property("data", ArrayBuilder::new().items(Ref::from_schema_name(T::name())))
            .property("page", Ref::from_schema_name(PageInfo::name()))
            .required("data")
            .required("page")
            .description(Some("A page of a list."))
            .into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("{}Page", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
        schemas.push((PageInfo::name().into_owned(), PageInfo::schema()));
    }
}

/// (status, name of the shared response, when it comes)
const REFUSALS: &[(&str, &str, &str)] = &[
    ("400", "BadRequest", "The request could not be read: bad JSON, an unknown member or parameter, a value out of range, a cursor of another list."),
    ("401", "Unauthenticated", "No valid credentials."),
    ("403", "Forbidden", "The role does not allow it."),
    ("404", "NotFound", "There is nothing with this id or slug, or the caller may not know of it."),
    ("406", "NotAcceptable", "None of the accepted formats can be produced."),
    ("408", "RequestTimeout", "The body did not arrive in time."),
    ("409", "Conflict", "A slug or address is taken, the thing is in use, or its state does not allow it."),
    ("410", "Gone", "It was taken down."),
    ("412", "PreconditionFailed", "The resource has changed since it was read; `current_version` says to what."),
    ("413", "PayloadTooLarge", "The body is too large."),
    ("415", "UnsupportedMediaType", "The body's media type or encoding is not supported."),
    ("416", "RangeNotSatisfiable", "The range lies outside the file; `Content-Range` says how long it is."),
    ("422", "Invalid", "The content is well-formed but not valid; `errors` says where."),
    ("428", "PreconditionRequired", "If-Match is missing."),
    ("429", "TooManyRequests", "Too many requests; `Retry-After` says when to come again."),
    ("500", "Internal", "A failure of the service, logged under the request id."),
    ("503", "Unavailable", "The database cannot be reached or is busy; `Retry-After` says when to come again."),
    ("507", "InsufficientStorage", "There is no room left for the file."),
];

/// Adds what all operations share: refusals, headers, the security scheme.
pub fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    components.schemas.insert(FieldError::name().into_owned(), FieldError::schema());
    for (status, name, when) in REFUSALS {
        components.responses.insert((*name).to_owned(), RefOr::T(refusal(status, when)));
    }
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(Some("An access token from `POST /v1/auth/login`, or an API key."));
    components.security_schemes.insert("bearer".to_owned(), RefOr::T(SecurityScheme::Http(bearer.build())));
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete_operation(path, &method, operation);
        }
    }
}

fn operations(item: &mut PathItem) -> Vec<(HttpMethod, &mut Operation)> {
    let all = [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Delete, &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation))).collect()
}

fn refusal(status: &str, when: &str) -> Response {
    let mut response = ResponseBuilder::new().description(when).content("application/problem+json", Content::new(Some(Ref::from_schema_name("Problem"))));
    let text = || HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String).build()));
    match status {
        "401" => response = response.header("WWW-Authenticate", text().description(Some("How to authenticate (RFC 6750).")).build()),
        "429" | "503" => response = response.header("Retry-After", text().description(Some("Seconds to wait.")).build()),
        _ => {}
    }
    response.build()
}

fn is_public(operation: &Operation) -> bool {
    let requirements = operation.security.iter().flatten();
    requirements.clone().any(|r| serde_json::to_value(r).is_ok_and(|v| v == json!({})))
}

/// Whether what succeeds here is JSON and nothing else.
#[must_use]
pub fn answers_in_json_only(operation: &Operation) -> bool {
    let successes = operation.responses.responses.iter().filter(|(status, _)| status.starts_with('2'));
    let mut kinds = successes.filter_map(|(_, response)| if let RefOr::T(response) = response { Some(response.content.keys()) } else { None }).flatten().peekable();
    kinds.peek().is_some() && kinds.all(|kind| kind == "application/json")
}

/// Whether it is for the world, or asks who is there.
fn is_delivered(path: &str) -> bool {
    ["/v1/", "/feeds/", "/sitemaps/", "/robots.txt"].iter().any(|room| path.starts_with(room))
}

fn has_header(operation: &Operation, name: &str) -> bool {
    operation.parameters.iter().flatten().any(|p| matches!(p, RefOr::T(p) if matches!(p.parameter_in, ParameterIn::Header) && p.name == name))
}

/// Single things of the desk that have no version: their answers bear no ETag.
const UNVERSIONED: &[&str] = &["/v1/editorial/api-keys/{id}", "/v1/editorial/articles/{id}/revisions/{number}", "/v1/editorial/collections/{id}/revisions/{number}"];

fn complete_operation(path: &str, method: &HttpMethod, operation: &mut Operation) {
    if path == "/livez" {
        return;
    }
    let desk = path.starts_with("/v1/editorial");
    let public = is_public(operation);
    if desk && *method == HttpMethod::Post {
        add_header(
            operation,
            "Idempotency-Key",
            false,
            "A name for this very request, 1 to 255 visible ASCII characters: a retry with the same key and body within a day gets the first answer.",
        );
    }
    let refused = refusals_of(path, method, operation);
    let responses: &mut BTreeMap<_, _> = &mut operation.responses.responses;
    for status in refused {
        if let Some((_, name, _)) = REFUSALS.iter().find(|(s, _, _)| *s == status) {
            responses.entry(status.to_owned()).or_insert_with(|| RefOr::Ref(Ref::from_response_name(*name)));
        }
    }
    if *method == HttpMethod::Get && (public && is_delivered(path) || desk && path.ends_with('}') && !UNVERSIONED.contains(&path)) {
        add_header(operation, "If-None-Match", false, "The ETag of the answer you have; 304 when it is still the same.");
        operation.responses.responses.entry("304".to_owned()).or_insert_with(|| RefOr::T(ResponseBuilder::new().description("Unchanged since the given ETag.").build()));
    }
    if public && *method == HttpMethod::Get && is_delivered(path) && path.contains("{id}") {
        let location = HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String).build())).description(Some("Where it is now.")).build();
        operation.responses.responses.entry("308".to_owned()).or_insert_with(|| {
            RefOr::T(ResponseBuilder::new().description("The slug is an earlier one; the thing is at the given address now.").header("Location", location).build())
        });
    }
    describe_location(operation);
    describe_etag(operation);
    describe_bytes(operation);
}

/// Bytes are bytes: nobody sends or gets a list of numbers.
fn describe_bytes(operation: &mut Operation) {
    let sent = operation.request_body.iter_mut().filter_map(|body| if let RefOr::T(body) = body { Some(body.content.iter_mut()) } else { None });
    let answered = operation.responses.responses.values_mut().filter_map(|response| if let RefOr::T(response) = response { Some(response.content.iter_mut()) } else { None });
    for (kind, content) in sent.flatten().chain(answered.flatten()) {
        let RefOr::T(content) = content else { continue };
        if !kind.contains("json") && matches!(content.schema, Some(RefOr::T(Schema::Array(_)))) {
            let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
            content.schema = Some(RefOr::T(ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()));
        }
    }
}

/// Where something new is, is told with it (RFC 9110 section 15.3.2).
fn describe_location(operation: &mut Operation) {
    let Some(RefOr::T(created)) = operation.responses.responses.get_mut("201") else { return };
    let header = HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String).build())).description(Some("Where the new thing is.")).build();
    created.headers.entry("Location".to_owned()).or_insert(RefOr::T(header));
}

/// The statuses with which this operation may refuse.
fn refusals_of(path: &str, method: &HttpMethod, operation: &Operation) -> Vec<&'static str> {
    let (desk, public) = (path.starts_with("/v1/editorial"), is_public(operation));
    let mut statuses = vec!["400", "500", "503"];
    if !public || is_delivered(path) {
        // A bad token is refused on public operations too: it is never read as "anonymous".
        statuses.push("401");
    }
    if !public {
        statuses.extend(["403", "429"]);
    }
    if answers_in_json_only(operation) {
        statuses.push("406");
    }
    if path.contains('{') {
        statuses.push("404");
    }
    if operation.request_body.is_some() {
        statuses.extend(["408", "413", "415", "422"]);
    }
    if *method == HttpMethod::Post && desk {
        statuses.extend(["408", "409", "413", "415", "422"]);
    }
    if matches!(method, HttpMethod::Patch | HttpMethod::Put | HttpMethod::Delete) && desk {
        statuses.push("409");
    }
    if path.starts_with("/v1/articles/{") {
        statuses.push("410");
    }
    if path.ends_with("/file") {
        statuses.extend(["410", "416"]);
    }
    if path == "/v1/editorial/media" && *method == HttpMethod::Post {
        statuses.push("507");
    }
    if path.starts_with("/v1/auth/") {
        statuses.extend(match *method {
            HttpMethod::Post => &["408", "413", "429"][..],
            HttpMethod::Patch => &["409", "429"],
            _ => &[],
        });
    }
    if has_header(operation, "If-Match") {
        statuses.extend(["412", "428"]);
    }
    statuses
}

fn add_header(operation: &mut Operation, name: &str, required: bool, description: &str) {
    if has_header(operation, name) {
        return;
    }
    let parameter: Parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(if required { Required::True } else { Required::False })
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
}

/// Successful answers with content carry an ETag where the operation is conditional.
fn describe_etag(operation: &mut Operation) {
    let conditional = has_header(operation, "If-Match") || has_header(operation, "If-None-Match");
    let Some(RefOr::T(ok)) = operation.responses.responses.get_mut("200") else { return };
    if conditional && !ok.content.is_empty() {
        let header = HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String).build())).description(Some("The strong ETag of this version.")).build();
        ok.headers.entry("ETag".to_owned()).or_insert(RefOr::T(header));
    }
}
