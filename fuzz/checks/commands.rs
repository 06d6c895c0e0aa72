//! Commands of the fleet: none is believed that the one key there is has not signed, and what one says can be said again.

use till_wire::fleet::{Command, Instruction, MAX_COMMAND};

use super::check_error;
use super::enrolment::trusted;

/// Reads the input as a command.
pub fn commands(data: &[u8]) {
    match Command::peek(data) {
        Ok(command) => {
            assert!(data.len() <= MAX_COMMAND && !command.cmd.is_empty());
            assert!(command.begins_at().secs() >= command.iat);
            match command.instruction() {
                Ok(instruction) => {
                    let again = Instruction::parse(instruction.name(), &instruction.arguments());
                    assert_eq!(again, Ok(instruction));
                }
                Err(error) => check_error(&error, data, &[]),
            }
        }
        Err(error) => check_error(&error, data, &[]),
    }
    assert_eq!(Command::open(data, &[]).ok(), None, "nobody is trusted");
    if let Ok(command) = Command::open(data, trusted()) {
        // Whoever finds this has signed it himself, and it says what it says without proof.
        assert_eq!(Command::peek(data), Ok(command));
    }
}
