//! Completions of the command line for shells. It must not know what the verbs do.

use clap_complete::aot::{Bash, Fish, Zsh, generate};

use super::args::Shell;

/// Returns the script that a shell reads.
pub(super) fn script(shell: Shell) -> Vec<u8> {
    let mut command = super::command();
    let mut script = Vec::new();
    match shell {
        Shell::Bash => generate(Bash, &mut command, "till", &mut script),
        Shell::Zsh => generate(Zsh, &mut command, "till", &mut script),
        Shell::Fish => generate(Fish, &mut command, "till", &mut script),
    }
    script
}
