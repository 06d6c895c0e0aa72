//! An input event as the kernel writes it: `struct input_event` of input.h. It must not know what events mean.

/// The time comes first, two words of the machine that nobody here needs; type, code and value have eight bytes.
const TIME: usize = 2 * size_of::<usize>();
/// The size of one event.
pub(super) const SIZE: usize = TIME + 8;

/// What happened on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// What kind of thing, `EV_…`.
    pub(super) kind: u16,
    /// Which one of its kind.
    pub(super) code: u16,
    /// What became of it.
    pub(super) value: i32,
}

/// Reads whole events; nothing when the bytes are no whole events.
pub(super) fn read(bytes: &[u8]) -> Option<impl Iterator<Item = Record> + '_> {
    let events = bytes.chunks_exact(SIZE);
    events.remainder().is_empty().then(|| events.filter_map(one))
}

fn one(event: &[u8]) -> Option<Record> {
    let [k0, k1, c0, c1, v0, v1, v2, v3] = *event.get(TIME..)? else {
        return None;
    };
    let (kind, code) = (u16::from_ne_bytes([k0, k1]), u16::from_ne_bytes([c0, c1]));
    Some(Record { kind, code, value: i32::from_ne_bytes([v0, v1, v2, v3]) })
}

#[cfg(test)]
impl Record {
    /// Writes the event as the kernel does.
    pub(super) fn bytes(self) -> Vec<u8> {
        let mut bytes = vec![0; TIME];
        bytes.extend(self.kind.to_ne_bytes());
        bytes.extend(self.code.to_ne_bytes());
        bytes.extend(self.value.to_ne_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::{Record, SIZE, read};

    #[test]
    fn events_are_read_whole_or_not_at_all() {
        let event = Record { kind: 1, code: 79, value: -2 };
        let bytes = event.bytes();
        assert_eq!(bytes.len(), SIZE);
        // The kernel's own idea of it, as the library has it.
        assert_eq!(SIZE, size_of::<evdev::InputEvent>());
        let twice = [bytes.clone(), bytes.clone()].concat();
        assert_eq!(read(&twice).map(Iterator::collect::<Vec<_>>), Some(vec![event, event]));
        assert!(read(&bytes[1..]).is_none());
        assert_eq!(read(&[]).map(Iterator::count), Some(0));
    }
}
