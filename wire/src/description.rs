//! The text that a payer reads in a transfer, with places for the terminal and the sale. It must not know how it is sent.

use crate::emv::fold_to_ascii;
use crate::ids::OrderRef;

/// A template whose only open place is the order; everything else is filled in and plain ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Terminal,
    Sequence,
}

/// Why a template is no good; the text is a fault's expectation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DescriptionError {
    /// It has a place that nothing fills.
    #[error("no places but {{terminal}}, {{sequence}} and {{label}}")]
    Place,
    /// It may become too long, or has nothing in it.
    #[error("a text of 1 to {longest} characters after filling in (it has {length})")]
    Length {
        /// How many characters it has.
        length: usize,
        /// How many the provider takes.
        longest: usize,
    },
}

impl Description {
    /// Reads a template. Nothing is ever cut, so whatever may become too long is refused here.
    ///
    /// # Errors
    /// See [`DescriptionError`].
    pub fn new(template: &str, label: &str, longest: usize) -> Result<Self, DescriptionError> {
        let folded = fold_to_ascii(template);
        let mut rest = folded.as_str();
        let mut pieces = Vec::new();
        while let Some((before, after)) = rest.split_once('{') {
            let (place, after) = after.split_once('}').ok_or(DescriptionError::Place)?;
            pieces.push(Piece::text(before)?);
            pieces.push(match place {
                "terminal" => Piece::Terminal,
                "sequence" => Piece::Sequence,
                "label" => Piece::Text(fold_to_ascii(label)),
                _ => return Err(DescriptionError::Place),
            });
            rest = after;
        }
        pieces.push(Piece::text(rest)?);
        let length = pieces.iter().map(Piece::length).sum();
        if (1..=longest).contains(&length) {
            Ok(Self { pieces })
        } else {
            Err(DescriptionError::Length { length, longest })
        }
    }

    /// Returns the text for an order: ASCII, and never longer than the provider takes.
    pub fn fill(&self, order: OrderRef) -> String {
        let filled = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Terminal => order.terminal().to_string(),
            Piece::Sequence => format!("{:09}", order.sequence()),
        });
        filled.collect()
    }
}

impl Piece {
    fn text(text: &str) -> Result<Self, DescriptionError> {
        match text.contains('}') {
            true => Err(DescriptionError::Place),
            false => Ok(Self::Text(text.to_owned())),
        }
    }

    fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Terminal => 7,
            Self::Sequence => 9,
        }
    }
}
