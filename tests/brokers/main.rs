//! The brokers that a fleet may have, with the configurations that operators use: who may do what there, and that no
//! payment gets lost on the way. A module for each; it must not know how a till or a bridge works inside.

mod mosquitto;
