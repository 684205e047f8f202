//! Which tests a run has, by their names.

use std::ffi::OsString;

use super::variants::{Round, variants};
use crate::kind::Kind;

/// How the tests begin that need several nodes.
pub(super) const NODES: &str = "nodes_";

/// What goes on for as long as one likes, and is no part of these runs.
const SOAK: &str = "soak_";

/// Whether a run has this round. Behind `--` the user may have named tests that need a cluster, or tests that do not;
/// nothing names all. Tests that are named are run against the older release only if that was asked for.
pub(super) fn has_round(round: Round, older: bool, rest: &[OsString]) -> bool {
    let mut names = rest
        .iter()
        .filter_map(|word| word.to_str())
        .filter(|word| !word.starts_with('-'))
        .peekable();
    let all = names.peek().is_none();
    match round {
        Round::Older => older || all,
        _ if older => false,
        Round::Single => all || names.any(|name| !name.contains(NODES)),
        Round::Cluster => all || names.any(|name| name.contains(NODES)),
    }
}

/// `auth` of `AUTH_URL`: how the tests that need this variant start.
pub(super) fn prefix(suffix: &str) -> String {
    suffix
        .trim_end_matches("URL")
        .trim_end_matches("PID")
        .trim_end_matches('_')
        .to_lowercase()
}

/// The words for `cargo test` that choose the tests with several nodes, or all others, among what the user chose.
pub(super) fn selection(round: Round, rest: &[OsString]) -> Vec<OsString> {
    let is_name = |word: &OsString| word.to_str().is_some_and(|word| !word.starts_with('-'));
    let mut words: Vec<OsString> = rest.to_vec();
    if round != Round::Cluster {
        words.extend(["--skip", NODES, "--skip", SOAK].map(Into::into));
        return words;
    }
    // What names other tests has had its turn.
    words.retain(|word| !is_name(word) || word.to_string_lossy().contains(NODES));
    if !words.iter().any(is_name) {
        words.push(NODES.into());
    }
    words
}

/// Parts of the names of tests that need something which is not there: `auth_` without a server that wants a password,
/// `pause` without a process that can be paused.
pub(super) fn left_out(kind: Kind, variables: &[(String, String)]) -> Vec<String> {
    let has = |suffix: &str| variables.iter().any(|(name, _)| *name == kind.env(suffix));
    let mut names = Vec::new();
    for variant in variants(kind)
        .iter()
        .filter(|variant| variant.round() == Round::Single)
    {
        for (suffix, _) in variant.urls.iter().filter(|(suffix, _)| !has(suffix)) {
            names.push(format!("{}_", prefix(suffix)));
        }
    }
    if !has("PID") {
        names.push("pause".to_owned());
    }
    names
}

/// The number in `running 12 tests`.
pub(super) fn tests_in(line: &str) -> Option<u32> {
    let (number, rest) = line.strip_prefix("running ")?.split_once(' ')?;
    matches!(rest, "test" | "tests").then_some(())?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted() {
        assert_eq!(tests_in("running 12 tests"), Some(12));
        assert_eq!(tests_in("running 1 test"), Some(1));
        assert_eq!(tests_in("running 0 tests"), Some(0));
        assert_eq!(tests_in("running on 127.0.0.1"), None);
        assert_eq!(tests_in("test a ... ok"), None);
    }

    #[test]
    fn tests_of_variants_are_left_out_by_name_where_there_are_none() {
        let plain = [(Kind::Ignite.env("URL"), String::new())];
        assert_eq!(
            left_out(Kind::Ignite, &plain),
            ["crash_", "auth_", "tls_", "pause"]
        );
        let local: Vec<(String, String)> = [
            "URL",
            "PID",
            "AUTH_URL",
            "TLS_URL",
            "CRASH_URL",
            "CRASH_PID",
        ]
        .map(|suffix| (Kind::Ignite.env(suffix), String::new()))
        .into();
        assert_eq!(left_out(Kind::Ignite, &local), Vec::<String>::new());
    }

    #[test]
    fn the_older_release_is_tested_with_all_or_when_it_is_asked_for() {
        let words = |text: &str| -> Vec<OsString> { text.split(' ').map(Into::into).collect() };
        for (older, rest, rounds) in [
            (false, "--nocapture", &Round::ALL[..]),
            (false, "insert", &[Round::Single]),
            (true, "--nocapture", &[Round::Older]),
            (true, "insert", &[Round::Older]),
        ] {
            let chosen = |round: &Round| has_round(*round, older, &words(rest));
            let chosen: Vec<Round> = Round::ALL.into_iter().filter(chosen).collect();
            assert_eq!(chosen, rounds, "{older} {rest}");
        }
        assert_eq!(
            selection(Round::Older, &words("insert")),
            words("insert --skip nodes_ --skip soak_")
        );
    }

    #[test]
    fn tests_of_several_nodes_are_chosen_by_their_names() {
        let words =
            |text: &str| -> Vec<OsString> { text.split_whitespace().map(Into::into).collect() };
        for (rest, of_one, of_nodes) in [
            ("", Some("--skip nodes_ --skip soak_"), Some("nodes_")),
            (
                "--show-output",
                Some("--show-output --skip nodes_ --skip soak_"),
                Some("--show-output nodes_"),
            ),
            ("insert", Some("insert --skip nodes_ --skip soak_"), None),
            ("nodes_kill", None, Some("nodes_kill")),
            (
                "insert nodes_kill",
                Some("insert nodes_kill --skip nodes_ --skip soak_"),
                Some("nodes_kill"),
            ),
        ] {
            let rest = words(rest);
            for (round, wanted) in [(Round::Single, of_one), (Round::Cluster, of_nodes)] {
                let chosen = has_round(round, false, &rest).then(|| selection(round, &rest));
                assert_eq!(chosen, wanted.map(words), "{rest:?}");
            }
        }
    }
}
