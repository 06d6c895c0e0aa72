//! The demo in the browser: serves one page from a loopback port, with the counter, the customer's phone, what travels
//! between the parts, and faults to switch on. It must not know how the parts are started.

mod assets;
mod board;
mod choice;
mod doors;
mod faults;
mod guard;
mod hear;
mod keypad;
mod line;
mod news;
mod phone;
mod watch;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::providers::Providers;
use crate::shop::Shop;
use board::Board;
use faults::Switches;

/// Where the page is when nobody asked for another port.
const PORT: u16 = 8400;
/// No request of the page is larger, in bytes.
const LARGEST_BODY: usize = 4096;

/// Takes the port that was asked for; without one the usual port, or any other when that is taken.
///
/// # Errors
/// When the port cannot be had.
pub async fn bind(port: Option<u16>) -> io::Result<TcpListener> {
    let at = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    match port {
        Some(port) => at(port).await,
        None => match at(PORT).await {
            Ok(listener) => Ok(listener),
            Err(_) => at(0).await,
        },
    }
}

/// What every call of the page needs.
struct Desk {
    board: Arc<Board>,
    providers: Providers,
    switches: Switches,
}

/// Serves the page until the future is dropped, which also stops the shop.
///
/// # Errors
/// When the listener has no address.
pub async fn serve(listener: TcpListener, shop: Shop) -> io::Result<()> {
    let own = listener.local_addr()?;
    let providers = shop.providers.clone();
    let board = Arc::new(Board::new(shop.api, shop.wishes.provider));
    let mut watchers = JoinSet::new();
    watchers.spawn(watch::pictures(board.clone()));
    watchers.spawn(watch::sales(board.clone()));
    watchers.spawn(doors::payos(board.clone(), providers.clone()));
    watchers.spawn(doors::finan(board.clone(), providers.clone()));
    watchers.spawn(doors::glocal(board.clone(), providers.clone()));
    watchers.spawn(hear::broker(board.clone(), shop.broker));
    let desk = Arc::new(Desk { board: board.clone(), providers, switches: Switches::new(shop, board) });
    // Without a shutdown signal this ends only when it is dropped.
    axum::serve(listener, routes(desk, own)).await
}

fn routes(desk: Arc<Desk>, own: SocketAddr) -> Router {
    Router::new()
        .route("/screen.png", get(news::screen))
        .route("/news", get(news::news))
        .route("/keypad", post(keypad::press))
        .route("/phone/scan", post(phone::scan))
        .route("/phone/pay", post(phone::pay))
        .route("/faults", post(faults::switch))
        .route("/provider", post(choice::choose))
        .with_state(desk)
        .merge(assets::routes())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(own.port(), guard::guard))
}
