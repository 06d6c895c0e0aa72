//! Which certificate the next connection shows: a renewed one is tried, and the old one kept until the new one has connected.
//! It must not know where certificates come from.

use till_settings::Broker;

/// The ways there are.
#[derive(Debug)]
pub(super) struct Ways {
    /// The one that has connected before.
    proven: Broker,
    /// One that has not connected yet, and whether its last try has failed.
    trial: Option<(Broker, bool)>,
}

/// The way of one connection.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) broker: Broker,
    is_trial: bool,
}

/// What has become of a way that was on trial, once a connection is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trial {
    /// There is none, or it goes on.
    None,
    /// The broker has taken it; it is used from now on.
    Passed,
    /// The broker has not taken it and has taken the old one right afterwards; it is dropped.
    Failed,
}

impl Ways {
    pub(super) fn new(proven: Broker) -> Self {
        Self { proven, trial: None }
    }

    /// Has a way tried at the next connection.
    pub(super) fn offer(&mut self, broker: Broker) {
        self.trial = Some((broker, false));
    }

    /// Chooses the way of the next connection: the one on trial, and after it has failed the proven one.
    pub(super) fn choose(&self) -> Way {
        match &self.trial {
            Some((broker, false)) => Way { broker: broker.clone(), is_trial: true },
            Some((_, true)) | None => Way { broker: self.proven.clone(), is_trial: false },
        }
    }

    /// Notes that a connection is up.
    pub(super) fn up(&mut self, way: &Way) -> Trial {
        match (self.trial.take(), way.is_trial) {
            (None, _) => Trial::None,
            (Some((broker, _)), true) => {
                self.proven = broker;
                Trial::Passed
            }
            (Some((_, true)), false) => Trial::Failed,
            (untried @ Some((_, false)), false) => {
                self.trial = untried;
                Trial::None
            }
        }
    }

    /// Notes the end of a connection, or of the attempt at one. Where neither way connects, it is not the certificate: both
    /// are tried in turn.
    pub(super) fn ended(&mut self, way: &Way) {
        if let Some((_, failed)) = &mut self.trial {
            *failed = way.is_trial;
        }
    }
}

#[cfg(test)]
mod tests {
    use till_settings::{Document, Mode};

    use super::*;

    fn broker(port: u16) -> Broker {
        let text = format!("[mqtt]\nurl = \"mqtt://localhost:{port}\"\n");
        let document = Document::parse(std::path::Path::new("f"), &text, Mode::Run).expect("TOML");
        let broker = Broker::read(&document.root().table("mqtt"));
        broker.expect("a broker")
    }

    /// Goes through connections that come up or not, and returns to whom each went and what was said of the trial.
    fn goes(ways: &mut Ways, ups: &[bool]) -> Vec<(String, Option<Trial>)> {
        let mut seen = Vec::new();
        for up in ups {
            let way = ways.choose();
            let trial = up.then(|| ways.up(&way));
            ways.ended(&way);
            seen.push((way.broker.address(), trial));
        }
        seen
    }

    fn seen(port: u16, trial: Option<Trial>) -> (String, Option<Trial>) {
        (format!("localhost:{port}"), trial)
    }

    #[test]
    fn a_way_that_connects_is_used_from_then_on() {
        let mut ways = Ways::new(broker(1));
        assert_eq!(goes(&mut ways, &[true]), [seen(1, Some(Trial::None))]);
        ways.offer(broker(2));
        let after = [seen(2, Some(Trial::Passed)), seen(2, None), seen(2, Some(Trial::None))];
        assert_eq!(goes(&mut ways, &[true, false, true]), after);
    }

    #[test]
    fn a_way_that_is_not_let_in_is_dropped_when_the_old_one_is() {
        let mut ways = Ways::new(broker(1));
        ways.offer(broker(2));
        let after = [seen(2, None), seen(1, Some(Trial::Failed)), seen(1, Some(Trial::None))];
        assert_eq!(goes(&mut ways, &[false, true, true]), after);
    }

    #[test]
    fn without_network_no_way_is_dropped() {
        let mut ways = Ways::new(broker(1));
        ways.offer(broker(2));
        let after = [seen(2, None), seen(1, None), seen(2, None), seen(1, None), seen(2, Some(Trial::Passed))];
        assert_eq!(goes(&mut ways, &[false, false, false, false, true]), after);
    }
}
