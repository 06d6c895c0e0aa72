//! A way to a server that can be cut and mended, as a shop's line to the internet is. It must not know what goes over it.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A way that is open until it is cut. Dropping it cuts it.
#[derive(Debug)]
pub struct Way {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    is_cut: bool,
    /// Both ends of every connection that was made since the way was open.
    ends: Vec<TcpStream>,
}

impl Way {
    /// Opens a way on 127.0.0.1 to a server.
    ///
    /// # Panics
    /// When the system has no port.
    pub fn open(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = listener.unwrap_or_else(|error| panic!("no port for a way: {error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("a way has no address: {error}"));
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        // It ends with the test's process; a way that is cut for good lets nobody through.
        thread::spawn(move || {
            listener.incoming().flatten().for_each(|inside| {
                // A connection that cannot be made is one that is cut.
                let _ = connect(inside, server, &shared);
            });
        });
        Self { address, state }
    }

    /// Where it begins.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every connection over it, and lets no new one through.
    pub fn cut(&self) {
        let mut state = lock(&self.state);
        state.is_cut = true;
        // One that has ended already needs nothing.
        state.ends.drain(..).for_each(|end| drop(end.shutdown(Shutdown::Both)));
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        lock(&self.state).is_cut = false;
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.cut();
    }
}

fn connect(inside: TcpStream, server: SocketAddr, state: &Mutex<State>) -> io::Result<()> {
    let mut state = lock(state);
    if state.is_cut {
        return Ok(());
    }
    let outside = TcpStream::connect(server)?;
    state.ends.extend([inside.try_clone()?, outside.try_clone()?]);
    pass(inside.try_clone()?, outside.try_clone()?);
    pass(outside, inside);
    Ok(())
}

/// Passes on what comes until either end is over, and then tells the other.
fn pass(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
