//! Completions for shells, tried in a real bash.

use std::fs;
use std::process::Command;

use super::Counter;

/// Completes the last of the words as bash would at a press of TAB.
fn complete(counter: &Counter, words: &[&str]) -> Vec<String> {
    let list = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let last = words.len() - 1;
    let script = format!(
        "source '{}'; COMP_WORDS=({list}); COMP_CWORD={last}; \
         _till till \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{last}-1]}}\"; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        counter.folder.join("till.bash").display(),
    );
    let output =
        Command::new("bash").args(["--norc", "-c", &script]).output().expect("bash is needed: apt install bash");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut words: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    words.sort();
    words
}

#[tokio::test]
async fn bash_completes_verbs_options_and_values() {
    // No configuration is needed: packages are made where there is none.
    let counter = Counter::new("completions", "this is no configuration");
    let script = counter.till(&["completions", "bash"]).await;
    assert_eq!((script.code, script.err.as_str()), (0, ""));
    let file = counter.folder.join("till.bash");
    fs::write(&file, &script.out).expect("the folder takes a file");
    let checked = Command::new("bash").arg("-n").arg(&file).output().expect("bash is needed: apt install bash");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let cases: [(&[&str], &[&str]); 9] = [
        (&["till", "sa"], &["sale", "sales"]),
        (&["till", "ma"], &["match"]),
        (&["till", "fl"], &["fleet", "flight"]),
        (&["till", "match", "0", "1", "--p"], &["--pin-file"]),
        (&["till", "sale", "50k", "--q"], &["--qr"]),
        (&["till", "sales", "--state", "c"], &["cancelled", "cancelling"]),
        (&["till", "sales", "--color", ""], &["always", "auto", "never"]),
        (&["till", "status", "--lang", ""], &["en", "vi"]),
        (&["till", "completions", ""], &["bash", "fish", "zsh"]),
    ];
    for (words, want) in cases {
        let found = complete(&counter, words);
        let found: Vec<&str> =
            found.iter().map(String::as_str).filter(|word| want.contains(word) || words.len() == 2).collect();
        assert_eq!(found, want, "{words:?}");
    }
}

#[tokio::test]
async fn other_shells_have_scripts_too() {
    let counter = Counter::new("shells", "this is no configuration");
    for (shell, begins) in [("zsh", "#compdef till"), ("fish", "# Print an optspec")] {
        let script = counter.till(&["completions", shell]).await;
        assert!(script.code == 0 && script.out.starts_with(begins), "{shell}: {}", script.out);
        assert!(script.out.contains("unconfirmed"), "{shell}: {}", script.out);
    }
    assert_eq!(counter.till(&["completions", "tcsh"]).await.code, 2);
}
