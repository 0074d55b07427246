//! Rules that a request breaks.

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field, such as `host_specs[0].zone_id`.
    pub field: String,
    /// The rule, in words.
    pub rule: String,
}

/// The rules that a request breaks: the first ones, and how many there are. A request can break hundreds of thousands, and no
/// refusal has room for more than some dozen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    first: Vec<Violation>,
    count: usize,
}

impl Violations {
    /// How many are kept.
    pub const MOST_KEPT: usize = 100;

    /// Counts one more, and keeps it if it is one of the first.
    pub fn add(&mut self, violation: impl FnOnce() -> Violation) {
        if self.first.len() < Self::MOST_KEPT {
            self.first.push(violation());
        }
        self.count += 1;
    }

    /// The first of them.
    pub fn first(&self) -> &[Violation] {
        &self.first
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl From<Vec<Violation>> for Violations {
    fn from(all: Vec<Violation>) -> Self {
        let mut violations = Self::default();
        for violation in all {
            violations.add(|| violation);
        }
        violations
    }
}
