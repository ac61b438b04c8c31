//! A wire in memory, and two ends of TLS on it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::rc::Rc;

/// Two ends of a connection, in one thread.
pub trait Pair {
    /// Sends from client to server, and reads it there.
    fn send(&mut self, message: &[u8], buffer: &mut [u8]);
}

/// One end of a wire. Reading from an empty one would block.
pub struct End {
    incoming: Rc<RefCell<VecDeque<u8>>>,
    outgoing: Rc<RefCell<VecDeque<u8>>>,
}

/// Makes both ends.
pub fn wire() -> (End, End) {
    let (there, back) = (Rc::default(), Rc::default());
    let one = End {
        incoming: Rc::clone(&back),
        outgoing: Rc::clone(&there),
    };
    let other = End {
        incoming: there,
        outgoing: back,
    };
    (one, other)
}

impl Read for End {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.incoming.borrow_mut().read(buffer)? {
            0 if !buffer.is_empty() => Err(io::ErrorKind::WouldBlock.into()),
            read => Ok(read),
        }
    }
}

impl Write for End {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outgoing.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
