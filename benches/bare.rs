//! The ceiling of cached reads: the same HTTP server with nothing behind it, answering the bytes of a file from memory.

use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, web};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bare ADDRESS FILE [WORKERS]".into());
    };
    let address: SocketAddr = address.parse()?;
    let workers = arguments.next().map_or(Ok(2), |text| text.parse())?;
    let body = bytes::Bytes::from(std::fs::read(file)?);
    let handler = move || {
        let body = body.clone();
        async move { HttpResponse::Ok().content_type("application/json").body(body) }
    };
    HttpServer::new(move || App::new().default_service(web::to(handler.clone()))).workers(workers).tcp_nodelay(true).bind(address)?.run().await?;
    Ok(())
}
